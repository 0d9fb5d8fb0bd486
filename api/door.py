"""How a machine comes in: a bearer token names the bank and the viewer; one transaction serves it.

The dependency has function scope: it commits before the reply leaves, so that an answer of success is true.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from pydantic import AfterValidator
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.membership import sign_in
from exchange.membership.errors import NotSignedIn
from exchange.membership.sign_in import Token
from exchange.membership.viewer import Viewer

BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Visit:
    """One signed-in request: its transaction, who looks, and when."""

    session: AsyncSession
    viewer: Viewer
    at: datetime
    token: Token


def bearer(request: Request) -> Token:
    """The token of the request.

    Raises:
        NotSignedIn: there is none, or it never was one.
    """
    header = request.headers.get("authorization", "")
    token = Token.read(header[len(BEARER) :].strip()) if header.lower().startswith(BEARER) else None
    if token is None:
        raise NotSignedIn
    return token


async def visit(request: Request) -> AsyncIterator[Visit]:
    """Open the token's bank, and see who holds it."""
    token = bearer(request)
    at: datetime = request.app.state.clock()
    database: Database = request.app.state.database
    async with database.transaction(token.bank_id) as session:
        viewer = await sign_in.viewer_of(session, token, at=at)
        if viewer is None:
            raise NotSignedIn
        yield Visit(session, viewer, at, token)


Visiting = Annotated[Visit, Depends(visit, scope="function")]


def created_id(idempotency_key: Annotated[UUID | None, Header()] = None) -> UUID:
    """The id for what is created: the header's, else a new one; a body's own id goes before both."""
    return idempotency_key or uuid7()


CreatedId = Annotated[UUID, Depends(created_id)]


def _without_offset(clock: time) -> time:
    if clock.tzinfo is not None:
        message = "A time on the bank's own clocks has no offset."
        raise ValueError(message)
    return clock


Clock = Annotated[time, AfterValidator(_without_offset)]
"""A time of day on the clocks of the bank's own town."""
Limit = Annotated[int, Query(ge=1, le=200)]
