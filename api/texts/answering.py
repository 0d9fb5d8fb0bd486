"""Yes, no and "1 h, not 2": answers to whatever waits for whoever has this number."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import select
from sqlmodel import col

import notifications
from api import formats, text_names
from api.texts import helping, telling
from api.texts.caller import Answer, Caller, Kind, Waiting, matching, waiting
from exchange.hours import read, verbs
from exchange.hours.tables import Hours, Step
from notifications import Intent
from notifications.commands import Verb

LISTED_MAX = 4
CORRECTS = frozenset(
    ("only", "should", "be", "have", "been", "more", "like", "actually", "nearer", "dim", "ond")
)
"""Beside a length of time, these say that it was another one."""
WHICH = "which"
"""The topic of the question that `reply_which` asks."""
KEPT = ("verb", "minutes", "says_no")
"""What the first text said, for when the second says of which."""


async def yes_or_no(caller: Caller, intent: Intent) -> Answer:
    """Answer the one that waits, or the one whose reference is given; ask which when that is not clear."""
    found = matching(await waiting(caller), intent)
    if not found:
        return await _nothing_waits(caller, intent)
    if len(found) > 1:
        return await _ask_which(caller, found, intent)
    one = found[0]
    if caller.is_shared and one.others & caller.party_ids:
        return Answer("reply_shared_number", needs_person=True)
    yes, no = ANSWERS[one.kind]
    is_no = intent.verb == "no" or (intent.says_no and intent.minutes == one.minutes)
    return await (no if is_no else yes)(caller, one, intent)


async def answer_which(caller: Caller, context: Mapping[str, Any], intent: Intent) -> Answer | None:
    """The number of one that waits; None when the text answers something else."""
    if intent.verb != "number":
        return None
    said = {name: context[name] for name in KEPT}
    meant = replace(intent, **said)
    return await yes_or_no(caller, meant)


async def can(caller: Caller, intent: Intent) -> Answer:
    """I can, or I can't: an answer to being asked for help, and to nothing else."""
    found = [one for one in await waiting(caller) if one.kind in ("asked", "moved")]
    if not found:
        return Answer("reply_not_understood", needs_person=True)
    reference = intent.reference or (found[0].reference if len(found) == 1 else None)
    verb: Verb = "yes" if intent.verb == "able" else "no"
    return await yes_or_no(caller, replace(intent, verb=verb, reference=reference))


async def how_long(caller: Caller, intent: Intent) -> Answer:
    """A length of time by itself: what it answers, if something was asked, else which way the hour went."""
    found = matching(await waiting(caller), intent)
    happened = [one for one in found if one.kind == "happened"]
    if intent.minutes is None:
        return Answer("reply_not_understood", needs_person=True)
    if len(happened) == 1 and not (caller.is_shared and happened[0].others & caller.party_ids):
        return await helping.happened(caller, happened[0], intent)
    if not happened and any(one.kind == "hours" for one in found) and not set(intent.rest.split()) - CORRECTS:
        meant = [one for one in found if one.kind == "hours"]
        reference = meant[0].reference if len(meant) == 1 else intent.reference
        return await yes_or_no(caller, replace(intent, verb="different", reference=reference))
    if caller.is_shared:
        return Answer("reply_shared_number", needs_person=True)
    return await telling.ask_which_way(caller, intent)


async def _ask_which(caller: Caller, found: list[Waiting], intent: Intent) -> Answer:
    context = {name: getattr(intent, name) for name in KEPT}
    await notifications.ask(caller.session, caller.first.bank_id, caller.number, WHICH, context, at=caller.at)
    return Answer("reply_which", {"list": _listed(found)})


def _listed(found: list[Waiting]) -> str:
    """`412 Ann 1 h, 533 Bo 30 min`: what to answer with, for each."""
    return ", ".join(
        " ".join(f"{w.reference} {w.other} {w.about}".replace(",", " ").split()) for w in found[:LISTED_MAX]
    )


async def _yes(caller: Caller, one: Waiting, intent: Intent) -> Answer:
    minutes = intent.minutes if intent.verb == "different" else None
    hours = await verbs.confirm(caller.session, one.person, one.key, minutes=minutes, at=caller.at)
    said = formats.duration(hours.minutes, one.person.language)
    return Answer("reply_confirmed", {"other": one.other, "duration": said})


async def _no(caller: Caller, one: Waiting, intent: Intent) -> Answer:
    del intent  # the words of a no are read by a person, never guessed at
    await verbs.decline(caller.session, one.person, one.key, at=caller.at)
    return Answer("reply_declined", {"other": one.other})


ANSWERS: Mapping[Kind, tuple[helping.Act, helping.Act]] = {
    "hours": (_yes, _no),
    "asked": (helping.agree, helping.decline),
    "moved": (helping.agree, helping.pass_on),
    "happened": (helping.happened, helping.did_not_happen),
    "review": (helping.keep, helping.close),
}
"""What a yes does, and what a no does."""


async def _nothing_waits(caller: Caller, intent: Intent) -> Answer:
    """Said before, or never asked: a repeat gets a calm answer and changes nothing.

    A yes after a no, or a no after a yes, changes nothing either: a person reads it.
    """
    known = await _answered(caller, intent.reference)
    if known is None:
        return await helping.answered_before(caller, intent) or Answer("reply_nothing_waiting")
    person = next(p for p in caller.people if known.awaited_id in p.party_ids)
    view = await read.view(caller.session, person, known.hours_id)
    names = await text_names.of(caller.session, person.bank_id, [view.other_id], person.language)
    is_other_now = (intent.verb == "no") != (known.state == "declined")
    return Answer("reply_already", {"other": names[view.other_id]}, needs_person=is_other_now)


async def _answered(caller: Caller, reference: str | None) -> Hours | None:
    """The hour that this answer is a repeat about: the one it names, else the latest that was answered.

    Whoever else has this number hears of none that they did not name.
    """
    asked = (col(Hours.bank_id) == caller.first.bank_id, col(Hours.awaited_id).in_(caller.party_ids))
    if reference is not None:
        named = select(Hours).where(*asked, col(Hours.reference) == reference)
        return cast("Hours | None", await caller.session.scalar(named.limit(1)))
    if caller.is_shared:
        return None
    latest = (
        select(Hours)
        .join(Step, (col(Step.bank_id) == col(Hours.bank_id)) & (col(Step.hours_id) == col(Hours.hours_id)))
        .where(
            *asked,
            col(Step.for_id) == col(Hours.awaited_id),
            col(Step.verb).in_(("confirm", "decline")),
            col(Step.done_at) > caller.at - helping.REMEMBERED,
        )
        .order_by(col(Step.done_at).desc())
    )
    return cast("Hours | None", await caller.session.scalar(latest.limit(1)))
