"""Whose a telephone or address is, in the bank's own word: what staff wrote down, or where somebody answered.

Somebody who asks to join may type anybody's number. What must never happen: a number taken for theirs at
which nobody spoke with them, so that its true owner is no longer told anything there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.membership.contacts import of_member
from exchange.membership.errors import NotReached
from exchange.membership.tables import Contact, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A contact that somebody came with, and whose else it is known to be."""

    contact: Contact
    known_to_be: tuple[str, ...]
    """Names of other members for whom it was proved."""
    is_likely: bool
    """The first that is nobody else's: where a coordinator would ring."""


async def ways_to(session: AsyncSession, bank_id: UUID, member_id: UUID) -> list[Way]:
    """What somebody typed when they asked to join, in their order."""
    typed = await of_member(session, bank_id, member_id)
    owners = await _owners(session, bank_id, member_id, {one.value for one in typed})
    first = next((one for one in typed if one.value not in owners), None)
    return [
        Way(contact=one, known_to_be=tuple(sorted(owners.get(one.value, ()))), is_likely=one is first)
        for one in typed
    ]


async def _owners(
    session: AsyncSession, bank_id: UUID, member_id: UUID, values: Collection[str]
) -> dict[str, set[str]]:
    """Contact → the names of other members for whom it was proved."""
    rows = await session.execute(
        select(col(Contact.value), col(Party.name))
        .join(
            Party,
            (col(Party.bank_id) == col(Contact.bank_id)) & (col(Party.party_id) == col(Contact.member_id)),
        )
        .where(
            col(Contact.bank_id) == bank_id,
            col(Contact.value).in_(values),
            col(Contact.member_id) != member_id,
            col(Contact.proved_at).is_not(None),
        )
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.value, set()).add(row.name)
    return found


async def vouch(
    session: AsyncSession,
    bank_id: UUID,
    member_id: UUID,
    *,
    reached: Collection[UUID] | None = None,
    at: datetime,
) -> None:
    """The bank has talked with this person at these contacts, or wrote down all of them itself.

    `reached` are keys of contacts; None for all. The others wait for a code, as any that a member adds.
    """
    theirs = (col(Contact.bank_id) == bank_id, col(Contact.member_id) == member_id)
    said = (col(Contact.contact_id).in_(reached),) if reached is not None else ()
    await session.execute(
        update(Contact).where(*theirs, *said, col(Contact.proved_at).is_(None)).values(proved_at=at)
    )


async def answered(
    session: AsyncSession, bank_id: UUID, member_id: UUID, reached: Collection[UUID] | None
) -> set[UUID]:
    """The contacts at which somebody was spoken with; the likely one where the coordinator names none.

    Raises:
        NotReached: none is named that they came with, and none is likely.
    """
    ways = await ways_to(session, bank_id, member_id)
    named = {way.contact.contact_id for way in ways if way.is_likely} if reached is None else set(reached)
    theirs = named & {way.contact.contact_id for way in ways}
    if not theirs:
        raise NotReached
    return theirs
