"""How a practice's system comes in: its credentials for a token of ten minutes, the token for one bank.

The dependency has function scope: it commits before the reply leaves, the look in the log with it.
"""

from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import unquote_plus

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.database import Database
from api.door import bearer
from api.fhir.writing import Sender
from exchange.membership import banks
from exchange.membership.errors import NotSignedIn, TooManyAsking
from exchange.membership.viewer import Viewer
from exchange.prescribing import clients, practices

UNAUTHORISED = 401
TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a practice's system: its transaction, who looks, when, and in whose name we answer."""

    session: AsyncSession
    viewer: Viewer
    at: datetime
    sender: Sender


async def visit(request: Request) -> AsyncIterator[Visit]:
    """Open the token's bank, and see which practice's system holds it."""
    token = bearer(request)
    at: datetime = request.app.state.clock()
    database: Database = request.app.state.database
    async with database.transaction(token.bank_id) as session:
        viewer = await clients.viewer_of(session, token, at=at)
        if viewer is None:
            raise NotSignedIn
        yield Visit(session, viewer, at, await _sender(session, viewer, request, at))


async def _sender(session: AsyncSession, viewer: Viewer, request: Request, at: datetime) -> Sender:
    bank = await banks.get(session, viewer.bank_id)
    practice = await practices.get(session, viewer.bank_id, next(iter(viewer.practice_ids)))
    base = f"{request.app.state.public_url}/fhir"
    return Sender(bank=bank.name, base=base, ods_code=practice.ods_code, at=at)


Visiting = Annotated[Visit, Depends(visit, scope="function")]


def credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str] | None:
    """Who asks for a token and with which secret: by Basic authentication, else in the form (RFC 6749)."""
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        given = form.get("client_id", ""), form.get("client_secret", "")
        return given if all(given) else None
    try:
        name, colon, secret = b64decode(told, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (unquote_plus(name), unquote_plus(secret)) if colon else None


async def token(request: Request, form: Mapping[str, str]) -> JSONResponse:
    """Exchange credentials for a token, as RFC 6749 §4.4 asks; a wrong secret counts."""
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", 400)
    given = credentials(request, form)
    known = clients.read_handle(given[0]) if given else None
    if given is None or known is None:
        return _refused("invalid_client", UNAUTHORISED)
    database: Database = request.app.state.database
    try:
        async with database.transaction(known[0]) as session:
            at = request.app.state.clock()
            found = await clients.open_token(session, *known, given[1], at=at)
    except TooManyAsking:
        wait = str(int(clients.PAUSE.total_seconds()))
        return _refused("slow_down", TOO_MANY, {"retry-after": wait})
    if found is None:
        return _refused("invalid_client", UNAUTHORISED)
    seconds = int(clients.TOKEN_LIFE.total_seconds())
    return JSONResponse(
        {"access_token": found.text, "token_type": "bearer", "expires_in": seconds},
        headers={"cache-control": "no-store", "pragma": "no-cache"},
    )


def _refused(error: str, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    told = dict(headers or {})
    if status == UNAUTHORISED:
        told["www-authenticate"] = 'Basic realm="fhir"'
    return JSONResponse({"error": error}, status_code=status, headers=told)
