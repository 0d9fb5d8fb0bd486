"""What a phone keeps until there is signal: the page that shows it, and what the phone's scripts ask for.

The forms themselves are on the phone and come in by their own doors, each once by its id. What must never
happen: a kept form sent as somebody else, which is why each is sent with a proof of its owner's session.
"""

import json
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from mobile_web import assets
from mobile_web.forms import proof
from mobile_web.rendering import page
from mobile_web.visit import PerhapsVisiting, Visiting, visit_if_any

router = APIRouter()
SHELL = ("evenhour.css", "keeping.js", "evenhour.js", "scanning.js", "mark.svg")
NO_SIGNAL = "/no-signal"


@router.get("/kept")
async def kept(seen: Visiting) -> Response:
    """What waits on this phone, and what became of what was sent."""
    return await seen.page("kept.html", is_offline=False)


@router.get(NO_SIGNAL, dependencies=[Depends(visit_if_any, scope="function")])
async def no_signal(request: Request) -> Response:
    """The page that a phone shows when there is no other: in the reader's language, about nobody."""
    bare: dict[str, Any] = {"viewer": None, "bank_name": None, "tongues": {}, "proof": "", "path": "/"}
    return page(request, "kept.html", is_offline=True, **bare)


@router.get("/kept/proof")
async def fresh_proof(request: Request, seen: PerhapsVisiting) -> Response:
    """Who is signed in here, and a proof for one form of theirs."""
    who = str(seen.viewer.member_id) if seen else None
    return JSONResponse({"member": who, "proof": proof(request) if seen else None})


@cache
def worker_script() -> str:
    """The service worker: what to have at hand, how forms are kept, and what it does with both."""
    shell = [NO_SIGNAL, *(assets.address(name) for name in SHELL)]
    parts = [assets.assets()[name].body.decode() for name in ("keeping.js", "worker.js")]
    return "\n".join([f"const SHELL = {json.dumps(shell)};", *parts])


@router.get("/worker.js")
async def worker() -> Response:
    """At the root, since a service worker sees only what lies beside and below it."""
    return Response(worker_script(), media_type=assets.KINDS[".js"], headers={"cache-control": "no-cache"})
