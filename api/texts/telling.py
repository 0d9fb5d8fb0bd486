"""Telling of an hour by text: "gave Tom 1h", "got 90 min"; what is missing is asked, shortly, one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID, uuid5

import notifications
from api import formats, text_names
from api.texts.caller import Answer, Caller
from exchange.hours import log, read
from exchange.membership import banks, find
from notifications import Intent

WHO, HOW_LONG, WHICH_WAY = "who", "how_long", "which_way"
"""The topics of the questions."""
WAYS: Mapping[str, "Way"] = {
    **dict.fromkeys(("give", "given", "giving", "1"), "gave"),
    **dict.fromkeys(("get", "getting", "receive", "2"), "received"),
}
"""Answers to "did you give it or get it?" that are no commands by themselves."""
LISTED_MAX = 5
NAME_WORDS_MAX = 5


DONE = frozenset(("did", "done", "spent", "log", "worked", "work", "have", "mi", "wnes", "nes"))
"""Words that tell of an hour, and neither with whom nor what it was."""
Way = Literal["gave", "received"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known so far of an hour that a text tells of."""

    direction: Way
    minutes: int | None
    done_on: date
    with_id: UUID | None = None
    skill: str | None = None

    def context(self, choices: Sequence[UUID] = ()) -> dict[str, Any]:
        """What to remember while a question is open."""
        return {
            "direction": self.direction,
            "minutes": self.minutes,
            "done_on": self.done_on.isoformat(),
            "with_id": str(self.with_id) if self.with_id else None,
            "skill": self.skill,
            "choices": [str(choice) for choice in choices],
        }

    @classmethod
    def of(cls, context: Mapping[str, Any], **known: Any) -> "Told":
        """What was remembered, and what the answer adds."""
        with_id = context["with_id"]
        remembered = {
            "direction": context["direction"],
            "minutes": context["minutes"],
            "done_on": date.fromisoformat(context["done_on"]),
            "with_id": UUID(with_id) if with_id else None,
            "skill": context["skill"],
        }
        return cls(**(remembered | known))


async def tell(caller: Caller, intent: Intent) -> Answer:
    """An hour given or received, as far as one text says."""
    if caller.is_shared:
        return Answer("reply_shared_number", needs_person=True)
    done_on = await _day(caller, intent)
    if isinstance(done_on, Answer):
        return done_on
    way: Way = "gave" if intent.verb == "gave" else "received"
    return await _told(caller, way, intent.minutes, done_on, intent.rest.split())


async def _day(caller: Caller, intent: Intent) -> date | Answer:
    """The day a text tells of, today where it names none; or what to say where it cannot be told of."""
    bank = await banks.get(caller.session, caller.first.bank_id)
    today = banks.today(bank, caller.at)
    done_on = intent.day.on(today) if intent.day else today
    if done_on is None:
        return Answer("reply_which_day")
    return done_on if done_on <= today else Answer("reply_day_to_come")


async def _told(caller: Caller, way: Way, minutes: int | None, done_on: date, words: Sequence[str]) -> Answer:
    candidates = await _candidates(caller, words)
    told = Told(
        direction=way,
        minutes=minutes,
        done_on=done_on,
        with_id=next(iter(candidates)) if len(candidates) == 1 else None,
        skill=_skill(words, candidates),
    )
    return await go_on(caller, told, candidates)


async def ask_which_way(caller: Caller, intent: Intent) -> Answer:
    """What "2 hrs gardening" is: an hour surely, but given or received? One short question settles it."""
    done_on = await _day(caller, intent)
    if isinstance(done_on, Answer):
        return done_on
    assert intent.minutes is not None
    context = {"minutes": intent.minutes, "done_on": done_on.isoformat(), "words": intent.rest}
    await _ask(caller, WHICH_WAY, context)
    return Answer("reply_which_way", {"duration": formats.duration(intent.minutes, caller.first.language)})


async def answer_which_way(caller: Caller, context: Mapping[str, Any], intent: Intent) -> Answer | None:
    """Gave or got; None when the text answers something else."""
    if intent.verb == "have_it":
        way: Way | None = "received"
    elif intent.verb in ("gave", "received"):
        way = "gave" if intent.verb == "gave" else "received"
    else:
        way = next(
            (WAYS[word] for word in (intent.rest or intent.reference or "").split() if word in WAYS), None
        )
    if way is None or caller.is_shared:
        return None
    more = [word for word in intent.rest.split() if word not in WAYS]
    words = [word for word in context["words"].split() if word not in DONE] + more
    minutes = intent.minutes or context["minutes"]
    return await _told(caller, way, minutes, date.fromisoformat(context["done_on"]), words)


