"""Rules about groups, codes, time notes and rooms."""

from exchange.errors import ExchangeError


class BadCode(ExchangeError):
    """That is not a code of ours: a code has twelve signs, and one of these is wrong or missing."""

    code = "bad_code"
    field = "code"


class BadActivity(ExchangeError):
    """That is outside what an activity may be; the field says what."""

    code = "bad_activity"


class ActivityInWrongState(ExchangeError):
    """This can no longer be done with this activity or this session."""

    code = "activity_in_wrong_state"


class FixedOnceApproved(ExchangeError):
    """Others said yes to this part as it is: it stays so once it is approved."""

    code = "fixed_once_approved"


class SomebodyBooked(ExchangeError):
    """Somebody has booked under what was said before, and would be worse off."""

    code = "somebody_booked"


class PlaceInWrongState(ExchangeError):
    """This place was given up before, or the session is over."""

    code = "place_in_wrong_state"


class NotEnoughForPlace(ExchangeError):
    """There are not enough hours left for this; choose something that costs less, or ask the coordinator."""

    code = "not_enough_for_place"


class TooManyCompanions(ExchangeError):
    """That is more company than there is room for."""

    code = "too_many_companions"
    field = "companions"


class NotToday(ExchangeError):
    """This session is not on now: people are checked in from an hour before until an hour after."""

    code = "not_today"


class CheckInInWrongState(ExchangeError):
    """This check-in was decided before, another way."""

    code = "check_in_in_wrong_state"


class AskCoordinator(ExchangeError):
    """Please ask the coordinator."""

    code = "ask_coordinator"


class CameByReason(ExchangeError):
    """Say how you know that they came: a slip, a list, who told you."""

    code = "came_by_reason"
    field = "reason"


class SlotTaken(ExchangeError):
    """Somebody else has this time already; choose another one."""

    code = "slot_taken"
    field = "starts_at"


class OutsideHours(ExchangeError):
    """That is not a time at which this can be booked."""

    code = "outside_hours"
    field = "starts_at"


class BookingInWrongState(ExchangeError):
    """This booking is over or was given up before."""

    code = "booking_in_wrong_state"


class BadNotes(ExchangeError):
    """A sheet has 1 to 200 notes of at least a minute each, and a last day that is still to come."""

    code = "bad_notes"


class NoteNotUsable(ExchangeError):
    """This note was used before, is too old, or is not ours."""

    code = "note_not_usable"
    field = "code"


class TooManyTries(ExchangeError):
    """Too many codes were wrong; wait an hour, or ask the coordinator."""

    code = "too_many_tries"
    field = "code"


class OwnNote(ExchangeError):
    """Notes are for others than those who gave them out."""

    code = "own_note"
    field = "code"
