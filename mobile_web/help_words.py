"""The words for offers, asks and agreed help: what a card says, and what may be done with it.

Every sentence is whole, so that it can be translated whole. What must never happen: a reason that was meant
for the coordinator on anybody else's page.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from exchange.appointments.read import AppointmentView
from exchange.directory import times
from exchange.directory.listings import ListingView
from exchange.directory.matches import Match
from mobile_web.because import because, skill, weekday
from mobile_web.languages import Language
from mobile_web.words import N_, Card, State, Tag

PARTS = {"morning": N_("Morning"), "afternoon": N_("Afternoon"), "evening": N_("Evening")}
ACCESS = {
    "wheelchair": N_("A wheelchair"),
    "step_free": N_("No steps"),
    "hearing": N_("Hearing: a loop, or writing things down"),
    "sight": N_("Sight: large print, or reading things out"),
    "sign_language": N_("Sign language"),
    "quiet": N_("A quiet place"),
    "no_pets": N_("No pets"),
    "easy_words": N_("Easy words"),
}
APPOINTMENT_STATES = {
    "asked": State(N_("Waiting for an answer"), "wait", "wait"),
    "asked_you": State(N_("Waiting for you to say yes or no"), "wait", "wait"),
    "agreed": State(N_("Agreed"), "done", "check"),
    "moved": State(N_("Waiting for a yes to another time"), "wait", "wait"),
    "moved_you": State(N_("Waiting for you: another time"), "wait", "wait"),
    "over": State(N_("Did it happen?"), "wait", "hour"),
    "happened": State(N_("It happened"), "done", "check"),
    "did_not_happen": State(N_("It did not happen"), "undone", "undo"),
    "cancelled": State(N_("Called off"), "undone", "undo"),
    "thanked": State(N_("Somebody else helps this time"), "undone", "heart"),
}
LISTING_STATES = {
    "draft": State(N_("Not finished"), "undone", "list"),
    "with_coordinator": State(N_("A coordinator looks at it first"), "wait", "wait"),
    "open": State(N_("Others can see it"), "done", "check"),
    "closed": State(N_("Taken down"), "undone", "undo"),
    "asked": State(N_("Does it still stand?"), "wait", "wait"),
}


def _tag(speaks: Language, state: State) -> Tag:
    return Tag(speaks.say(state.sentence), state.tone, state.icon)


def when(speaks: Language, starts_at: datetime | None, zone: str, today: date) -> str:
    """`Tuesday 19 May at 11:00`, as the bank's clock shows it."""
    if starts_at is None:
        return speaks.say("You find a time together")
    local = starts_at.astimezone(ZoneInfo(zone))
    if local.date() == today:
        return speaks.say("Today at %(time)s", time=f"{local:%H:%M}")
    return speaks.say("%(day)s at %(time)s", day=speaks.day(local.date(), today=today), time=f"{local:%H:%M}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who reads, when, and by which clock."""

    speaks: Language
    zone: str
    today: date
    at: datetime
    mine: frozenset[object]
    """The parties the reader speaks for; empty for the desk, which reads both names."""


def is_over(look: Look, view: AppointmentView) -> bool:
    """Its time has come, and nobody has said yet whether it happened."""
    row = view.appointment
    return row.state in ("agreed", "moved") and row.starts_at is not None and row.starts_at <= look.at


def appointment_title(look: Look, view: AppointmentView) -> str:
    """Who helps whom, from where the reader stands."""
    say, row = look.speaks.say, view.appointment
    is_asked = row.state == "asked"
    if row.receiver_id in look.mine:
        if view.giver is None:
            return say("You asked for help")
        known = "at_home" if row.is_at_home else "helps"
        return (
            say("%(name)s could help you", name=view.giver) if is_asked else _coming(look, view.giver, known)
        )
    if view.my_answer is not None or row.giver_id in look.mine:
        if is_asked and view.my_answer == "waiting":
            return say("%(name)s asks: could you help?", name=view.receiver)
        return say("You help %(name)s", name=view.receiver)
    if view.giver is None:
        return say("%(name)s asked for help", name=view.receiver)
    return say("%(giver)s helps %(receiver)s", giver=view.giver, receiver=view.receiver)


def _coming(look: Look, name: str, known: str) -> str:
    if known == "at_home":
        return look.speaks.say("%(name)s is coming to you", name=name)
    return look.speaks.say("%(name)s helps you", name=name)


def appointment_about(look: Look, view: AppointmentView) -> str:
    """What, when and how long."""
    row, speaks = view.appointment, look.speaks
    moment = when(speaks, row.starts_at, look.zone, look.today)
    time = speaks.minutes(row.minutes)
    if row.skill is None:
        return speaks.say("%(when)s, %(time)s", when=moment, time=time)
    return speaks.say("%(what)s. %(when)s, %(time)s", what=skill(speaks, row.skill), when=moment, time=time)


def _appointment_state(look: Look, view: AppointmentView) -> str:
    state = view.appointment.state
    if (
        view.my_answer == "thanked"
        and not {view.appointment.giver_id, view.appointment.receiver_id} & look.mine
    ):
        return "thanked"
    if is_over(look, view):
        return "over"
    return f"{state}_you" if view.waits_for_me and state in ("asked", "moved") else state


def appointment_card(look: Look, view: AppointmentView, *, link: str = "/appointments") -> Card:
    """Agreed help, ready to be shown."""
    row = view.appointment
    is_helped = row.receiver_id in look.mine
    return Card(
        key=str(row.appointment_id),
        name=(view.giver or view.receiver) if is_helped or not look.mine else view.receiver,
        title=appointment_title(look, view),
        about=appointment_about(look, view),
        tag=_tag(look.speaks, APPOINTMENT_STATES[_appointment_state(look, view)]),
        needs_me=view.waits_for_me or (is_over(look, view) and bool(look.mine)),
        note=row.note,
        href=f"{link}/{row.appointment_id}",
        verbs=view.verbs,
    )


def listing_title(look: Look, view: ListingView) -> str:
    """Who offers or asks; the words stand below."""
    say, is_offer = look.speaks.say, view.listing.kind == "offer"
    if view.is_own:
        return say("You offer") if is_offer else say("You ask")
    if view.owner is None:
        return say("A member offers") if is_offer else say("A member asks")
    return say("%(name)s offers", name=view.owner) if is_offer else say("%(name)s asks", name=view.owner)


def listing_about(look: Look, view: ListingView) -> str:
    """Its skills, where and when, in a line."""
    row, speaks = view.listing, look.speaks
    known = [skill(speaks, code) for code in row.skills]
    return " · ".join([*known, *([row.small_area] if row.small_area else []), *week(speaks, row.times)])


def week(speaks: Language, bits: int) -> list[str]:
    """The days, or the parts of the day, that the bits name; nothing for any time."""
    found = times.words(bits)
    days = list(dict.fromkeys(word.split("_")[0] for word in found))
    parts = list(dict.fromkeys(word.split("_")[1] for word in found))
    said = [] if len(days) in (0, len(times.DAYS)) else [", ".join(weekday(speaks, day) for day in days)]
    if parts and len(parts) < len(times.PARTS):
        said.append(", ".join(speaks.say(PARTS[part]) for part in parts))
    return said


def listing_card(look: Look, view: ListingView, *, link: str = "/listings") -> Card:
    """An offer or ask, ready to be shown."""
    row = view.listing
    state = "asked" if row.review_asked_at and row.state == "open" and view.is_own else row.state
    shows_state = view.is_own or not look.mine
    return Card(
        key=str(row.listing_id),
        name=view.owner or "?",
        title=listing_title(look, view),
        about=listing_about(look, view),
        tag=_tag(look.speaks, LISTING_STATES[state]) if shows_state else None,
        needs_me=state == "asked",
        note=row.description,
        href=f"{link}/{row.listing_id}",
        verbs=view.verbs,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCard:
    """Somebody who would be glad to, with the sentence that both may hear."""

    name: str
    because: str
    to_check: str
    party_id: str
    listing_id: str
    reasons: str
    """As the form carries them on."""


def match_card(speaks: Language, match: Match) -> MatchCard:
    needs = ", ".join(speaks.say(ACCESS[need]) for need in match.to_check if need in ACCESS)
    return MatchCard(
        name=match.name or "?",
        because=because(speaks, match),
        to_check=needs,
        party_id=str(match.party_id),
        listing_id=str(match.listing_id),
        reasons="\n".join(reason.written for reason in match.reasons),
    )
