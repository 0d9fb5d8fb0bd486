"""Hours set aside for somebody by a practice or funder; to everybody else they are hours like any others."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.door import CreatedId, Visiting
from exchange.prescribing import funds, purses

router = APIRouter(tags=["referrals"])


class FillIn(BaseModel):
    """Whole minutes that an organisation puts into its fund."""

    id: UUID | None = None
    minutes: int = Field(strict=True)


class FundOut(BaseModel):
    """A fund, what is left in it, and what is set aside for people and not yet spent."""

    funder_id: UUID
    name: str
    left_minutes: int
    set_aside_minutes: int


class FundPage(BaseModel):
    """The bank's funds."""

    items: list[FundOut]
    next_cursor: str | None = None


class SetAside(BaseModel):
    """Minutes of a fund for one member until a day; a pledge is a wish and never a debt."""

    id: UUID | None = None
    funder_id: UUID
    member_id: UUID
    minutes: int = Field(strict=True)
    expires_on: date
    pledge_minutes: int = Field(default=0, ge=0, strict=True)
    referral_id: UUID | None = None


class PurseOut(BaseModel):
    """What is set aside, what is left, when the rest goes back, and how far a wish to give has come."""

    id: UUID
    minutes: int
    left_minutes: int
    expires_on: date
    pledge_minutes: int
    given_minutes: int
    is_open: bool


class PursePage(BaseModel):
    """What is set aside for one member, the newest first."""

    items: list[PurseOut]
    next_cursor: str | None = None


@router.get("/funds")
async def list_funds(visit: Visiting) -> FundPage:
    """Every fund and what is left in it."""
    found = await funds.every(visit.session, visit.viewer)
    return FundPage(items=[FundOut.model_validate(one, from_attributes=True) for one in found])


@router.post("/funds/{funder_id}/hours", status_code=201)
async def fill(visit: Visiting, funder_id: UUID, given: FillIn, new_id: CreatedId) -> FundOut:
    """Put hours of an organisation into its fund; the same id again fills once."""
    await purses.fill(
        visit.session, visit.viewer, funder_id, given.minutes, fill_id=given.id or new_id, at=visit.at
    )
    found = await funds.every(visit.session, visit.viewer)
    return FundOut.model_validate(
        next(one for one in found if one.funder_id == funder_id), from_attributes=True
    )


@router.get("/hours-set-aside")
async def list_set_aside(visit: Visiting, member_id: UUID | None = None) -> PursePage:
    """What is set aside for oneself, or for a member that a coordinator looks after."""
    return await _of(visit, member_id or visit.viewer.member_id)


async def _of(visit: Visiting, member_id: UUID) -> PursePage:
    found = await purses.of_member(visit.session, visit.viewer, member_id)
    return PursePage(
        items=[
            PurseOut(
                id=one.purse_id,
                minutes=one.minutes,
                left_minutes=one.left_minutes,
                expires_on=one.expires_on,
                pledge_minutes=one.pledge_minutes,
                given_minutes=one.given_minutes,
                is_open=one.is_open,
            )
            for one in found
        ]
    )


@router.post("/hours-set-aside", status_code=201)
async def set_aside(visit: Visiting, given: SetAside, new_id: CreatedId) -> PurseOut:
    """Set hours aside; the same id again returns the first."""
    purse = await purses.grant(
        visit.session,
        visit.viewer,
        given.id or new_id,
        **given.model_dump(exclude={"id"}),
        at=visit.at,
    )
    page = await _of(visit, given.member_id)
    return next(one for one in page.items if one.id == purse.purse_id)
