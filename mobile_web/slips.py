"""The code on a slip: somebody who is no member yet opens it and may ask to be rung, without signing in.

Nothing is looked up until they press, and nothing about them is ever told back. What must never happen: a
name, a reason or a surgery on these pages, or a code tried out by looking at one.
"""

from datetime import datetime

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.activities import codes
from exchange.activities.codes import Known
from exchange.activities.errors import BadCode
from exchange.membership import banks
from exchange.membership.errors import NotSignedIn
from exchange.prescribing import joining
from mobile_web.door import Door
from mobile_web.rendering import page
from mobile_web.visit import UNPROCESSABLE, Visit


def ask(request: Request, typed: str) -> Response:
    """The one question a slip asks; a code of another kind is for those who are signed in.

    Raises:
        NotSignedIn: it is no slip.
    """
    try:
        code = codes.read(typed)
    except BadCode:
        raise NotSignedIn from None
    if code.kind != "referral":
        raise NotSignedIn
    return page(request, "slip.html", code=code, is_heard=False)


async def wish(request: Request, seen: Visit | None, typed: str) -> Response:
    """They wish to be rung: it is on the desk; said again, it is there once."""
    door = Door(request)
    try:
        code = codes.read(typed)
    except BadCode:
        return _not_known(request)
    async with door.database.transaction(None) as session:
        bank_id = await codes.bank_of(session, code, secret=door.secret)
    if bank_id is None or (seen is not None and seen.viewer.bank_id != bank_id):
        return _not_known(request)
    async with door.database.transaction(bank_id) as session:
        known = await codes.find(session, bank_id, code, secret=door.secret)
        is_heard = await _hear(session, known, door.now())
        bank = await banks.get(session, bank_id)
    if not is_heard:
        return _not_known(request)
    return page(request, "slip.html", code=code, is_heard=True, bank=bank)


async def _hear(session: AsyncSession, known: Known | None, at: datetime) -> bool:
    if known is None or known.kind != "referral" or known.is_dead:
        return False
    return await joining.wish_a_call(session, known.bank_id, known.subject_id, at=at)


def _not_known(request: Request) -> Response:
    return page(request, "slip.html", status=UNPROCESSABLE, code=None, is_heard=False)
