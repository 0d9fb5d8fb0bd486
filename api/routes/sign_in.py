"""Signing in: ask for a code, exchange it for a bearer token, list and end sessions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field

from api.database import Database
from api.door import CreatedId, Visiting
from exchange.membership import sign_in
from exchange.membership.sign_in import Outcome

router = APIRouter(tags=["sign-in"])


class CodeRequest(BaseModel):
    """A telephone number or an e-mail address."""

    contact: str = Field(max_length=200, examples=["07700 900123", "ann@example.org"])
    id: UUID | None = Field(default=None, description="Made at random by you: a repeat sends no second code.")


class Sent(BaseModel):
    """The same answer whether anybody has this contact or not."""

    status: str = "sent_if_known"


class CodeExchange(BaseModel):
    """The code that came, and which person it is for where several share the contact."""

    contact: str = Field(max_length=200)
    code: str = Field(max_length=20)
    member_id: UUID | None = None
    id: UUID | None = Field(default=None, description="Made at random by you: a repeat gets the same token.")
    device: str = Field(default="a program", max_length=80)


class Person(BaseModel):
    """One person whom a proved contact may sign in as."""

    member_id: UUID
    name: str
    bank_id: UUID
    bank: str


class Opened(BaseModel):
    """A bearer token; or, when several people share the contact, whom to choose from."""

    token: str | None = None
    bank_id: UUID | None = None
    choose: list[Person] = []


class OpenSession(BaseModel):
    """One signed-in device."""

    session_id: UUID
    device: str
    started_at: datetime
    expires_at: datetime
    is_this_one: bool


@router.post("/sign-in/codes", status_code=202)
async def request_code(request: Request, asked: CodeRequest, created_id: CreatedId) -> Sent:
    """Send a six-digit code to this contact, if somebody has it."""
    database: Database = request.app.state.database
    async with database.transaction(None) as session:
        await sign_in.request_code(
            session,
            asked.contact,
            code_id=asked.id or created_id,
            host=request.client.host if request.client else None,
            secret=request.app.state.secret,
            at=request.app.state.clock(),
        )
    return Sent()


@router.post("/sign-in/sessions", status_code=201)
async def open_session(
    request: Request, given: CodeExchange, idempotency_key: Annotated[UUID | None, Header()] = None
) -> Opened:
    """Exchange the code for a bearer token; a wrong one counts, and five close it.

    With an id, or an `Idempotency-Key`, the same request again after a lost reply gets the same token.
    """
    own = given.id or idempotency_key
    database: Database = request.app.state.database
    async with database.transaction(None) as session:
        outcome = await sign_in.open_session(
            session,
            given.contact,
            given.code,
            secret=request.app.state.secret,
            device=given.device,
            member_id=given.member_id,
            at=request.app.state.clock(),
            asker=f"program {own}" if own else None,
        )
    return _opened(outcome.require())


def _opened(outcome: Outcome) -> Opened:
    if outcome.token is not None:
        return Opened(token=outcome.token.text, bank_id=outcome.token.bank_id)
    return Opened(
        choose=[
            Person(member_id=c.member_id, name=c.name, bank_id=c.bank_id, bank=c.bank_name)
            for c in outcome.choices
        ]
    )


@router.get("/sign-in/sessions")
async def list_sessions(visit: Visiting) -> list[OpenSession]:
    """Where you are signed in."""
    return [
        OpenSession(
            session_id=found.session_id,
            device=found.device,
            started_at=found.started_at,
            expires_at=found.expires_at,
            is_this_one=found.token_hash == visit.token.hash,
        )
        for found in await sign_in.sessions(visit.session, visit.viewer, at=visit.at)
    ]


@router.delete("/sign-in/sessions/{session_id}", status_code=204)
async def end_session(visit: Visiting, session_id: UUID) -> None:
    """Sign one of your devices out."""
    await sign_in.end_session(visit.session, visit.viewer, session_id, at=visit.at)
