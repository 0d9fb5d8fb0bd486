"""Hours passed on without help in return."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.door import CreatedId, Visiting
from exchange.hours import gifts
from exchange.membership import banks

router = APIRouter(tags=["gifts"])


class GiveHours(BaseModel):
    """A gift to a member or organisation, or to the pot when `to` is left out."""

    id: UUID | None = None
    to: UUID | None = None
    from_pot: bool = False
    from_organisation: UUID | None = None
    minutes: int = Field(strict=True)
    note: str | None = Field(default=None, max_length=200)


class GiftOut(BaseModel):
    """What was given."""

    id: UUID
    from_id: UUID
    to_id: UUID
    minutes: int


@router.post("/gifts", status_code=201)
async def give(visit: Visiting, given: GiveHours, new_id: CreatedId) -> GiftOut:
    """Give hours away at once; the same id again returns the first."""
    bank = await banks.get(visit.session, visit.viewer.bank_id)
    giver = bank.pot_id if given.from_pot else (given.from_organisation or visit.viewer.member_id)
    gift = await gifts.give(
        visit.session,
        visit.viewer,
        given.id or new_id,
        from_id=giver,
        to_id=given.to or bank.pot_id,
        minutes=given.minutes,
        note=given.note,
        at=visit.at,
    )
    return GiftOut(id=gift.gift_id, from_id=gift.from_id, to_id=gift.to_id, minutes=gift.minutes)
