"""Yes and no to help: being asked, another time, 'did it happen?', 'does it still stand?'.

What must never happen: a yes that wins over one that came first, or a way to reach somebody sent before both
agreed.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from api import announcing_help, formats, text_names
from api.texts.caller import Answer, Caller, Waiting
from exchange.appointments import read, records, steps
from exchange.appointments.errors import SomebodyElseSaidYes
from exchange.appointments.tables import Appointment, Ask
from exchange.directory import reviews
from exchange.membership import banks
from notifications import Intent

Act = Callable[[Caller, Waiting, Intent], Awaitable[Answer]]
REMEMBERED = timedelta(days=14)


async def agree(caller: Caller, one: Waiting, intent: Intent) -> Answer:
    """Yes to being asked or to another time; a yes that names another length is for a person to read."""
    if intent.verb == "different":
        return await pass_on(caller, one, intent)
    try:
        made = await steps.agree(caller.session, one.person, one.key, at=caller.at)
    except SomebodyElseSaidYes:
        return Answer("reply_help_taken")
    if made.state != "agreed":
        return Answer("reply_help_both")
    is_twice = await read.is_twice_at_once(caller.session, one.person, made)
    return Answer("reply_help_twice" if is_twice else "reply_help_yes", await _agreed(caller, one, made))


async def _agreed(caller: Caller, one: Waiting, made: Appointment) -> dict[str, str]:
    bank = await banks.get(caller.session, made.bank_id)
    speaks = one.person.language
    (side,) = one.person.party_ids & {made.giver_id, made.receiver_id}
    assert side is not None
    reach = await announcing_help.reach(caller.session, made.bank_id, made.appointment_id, side, speaks)
    return {
        "other": one.other,
        "when": formats.moment(made.starts_at, bank.time_zone, speaks),
        "reach": reach or formats.office(bank.telephone, speaks),
    }


async def decline(caller: Caller, one: Waiting, intent: Intent) -> Answer:
    """No, this time."""
    del intent
    await steps.decline(caller.session, one.person, one.key, at=caller.at)
    return Answer("reply_help_no")


async def pass_on(caller: Caller, one: Waiting, intent: Intent) -> Answer:
    """Nothing that a word can settle: a person reads it."""
    del caller, one, intent
    return Answer("reply_passed_on", needs_person=True)


async def happened(caller: Caller, one: Waiting, intent: Intent) -> Answer:
    """It happened, as planned or for as long as the text says; the other side is asked to say yes."""
    minutes = intent.minutes or one.minutes
    await steps.happened(caller.session, one.person, one.key, minutes=minutes, at=caller.at)
    said = formats.duration(minutes or 0, one.person.language)
    return Answer("reply_told", {"other": one.other, "duration": said})


async def did_not_happen(caller: Caller, one: Waiting, intent: Intent) -> Answer:
    """Nobody came; a coordinator will ask why."""
    del intent
    await steps.did_not_happen(caller.session, one.person, one.key, at=caller.at)
    return Answer("reply_did_not_happen")


async def keep(caller: Caller, one: Waiting, intent: Intent) -> Answer:
    """It still stands."""
    del intent
    await reviews.answer(caller.session, one.person, one.key, still=True, at=caller.at)
    return Answer("reply_still_yes")


async def close(caller: Caller, one: Waiting, intent: Intent) -> Answer:
    """It no longer stands."""
    del intent
    await reviews.answer(caller.session, one.person, one.key, still=False, at=caller.at)
    return Answer("reply_still_no")


async def answered_before(caller: Caller, intent: Intent) -> Answer | None:
    """A second yes, or one that came too late, gets a calm answer and changes nothing."""
    rows = await caller.session.scalars(
        select(Ask)
        .where(
            col(Ask.bank_id) == caller.first.bank_id,
            col(Ask.party_id).in_(caller.party_ids),
            col(Ask.answer).in_(("yes", "no", "thanked")),
            col(Ask.answered_at) > caller.at - REMEMBERED,
        )
        .order_by(col(Ask.answered_at).desc())
    )
    wanted = intent.reference
    last = next((r for r in rows if wanted in (None, records.reference(r.appointment_id))), None)
    if last is None:
        return None
    if last.answer == "thanked":
        return Answer("reply_help_taken")
    if wanted is None:
        return None
    found = await caller.session.get_one(Appointment, (last.bank_id, last.appointment_id))
    others = [side for side in (found.receiver_id, found.giver_id) if side and side != last.party_id]
    names = await text_names.of(caller.session, last.bank_id, others, caller.first.language)
    return Answer("reply_already", {"other": ", ".join(names.values())}) if names else None
