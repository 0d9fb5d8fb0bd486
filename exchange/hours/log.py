"""Telling of an hour: either side may, or a coordinator for one of them with a reason and evidence."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.tables import Activity
from exchange.appointments import closing
from exchange.derived import check_callers_id
from exchange.directory.tables import Listing
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.hours import steps
from exchange.hours.errors import (
    DayInFuture,
    DayTooLongAgo,
    EvidenceMissing,
    MinutesOutOfRange,
    ReasonMissing,
)
from exchange.hours.tables import MINUTES_MAX, Gift, Hours
from exchange.membership import banks, parties
from exchange.membership.errors import MemberNotActive, WithOneself
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.words import LINE_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean

REFERENCE_ATTEMPTS = 50
REFERENCES = range(100, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An hour as somebody tells it. `minutes` are whole; `done_on` is a day at the bank."""

    hours_id: UUID
    direction: Literal["gave", "received"]
    with_id: UUID
    minutes: int
    done_on: date
    skill: str | None = None
    note: str | None = None
    is_at_home: bool = False
    listing_id: UUID | None = None
    appointment_id: UUID | None = None
    activity_id: UUID | None = None
    on_behalf_of: UUID | None = None
    reason: str | None = None
    evidence: str | None = None

    def fingerprint(self, logger_id: UUID) -> str:
        """The same for a repeat, another for another telling."""
        words = [self.direction, self.with_id, self.minutes, self.done_on, self.skill, self.note]
        words += [self.is_at_home, self.listing_id, self.appointment_id, self.activity_id, logger_id]
        return hashlib.sha256(json.dumps([str(word) for word in words]).encode()).hexdigest()


async def log(session: AsyncSession, viewer: Viewer, telling: Telling, *, at: datetime) -> Hours:
    """Write down what was given; the other side is asked to say yes. A repeat returns the first.

    Raises:
        MinutesOutOfRange, DayInFuture, DayTooLongAgo, WithOneself, NotFound, MemberNotActive,
        ReasonMissing, EvidenceMissing, SameIdOtherContents, NotAllowed
    """
    check_callers_id(telling.hours_id, own=closing.hours_id(telling.appointment_id))
    logger_id = telling.on_behalf_of or viewer.member_id
    await parties.exchanging(session, viewer.bank_id, logger_id, field="on_behalf_of")
    _allow(viewer, logger_id, telling)
    if await session.get(Gift, (viewer.bank_id, telling.hours_id)) is not None:
        raise SameIdOtherContents
    known = await session.get(Hours, (viewer.bank_id, telling.hours_id))
    if known is not None:
        return _repeat(known, telling, logger_id)
    bank = await banks.get(session, viewer.bank_id)
    check_minutes(telling.minutes)
    check_day(bank, telling.done_on, at)
    await _check_parties(session, viewer, logger_id, telling.with_id)
    await _check_subject(session, viewer.bank_id, telling)
    stored = await _insert(session, await _row(session, bank, telling, logger_id, at))
    if stored is None:
        known = await session.get_one(Hours, (viewer.bank_id, telling.hours_id))
        return _repeat(known, telling, logger_id)
    steps.add(
        session,
        stored,
        "log",
        by=viewer,
        for_id=logger_id,
        from_state=None,
        reason=clean(telling.reason, field="reason"),
        evidence=clean(telling.evidence, field="evidence"),
        at=at,
    )
    await closing.close(session, stored, at=at)
    await session.flush()
    return stored


def _allow(viewer: Viewer, logger_id: UUID, telling: Telling) -> None:
    if logger_id == telling.with_id:
        raise WithOneself
    is_own = logger_id in viewer.party_ids
    require(viewer.roles, "hours.log", [Relation.OWN if is_own else Relation.UNINVOLVED])
    if not is_own and telling.with_id in viewer.party_ids:
        raise NotAllowed("Hours with yourself are told by the other side, or by another coordinator.")
    if not is_own and not (telling.reason or "").strip():
        raise ReasonMissing
    if not is_own and not (telling.evidence or "").strip():
        raise EvidenceMissing


