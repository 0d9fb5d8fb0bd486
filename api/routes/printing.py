"""Sheets to print, as tagged PDF: posters, rosters, cards, a till's day, time notes, what's on, receipts.

Whoever may read it may print it. What must never happen: a PDF that a shared cache keeps.
"""

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api import paper
from api.door import Visiting
from api.routes.activities import session_of
from exchange.membership import banks

router = APIRouter(tags=["printing"])


def pdf(made: bytes) -> Response:
    """To print; not to be kept on the way."""
    return Response(made, media_type="application/pdf", headers={"cache-control": "no-store"})


def _address(request: Request) -> str:
    """Where printed codes lead."""
    found: str = request.app.state.public_url
    return found


@router.get("/whats-on.pdf", response_class=Response)
async def whats_on(visit: Visiting) -> Response:
    """What is on, on one page to hang up."""
    return pdf(await paper.whats_on(visit.session, visit.viewer, at=visit.at))


@router.get("/activities/{activity_id}/poster.pdf", response_class=Response)
async def poster(
    request: Request, visit: Visiting, activity_id: UUID, session_id: UUID | None = None
) -> Response:
    """A session's poster; of the one that is on, or comes next, when no other is named."""
    meeting = await session_of(visit, activity_id, session_id)
    made = await paper.poster(
        visit.session, visit.viewer, meeting.session_id, public_url=_address(request), at=visit.at
    )
    return pdf(made)


@router.get("/activities/{activity_id}/roster.pdf", response_class=Response)
async def roster(
    request: Request, visit: Visiting, activity_id: UUID, session_id: UUID | None = None
) -> Response:
    """Who is expected, with a box for each name."""
    meeting = await session_of(visit, activity_id, session_id)
    made = await paper.roster(
        visit.session, visit.viewer, meeting.session_id, public_url=_address(request), at=visit.at
    )
    return pdf(made)


@router.get("/organisations/{organisation_id}/day.pdf", response_class=Response)
async def day_sheet(visit: Visiting, organisation_id: UUID, day: date | None = None) -> Response:
    """A till's day: today's, or another."""
    bank = await banks.get(visit.session, visit.viewer.bank_id)
    wanted = day or banks.today(bank, visit.at)
    return pdf(await paper.day_sheet(visit.session, visit.viewer, organisation_id, wanted))


@router.get("/time-notes/{sheet_id}/notes.pdf", response_class=Response)
async def notes(request: Request, visit: Visiting, sheet_id: UUID) -> Response:
    """The notes of a sheet that are still out, ten to a page."""
    made = await paper.notes(
        visit.session,
        visit.viewer,
        sheet_id,
        secret=request.app.state.secret,
        public_url=_address(request),
    )
    return pdf(made)


@router.get("/members/{member_id}/card.pdf", response_class=Response)
async def card(request: Request, visit: Visiting, member_id: UUID) -> Response:
    """A member's wallet card, made when there is none yet."""
    made = await paper.cards(
        visit.session, visit.viewer, [member_id], public_url=_address(request), at=visit.at
    )
    return pdf(made)


@router.get("/hours/{hours_id}/receipt.pdf", response_class=Response)
async def receipt(visit: Visiting, hours_id: UUID) -> Response:
    """A receipt for an hour of one's own that was added."""
    return pdf(await paper.receipt(visit.session, visit.viewer, hours_id))
