"""A digest instead of a stream: what may wait is kept line by line and told once a day, in one message.

Only for those who chose it, and never what asks something. A line is erased once it is told. What must never
happen: a line told twice, or one that is never told.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.notice import Address, Notice
from notifications.policy import Policy
from notifications.queueing import queue_many
from notifications.tables import DigestLine
from notifications.wording import line_of_digest

TOLD_AT: Final = time(17)
"""Local to the bank: late enough for the day's news, early enough for most safe hours."""
DIGEST: Final = UUID("0d3d0a52-6f6d-5a0e-8f2e-7c0a4e9a5b21")
"""The namespace of the digests' event ids."""
LINES_AT_ONCE_MAX: Final = 1000


async def keep_for_digest(
    session: AsyncSession, bank_id: UUID, notices: Sequence[Notice], *, policy: Policy, at: datetime
) -> None:
    """Keep each for its recipient's next digest; a repeat of the same event changes nothing.

    Raises:
        UnknownTemplate, UnknownParameter, MissingPlaceholder: a notice does not fit its template.
    """
    if notices:
        rows = [_row(bank_id, notice, policy, at) for notice in notices]
        await session.execute(insert(DigestLine).on_conflict_do_nothing(), rows)


def _row(bank_id: UUID, notice: Notice, policy: Policy, at: datetime) -> dict[str, Any]:
    address = notice.address
    return {
        "bank_id": bank_id,
        "event_id": notice.event_id,
        "recipient_id": notice.recipient_id,
        "channel": address.channel,
        "address": address.to,
        "is_discreet": address.discreet,
        "safe_from": address.safe_from,
        "safe_until": address.safe_until,
        "language": notice.language,
        "line": line_of_digest(notice, policy),
        "kept_at": at,
        "due_at": next_digest(policy, at),
    }


def next_digest(policy: Policy, at: datetime) -> datetime:
    """The next moment after `at` when digests are told."""
    local = at.astimezone(policy.zone)
    today = datetime.combine(local.date(), TOLD_AT, policy.zone)
    moment = (
        today if today > local else datetime.combine(local.date() + timedelta(days=1), TOLD_AT, policy.zone)
    )
    return moment.astimezone(UTC)


async def tell_digests(session: AsyncSession, bank_id: UUID, *, policy: Policy, at: datetime) -> int:
    """Turn the lines that are due into one message for each person. Returns how many messages."""
    rows = await session.scalars(
        select(DigestLine)
        .where(
            col(DigestLine.bank_id) == bank_id,
            col(DigestLine.told_at).is_(None),
            col(DigestLine.due_at) <= at,
        )
        .order_by(col(DigestLine.recipient_id), col(DigestLine.kept_at), col(DigestLine.event_id))
        .limit(LINES_AT_ONCE_MAX)
        .with_for_update(skip_locked=True)
    )
    by_person: dict[tuple[UUID, str, str], list[DigestLine]] = defaultdict(list)
    for row in rows:
        by_person[row.recipient_id, row.channel, row.address].append(row)
    await queue_many(session, bank_id, [_digest(lines) for lines in by_person.values()], policy=policy, at=at)
    for row in (line for lines in by_person.values() for line in lines):
        row.told_at, row.line, row.address = at, "", ""
    await session.flush()
    return len(by_person)


def _digest(lines: Sequence[DigestLine]) -> Notice:
    last = lines[-1]
    told = "/".join(str(line.event_id) for line in lines)
    return Notice(
        event_id=uuid5(DIGEST, f"{last.recipient_id} {told}"),
        recipient_id=last.recipient_id,
        template="digest",
        parameters={"count": str(len(lines)), "list": ", ".join(line.line for line in lines)},
        language=last.language,
        address=Address(
            channel="email" if last.channel == "email" else "sms",
            to=last.address,
            discreet=any(line.is_discreet for line in lines),
            safe_from=last.safe_from,
            safe_until=last.safe_until,
        ),
    )