def _repeat(known: Hours, telling: Telling, logger_id: UUID) -> Hours:
    if known.fingerprint != telling.fingerprint(logger_id):
        raise SameIdOtherContents
    return known


def check_minutes(minutes: int) -> None:
    """Whole minutes, from one to a day's.

    Raises:
        MinutesOutOfRange: anything else, fractions and truth values included.
    """
    if type(minutes) is not int or not 1 <= minutes <= MINUTES_MAX:
        raise MinutesOutOfRange


def check_day(bank: Bank, day: date, at: datetime) -> None:
    """Not in the future, and not longer ago than the bank looks back.

    Raises:
        DayInFuture, DayTooLongAgo
    """
    today = banks.today(bank, at)
    if day > today:
        raise DayInFuture
    if day < today - timedelta(days=bank.hours_age_days_max):
        raise DayTooLongAgo


async def _check_parties(session: AsyncSession, viewer: Viewer, logger_id: UUID, other_id: UUID) -> None:
    logger = await parties.get(session, viewer.bank_id, logger_id)
    other = await parties.exchanging(session, viewer.bank_id, other_id, field="with")
    if await parties.are_blocked(session, viewer.bank_id, logger_id, other_id):
        raise NotFound(field="with")
    for party in (logger, other):
        if not await parties.is_present(session, party):
            raise MemberNotActive


async def _check_subject(session: AsyncSession, bank_id: UUID, telling: Telling) -> None:
    """What the hour is said to be about must be of this bank; its appointment is looked at when it closes."""
    if telling.listing_id and await session.get(Listing, (bank_id, telling.listing_id)) is None:
        raise NotFound(field="listing_id")
    if telling.activity_id and await session.get(Activity, (bank_id, telling.activity_id)) is None:
        raise NotFound(field="activity_id")


async def _row(session: AsyncSession, bank: Bank, telling: Telling, logger_id: UUID, at: datetime) -> Hours:
    gave = telling.direction == "gave"
    return Hours(
        bank_id=bank.bank_id,
        hours_id=telling.hours_id,
        giver_id=logger_id if gave else telling.with_id,
        receiver_id=telling.with_id if gave else logger_id,
        logger_id=logger_id,
        awaited_id=telling.with_id,
        minutes=telling.minutes,
        done_on=telling.done_on,
        state="awaiting_confirmation",
        reference=await free_reference(session, bank.bank_id, telling.with_id),
        skill=clean(telling.skill, field="skill", characters_max=LINE_CHARACTERS_MAX),
        note=clean(telling.note, field="note", characters_max=NOTE_CHARACTERS_MAX),
        is_at_home=telling.is_at_home,
        listing_id=telling.listing_id,
        appointment_id=telling.appointment_id,
        activity_id=telling.activity_id,
        fingerprint=telling.fingerprint(logger_id),
        logged_at=at,
        chase_at=first_chase(bank, at),
    )


def first_chase(bank: Bank, at: datetime) -> datetime:
    """When to remind somebody who was asked `at`, or to hand over when the bank sends no reminders."""
    return at + timedelta(days=next(iter([*bank.reminder_days, bank.coordinator_after_days])))


async def _insert(session: AsyncSession, hours: Hours) -> Hours | None:
    """Write the row unless its id is taken; of two at once, the second waits and sees the first."""
    values = {name: getattr(hours, name) for name in Hours.__table__.columns.keys()}  # type: ignore[attr-defined]  # noqa: SIM118
    written = await session.scalars(insert(Hours).values(**values).on_conflict_do_nothing().returning(Hours))
    return written.one_or_none()


async def free_reference(session: AsyncSession, bank_id: UUID, awaited_id: UUID) -> str:
    """Three digits that no other open hour of the awaited party answers to."""
    open_ones = await session.scalars(
        select(col(Hours.reference)).where(
            col(Hours.bank_id) == bank_id,
            col(Hours.awaited_id) == awaited_id,
            col(Hours.state) == "awaiting_confirmation",
        )
    )
    taken = set(open_ones.all())
    for _ in range(REFERENCE_ATTEMPTS):
        reference = str(secrets.choice(REFERENCES))
        if reference not in taken:
            return reference
    return str(secrets.randbelow(9000) + 1000)
