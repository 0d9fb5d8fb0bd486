"""Who I am, what I have, and how it came."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel

from api import paper
from api.door import Limit, Visiting
from exchange.hours import read
from exchange.hours.read import StatementLine

router = APIRouter(tags=["me"])


class Me(BaseModel):
    """The signed-in person."""

    member_id: UUID
    bank_id: UUID
    name: str
    language: str
    roles: list[str]
    organisation_ids: list[UUID]
    balance_minutes: int
    available_minutes: int


class Line(BaseModel):
    """One line of a statement; `minutes` are signed from its owner's side."""

    transfer_id: UUID
    kind: str
    counterpart: str
    counterpart_id: UUID
    minutes: int
    balance_minutes: int
    happened_on: date
    booked_at: datetime
    skill: str | None
    hours_id: UUID | None

    @classmethod
    def of(cls, line: StatementLine) -> "Line":
        return cls.model_validate(line, from_attributes=True)


class StatementPage(BaseModel):
    """A page of a statement, newest first."""

    items: list[Line]
    next_cursor: str | None
    balance_minutes: int
    available_minutes: int


@router.get("/me")
async def me(visit: Visiting) -> Me:
    """Who I am, my roles, and my balance."""
    viewer = visit.viewer
    page = await read.statement(visit.session, viewer, limit=1)
    return Me(
        member_id=viewer.member_id,
        bank_id=viewer.bank_id,
        name=viewer.name,
        language=viewer.language,
        roles=sorted(viewer.roles),
        organisation_ids=sorted(viewer.organisation_ids),
        balance_minutes=page.balance_minutes,
        available_minutes=page.available_minutes,
    )


@router.get("/me/statement")
async def statement(
    visit: Visiting,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    party_id: UUID | None = None,
) -> StatementPage:
    """What moved the balance, newest first; `party_id` for an organisation one speaks for."""
    page = await read.statement(visit.session, visit.viewer, party_id=party_id, cursor=cursor, limit=limit)
    return StatementPage(
        items=[Line.of(line) for line in page.lines],
        next_cursor=page.next_cursor,
        balance_minutes=page.balance_minutes,
        available_minutes=page.available_minutes,
    )


@router.get("/me/record.pdf", response_class=Response)
async def record(visit: Visiting, member_id: UUID | None = None) -> Response:
    """A record of contribution and skills to show an employer or a college; for staff, a member's."""
    who = member_id or visit.viewer.member_id
    made = await paper.record(visit.session, visit.viewer, who, at=visit.at)
    return Response(made, media_type="application/pdf")


@router.get("/me/benefits-letter.pdf", response_class=Response)
async def benefits_letter(visit: Visiting, member_id: UUID | None = None) -> Response:
    """The letter that explains time credits to a benefits office, with dated rules; for staff, a member's."""
    who = member_id or visit.viewer.member_id
    made = await paper.benefits_letter(visit.session, visit.viewer, who, at=visit.at)
    return Response(made, media_type="application/pdf")


@router.get("/me/statement.pdf", response_class=Response)
async def statement_on_paper(visit: Visiting, party_id: UUID | None = None) -> Response:
    """The statement as a PDF to print; `party_id` is an organisation's, or for staff a member's."""
    made = await paper.statement(visit.session, visit.viewer, party_id=party_id, at=visit.at)
    return Response(made, media_type="application/pdf")
