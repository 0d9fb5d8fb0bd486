"""What is known of somebody in a role: eligibility and its reason, references, conduct, driving papers.

There is no gate for everybody: each rule asks for what it needs, and each paper with a last day reminds in
time. What must never happen: a check recorded for a role that is not eligible for it, or a paper that runs
out and nobody knows.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.errors import NotFound, SameIdOtherContents
from exchange.membership import banks
from exchange.membership.tables import Member, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import records
from exchange.prescribing.care_tables import CLEARANCES, DRIVING, LEVELS, Clearance
from exchange.prescribing.errors import BadClearance
from exchange.words import LINE_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean, required

REMINDED_BEFORE = timedelta(days=30)
DRIVING_SKILLS = ("lifts",)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClearance:
    """One thing that is known. A role says whether it is eligible for a check, of which level, and why."""

    kind: str
    words: str = ""
    done_on: date
    expires_on: date | None = None
    is_eligible: bool | None = None
    level: str | None = None
    reason: str | None = None


async def add(
    session: AsyncSession,
    viewer: Viewer,
    member_id: UUID,
    clearance_id: UUID,
    new: NewClearance,
    *,
    at: datetime,
) -> Clearance:
    """Write down one thing that was seen; a repeat returns the first.

    Raises:
        BadClearance: a role without its reason, a check that it is not eligible for, a last day before the
            first, or a driving paper without its last day.
        TextTooLong, SameIdOtherContents, NotFound, NotAllowed
    """
    await _allow(session, viewer, member_id, "clearance.keep")
    known = await session.get(Clearance, (viewer.bank_id, clearance_id))
    if known is not None:
        if (known.member_id, known.kind, known.done_on) != (member_id, new.kind, new.done_on):
            raise SameIdOtherContents
        return known
    today = banks.today(await banks.get(session, viewer.bank_id), at)
    _check(new, today)
    row = Clearance(
        bank_id=viewer.bank_id,
        clearance_id=clearance_id,
        member_id=member_id,
        kind=new.kind,
        words=_words(new),
        is_eligible=new.is_eligible,
        level=new.level,
        reason=clean(new.reason, field="reason", characters_max=NOTE_CHARACTERS_MAX),
        done_on=new.done_on,
        expires_on=new.expires_on,
        chase_on=new.expires_on - REMINDED_BEFORE if new.expires_on else None,
        written_by=viewer.member_id,
        written_at=at,
    )
    session.add(row)
    await session.flush()
    return row


def _words(new: NewClearance) -> str | None:
    if new.kind in ("role", "training", "reference"):
        return required(new.words, field="words", characters_max=LINE_CHARACTERS_MAX)
    return clean(new.words, field="words", characters_max=LINE_CHARACTERS_MAX)


def _check(new: NewClearance, today: date) -> None:
    if new.kind not in CLEARANCES:
        raise BadClearance(field="kind")
    if new.done_on > today or (new.expires_on is not None and new.expires_on <= new.done_on):
        raise BadClearance(field="done_on" if new.done_on > today else "expires_on")
    if new.kind in DRIVING and new.expires_on is None:
        raise BadClearance(field="expires_on")
    if new.kind == "role":
        if new.is_eligible is None or not (new.reason or "").strip():
            raise BadClearance(field="reason")
        if new.level not in LEVELS or (not new.is_eligible and new.level != "none"):
            raise BadClearance(field="level")
    elif new.is_eligible is not None or new.level is not None:
        raise BadClearance(field="level")


async def _allow(session: AsyncSession, viewer: Viewer, member_id: UUID, verb: str) -> None:
    if await session.get(Member, (viewer.bank_id, member_id)) is None:
        raise NotFound
    require(viewer.roles, verb, viewer.relations_to(member_id))


async def end(
    session: AsyncSession, viewer: Viewer, member_id: UUID, clearance_id: UUID, *, at: datetime
) -> Clearance:
    """It no longer holds, or a newer one stands beside it; nobody is reminded of it. A repeat is answered.

    Raises:
        NotFound, NotAllowed
    """
    await _allow(session, viewer, member_id, "clearance.keep")
    row = await session.get(Clearance, (viewer.bank_id, clearance_id), with_for_update=True)
    if row is None or row.member_id != member_id:
        raise NotFound
    if row.ended_on is None:
        row.ended_on = banks.today(await banks.get(session, viewer.bank_id), at)
        row.chase_on = None
        await session.flush()
    return row


async def of_member(session: AsyncSession, viewer: Viewer, member_id: UUID) -> list[Clearance]:
    """All that is known of somebody and still holds, the soonest to run out first.

    Raises:
        NotFound, NotAllowed
    """
    await _allow(session, viewer, member_id, "clearance.read")
    rows = await session.scalars(
        select(Clearance)
        .where(
            col(Clearance.bank_id) == viewer.bank_id,
            col(Clearance.member_id) == member_id,
            col(Clearance.ended_on).is_(None),
        )
        .order_by(col(Clearance.expires_on).asc().nulls_last(), col(Clearance.written_at))
    )
    return list(rows.all())


async def running_out(session: AsyncSession, viewer: Viewer, *, at: datetime) -> list[tuple[Clearance, str]]:
    """Papers whose last day is near or over, with whose they are: for the desk, the soonest first."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    today = banks.today(await banks.get(session, viewer.bank_id), at)
    rows = await session.execute(
        select(Clearance, col(Party.name))
        .join(
            Party,
            (col(Party.bank_id) == col(Clearance.bank_id))
            & (col(Party.party_id) == col(Clearance.member_id)),
        )
        .join(
            Member,
            (col(Member.bank_id) == col(Clearance.bank_id))
            & (col(Member.member_id) == col(Clearance.member_id)),
        )
        .where(
            col(Clearance.bank_id) == viewer.bank_id,
            col(Clearance.ended_on).is_(None),
            col(Clearance.expires_on) <= today + REMINDED_BEFORE,
            col(Member.status) == "active",
        )
        .order_by(col(Clearance.expires_on))
    )
    return [(row.Clearance, row.name) for row in rows]


