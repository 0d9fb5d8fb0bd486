"""An offer or ask as a form has it: own words first, then what we understood, when, where and how long.

What must never happen: a kind of help that a machine guessed and no person said yes to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from exchange.directory import index, own_words, taxonomy, times
from exchange.directory.drafts import ACCESS, NewListing
from exchange.directory.tables import SETTINGS, Listing
from exchange.directory.understanding import understand
from exchange.membership.tables import Member
from mobile_web import answers
from mobile_web.answers import Unread
from mobile_web.because import language_name, skill, weekday
from mobile_web.help_words import ACCESS as ACCESS_WORDS
from mobile_web.help_words import PARTS
from mobile_web.languages import NAMES, Language
from mobile_web.visit import Visit
from mobile_web.words import N_

GUESSES_SHOWN = 5
KILOMETRE = 1000
REACHES = ("", "0", "1", "3", "10")
"""How far somebody would go, in kilometres; empty: anywhere."""
SETTING_WORDS = {"either": N_("Either is fine"), "one_to_one": N_("One to one"), "group": N_("In a group")}
LENGTHS = ("", "30", "60", "90", "120")


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A kind of help that the words may mean."""

    code: str
    name: str
    is_likely: bool
    needs_look: bool
    is_refused: bool


async def understood(seen: Visit, speaks: Language, words: str) -> list[Understood]:
    """What the words may mean, likeliest first; the likely ones are ticked."""
    own = await own_words.pairs(seen.session, seen.viewer.bank_id)
    guesses = understand(words, own_words=own)
    likely = set(index.kept(guesses))
    return [kind(speaks, guess.skill, is_likely=guess.skill in likely) for guess in guesses[:GUESSES_SHOWN]]


def kind(speaks: Language, code: str, *, is_likely: bool = True) -> Understood:
    known = taxonomy.get(code)
    return Understood(
        code=code,
        name=skill(speaks, code),
        is_likely=is_likely and known.safety != "never",
        needs_look=known.safety == "ask",
        is_refused=known.safety == "never",
    )


def every_skill(speaks: Language) -> list[tuple[str, str]]:
    """All kinds of help that may be offered, by name."""
    allowed = [s.code for s in taxonomy.load().skills.values() if s.safety != "never"]
    named = sorted(((code, skill(speaks, code)) for code in allowed), key=lambda pair: pair[1].casefold())
    return [("", speaks.say("None of these")), *named]


def week_choices(speaks: Language) -> dict[str, list[tuple[str, str]]]:
    """Days and parts of the day to tick."""
    return {
        "days": [(day, weekday(speaks, day)) for day in times.DAYS],
        "parts": [(part, speaks.say(words)) for part, words in PARTS.items()],
    }


def access_choices(speaks: Language) -> list[tuple[str, str]]:
    return [(code, speaks.say(ACCESS_WORDS[code])) for code in ACCESS]


def draft(form: Mapping[str, str], *, on_behalf_of: UUID | None = None) -> NewListing:
    """The form's answers as a listing.

    Raises:
        Unread: an answer is missing or not one.
    """
    words = form.get("words", "")
    if not words:
        raise Unread("words", "choose_words")
    return NewListing(
        kind="offer" if form.get("kind") == "offer" else "request",
        on_behalf_of=on_behalf_of,
        is_draft=form.get("is_draft") == "yes",
        **said(form),
    )


def said(form: Mapping[str, str]) -> dict[str, Any]:
    """What the form says of a listing, by the names of `NewListing`."""
    return {
        "description": form.get("words", ""),
        "skills": skills(form),
        "small_area": form.get("small_area") or None,
        "radius_metres": _reach(form),
        "minutes": answers.whole(form.get("minutes")),
        "times": parts_of_week(form),
        "starts_on": _day(form, "starts_on"),
        "ends_on": _day(form, "ends_on"),
        "access": [code for code in ACCESS if form.get(f"access_{code}") == "yes"],
        "languages": [name.removeprefix("language_") for name in form if name.startswith("language_")],
        "setting": form["setting"] if form.get("setting") in SETTINGS else "either",
        "review_on": _day(form, "review_on"),
        "is_at_home": form.get("is_at_home") == "yes",
        "proposes_activity": form.get("proposes_activity") == "yes",
    }


def skills(form: Mapping[str, str]) -> list[str]:
    """The kinds of help that were ticked, and the one that was chosen."""
    ticked = [name.removeprefix("skill_") for name in form if name.startswith("skill_")]
    more = form.get("more_skill")
    return list(dict.fromkeys([*ticked, *([more] if more else [])]))


