"""What somebody was told and texted can be erased; what is still on its way and every STOP stay."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from notifications import (
    Address,
    Notice,
    Policy,
    ask,
    call_list,
    claim_inbound,
    forget_claims,
    forget_older,
    forget_person,
    mark_called,
    open_question,
    queue,
    queue_many,
    record_inbound,
    record_stop,
    unread_texts,
)
from notifications.tables import Message

Make = Callable[..., Notice]
NUMBER = "+447700900123"


async def test_a_person_is_forgotten_and_their_stop_is_not(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime, by_id: UUID
) -> None:
    person, inbound_id = uuid7(), uuid7()
    call = gift(recipient_id=person, address=Address(channel="call", to="+441632960123"))
    await queue_many(session, bank_id, [gift(recipient_id=person), call], policy=policy, at=at)
    [item] = await call_list(session, bank_id)
    await mark_called(session, bank_id, item.id, "spoke", by_id, at, said="My hip is better")
    await record_inbound(
        session, bank_id, inbound_id=inbound_id, sender=NUMBER, body="hello", at=at, needs_person=True
    )
    await ask(session, bank_id, NUMBER, "who", {"names": ["Ann"]}, at=at)
    await record_stop(session, bank_id, NUMBER, at=at)

    await forget_person(session, bank_id, person, [NUMBER], at=at)

    rows = (await session.scalars(select(Message).execution_options(populate_existing=True))).all()
    assert {(row.address, row.body, row.said) for row in rows} == {("forgotten", "", None)}
    assert {row.state for row in rows} == {"cancelled", "delivered"}
    assert await unread_texts(session, bank_id) == []
    assert await open_question(session, bank_id, NUMBER, at=at) is None
    assert await queue(session, bank_id, gift(), policy=policy, at=at) is None, "the STOP still holds"


async def test_old_words_go_and_what_waits_for_a_person_stays(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    waiting = await queue(session, bank_id, gift(), policy=policy, at=at)
    for needs_person in (True, False):
        await record_inbound(
            session,
            bank_id,
            inbound_id=uuid7(),
            sender=NUMBER,
            body="hello",
            at=at,
            needs_person=needs_person,
        )
    assert await claim_inbound(session, "twilio", f"SM{bank_id}", at=at)
    later = at + timedelta(days=400)
    await forget_older(session, bank_id, before=later)
    await forget_claims(session, before=at - timedelta(days=1))
    assert (await session.get_one(Message, (bank_id, waiting), populate_existing=True)).body != ""
    [unread] = await unread_texts(session, bank_id)
    assert len(unread.thread) == 2
    assert not await claim_inbound(session, "twilio", f"SM{bank_id}", at=at)
    await forget_claims(session, before=later)
    assert await claim_inbound(session, "twilio", f"SM{bank_id}", at=at)
    await session.rollback()
