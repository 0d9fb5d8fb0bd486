"""Naming the bank that a transaction may see, and the narrow looks across banks before one is known."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

ENTER = text("select set_config('evenhour.bank_id', :bank_id, true)")


async def enter(session: AsyncSession, bank_id: UUID | None) -> None:
    """From here to the end of the transaction, row-level security shows this bank only."""
    await session.execute(ENTER, {"bank_id": str(bank_id) if bank_id else ""})


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """What a bank tells everybody: the languages it writes in, its own first, and its telephone."""

    languages: tuple[str, ...]
    telephone: str | None


async def open_doors(session: AsyncSession) -> list[OpenDoor]:
    """What each bank of the house tells everybody, the oldest first; nothing says which is which."""
    found = await session.execute(text("select languages, telephone from open_doors()"))
    return [OpenDoor(tuple(row.languages), row.telephone) for row in found]


async def banks_of_contact(session: AsyncSession, contact: str) -> list[UUID]:
    """The banks in which somebody who may sign in has this telephone or e-mail; oldest first."""
    found = await session.scalars(text("select * from banks_of_contact(:contact)"), {"contact": contact})
    return list(found.all())


async def banks_of_code(session: AsyncSession, code_key: str) -> list[UUID]:
    """The bank that gave out a typed code, by what the database knows it by; none when nobody did."""
    found = await session.scalars(text("select * from banks_of_code(:code_key)"), {"code_key": code_key})
    return list(found.all())
