"""A text is taken once, kept, and never left unread."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.database import Database
from notifications import (
    Notice,
    Policy,
    claim_inbound,
    queue,
    record_inbound,
    settle_text,
    unread_texts,
)
from notifications.errors import UnknownMessage

SENDER = "+447700900123"


async def test_the_same_text_ten_times_at_once_has_one_effect_and_one_reply(
    database: Database, bank_id: UUID, policy: Policy, gift: Callable[..., Notice], at: datetime
) -> None:
    inbound_id, effects = uuid7(), []

    async def arrive() -> bool:
        async with database.transaction(bank_id) as session:
            if not await claim_inbound(session, "twilio", f"SM-{inbound_id}", at=at):
                return False
            effects.append(1)
            await record_inbound(
                session, bank_id, inbound_id=inbound_id, sender=SENDER, body="YES", at=at, needs_person=True
            )
            await queue(session, bank_id, gift(event_id=inbound_id, kind="reply"), policy=policy, at=at)
            return True

    taken = await asyncio.gather(*(arrive() for _ in range(10)))
    assert sum(taken) == len(effects) == 1
    async with database.transaction(bank_id) as session:
        [unread] = await unread_texts(session, bank_id)
        assert [line.direction for line in unread.thread] == ["in", "out"]


async def test_a_claim_that_does_not_commit_leaves_the_text_to_the_next(
    database: Database, bank_id: UUID, at: datetime
) -> None:
    name = f"SM-{uuid7()}"
    async with database.transaction(bank_id) as session:
        assert await claim_inbound(session, "twilio", name, at=at)
        await session.rollback()
    async with database.transaction(bank_id) as session:
        assert await claim_inbound(session, "twilio", name, at=at)
    async with database.transaction(uuid7()) as session:
        assert not await claim_inbound(session, "twilio", name, at=at)


async def test_an_unread_text_waits_with_its_thread_until_somebody_settles_it(
    session: AsyncSession,
    bank_id: UUID,
    policy: Policy,
    gift: Callable[..., Notice],
    at: datetime,
    by_id: UUID,
) -> None:
    first, second = uuid7(), uuid7()
    await queue(session, bank_id, gift(), policy=policy, at=at - timedelta(hours=2))
    code = gift(template="sign_in_code", parameters={"code": "123456"}, kind="code")
    await queue(session, bank_id, code, policy=policy, at=at - timedelta(hours=1))
    for inbound_id, body, needs, minute in ((first, "what is this", True, 0), (second, "YES", False, 1)):
        await record_inbound(
            session, bank_id, inbound_id=inbound_id, sender=SENDER, body=body,
            at=at + timedelta(minutes=minute), needs_person=needs,
        )  # fmt: skip
    [unread] = await unread_texts(session, bank_id)
    assert unread.id == first
    assert [line.body for line in unread.thread] == [
        "A gift: Ann gave you 1 h. It is added to your hours.",
        "what is this",
        "YES",
    ]
    await settle_text(session, bank_id, first, by_id, at)
    await settle_text(session, bank_id, first, uuid7(), at + timedelta(hours=1))
    assert await unread_texts(session, bank_id) == []
    with pytest.raises(UnknownMessage):
        await settle_text(session, bank_id, uuid7(), by_id, at)
