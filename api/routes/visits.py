"""Visits at somebody's home with a clock, and what is known of those who make them."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.door import CreatedId, Visiting
from exchange.prescribing import clearances, visits
from exchange.prescribing.care_tables import Clearance, Visit

router = APIRouter(tags=["safety"])


class VisitIn(BaseModel):
    """Who visits whom, when, for how long, and who goes along."""

    id: UUID | None = None
    visitor_id: UUID
    host_id: UUID
    starts_at: datetime
    minutes: int = Field(strict=True)
    company_id: UUID | None = None


class VisitOut(BaseModel):
    """A visit, and its clock."""

    id: UUID
    visitor_id: UUID
    host_id: UUID
    company_id: UUID | None
    starts_at: datetime
    minutes: int
    state: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None


class VisitPage(BaseModel):
    """Visits that are not over, the next first."""

    items: list[VisitOut]
    next_cursor: str | None = None


class ClearanceIn(BaseModel):
    """One thing that was seen. A role says whether it is eligible for a check, of which level, and why."""

    id: UUID | None = None
    kind: str = Field(max_length=20)
    words: str = Field(default="", max_length=500)
    done_on: date
    expires_on: date | None = None
    is_eligible: bool | None = None
    level: str | None = Field(default=None, max_length=20)
    reason: str | None = Field(default=None, max_length=4000)


class ClearanceOut(ClearanceIn):
    """What is known, and holds."""

    id: UUID


class ClearancePage(BaseModel):
    """What is known of somebody, the soonest to run out first."""

    items: list[ClearanceOut]
    next_cursor: str | None = None


def _visit(row: Visit) -> VisitOut:
    return VisitOut(
        id=row.visit_id,
        **row.model_dump(include=set(VisitOut.model_fields) - {"id"}),
    )


def _clearance(row: Clearance) -> ClearanceOut:
    fields = row.model_dump(include=set(ClearanceIn.model_fields) - {"id", "words"})
    return ClearanceOut(id=row.clearance_id, words=row.words or "", **fields)


@router.get("/visits")
async def mine(visit: Visiting) -> VisitPage:
    """Visits that the viewer makes or goes along on."""
    found = await visits.of_viewer(visit.session, visit.viewer)
    return VisitPage(items=[_visit(row) for row in found])


@router.post("/visits", status_code=201)
async def plan(visit: Visiting, given: VisitIn, new_id: CreatedId) -> VisitOut:
    """Plan a visit, when the bank's rules allow it."""
    new = visits.NewVisit(visit_id=given.id or new_id, **given.model_dump(exclude={"id"}))
    return _visit(await visits.plan(visit.session, visit.viewer, new))


@router.post("/visits/{visit_id}/check-in")
async def check_in(visit: Visiting, visit_id: UUID) -> VisitOut:
    """I am there: the clock runs."""
    return _visit(await visits.check_in(visit.session, visit.viewer, visit_id, at=visit.at))


@router.post("/visits/{visit_id}/check-out")
async def check_out(visit: Visiting, visit_id: UUID) -> VisitOut:
    """I am out again."""
    return _visit(await visits.check_out(visit.session, visit.viewer, visit_id, at=visit.at))


@router.post("/visits/{visit_id}/call-off")
async def call_off(visit: Visiting, visit_id: UUID) -> VisitOut:
    """It will not happen."""
    return _visit(await visits.call_off(visit.session, visit.viewer, visit_id))


@router.get("/members/{member_id}/clearances")
async def known(visit: Visiting, member_id: UUID) -> ClearancePage:
    """What is known of a member: roles, references, code of conduct, training, driving papers."""
    found = await clearances.of_member(visit.session, visit.viewer, member_id)
    return ClearancePage(items=[_clearance(row) for row in found])


@router.post("/members/{member_id}/clearances", status_code=201)
async def add(visit: Visiting, member_id: UUID, given: ClearanceIn, new_id: CreatedId) -> ClearanceOut:
    """Write down one thing that was seen."""
    new = clearances.NewClearance(**given.model_dump(exclude={"id"}))
    wanted = given.id or new_id
    return _clearance(await clearances.add(visit.session, visit.viewer, member_id, wanted, new, at=visit.at))


@router.delete("/members/{member_id}/clearances/{clearance_id}", status_code=204)
async def end(visit: Visiting, member_id: UUID, clearance_id: UUID) -> None:
    """It no longer holds."""
    await clearances.end(visit.session, visit.viewer, member_id, clearance_id, at=visit.at)
