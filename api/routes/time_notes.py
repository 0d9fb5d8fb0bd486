"""Printed time notes: issued in sheets, used once, reported while they are out."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.door import CreatedId, Visiting
from api.errors import problem, status_of
from api.routes.activities import tries
from exchange.activities import notes, notes_out, sheets
from exchange.errors import ExchangeError
from exchange.membership import banks, parties

router = APIRouter(tags=["time notes"])


class NewSheet(BaseModel):
    """A sheet of notes; the community pot pays when `payer_id` is left out."""

    id: UUID | None = None
    payer_id: UUID | None = None
    minutes: int = Field(strict=True, description="What each note is worth.")
    notes: int = Field(strict=True, description="How many notes, at most 200.")
    expires_on: date
    purpose: str | None = Field(default=None, max_length=200)


class NoteOut(BaseModel):
    """One note that is still out."""

    number: int
    code: str
    path: str


class SheetOut(BaseModel):
    """A sheet with the codes of the notes that are still out."""

    id: UUID
    payer: str
    minutes: int
    expires_on: date
    notes: list[NoteOut]


class OutLine(BaseModel):
    """What of a sheet is still out."""

    id: UUID
    payer: str
    minutes: int
    expires_on: date
    out: int
    used: int
    gone_back: int
    out_minutes: int


class OutPage(BaseModel):
    """The report, newest sheet first."""

    items: list[OutLine]
    next_cursor: str | None = None


class Redeeming(BaseModel):
    """A note is used: by oneself, or at the desk of an organisation for a member."""

    code: str = Field(max_length=60)
    member_id: UUID | None = None
    desk_id: UUID | None = None


class Redeemed(BaseModel):
    """What it was worth; the same note by the same member gives this again."""

    note_id: UUID
    minutes: int


async def _sheet(request: Request, visit: Visiting, sheet_id: UUID) -> SheetOut:
    printed = await sheets.notes(visit.session, visit.viewer, sheet_id, secret=request.app.state.secret)
    return SheetOut(
        id=sheet_id,
        payer=printed.payer,
        minutes=printed.minutes,
        expires_on=printed.expires_on,
        notes=[NoteOut(number=n.number, code=n.code, path=n.path) for n in printed.notes],
    )


@router.post("/time-notes", status_code=201)
async def issue(request: Request, visit: Visiting, wanted: NewSheet, new_id: CreatedId) -> SheetOut:
    """Issue a sheet; its hours are set aside. The same id again returns the first."""
    bank = await banks.get(visit.session, visit.viewer.bank_id)
    payer_id = wanted.payer_id or bank.pot_id
    await parties.get(visit.session, visit.viewer.bank_id, payer_id)
    sheet = await notes.issue(
        visit.session,
        visit.viewer,
        sheet_id=wanted.id or new_id,
        payer_id=payer_id,
        minutes=wanted.minutes,
        notes=wanted.notes,
        expires_on=wanted.expires_on,
        purpose=wanted.purpose,
        secret=request.app.state.secret,
        at=visit.at,
    )
    return await _sheet(request, visit, sheet.sheet_id)


@router.get("/time-notes")
async def report(visit: Visiting) -> OutPage:
    """What is still out."""
    found = await notes_out.report(visit.session, visit.viewer)
    return OutPage(
        items=[
            OutLine(
                id=line.sheet.sheet_id,
                payer=line.payer,
                minutes=line.sheet.minutes,
                expires_on=line.sheet.expires_on,
                out=line.out,
                used=line.used,
                gone_back=line.gone_back,
                out_minutes=line.out_minutes,
            )
            for line in found
        ]
    )


@router.post("/time-notes/redeem", response_model=Redeemed)
async def redeem(request: Request, visit: Visiting, given: Redeeming) -> Redeemed | Response:
    """Use a note, once."""
    done = await notes.use(
        visit.session,
        visit.viewer,
        given.code,
        tries(request, visit),
        member_id=given.member_id,
        desk_id=given.desk_id,
        at=visit.at,
    )
    try:
        used = done.require()
    except ExchangeError as broken:
        # Answered, not raised: the count of wrong codes must be committed.
        more = {"trouble": done.trouble}
        return problem(status_of(broken), broken.code, str(broken), field=broken.field, more=more)
    assert used.note is not None
    return Redeemed(note_id=used.note.note_id, minutes=used.minutes)


@router.get("/time-notes/{sheet_id}")
async def get_sheet(request: Request, visit: Visiting, sheet_id: UUID) -> SheetOut:
    """The codes of a sheet's notes that are still out, to print them again."""
    return await _sheet(request, visit, sheet_id)


@router.post("/time-notes/{sheet_id}/void", status_code=204)
async def void(visit: Visiting, sheet_id: UUID) -> None:
    """A sheet was lost or spoilt: what is out of it goes back."""
    await notes.void(visit.session, visit.viewer, sheet_id, at=visit.at)