def _skill(words: Sequence[str], candidates: Mapping[UUID, str]) -> str | None:
    named = {part.casefold() for name in candidates.values() for part in name.split()}
    return " ".join(word for word in words if word.casefold() not in named) or None


async def _candidates(caller: Caller, words: Sequence[str]) -> dict[UUID, str]:
    """The people whom the words may name: those lately met first, else the directory."""
    met = {v.other_id: v.other for v in await read.companions(caller.session, caller.first, limit=50)}
    named = {key: name for key, name in met.items() if _is_named(name, words)}
    if named or not words:
        return named
    found = [person for word in words for person in await find.find(caller.session, caller.first, word)]
    return {
        p.party_id: p.name for p in found if p.party_id != caller.first.member_id and _is_named(p.name, words)
    }


def _is_named(name: str, words: Sequence[str]) -> bool:
    return bool({part.casefold() for part in name.split()} & {word.casefold() for word in words})


async def go_on(caller: Caller, told: Told, candidates: Mapping[UUID, str]) -> Answer:
    """Ask for what is missing, or write the hour down."""
    if told.with_id is None:
        return await _ask_who(caller, told, candidates)
    names = await _names(caller, [told.with_id])
    other = names.get(told.with_id, "")
    if told.minutes is None:
        await _ask(caller, HOW_LONG, told.context())
        return Answer("reply_how_long", {"other": other})
    telling = log.Telling(
        hours_id=uuid5(caller.inbound_id, "hours"),
        direction=told.direction,
        with_id=told.with_id,
        minutes=told.minutes,
        done_on=told.done_on,
        skill=told.skill,
    )
    await log.log(caller.session, caller.first, telling, at=caller.at)
    said = formats.duration(told.minutes, caller.first.language)
    return Answer("reply_told", {"other": other, "duration": said})


async def _ask_who(caller: Caller, told: Told, candidates: Mapping[UUID, str]) -> Answer:
    """Ask for a name; several people of that name are told apart by a number.

    Nobody else is listed: whoever holds the phone would read whom its owner sees.
    """
    keys = list(candidates)[:LISTED_MAX]
    await _ask(caller, WHO, told.context(keys))
    if not keys:
        return Answer("reply_who_name")
    names = await _names(caller, keys)
    return Answer("reply_who", {"list": ", ".join(f"{n} {names[key]}" for n, key in enumerate(keys, 1))})


async def _names(caller: Caller, keys: Sequence[UUID]) -> dict[UUID, str]:
    first = caller.first
    return await text_names.of(caller.session, first.bank_id, keys, first.language)


async def _ask(caller: Caller, topic: str, context: Mapping[str, Any]) -> None:
    await notifications.ask(caller.session, caller.first.bank_id, caller.number, topic, context, at=caller.at)


async def answer_who(caller: Caller, context: Mapping[str, Any], intent: Intent) -> Answer | None:
    """The number of a name in the list, or a name; None when the text answers something else."""
    choices = [UUID(choice) for choice in context["choices"]]
    if intent.verb == "number" and intent.reference and 1 <= int(intent.reference) <= len(choices):
        chosen = choices[int(intent.reference) - 1]
        return await go_on(caller, Told.of(context, with_id=chosen), {})
    words = intent.rest.split() if intent.verb == "unknown" else notifications.normalise(caller.words).split()
    if words and len(words) <= NAME_WORDS_MAX:  # somebody may be called Ji, or Chai
        candidates = await _candidates(caller, words)
        if candidates:
            with_id = next(iter(candidates)) if len(candidates) == 1 else None
            return await go_on(caller, Told.of(context, with_id=with_id), candidates)
    return None


async def answer_how_long(caller: Caller, context: Mapping[str, Any], intent: Intent) -> Answer | None:
    """A length of time; None when the text answers something else."""
    if intent.verb != "duration":
        return None
    if intent.minutes is None:
        return await go_on(caller, Told.of(context), {})
    return await go_on(caller, Told.of(context, minutes=intent.minutes), {})
