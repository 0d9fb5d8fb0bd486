"""Other organisations' feeds on the desk: when each was read, what went wrong, and a way to stop.

What must never happen: an address typed here and fetched; an operator names feeds at the command line.
"""

from fastapi import APIRouter, Response

from exchange.permissions import Relation, may
from exchange.prescribing import feeds, signposts
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.visit import OURS, ItemKey, Visiting, go

router = APIRouter()


@router.get("/desk/feeds")
async def every(seen: Visiting) -> Response:
    must(seen, "queue.read")
    return await desk_page(
        seen,
        "desk/feeds.html",
        here="referrals",
        followed=await feeds.followed(seen.session, seen.viewer),
        host=signposts.feed_name,
        moment=lambda at: ENGLISH.moment(at, seen.bank.time_zone),
        stops=may(seen.viewer.roles, "data.import", [Relation.BANK]),
        done="done" in seen.request.query_params,
    )


@router.post("/desk/feeds/{item}/stop", dependencies=OURS)
async def stop(seen: Visiting, item: ItemKey) -> Response:
    await feeds.stop(seen.session, seen.viewer, item)
    return go("/desk/feeds?done")
