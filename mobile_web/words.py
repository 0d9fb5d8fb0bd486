"""The words people read for what the code says: states, balances, who did what for whom.

Every sentence is whole, so that it can be translated whole. What must never happen: a number that reads
like a debt, or a state's code on a page.
"""

import zlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import phonenumbers

from exchange.hours.read import HoursView
from mobile_web.languages import Language

HUES = 6
UNITED_KINGDOM = 44
MINUS = "\N{MINUS SIGN}"


def N_(message: str) -> str:  # noqa: N802 - the name Babel's extractor looks for
    """Marks a sentence for translation where it is written; it is said later, in the reader's language."""
    return message


@dataclass(frozen=True, slots=True)
class State:
    """How one state looks: its sentence, its colour, its picture."""

    sentence: str
    tone: str
    icon: str


STATES = {
    "awaiting_confirmation": State(N_("Waiting for %(name)s to say yes"), "wait", "wait"),
    "awaiting_you": State(N_("Waiting for you to say yes"), "wait", "wait"),
    "awaiting_approval": State(N_("Waiting for %(coordinator)s to check"), "wait", "wait"),
    "posted": State(N_("Added to your hours"), "done", "check"),
    "posted_for_both": State(N_("Written down for both"), "done", "check"),
    "declined": State(N_("%(name)s remembers it differently"), "look", "talk"),
    "declined_by_you": State(N_("You remember it differently"), "look", "talk"),
    "withdrawn": State(N_("Taken back"), "undone", "undo"),
    "objected": State(N_("We're looking into it"), "look", "look"),
    "reversed": State(N_("Undone on %(day)s"), "undone", "undo"),
    "refused": State(N_("%(coordinator)s said no"), "look", "talk"),
}


OWN_ACCOUNTS = {
    "pot": N_("Community pot"),
    "issuance": N_("Time bank"),
    "fund": N_("Hours to spend"),
    "purse": N_("Hours set aside for you"),
}
"""Accounts that are nobody's: they are kept with an English name, and each reader has their own for them."""


def account_name(speaks: Language, kind: str, name: str) -> str:
    """Whose account it is, for a reader: a person's or organisation's own name, else what it is."""
    return speaks.say(OWN_ACCOUNTS[kind]) if kind in OWN_ACCOUNTS else name


@dataclass(frozen=True, slots=True)
class Tag:
    words: str
    tone: str
    icon: str


def state_tag(speaks: Language, state: str, *, name: str, coordinator: str, day: date | None = None) -> Tag:
    """A state in plain words."""
    found = STATES[state]
    said = speaks.say(found.sentence, name=name, coordinator=coordinator, day=speaks.day(day) if day else "")
    return Tag(said, found.tone, found.icon)


def balance_sentence(speaks: Language, minutes: int) -> str:
    """What the balance means; never a debt."""
    if minutes == 0:
        return speaks.say("You've given as much help as you've had.")
    time = speaks.long_minutes(minutes)
    if minutes < 0:
        return speaks.say("You've had %(time)s more help than you've given. That's fine.", time=time)
    return speaks.say("You've given %(time)s more help than you've had. Ask for something!", time=time)


def signed(speaks: Language, minutes: int) -> str:
    """A length of time with its sign, a true minus."""
    return f"{MINUS if minutes < 0 else ''}{speaks.minutes(minutes)}"


def change(speaks: Language, minutes: int) -> str:
    """What one line did to a balance: `+1 h` or `-30 min`."""
    return f"{MINUS if minutes < 0 else '+'}{speaks.minutes(minutes)}"


def telephone(value: str) -> str:
    """A telephone number as people at home write it; an e-mail or an address as it is."""
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    is_british = number.country_code == UNITED_KINGDOM
    shape = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if is_british
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, shape)


def initials(name: str) -> str:
    """One or two letters for a face; names of one script are not cut in the middle of a sign."""
    parts = name.split()
    if not parts:
        return "?"
    if not name.isascii():
        return parts[0][0].upper()
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def hue(name: str) -> str:
    """One of six face colours, the same for a name each time."""
    return f"f{zlib.crc32(name.encode()) % HUES}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An hour as a card shows it."""

    key: str
    name: str
    title: str
    about: str
    tag: Tag | None
    needs_me: bool
    note: str | None
    href: str | None
    verbs: tuple[str, ...]
    minutes: int = 0
    """What a yes on this card is a yes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a card needs to know beyond its hour."""

    speaks: Language
    today: date
    coordinator: str
    mine: frozenset[UUID]
    """The parties the reader speaks for."""


def hour_title(scene: Scene, view: HoursView) -> str:
    """Who gave whom how much; from the reader's side when it has one."""
    say, time = scene.speaks.say, scene.speaks.minutes(view.hours.minutes)
    if view.hours.giver_id in scene.mine:
        return say("You gave %(name)s %(time)s", name=view.receiver, time=time)
    if view.hours.receiver_id in scene.mine:
        return say("%(name)s gave you %(time)s", name=view.giver, time=time)
    return say("%(giver)s gave %(receiver)s %(time)s", giver=view.giver, receiver=view.receiver, time=time)


def about(scene: Scene, skill: str | None, day: date) -> str:
    """What it was and when."""
    when = scene.speaks.day(day, today=scene.today)
    return scene.speaks.say("%(what)s, %(day)s", what=skill, day=when) if skill else when


def hour_card(scene: Scene, view: HoursView, *, undone_on: date | None = None, link: str = "/hours") -> Card:
    """An hour, ready to be shown."""
    hours = view.hours
    needs_me = (
        hours.state == "awaiting_confirmation"
        and "confirm" in view.verbs
        and bool({hours.giver_id, hours.receiver_id} & scene.mine)
    )
    return Card(
        key=str(hours.hours_id),
        name=view.other,
        minutes=hours.minutes,
        title=hour_title(scene, view),
        about=about(scene, hours.skill, hours.done_on),
        tag=_tag(scene, view, undone_on),
        needs_me=needs_me,
        note=hours.note,
        href=f"{link}/{hours.hours_id}",
        verbs=view.verbs,
    )


def _tag(scene: Scene, view: HoursView, undone_on: date | None) -> Tag:
    hours, state = view.hours, view.hours.state
    if state == "awaiting_confirmation" and hours.awaited_id in scene.mine:
        state = "awaiting_you"
    elif state == "posted" and not scene.mine:
        state = "posted_for_both"
    elif state == "declined" and hours.approval_reasons:
        state = "refused"
    elif state == "declined" and hours.awaited_id in scene.mine:
        state = "declined_by_you"
    return state_tag(
        scene.speaks, state, name=view.awaited, coordinator=scene.coordinator, day=undone_on or scene.today
    )
