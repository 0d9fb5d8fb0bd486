"""One message for each event and recipient; what may not be sent is kept with its reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from notifications import (
    Address,
    Notice,
    Policy,
    call_list,
    cancel_queued,
    letters,
    mark_called,
    mark_printed,
    problems,
    queue,
    queue_many,
    record_start,
    record_stop,
)
from notifications.errors import (
    MissingPlaceholder,
    NoMessageMayBeLeft,
    NotOnTheDesk,
    UnknownParameter,
    UnknownTemplate,
)
from notifications.tables import Message

Make = Callable[..., Notice]
MIDNIGHT = datetime(2026, 5, 12, 23, 0, tzinfo=UTC)


async def stored(session: AsyncSession, bank_id: UUID, found: UUID | None) -> Message:
    assert found is not None
    row = await session.get(Message, (bank_id, found), populate_existing=True)
    assert row is not None
    return row


async def rows(session: AsyncSession, bank_id: UUID) -> list[Message]:
    return list(await session.scalars(select(Message).where(col(Message.bank_id) == bank_id)))


async def test_a_message_says_its_words_and_counts_its_segments(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    row = await stored(session, bank_id, await queue(session, bank_id, gift(), policy=policy, at=at))
    assert row.body == "A gift: Ann gave you 1 h. It is added to your hours."
    assert (row.state, row.segments, row.language, row.not_before) == ("pending", 1, "en", at)


async def test_a_repeat_returns_the_first_and_costs_nothing(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    notice = gift()
    first = await queue(session, bank_id, notice, policy=policy, at=at)
    again = replace(notice, language="cy", parameters={"giver": "Bob", "duration": "2 h"})
    assert await queue(session, bank_id, again, policy=policy, at=at + timedelta(hours=1)) == first
    assert await queue_many(session, bank_id, [again, notice], policy=policy, at=at) == [first, first]
    assert [row.body for row in await rows(session, bank_id)] == [
        "A gift: Ann gave you 1 h. It is added to your hours."
    ]


async def test_it_speaks_the_readers_language_and_english_when_it_has_no_other(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    bodies = [
        (await stored(session, bank_id, await queue(session, bank_id, notice, policy=policy, at=at))).body
        for notice in (gift(language="cy"), gift(language="bn-GB"), gift(language="fr"))
    ]
    assert bodies[0].startswith("Rhodd: cawsoch 1 h gan Ann")
    assert bodies[1].startswith("উপহার: Ann আপনাকে")
    assert bodies[2].startswith("A gift")


async def test_a_notice_that_does_not_fit_its_template_is_an_error(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    for wrong, error in (
        (gift(parameters={"giver": "Ann"}), MissingPlaceholder),
        (gift(parameters={"giver": "Ann", "duration": "1 h", "note": "lovely"}), UnknownParameter),
        (gift(template="hello"), UnknownTemplate),
        (
            gift(template="reply_menu", parameters={}, address=Address(channel="letter", to="1 High St")),
            UnknownTemplate,
        ),
    ):
        with pytest.raises(error):
            await queue(session, bank_id, wrong, policy=policy, at=at)


async def test_discreet_wording_names_nobody(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    discreet = Address(channel="sms", to="+447700900124", discreet=True)
    row = await stored(
        session, bank_id, await queue(session, bank_id, gift(address=discreet), policy=policy, at=at)
    )
    assert row.body == "1 h: added."


async def test_a_landline_is_called_and_a_premium_number_is_refused(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime, by_id: UUID
) -> None:
    called = await queue(session, bank_id, gift(to="+441632960123"), policy=policy, at=at)
    assert await queue(session, bank_id, gift(to="+449001234567"), policy=policy, at=at) is None
    [item] = await call_list(session, bank_id)
    assert item.id == called
    assert "Say:" in item.body
    assert [p.reason for p in await problems(session, bank_id)] == ["refused"]
    await mark_called(session, bank_id, item.id, "no_answer", by_id, at)
    [item] = await call_list(session, bank_id)
    assert item.attempts == 1
    await mark_called(session, bank_id, item.id, "spoke", by_id, at, said="Lovely, thank you")
    assert await call_list(session, bank_id) == []
    with pytest.raises(NotOnTheDesk):
        await mark_called(session, bank_id, item.id, "spoke", by_id, at)


async def test_where_no_message_is_safe_none_is_left(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime, by_id: UUID
) -> None:
    address = Address(channel="call", to="+441632960123", may_leave_message=False)
    found = await queue(session, bank_id, gift(address=address), policy=policy, at=at)
    [item] = await call_list(session, bank_id)
    assert item.body.startswith("Leave no message. Say:")
    with pytest.raises(NoMessageMayBeLeft):
        await mark_called(session, bank_id, item.id, "left_message", by_id, at)
    assert [item.id for item in await call_list(session, bank_id)] == [found]


async def test_a_letter_waits_until_it_is_posted(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime, by_id: UUID
) -> None:
    found = await queue(
        session, bank_id, gift(address=Address(channel="letter", to="Ann\n1 High St")), policy=policy, at=at
    )
    [item] = await letters(session, bank_id)
    assert item.id == found
    assert "Ann gave you 1 h" in item.body
    await mark_printed(session, bank_id, item.id, by_id, at)
    assert await letters(session, bank_id) == []


async def test_quiet_hours_wait_for_the_morning_but_an_answer_does_not(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    told = await stored(session, bank_id, await queue(session, bank_id, gift(), policy=policy, at=MIDNIGHT))
    assert told.not_before == datetime(2026, 5, 13, 7, 0, tzinfo=UTC)
    answer = gift(kind="reply")
    told = await stored(session, bank_id, await queue(session, bank_id, answer, policy=policy, at=MIDNIGHT))
    assert told.not_before == MIDNIGHT


async def test_a_code_at_an_unsafe_hour_is_withheld_and_leaves_no_code_behind(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make
) -> None:
    address = Address(channel="sms", to="+447700900125", safe_from=time(9), safe_until=time(17))
    code = gift(template="sign_in_code", parameters={"code": "123456"}, kind="code", address=address)
    assert await queue(session, bank_id, code, policy=policy, at=MIDNIGHT) is None
    [row] = await rows(session, bank_id)
    assert (row.reason, row.body, row.parameters) == ("unsafe_hour", "", {})


async def test_a_stopped_number_hears_nothing_until_it_says_start(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    number = gift().address.to
    await record_stop(session, bank_id, number, at=at)
    assert await queue(session, bank_id, gift(), policy=policy, at=at) is None
    await record_start(session, bank_id, number, at=at)
    assert await queue(session, bank_id, gift(), policy=policy, at=at) is not None
    await record_stop(session, bank_id, number, at=at)
    assert await queue(session, bank_id, gift(), policy=policy, at=at) is None


async def test_budgets_count_segments_and_safety_passes_all_the_same(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    tight = replace(policy, sms_budget_number_day=2, sms_budget_bank_day=3)
    answers = [await queue(session, bank_id, gift(), policy=tight, at=at) for _ in range(3)]
    assert [answer is not None for answer in answers] == [True, True, False]
    other = [gift(to="+447700900200"), gift(to="+447700900201")]
    found = await queue_many(session, bank_id, other, policy=tight, at=at)
    assert [answer is not None for answer in found] == [True, False]
    assert await queue(session, bank_id, gift(kind="safety"), policy=tight, at=at) is not None
    reasons = {row.reason for row in await rows(session, bank_id) if row.state == "withheld"}
    assert reasons == {"budget_number", "budget_bank"}
    assert await queue(session, bank_id, gift(), policy=tight, at=at + timedelta(days=1)) is not None


async def test_one_step_stops_all_that_waits_for_a_person(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    person = uuid7()
    by_text = gift(recipient_id=person)
    by_call = gift(recipient_id=person, address=Address(channel="call", to="+441632960123"))
    await queue_many(session, bank_id, [by_text, by_call, gift()], policy=policy, at=at)
    assert await cancel_queued(session, bank_id, person, at=at) == 2
    assert await cancel_queued(session, bank_id, person, at=at) == 0
    assert await call_list(session, bank_id) == []
    assert sorted(row.state for row in await rows(session, bank_id)) == ["cancelled", "cancelled", "pending"]
