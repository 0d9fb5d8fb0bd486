"""Rules about offers, asks and who helps whom."""

from exchange.errors import ExchangeError


class UnknownSkill(ExchangeError):
    """We have no skill by that name."""

    code = "unknown_skill"
    field = "skills"


class SkillNotAllowed(ExchangeError):
    """Time banks leave this to professionals; the coordinator knows whom to ring."""

    code = "skill_not_allowed"
    field = "skills"


class CoordinatorFirst(ExchangeError):
    """A coordinator looks at this kind of help first: write it as an ask, or ring them."""

    code = "coordinator_first"
    field = "skill"


class UnknownTime(ExchangeError):
    """Times are a day and a part of it, such as Tuesday morning."""

    code = "unknown_time"
    field = "times"


class DatesCrossed(ExchangeError):
    """The last day is before the first day."""

    code = "dates_crossed"
    field = "ends_on"


class LastDayOver(ExchangeError):
    """The last day is over already: choose one that is still to come, or leave it empty."""

    code = "last_day_over"
    field = "ends_on"


class DaysNeverMeet(ExchangeError):
    """None of these days of the week lies between the first day and the last day."""

    code = "days_never_meet"
    field = "times"


class RadiusOutOfRange(ExchangeError):
    """Say how far in metres, from 0 (only here) to 100,000; leave it empty for anywhere."""

    code = "radius_out_of_range"
    field = "radius_metres"


class ListingInWrongState(ExchangeError):
    """This can no longer be done to this offer or ask."""

    code = "listing_in_wrong_state"


class ReviewTooFar(ExchangeError):
    """Choose a day within the next year on which we ask whether it still stands."""

    code = "review_too_far"
    field = "review_on"


class CircleDecided(ExchangeError):
    """Somebody has decided on this circle before, another way."""

    code = "circle_decided"
