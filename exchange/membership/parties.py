"""Whoever can give and receive: each party has one account in the books, opened with it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

import ledger
from exchange.errors import NotFound
from exchange.membership.tables import Block, Member, Organisation, Party

BANKS_OWN = ("pot", "issuance")
"""Accounts that transfers of everybody's touch."""


async def create(
    session: AsyncSession,
    bank_id: UUID,
    party_id: UUID,
    *,
    kind: str,
    name: str,
    floor: int | None,
    at: datetime,
) -> Party:
    """A new party with an account of its own, whose key tells nothing about it, or that it is the bank's."""
    account_id = ledger.busy_account_id() if kind in BANKS_OWN else uuid7()
    await ledger.open_account(session, bank_id, account_id, floor=floor, ceiling=None, at=at)
    party = Party(bank_id=bank_id, party_id=party_id, kind=kind, name=name, account_id=account_id)
    session.add(party)
    await session.flush()
    return party


async def get(session: AsyncSession, bank_id: UUID, party_id: UUID) -> Party:
    """One party of this bank.

    Raises:
        NotFound: no such party here; another bank's looks the same.
    """
    party = await session.get(Party, (bank_id, party_id))
    if party is None:
        raise NotFound(field="with")
    return party


EXCHANGING = ("member", "organisation")
"""Whoever an hour can be between. The bank's own accounts, funds and purses have ways of their own."""


async def exchanging(session: AsyncSession, bank_id: UUID, party_id: UUID, *, field: str) -> Party:
    """A party that gives and receives help; `field` is what the caller named it in.

    Raises:
        NotFound: no such party here, or an account that only the bank itself moves.
    """
    party = await session.get(Party, (bank_id, party_id))
    if party is None or party.kind not in EXCHANGING:
        raise NotFound(field=field)
    return party


async def names(session: AsyncSession, bank_id: UUID, party_ids: Collection[UUID]) -> dict[UUID, str]:
    """The name that each party uses."""
    rows = await session.execute(
        select(col(Party.party_id), col(Party.name)).where(
            col(Party.bank_id) == bank_id, col(Party.party_id).in_(party_ids)
        )
    )
    return {row.party_id: row.name for row in rows}


async def own_accounts(session: AsyncSession, bank_id: UUID, party_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of these, the accounts that are nobody's, each with its kind: a reader's language has a name for it."""
    rows = await session.execute(
        select(col(Party.party_id), col(Party.kind)).where(
            col(Party.bank_id) == bank_id,
            col(Party.party_id).in_(party_ids),
            col(Party.kind).not_in(EXCHANGING),
        )
    )
    return {row.party_id: row.kind for row in rows}


async def text_names(
    session: AsyncSession, bank_id: UUID, party_ids: Collection[UUID]
) -> dict[UUID, str | None]:
    """What a text message may call each party: an organisation's safe name, None where it chose none."""
    rows = await session.execute(
        select(
            col(Party.party_id),
            col(Party.name),
            col(Organisation.organisation_id),
            col(Organisation.text_name),
        )
        .outerjoin(
            Organisation,
            (col(Organisation.bank_id) == col(Party.bank_id))
            & (col(Organisation.organisation_id) == col(Party.party_id)),
        )
        .where(col(Party.bank_id) == bank_id, col(Party.party_id).in_(party_ids))
    )
    return {row.party_id: row.text_name if row.organisation_id else row.name for row in rows}


async def by_account(session: AsyncSession, bank_id: UUID, accounts: Collection[UUID]) -> dict[UUID, Party]:
    """The parties whose accounts these are."""
    rows = await session.scalars(
        select(Party).where(col(Party.bank_id) == bank_id, col(Party.account_id).in_(accounts))
    )
    return {party.account_id: party for party in rows}


async def is_present(session: AsyncSession, party: Party) -> bool:
    """Whether a party may take part in something new: not paused, departed or only asking to join."""
    if party.kind != "member":
        return party.is_active
    member = await session.get_one(Member, (party.bank_id, party.party_id))
    return member.status == "active"


async def are_blocked(session: AsyncSession, bank_id: UUID, one: UUID, other: UUID) -> bool:
    """Whether either of two people put a wall between them."""
    pair = (one, other)
    found = await session.scalar(
        select(col(Block.member_id)).where(
            col(Block.bank_id) == bank_id, col(Block.member_id).in_(pair), col(Block.other_id).in_(pair)
        )
    )
    return found is not None


async def hidden_from(session: AsyncSession, bank_id: UUID, member_id: UUID) -> set[UUID]:
    """The people a member shall not see, and who shall not see them: blocked in either direction."""
    rows = await session.execute(
        select(col(Block.member_id), col(Block.other_id)).where(
            col(Block.bank_id) == bank_id,
            or_(col(Block.member_id) == member_id, col(Block.other_id) == member_id),
        )
    )
    return {person for row in rows for person in row} - {member_id}