async def chase(session: AsyncSession, bank_id: UUID, *, at: datetime) -> int:
    """Remind each owner of a paper a month before its last day and on the day after. Returns how many."""
    today = banks.today(await banks.get(session, bank_id), at)
    rows = await session.scalars(
        select(Clearance)
        .where(
            col(Clearance.bank_id) == bank_id,
            col(Clearance.chase_on) <= today,
            col(Clearance.ended_on).is_(None),
        )
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for row in due:
        assert row.expires_on is not None
        is_over = row.expires_on < today
        row.chase_on = None if is_over else row.expires_on + timedelta(days=1)
        told = {
            "member_id": str(row.member_id),
            "clearance_id": str(row.clearance_id),
            "expires_on": row.expires_on.isoformat(),
        }
        outbox.record(session, bank_id, "clearance.runs_out", told, at=at)
    await session.flush()
    return len(due)


async def not_cleared_for_homes(
    session: AsyncSession, bank_id: UUID, people: Collection[UUID], *, day: date
) -> set[UUID]:
    """Those of these who lack the references or the code of conduct that this bank asks of visitors."""
    policy = await records.policy(session, bank_id)
    rows = await session.execute(
        select(col(Clearance.member_id), col(Clearance.kind), func.count())
        .where(
            col(Clearance.bank_id) == bank_id,
            col(Clearance.member_id).in_(people),
            col(Clearance.kind).in_(("reference", "conduct")),
            col(Clearance.ended_on).is_(None),
            col(Clearance.expires_on).is_(None) | (col(Clearance.expires_on) >= day),
        )
        .group_by(col(Clearance.member_id), col(Clearance.kind))
    )
    found = {(member_id, kind): int(times) for member_id, kind, times in rows}
    conduct = 1 if policy.needs_code_of_conduct else 0
    return {
        who
        for who in people
        if found.get((who, "reference"), 0) < policy.needs_references
        or found.get((who, "conduct"), 0) < conduct
    }


async def may_not_drive(session: AsyncSession, bank_id: UUID, *, day: date) -> set[UUID]:
    """Everybody with a driving paper that has run out: nobody is matched with them for a lift."""
    rows = await session.scalars(
        select(col(Clearance.member_id)).where(
            col(Clearance.bank_id) == bank_id,
            col(Clearance.kind).in_(DRIVING),
            col(Clearance.ended_on).is_(None),
            col(Clearance.expires_on) < day,
        )
    )
    return set(rows.all())
