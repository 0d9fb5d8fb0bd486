"""Visits at somebody's home with a clock: in, out, and somebody told when 'out' does not come.

With somebody whom an agency referred, and the first time two people meet, a visit needs company. What must
never happen: a visit that is over its time and nobody knows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.directory import barriers
from exchange.errors import NotFound, SameIdOtherContents
from exchange.hours.log import check_minutes
from exchange.membership import parties
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import homes, records
from exchange.prescribing.care_tables import Visit
from exchange.prescribing.errors import CompanyNeeded, VisitInWrongState


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisit:
    """A visit as somebody plans it; `company_id` goes along."""

    visit_id: UUID
    visitor_id: UUID
    host_id: UUID
    starts_at: datetime
    minutes: int
    company_id: UUID | None = None


async def plan(session: AsyncSession, viewer: Viewer, new: NewVisit) -> Visit:
    """Plan a visit, when the bank's rules allow it; a repeat returns the first.

    Raises:
        CompanyNeeded: the rules ask for somebody to go along, or for one of the staff.
        NotFound: a wall, a hold or a concern stands between them, or there is no such member.
        MinutesOutOfRange, SameIdOtherContents, NotAllowed
    """
    for member_id in (new.visitor_id, new.host_id):
        if await session.get(Member, (viewer.bank_id, member_id)) is None:
            raise NotFound(field="member_id")
    require(viewer.roles, "visit.plan", viewer.relations_to(new.visitor_id))
    known = await session.get(Visit, (viewer.bank_id, new.visit_id))
    if known is not None:
        if (known.visitor_id, known.host_id) != (new.visitor_id, new.host_id):
            raise SameIdOtherContents
        return known
    check_minutes(new.minutes)
    await check_pair(session, viewer.bank_id, new.visitor_id, new.host_id, company_id=new.company_id)
    visit = Visit(
        bank_id=viewer.bank_id,
        visit_id=new.visit_id,
        visitor_id=new.visitor_id,
        host_id=new.host_id,
        company_id=new.company_id,
        starts_at=new.starts_at,
        minutes=new.minutes,
    )
    session.add(visit)
    await session.flush()
    return visit


async def check_pair(
    session: AsyncSession, bank_id: UUID, visitor_id: UUID, host_id: UUID, *, company_id: UUID | None
) -> None:
    """Whether these two may meet at home in this company.

    Raises:
        CompanyNeeded, NotFound
    """
    pair = [visitor_id, host_id]
    if await parties.are_blocked(session, bank_id, *pair) or await barriers.held(session, bank_id, pair):
        raise NotFound(field="member_id")
    policy = await records.policy(session, bank_id)
    if policy.is_staff_with_referred and host_id in await homes.referred_among(session, bank_id, {host_id}):
        is_enough = await homes.is_staff(session, bank_id, company_id)
    elif policy.is_first_visit_accompanied and company_id is None:
        is_enough = await homes.have_visited(session, bank_id, visitor_id, host_id)
    else:
        is_enough = True
    if not is_enough:
        raise CompanyNeeded


async def check_in(session: AsyncSession, viewer: Viewer, visit_id: UUID, *, at: datetime) -> Visit:
    """'I am there': from now on the clock runs. A repeat changes nothing.

    Raises:
        VisitInWrongState, NotFound, NotAllowed
    """
    visit = await _held(session, viewer, visit_id)
    if visit.state == "there":
        return visit
    if visit.state != "planned":
        raise VisitInWrongState
    grace = (await records.policy(session, viewer.bank_id)).visit_grace_minutes
    visit.state, visit.checked_in_at = "there", at
    visit.chase_at = at + timedelta(minutes=visit.minutes + grace)
    await session.flush()
    return visit


async def check_out(session: AsyncSession, viewer: Viewer, visit_id: UUID, *, at: datetime) -> Visit:
    """'I am out again': nobody is told, or nobody more. A repeat changes nothing.

    Raises:
        VisitInWrongState, NotFound, NotAllowed
    """
    visit = await _held(session, viewer, visit_id)
    if visit.state == "over":
        return visit
    if visit.state != "there":
        raise VisitInWrongState
    visit.state, visit.checked_out_at, visit.chase_at = "over", at, None
    await session.flush()
    return visit


async def _held(session: AsyncSession, viewer: Viewer, visit_id: UUID) -> Visit:
    visit = await session.get(Visit, (viewer.bank_id, visit_id), with_for_update=True, populate_existing=True)
    if visit is None:
        raise NotFound
    own = viewer.member_id in (visit.visitor_id, visit.company_id)
    require(viewer.roles, "visit.plan", viewer.relations_to(viewer.member_id if own else visit.visitor_id))
    return visit


async def chase(session: AsyncSession, bank_id: UUID, *, at: datetime) -> int:
    """Record each visit that is not over in time, once; the worker then tells one person after the other."""
    rows = await session.scalars(
        select(Visit)
        .where(col(Visit.bank_id) == bank_id, col(Visit.chase_at) <= at)
        .with_for_update(skip_locked=True)
    )
    late = list(rows.all())
    for visit in late:
        visit.told_at, visit.chase_at = at, None
        told = {"visit_id": str(visit.visit_id)}
        outbox.record(session, bank_id, "visit.not_over", told, at=at)
    await session.flush()
    return len(late)


async def call_off(session: AsyncSession, viewer: Viewer, visit_id: UUID) -> Visit:
    """It will not happen; a repeat changes nothing.

    Raises:
        VisitInWrongState, NotFound, NotAllowed
    """
    visit = await _held(session, viewer, visit_id)
    if visit.state == "called_off":
        return visit
    if visit.state != "planned":
        raise VisitInWrongState
    visit.state = "called_off"
    await session.flush()
    return visit


async def get(session: AsyncSession, viewer: Viewer, visit_id: UUID) -> Visit:
    """A visit that the viewer makes, goes along on, or looks after.

    Raises:
        NotFound, NotAllowed
    """
    return await _held(session, viewer, visit_id)


async def of_viewer(session: AsyncSession, viewer: Viewer) -> list[Visit]:
    """Visits that the viewer makes or goes along on and that are not over, the next first."""
    rows = await session.scalars(
        select(Visit)
        .where(
            col(Visit.bank_id) == viewer.bank_id,
            col(Visit.state).in_(("planned", "there")),
            (col(Visit.visitor_id) == viewer.member_id) | (col(Visit.company_id) == viewer.member_id),
        )
        .order_by(col(Visit.starts_at))
    )
    return list(rows.all())


async def open_ones(session: AsyncSession, viewer: Viewer) -> list[Visit]:
    """Every visit that is planned or going on, the next first: for the desk."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    rows = await session.scalars(
        select(Visit)
        .where(col(Visit.bank_id) == viewer.bank_id, col(Visit.state).in_(("planned", "there")))
        .order_by(col(Visit.starts_at))
    )
    return list(rows.all())


async def open_late(session: AsyncSession, bank_id: UUID) -> list[Visit]:
    """Visits that are not over although their time is, the oldest first."""
    rows = await session.scalars(
        select(Visit)
        .where(
            col(Visit.bank_id) == bank_id,
            col(Visit.state) == "there",
            col(Visit.told_at).is_not(None),
        )
        .order_by(col(Visit.starts_at))
    )
    return list(rows.all())
