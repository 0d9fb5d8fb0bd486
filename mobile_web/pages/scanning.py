"""Scanning in the page: the camera, the code typed instead, and frames read for browsers that cannot.

What a code means is decided where it leads, never here. What must never happen: a frame read for a stranger.
"""

import asyncio
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from uuid_utils.compat import uuid7

from exchange.membership import sign_in
from exchange.membership.sign_in import Token
from mobile_web import frames
from mobile_web.door import Door
from mobile_web.forms import SESSION_COOKIE
from mobile_web.visit import Visiting, go

router = APIRouter()
TYPED_CHARACTERS_MAX = 60
UNAUTHORISED, TOO_LARGE, UNREADABLE, TOO_FAST = 401, 413, 422, 429


@router.get("/scan")
async def scan(seen: Visiting) -> Response:
    """The camera; or, with a code that was typed, on to where it leads."""
    asked = seen.request.query_params
    typed = "".join(asked.get("code", "").split())[:TYPED_CHARACTERS_MAX]
    at_session = asked.get("at", "")[:TYPED_CHARACTERS_MAX]
    if typed:
        return go(f"/c/{quote(typed, safe='')}" + (f"?{urlencode({'at': at_session})}" if at_session else ""))
    return await seen.page("scan.html", id=uuid7(), at_session=at_session)


@router.post("/scan/frame")
async def read_frame(request: Request) -> Response:
    """What the codes in one frame say. Read in a thread, and forgotten."""
    phone = await _phone(request)
    if phone is None:
        return Response(status_code=UNAUTHORISED)
    if int(request.headers.get("content-length") or 0) > frames.FRAME_BYTES_MAX:
        return Response(status_code=TOO_LARGE)
    if _pace(request).is_too_fast(phone, Door(request).now()):
        return Response(status_code=TOO_FAST, headers={"retry-after": "10"})
    frame = await request.body()
    if len(frame) > frames.FRAME_BYTES_MAX:
        return Response(status_code=TOO_LARGE)
    try:
        return JSONResponse({"codes": await asyncio.to_thread(frames.read, frame)})
    except frames.NotAFrame:
        return Response(status_code=UNREADABLE)


def _pace(request: Request) -> frames.Pace:
    state = request.app.state
    if not hasattr(state, "frames_pace"):
        state.frames_pace = frames.Pace()
    found: frames.Pace = state.frames_pace
    return found


async def _phone(request: Request) -> str | None:
    """Which signed-in phone this is; its transaction is over before a frame is read."""
    token = Token.read(request.cookies.get(SESSION_COOKIE, ""))
    if token is None:
        return None
    door = Door(request)
    async with door.database.transaction(token.bank_id) as session:
        viewer = await sign_in.viewer_of(session, token, at=door.now())
    return token.hash if viewer else None
