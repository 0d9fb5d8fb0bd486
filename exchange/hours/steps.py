"""What was done to an hour, by whom and for whom: the history that a coordinator can read back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.hours.tables import Hours, Step
from exchange.membership.viewer import Viewer

TOLD_AS = {
    ("log", "awaiting_confirmation"): "hours.logged",
    ("confirm", "awaiting_confirmation"): "hours.amended",
    ("confirm", "awaiting_approval"): "hours.needs_approval",
    ("confirm", "posted"): "hours.posted",
    ("approve", "posted"): "hours.posted",
    ("decline", "declined"): "hours.declined",
    ("refuse", "declined"): "hours.refused",
    ("withdraw", "withdrawn"): "hours.withdrawn",
    ("object", "objected"): "hours.objected",
    ("dismiss", "posted"): "hours.dismissed",
    ("dismiss", "declined"): "hours.dismissed",
    ("reverse", "reversed"): "hours.reversed",
}
"""(what was done, where it led) → the event that tells of it."""

BY_VOICE = {
    "confirm": "hours.confirmed_by_voice",
    "decline": "hours.declined_by_voice",
    "withdraw": "hours.withdrawn_by_voice",
    "object": "hours.objected_by_voice",
}
"""What a coordinator does for somebody who said it by voice → the event that tells them of it."""


def add(
    session: AsyncSession,
    hours: Hours,
    verb: str,
    *,
    by: Viewer | None,
    for_id: UUID | None,
    from_state: str | None,
    at: datetime,
    reason: str | None = None,
    evidence: str | None = None,
) -> None:
    """Write the next step and the event that tells of it; the caller holds the hours' lock."""
    hours.steps += 1
    by_id = by.member_id if by else None
    session.add(
        Step(
            bank_id=hours.bank_id,
            hours_id=hours.hours_id,
            step=hours.steps,
            verb=verb,
            by_id=by_id,
            for_id=for_id,
            from_state=from_state,
            to_state=hours.state,
            minutes=hours.minutes,
            reason=reason,
            evidence=evidence,
            done_at=at,
        )
    )
    told = payload(hours, by_id=by_id, for_id=for_id)
    outbox.record(session, hours.bank_id, TOLD_AS[verb, hours.state], told, at=at)
    is_for_another = by is not None and for_id is not None and for_id not in by.party_ids
    if is_for_another and verb in BY_VOICE:
        outbox.record(session, hours.bank_id, BY_VOICE[verb], told, at=at)


def payload(hours: Hours, *, by_id: UUID | None, for_id: UUID | None) -> dict[str, Any]:
    """What an event about hours carries: keys, numbers and a day; never a name or a free text."""
    keys = ("hours_id", "giver_id", "receiver_id", "logger_id", "awaited_id")
    return {
        **{key: str(getattr(hours, key)) for key in keys},
        "minutes": hours.minutes,
        "done_on": hours.done_on.isoformat(),
        "reference": hours.reference,
        "by_id": str(by_id) if by_id else None,
        "for_id": str(for_id) if for_id else None,
    }


async def of_hours(session: AsyncSession, hours: Hours) -> list[Step]:
    """Everything done to these hours, first to last."""
    rows = await session.scalars(
        select(Step)
        .where(col(Step.bank_id) == hours.bank_id, col(Step.hours_id) == hours.hours_id)
        .order_by(col(Step.step))
    )
    return list(rows.all())


async def was_last(session: AsyncSession, hours: Hours, verb: str, viewer: Viewer, minutes: int) -> bool:
    """Whether the latest thing done to these hours was this, by this viewer."""
    last = await session.scalar(
        select(Step)
        .where(col(Step.bank_id) == hours.bank_id, col(Step.hours_id) == hours.hours_id)
        .order_by(col(Step.step).desc())
        .limit(1)
    )
    return last is not None and (last.verb, last.by_id, last.minutes) == (verb, viewer.member_id, minutes)


async def was_done(
    session: AsyncSession, hours: Hours, verb: str, *, for_id: UUID | None, minutes: int | None
) -> bool:
    """Whether this side already did just this, so that a repeat gets the same answer."""
    wanted = select(col(Step.step)).where(
        col(Step.bank_id) == hours.bank_id,
        col(Step.hours_id) == hours.hours_id,
        col(Step.verb) == verb,
        col(Step.for_id).is_not_distinct_from(for_id),
    )
    if minutes is not None:
        wanted = wanted.where(col(Step.minutes) == minutes)
    return await session.scalar(wanted.limit(1)) is not None
