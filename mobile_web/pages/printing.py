"""What is printed: posters, cards, rosters, a till's day, time notes, what's on, receipts; and all at once.

Whoever may read it may print it. What must never happen: a PDF that a shared cache keeps.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from fastapi import APIRouter, Response

from exchange.errors import NotFound
from exchange.membership import find, organisations
from mobile_web.door import Door, Paper
from mobile_web.pages.desk import desk_page, must
from mobile_web.visit import ItemKey, Visit, Visiting

router = APIRouter()
CARDS_MAX = 500
SPECIMENS: Mapping[str, str] = {
    "bn": "\N{BENGALI LETTER KA}",
    "ur": "\N{ARABIC LETTER ALEF}",
    "ar": "\N{ARABIC LETTER ALEF}",
}
"""A letter of each script beyond Latin that a bank may write in."""


def _paper(seen: Visit) -> Paper:
    return Door(seen.request).paper


def pdf(made: bytes) -> Response:
    """To print; not to be kept on the way."""
    return Response(made, media_type="application/pdf", headers={"cache-control": "no-store"})


@router.get("/sessions/{item}/poster.pdf")
async def poster(seen: Visiting, item: ItemKey) -> Response:
    address = Door(seen.request).public_url
    return pdf(await _paper(seen).poster(seen.session, seen.viewer, item, public_url=address, at=seen.at))


@router.get("/sessions/{item}/roster.pdf")
async def roster(seen: Visiting, item: ItemKey) -> Response:
    address = Door(seen.request).public_url
    return pdf(await _paper(seen).roster(seen.session, seen.viewer, item, public_url=address, at=seen.at))


@router.get("/organisations/{item}/day.pdf")
async def day_sheet(seen: Visiting, item: ItemKey) -> Response:
    """A till's day: today's, or another `?day=`."""
    try:
        day = date.fromisoformat(seen.request.query_params.get("day", ""))
    except ValueError:
        day = seen.today
    return pdf(await _paper(seen).day_sheet(seen.session, seen.viewer, item, day))


@router.get("/time-notes/{item}/notes.pdf")
async def notes(seen: Visiting, item: ItemKey) -> Response:
    door = Door(seen.request)
    return pdf(
        await door.paper.notes(
            seen.session, seen.viewer, item, secret=door.secret, public_url=door.public_url
        )
    )


@router.get("/whats-on.pdf")
async def whats_on(seen: Visiting) -> Response:
    return pdf(await _paper(seen).whats_on(seen.session, seen.viewer, at=seen.at))


@router.get("/hours/{item}/receipt.pdf")
async def receipt(seen: Visiting, item: ItemKey) -> Response:
    return pdf(await _paper(seen).receipt(seen.session, seen.viewer, item))


@router.get("/desk/members/{item}/card.pdf")
async def card(seen: Visiting, item: ItemKey) -> Response:
    address = Door(seen.request).public_url
    return pdf(await _paper(seen).cards(seen.session, seen.viewer, [item], public_url=address, at=seen.at))


async def _all_cards(seen: Visit) -> bytes:
    """A card for every active member, by name."""
    everyone = await find.find(seen.session, seen.viewer, limit=CARDS_MAX)
    members = [one.party_id for one in everyone if one.kind == "member" and one.status == "active"]
    address = Door(seen.request).public_url
    return await _paper(seen).cards(seen.session, seen.viewer, members, public_url=address, at=seen.at)


PACKS: Mapping[str, Callable[[Visit], Awaitable[bytes]]] = {
    "letters": lambda seen: _paper(seen).letters(seen.session, seen.viewer, at=seen.at),
    "statements": lambda seen: _paper(seen).statements_by_post(seen.session, seen.viewer, at=seen.at),
    "receipts": lambda seen: _paper(seen).receipts_by_post(seen.session, seen.viewer, at=seen.at),
    "whats-on": lambda seen: _paper(seen).whats_on_by_post(seen.session, seen.viewer, at=seen.at),
    "cards": _all_cards,
}
"""What the desk prints in one go, by its name in the address."""


@router.get("/desk/print")
async def everything(seen: Visiting) -> Response:
    """One place for all that is to be printed, and which fonts this machine lacks for it."""
    must(seen, "queue.read")
    door = Door(seen.request)
    letters = await door.desk.letters(seen.session, seen.viewer.bank_id)
    people = await door.paper.waiting_on_paper(seen.session, seen.viewer)
    text = " ".join([*people, *(SPECIMENS.get(code, "") for code in seen.bank.languages)])
    return await desk_page(
        seen,
        "desk/print.html",
        here="queue",
        letters=letters,
        people=people,
        hosts=await organisations.every(seen.session, seen.viewer),
        missing=door.paper.missing_scripts(text),
    )


@router.get("/desk/print/{pack}")
async def print_pack(seen: Visiting, pack: str) -> Response:
    """One of `PACKS` as a PDF."""
    must(seen, "queue.read")
    make = PACKS.get(pack.removesuffix(".pdf"))
    if make is None:
        raise NotFound
    return pdf(await make(seen))
