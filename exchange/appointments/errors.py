"""Rules about agreed help."""

from exchange.errors import ExchangeError


class AppointmentInWrongState(ExchangeError):
    """This can no longer be done to this appointment."""

    code = "appointment_in_wrong_state"


class SomebodyElseSaidYes(ExchangeError):
    """Somebody else said yes first; thank you for being ready to help."""

    code = "somebody_else_said_yes"


class NotAsked(ExchangeError):
    """This person was not asked for this appointment."""

    code = "not_asked"
    field = "party_id"


class NobodyToAsk(ExchangeError):
    """Say whom to ask."""

    code = "nobody_to_ask"
    field = "helpers"


class TooManyAsked(ExchangeError):
    """At most ten people are asked for one appointment."""

    code = "too_many_asked"
    field = "helpers"


class StartsInPast(ExchangeError):
    """Choose a time that is still to come."""

    code = "starts_in_past"
    field = "starts_at"


class StartsTooFar(ExchangeError):
    """Choose a time within the next two years."""

    code = "starts_too_far"
    field = "starts_at"


class NotYet(ExchangeError):
    """Its time has not come yet."""

    code = "not_yet"


class PeopleChanged(ExchangeError):
    """Something about these people has changed since: look again before you go on."""

    code = "people_changed"
