"""What coordinators change and watch: their own wordings, spending, and questions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import (
    Notice,
    Policy,
    ask,
    forget_question,
    forget_text,
    is_out_of_hours,
    month_spending,
    once_a_day,
    open_question,
    own_texts,
    preview,
    queue,
    queue_many,
    save_text,
    standard_text,
)
from notifications.errors import (
    MissingPlaceholder,
    TextTooLong,
    UnknownLanguage,
    UnknownPlaceholder,
    UnknownTemplate,
)
from notifications.tables import Message

Make = Callable[..., Notice]
ASKS = "hours_logged_gave"


async def test_a_banks_own_wording_is_used_until_it_is_taken_back(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime, by_id: UUID
) -> None:
    own = "Lovely news: ((giver)) gave you ((duration))!"
    seen = await save_text(session, bank_id, "gift_received", "en", own, by_id=by_id, policy=policy, at=at)
    assert (seen.body, seen.segments, seen.pence) == (
        "Lovely news: Margaret W gave you 1 h 30 min!", 1, policy.pence_per_segment,
    )  # fmt: skip
    assert await own_texts(session, bank_id) == {("gift_received", "en"): own}
    bodies = []
    for language in ("en", "cy"):
        found = await queue(session, bank_id, gift(language=language), policy=policy, at=at)
        bodies.append((await session.get_one(Message, (bank_id, found))).body)
    assert bodies[0] == "Lovely news: Ann gave you 1 h!"
    assert bodies[1].startswith("Rhodd")
    await forget_text(session, bank_id, "gift_received", "en")
    assert await own_texts(session, bank_id) == {}


@pytest.mark.parametrize(
    ("template", "language", "body", "error"),
    [
        (ASKS, "en", "((logger)) ((duration)) ((hello)) ((reference))", UnknownPlaceholder),
        (ASKS, "en", "((logger says YES ((reference))", UnknownPlaceholder),
        (ASKS, "en", "((logger)) gave you ((duration)). Is that right?", MissingPlaceholder),
        (ASKS, "en", "((reference)) " + "so " * 200, TextTooLong),
        (ASKS, "fr", "((reference))", UnknownLanguage),
        ("hello", "en", "hello", UnknownTemplate),
    ],
)
async def test_a_wording_that_would_not_work_does_not_save(
    session: AsyncSession,
    bank_id: UUID,
    policy: Policy,
    at: datetime,
    by_id: UUID,
    template: str,
    language: str,
    body: str,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        await save_text(session, bank_id, template, language, body, by_id=by_id, policy=policy, at=at)
    assert await own_texts(session, bank_id) == {}


def test_the_author_sees_which_letters_cost_more(policy: Policy) -> None:
    plain = preview("gift_received", "cy", "Diolch: ((duration)) gan ((giver)), awr o help.", policy)
    assert (plain.encoding, plain.segments, plain.letters_outside_gsm7) == ("gsm7", 1, "")
    dear = preview("gift_received", "cy", "Diolch: ((duration)) gan ((giver)), dŵr a thŷ.", policy)
    assert (dear.encoding, dear.letters_outside_gsm7) == ("ucs2", "ŵŷ")
    assert "gift" in standard_text("gift_received", "en")


async def test_spending_is_shown_and_forecast(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make
) -> None:
    for day in range(1, 11):
        at = datetime(2026, 4, day, 12, tzinfo=UTC)
        await queue_many(session, bank_id, [gift(), gift()], policy=policy, at=at)
    seen = await month_spending(session, bank_id, policy=policy, at=datetime(2026, 4, 10, 18, tzinfo=UTC))
    assert (seen.segments, seen.pence, len(seen.segments_by_day)) == (20, 80.0, 10)
    assert seen.segments_forecast == 60


async def test_a_question_is_remembered_for_a_day(session: AsyncSession, bank_id: UUID, at: datetime) -> None:
    number = "+447700900123"
    await ask(session, bank_id, number, "who", {"names": ["Ann", "Bob"]}, at=at)
    await ask(session, bank_id, number, "how_long", {"with": "Ann"}, at=at)
    found = await open_question(session, bank_id, number, at=at + timedelta(hours=23))
    assert found is not None
    assert (found.topic, found.context) == ("how_long", {"with": "Ann"})
    assert await open_question(session, bank_id, number, at=at + timedelta(hours=24)) is None
    await forget_question(session, bank_id, number)
    assert await open_question(session, bank_id, number, at=at) is None


async def test_an_unknown_number_gets_one_polite_reply_a_day(
    session: AsyncSession, bank_id: UUID, policy: Policy, gift: Make, at: datetime, by_id: UUID
) -> None:
    def reply(when: datetime) -> Notice:
        return gift(
            template="reply_unknown_number", parameters={}, kind="reply", recipient_id=by_id,
            event_id=once_a_day("+447700900123", policy, at=when),
        )  # fmt: skip

    found = {
        await queue(session, bank_id, reply(when), policy=policy, at=when)
        for when in (at, at + timedelta(hours=1), at + timedelta(hours=2), at + timedelta(days=1))
    }
    assert len(found) == 2


def test_nobody_is_there_at_night_or_on_sunday(policy: Policy, at: datetime) -> None:
    assert not is_out_of_hours(policy, at=at)
    assert is_out_of_hours(policy, at=at + timedelta(hours=6))
    assert is_out_of_hours(policy, at=at + timedelta(days=5))
    assert not is_out_of_hours(
        replace(policy, office_weekdays=frozenset(range(7))), at=at + timedelta(days=5)
    )
