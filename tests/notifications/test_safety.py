"""An alert is told to one person after the other until somebody says they have it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from notifications import (
    Address,
    DutyPerson,
    Notice,
    Policy,
    banks_with_messages,
    deliver_due,
    escalate_due,
    open_alerts,
    parse,
    queue,
    raise_alert,
    record_stop,
    take_alert,
    take_alerts_of,
)
from notifications.errors import NobodyToTell, UnknownAlert
from notifications.tables import Message

NIGHT = datetime(2026, 5, 13, 1, 0, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)
CONCERN = {"template": "safety_concern", "parameters": {"reference": "C12"}}


def duty(n: int) -> DutyPerson:
    return DutyPerson(
        recipient_id=UUID(int=n), address=Address(channel="sms", to=f"+4477009003{n:02d}"), language="en"
    )


async def told(session: AsyncSession, bank_id: UUID) -> list[str]:
    rows = await session.scalars(
        select(Message)
        .where(col(Message.bank_id) == bank_id, col(Message.state) == "pending")
        .order_by(col(Message.queued_at))
    )
    return [row.address[-2:] for row in rows]


async def test_it_goes_to_the_next_every_ten_minutes_at_night_and_over_budget_until_taken(
    session: AsyncSession, bank_id: UUID, policy: Policy
) -> None:
    broke = replace(policy, sms_budget_number_day=0, sms_budget_bank_day=0)
    alert_id, people = uuid7(), [duty(1), duty(2)]
    for _ in range(2):
        await raise_alert(
            session, bank_id, alert_id=alert_id, people=people, policy=broke, at=NIGHT, **CONCERN
        )
    assert await told(session, bank_id) == ["01"]
    assert await escalate_due(session, bank_id, policy=broke, at=NIGHT + TEN_MINUTES / 2) == 0
    for n, names in enumerate((["01", "02"], ["01", "02", "01"], ["01", "02", "01", "02"]), start=1):
        assert await escalate_due(session, bank_id, policy=broke, at=NIGHT + n * TEN_MINUTES) == 1
        assert await told(session, bank_id) == names
    [alert] = await open_alerts(session, bank_id)
    assert alert.told == 4
    assert await take_alert(session, bank_id, alert_id, people[1].recipient_id, NIGHT)
    assert not await take_alert(session, bank_id, alert_id, people[0].recipient_id, NIGHT)
    assert await open_alerts(session, bank_id) == []
    assert await escalate_due(session, bank_id, policy=broke, at=NIGHT + timedelta(days=1)) == 0


async def test_somebody_who_cannot_be_told_is_passed_over_at_once(
    session: AsyncSession, bank_id: UUID, policy: Policy
) -> None:
    await record_stop(session, bank_id, duty(1).address.to, at=NIGHT)
    await raise_alert(
        session, bank_id, alert_id=uuid7(), people=[duty(1), duty(2)], policy=policy, at=NIGHT, **CONCERN
    )
    assert await told(session, bank_id) == ["02"]


async def test_got_it_by_text_takes_what_one_was_told_of_and_nothing_else(
    session: AsyncSession, bank_id: UUID, policy: Policy
) -> None:
    first, second = uuid7(), uuid7()
    await raise_alert(
        session, bank_id, alert_id=first, people=[duty(1), duty(2)], policy=policy, at=NIGHT, **CONCERN
    )
    await raise_alert(session, bank_id, alert_id=second, people=[duty(2)], policy=policy, at=NIGHT, **CONCERN)
    assert parse("Got it!").verb == "have_it"
    assert await take_alerts_of(session, bank_id, duty(1).recipient_id, NIGHT) == [first]
    assert [alert.id for alert in await open_alerts(session, bank_id)] == [second]


async def test_an_alert_needs_somebody_to_tell_and_must_exist(
    session: AsyncSession, bank_id: UUID, policy: Policy
) -> None:
    with pytest.raises(NobodyToTell):
        await raise_alert(session, bank_id, alert_id=uuid7(), people=[], policy=policy, at=NIGHT, **CONCERN)
    with pytest.raises(UnknownAlert):
        await take_alert(session, bank_id, uuid7(), uuid7(), NIGHT)


async def test_the_worker_escalates_by_itself(database: Database, bank_id: UUID, policy: Policy) -> None:
    async with database.transaction(bank_id) as session:
        await raise_alert(
            session, bank_id, alert_id=uuid7(), people=[duty(1), duty(2)], policy=policy, at=NIGHT, **CONCERN
        )
    later = NIGHT + TEN_MINUTES
    async with database.transaction(None) as session:
        assert bank_id in await banks_with_messages(session, at=later)
    await deliver_due(database.transaction, bank_id, {}, at=later, policy=policy)
    async with database.transaction(bank_id) as session:
        assert await told(session, bank_id) == ["01", "02"]


async def test_ordinary_messages_still_wait_for_the_morning(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Callable[..., Notice]
) -> None:
    """The control: only the kind of a message lets it through the night."""
    found = await queue(session, bank_id, gift(), policy=policy, at=NIGHT)
    row = await session.get_one(Message, (bank_id, found))
    assert row.not_before > NIGHT
