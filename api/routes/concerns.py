"""Concerns, each in a record of its own that only people named one by one may read; who is on duty."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.door import CreatedId, Visiting
from exchange.prescribing import concerns

router = APIRouter(tags=["safety"])


class ConcernIn(BaseModel):
    """Somebody may be in danger, or may be one: about whom, and what was seen or said."""

    id: UUID | None = None
    party_id: UUID
    words: str = Field(default="", max_length=4000)


class Raised(BaseModel):
    """That it is written down; what it says is for its readers alone."""

    id: UUID


class ConcernOut(BaseModel):
    """A concern as one of its readers reads it."""

    id: UUID
    party_id: UUID
    words: str
    raised_at: datetime
    outcome: str | None
    closed_at: datetime | None


class OpenConcerns(BaseModel):
    """The open concerns that the viewer is named to read, without what they say."""

    items: list[Raised]
    next_cursor: str | None = None


class ReadOut(BaseModel):
    """Somebody read it."""

    by_id: UUID
    read_at: datetime


class ReadPage(BaseModel):
    """Who has read it, the latest first."""

    items: list[ReadOut]
    next_cursor: str | None = None


class Naming(BaseModel):
    """Another reader."""

    member_id: UUID


class ClosingIn(BaseModel):
    """What came of it."""

    outcome: str = Field(default="", max_length=4000)


class OnDuty(BaseModel):
    """Who reads concerns and is told when a visit is not over in time, the first first."""

    member_ids: list[UUID] = Field(max_length=20)


@router.get("/concerns")
async def mine(visit: Visiting) -> OpenConcerns:
    """The open concerns that the viewer is named to read."""
    found = await concerns.mine_to_read(visit.session, visit.viewer)
    return OpenConcerns(items=[Raised(id=key) for key in found])


@router.post("/concerns", status_code=201)
async def raise_concern(visit: Visiting, given: ConcernIn, new_id: CreatedId) -> Raised:
    """Anybody may; matching with that person stops at once and whoever is on duty is told."""
    made = await concerns.raise_concern(
        visit.session,
        visit.viewer,
        given.id or new_id,
        about_id=given.party_id,
        words=given.words,
        at=visit.at,
    )
    return Raised(id=made.concern_id)


@router.get("/concerns/{concern_id}")
async def read(visit: Visiting, concern_id: UUID) -> ConcernOut:
    """What it says; the read is written down."""
    found = await concerns.read(visit.session, visit.viewer, concern_id, at=visit.at)
    return ConcernOut(
        id=found.concern_id,
        party_id=found.about_id,
        words=found.words,
        raised_at=found.raised_at,
        outcome=found.outcome,
        closed_at=found.closed_at,
    )


@router.get("/concerns/{concern_id}/reads")
async def reads(visit: Visiting, concern_id: UUID) -> ReadPage:
    """Who has read it."""
    found = await concerns.reads_of(visit.session, visit.viewer, concern_id)
    return ReadPage(items=[ReadOut(by_id=row.by_id, read_at=row.read_at) for row in found])


@router.post("/concerns/{concern_id}/readers", status_code=204)
async def name_reader(visit: Visiting, concern_id: UUID, given: Naming) -> None:
    """A reader names another one."""
    await concerns.name_reader(visit.session, visit.viewer, concern_id, given.member_id, at=visit.at)


@router.post("/concerns/{concern_id}/close", status_code=204)
async def close(visit: Visiting, concern_id: UUID, given: ClosingIn) -> None:
    """A reader writes down what came of it; matching stays stopped until it is lifted by hand."""
    await concerns.close(visit.session, visit.viewer, concern_id, outcome=given.outcome, at=visit.at)


@router.put("/on-duty", status_code=204)
async def set_on_duty(visit: Visiting, given: OnDuty) -> None:
    """Say who is on duty."""
    await concerns.set_leads(visit.session, visit.viewer, given.member_ids)
