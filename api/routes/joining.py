"""Asking to join: public, per bank, and decided by a person."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.database import Database
from api.door import CreatedId
from api.routes.members import Characteristics, ContactIn
from exchange.membership import members

router = APIRouter(tags=["join"])


class AskToJoin(BaseModel):
    """Somebody who would like to be a member."""

    id: UUID | None = None
    name: str = Field(max_length=200)
    contacts: list[ContactIn] = Field(max_length=3)
    is_adult: bool
    language: str = Field(default="en", max_length=5)
    source: str = Field(default="self", max_length=200)
    characteristics: Characteristics = Characteristics()


class Asked(BaseModel):
    """We have it; a person will be in touch."""

    id: UUID
    status: str = "applied"


@router.post("/banks/{bank_id}/join", status_code=201)
async def ask(request: Request, bank_id: UUID, given: AskToJoin, new_id: CreatedId) -> Asked:
    """Ask to join a bank; the same id again returns the first."""
    database: Database = request.app.state.database
    fields: dict[str, Any] = given.model_dump(exclude={"id", "contacts", "characteristics"})
    draft = members.NewMember(
        contacts=[contact.draft() for contact in given.contacts],
        characteristics=given.characteristics.said(),
        **fields,
    )
    async with database.transaction(bank_id) as session:
        member = await members.ask_to_join(
            session, bank_id, draft, member_id=given.id or new_id, at=request.app.state.clock()
        )
    return Asked(id=member.member_id)
