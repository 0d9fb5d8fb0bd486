"""Other help nearby: what other organisations offer, as their own open data tells it."""

from fastapi import APIRouter, Response

from exchange.prescribing import signposts
from mobile_web.visit import Visiting

router = APIRouter()
WORDS_CHARACTERS_MAX = 200


@router.get("/nearby")
async def nearby(seen: Visiting) -> Response:
    """Services with the words that were typed, or the first of all."""
    typed = seen.request.query_params.get("q", "")[:WORDS_CHARACTERS_MAX].strip()
    found, count = await signposts.search(seen.session, seen.viewer, typed)
    return await seen.page(
        "nearby.html",
        here="help",
        typed=typed,
        found=found,
        more=count - len(found),
        from_feed=signposts.feed_name,
    )
