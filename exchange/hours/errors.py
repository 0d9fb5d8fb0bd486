"""Rules about hours."""

from exchange.errors import ExchangeError


class MinutesOutOfRange(ExchangeError):
    """Time is told in whole minutes, from 1 minute to 24 hours."""

    code = "minutes_out_of_range"
    field = "minutes"


class DayInFuture(ExchangeError):
    """That day has not come yet."""

    code = "day_in_future"
    field = "done_on"


class DayTooLongAgo(ExchangeError):
    """That is longer ago than this time bank looks back; ask the coordinator."""

    code = "day_too_long_ago"
    field = "done_on"


class WrongState(ExchangeError):
    """This can no longer be done to these hours."""

    code = "wrong_state"


class MinutesChanged(ExchangeError):
    """Other minutes were named since you looked: look at them before you say yes."""

    code = "minutes_changed"
    field = "minutes"


class ReasonMissing(ExchangeError):
    """Say why you do this for somebody else, and how you know."""

    code = "reason_missing"
    field = "reason"


class EvidenceMissing(ExchangeError):
    """Say how you know: a signed slip, a telephone call, who heard it."""

    code = "evidence_missing"
    field = "evidence"


class ObjectionTooLate(ExchangeError):
    """The time for objecting is over; ask the coordinator."""

    code = "objection_too_late"


class BelowFloor(ExchangeError):
    """Whoever pays would go below the bank's limit: cover it from the pot, or raise the limit."""

    code = "below_floor"
    field = "floor"


class PotEmpty(ExchangeError):
    """The community pot has not enough hours for this."""

    code = "pot_empty"
    field = "floor"


class NotEnoughHours(ExchangeError):
    """You do not have that many hours to give away."""

    code = "not_enough_hours"
    field = "minutes"


class OverCeiling(ExchangeError):
    """They already have as many hours as this bank lets a gift add to."""

    code = "over_ceiling"
    field = "minutes"


class SharedTelephone(ExchangeError):
    """Both sides use this telephone, so one text cannot speak for the other; the coordinator will ask."""

    code = "shared_telephone"