def parts_of_week(form: Mapping[str, str]) -> list[str]:
    """Each ticked day with each ticked part; one kind alone means all of the other."""
    days = [day for day in times.DAYS if form.get(f"day_{day}") == "yes"]
    parts = [part for part in times.PARTS if form.get(f"part_{part}") == "yes"]
    if not days and not parts:
        return []
    return [f"{day}_{part}" for day in days or times.DAYS for part in parts or times.PARTS]


def _reach(form: Mapping[str, str]) -> int | None:
    typed = form.get("reach", "")
    if not typed:
        return None
    kilometres = answers.whole(typed)
    if kilometres is None:
        raise Unread("reach", "radius_out_of_range")
    return kilometres * KILOMETRE


def _day(form: Mapping[str, str], name: str) -> date | None:
    typed = form.get(name, "")
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Unread(name, "choose_day") from None


def as_form(row: Listing) -> dict[str, str]:
    """The answers that would make this listing again, to change them."""
    found = times.words(row.times)
    days = {f"day_{word.split('_')[0]}": "yes" for word in found}
    parts = {f"part_{word.split('_')[1]}": "yes" for word in found}
    return {
        "words": row.description,
        "kind": row.kind,
        "small_area": row.small_area or "",
        "reach": "" if row.radius_metres is None else str(row.radius_metres // KILOMETRE),
        "minutes": str(row.minutes or ""),
        "starts_on": row.starts_on.isoformat() if row.starts_on else "",
        "ends_on": row.ends_on.isoformat() if row.ends_on else "",
        "setting": row.setting,
        "review_on": row.review_on.isoformat(),
        **{f"language_{code}": "yes" for code in row.languages},
        **{f"access_{code}": "yes" for code in row.access},
        **({"is_at_home": "yes"} if row.is_at_home else {}),
        **({"proposes_activity": "yes"} if row.proposes_activity else {}),
        **{f"skill_{code}": "yes" for code in row.skills},
        **(days if len(days) < len(times.DAYS) else {}),
        **(parts if len(parts) < len(times.PARTS) else {}),
    }


async def start(seen: Visit, kind_of: str, party_id: UUID) -> dict[str, str]:
    """A fresh form, with the owner's own area in it."""
    member = await seen.session.get(Member, (seen.viewer.bank_id, party_id))
    return {"kind": kind_of, "words": "", "small_area": (member.small_area if member else None) or ""}


async def context(seen: Visit, speaks: Language, form: Mapping[str, str]) -> dict[str, Any]:
    """What the second page shows beside the answers."""
    chosen = [kind(speaks, code) for code in skills(form) if code in taxonomy.load().skills]
    guessed = await understood(seen, speaks, form.get("words", ""))
    others = [one for one in guessed if one.code not in {c.code for c in chosen}]
    is_first = not any(name.startswith("skill_") for name in form) and "more_skill" not in form
    return {
        "kinds": [*chosen, *others] if is_first else [*chosen, *(_unticked(one) for one in others)],
        "every_skill": every_skill(speaks),
        "week": week_choices(speaks),
        "access": access_choices(speaks),
        "spoken": [(code, language_name(speaks, code)) for code in _languages(form)],
        "settings": [(code, speaks.say(words)) for code, words in SETTING_WORDS.items()],
        "lengths": [(m, speaks.minutes(int(m)) if m else speaks.say("It depends")) for m in LENGTHS],
        "reaches": _reaches(speaks, form.get("reach", "")),
    }


def _languages(form: Mapping[str, str]) -> list[str]:
    """The service's own beside English, and those that this listing names."""
    named = [name.removeprefix("language_") for name in form if name.startswith("language_")]
    return list(dict.fromkeys([*(code for code in NAMES if code != "en"), *named]))


def _unticked(one: Understood) -> Understood:
    return Understood(
        code=one.code,
        name=one.name,
        is_likely=False,
        needs_look=one.needs_look,
        is_refused=one.is_refused,
    )


def _reaches(speaks: Language, chosen: str) -> list[tuple[str, str]]:
    known = list(dict.fromkeys([*REACHES, chosen]))
    words = {"": speaks.say("Anywhere"), "0": speaks.say("Only here")}
    return [(km, words.get(km) or speaks.say("%(kilometres)s km", kilometres=km)) for km in known]
