"""The few files a page needs: one stylesheet, one small script, one mark.

They are read once, squeezed once, and named by their contents so that a phone keeps them for a year.
What must never happen: a path taken from a request and opened.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
YEAR = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    squeezed: bytes
    kind: str
    version: str


@cache
def assets() -> dict[str, Asset]:
    """Every file under `static/`, by name."""
    return {path.name: _read(path) for path in sorted(STATIC.iterdir()) if path.suffix in KINDS}


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    version = hashlib.sha256(body).hexdigest()[:10]
    return Asset(body, gzip.compress(body, 9, mtime=0), KINDS[path.suffix], version)


def address(name: str) -> str:
    """Where a page finds the file; changes when its contents change."""
    return f"/static/{name}?v={assets()[name].version}"


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    found = assets().get(name)
    if found is None:
        return Response(status_code=404)
    headers = {"cache-control": YEAR, "vary": "accept-encoding", "x-content-type-options": "nosniff"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            found.squeezed, media_type=found.kind, headers={**headers, "content-encoding": "gzip"}
        )
    return Response(found.body, media_type=found.kind, headers=headers)


@router.get("/favicon.ico")
async def favicon() -> Response:
    """Browsers ask for this name whatever a page says."""
    return Response(assets()["mark.svg"].body, media_type=KINDS[".svg"], headers={"cache-control": YEAR})
