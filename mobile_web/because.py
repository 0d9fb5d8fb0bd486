"""Why somebody is suggested, in one plain sentence that could be read out to both, in the reader's language.

What must never happen: a word that judges a person or tells how somebody came here, or what their health is.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from babel import Locale
from babel.dates import format_date

from exchange.directory import taxonomy, times
from exchange.directory.matches import Match, Reason
from mobile_web.languages import Language
from mobile_web.words import N_

MONDAY = date(2026, 1, 5)
PROPER = ("English", "Welsh", "Cymraeg", "Saesneg", "CVs", "Word,")
"""Names that keep their capital inside a sentence."""

PARTS = {
    "morning": N_("free on %(day)s morning"),
    "afternoon": N_("free on %(day)s afternoon"),
    "evening": N_("free on %(day)s evening"),
}
PHRASES = {
    "same_area": N_("in the same area"),
    "near": N_("near by"),
    "at_home": N_("comes to people's homes"),
    "access": N_("has thought of access"),
    "met": N_("you have met before"),
    "new": N_("new here"),
    "rested": N_("has time to be asked"),
}


def because(speaks: Language, match: Match) -> str:
    """As in: Ann offers changing light bulbs: near by and free on Tuesday morning."""
    return sentence(speaks, match.name, match.reasons, offers=match.offers)


def sentence(speaks: Language, name: str | None, reasons: Sequence[Reason], *, offers: bool) -> str:
    """What speaks for asking somebody; `name` None: they are not named to this reader."""
    opening = _opening(speaks, name, skill(speaks, reasons[0].of, inside=True), offers=offers)
    phrases = [_phrase(speaks, reason) for reason in reasons[1:]]
    if not phrases:
        return speaks.say("%(opening)s.", opening=opening)
    return speaks.say("%(opening)s: %(reasons)s.", opening=opening, reasons=", ".join(phrases))


def _opening(speaks: Language, name: str | None, what: str, *, offers: bool) -> str:
    if name is None and offers:
        return speaks.say("This member offers %(what)s", what=what)
    if name is None:
        return speaks.say("This member asks for %(what)s", what=what)
    if offers:
        return speaks.say("%(name)s offers %(what)s", name=name, what=what)
    return speaks.say("%(name)s asks for %(what)s", name=name, what=what)


def _phrase(speaks: Language, reason: Reason) -> str:
    return OF[reason.code](speaks, reason.of) if reason.code in OF else speaks.say(PHRASES[reason.code])


def _time(speaks: Language, part_of_week: str) -> str:
    day, part = part_of_week.split("_")
    return speaks.say(PARTS[part], day=weekday(speaks, day))


def _language(speaks: Language, code: str) -> str:
    return speaks.say("speaks %(language)s", language=language_name(speaks, code))


def _interest(speaks: Language, code: str) -> str:
    return speaks.say("likes %(what)s too", what=skill(speaks, code, inside=True))


OF: dict[str, Callable[[Language, str], str]] = {"time": _time, "language": _language, "interest": _interest}
"""Reasons that are about something."""


def skill(speaks: Language, code: str, *, inside: bool = False) -> str:
    """A skill's name; `inside` a sentence it begins small."""
    known = taxonomy.get(code)
    name = known.names.get(speaks.code, known.name)
    if inside:
        return name if name.startswith(PROPER) else name[:1].lower() + name[1:]
    return name[:1].upper() + name[1:]


def weekday(speaks: Language, day: str) -> str:
    """`tue` as people say it."""
    return format_date(MONDAY + timedelta(days=times.DAYS.index(day)), "EEEE", locale=speaks.locale)


def language_name(speaks: Language, code: str) -> str:
    """`cy` as readers call it: Welsh, Cymraeg, ওয়েলশ."""
    return str(Locale.parse(speaks.locale).languages.get(code, code))
