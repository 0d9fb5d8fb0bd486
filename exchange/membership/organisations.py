"""Organisations as members: a day centre has rooms, seats and tasks, and people who speak for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.membership import banks, parties
from exchange.membership.errors import LastAdministrator
from exchange.membership.tables import ROLES, Bank, Member, Organisation, Party, RoleGrant
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.words import NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean, required

TEXT_NAME_CHARACTERS_MAX = 30


async def add(
    session: AsyncSession,
    viewer: Viewer,
    name: str,
    *,
    kind: str = "community",
    description: str | None = None,
    text_name: str | None = None,
    organisation_id: UUID | None = None,
    at: datetime,
) -> Organisation:
    """An organisation with its own account, which has no floor: it never refuses its members' credits.

    `text_name` is what texts call it, so that nobody learns from one where a member goes.
    """
    require(viewer.roles, "organisation.add", [Relation.BANK])
    organisation_id = organisation_id or uuid7()
    name = required(name, field="name", characters_max=NAME_CHARACTERS_MAX)
    kind = clean(kind, field="kind") or "community"
    description = clean(description, field="description", characters_max=NOTE_CHARACTERS_MAX)
    party = await session.get(Party, (viewer.bank_id, organisation_id))
    if party is not None:
        known = await session.get(Organisation, (viewer.bank_id, organisation_id))
        if known is None or (party.name, known.kind, known.description) != (name, kind, description):
            raise SameIdOtherContents
        return known
    bank = await banks.get(session, viewer.bank_id)
    await parties.create(
        session, viewer.bank_id, organisation_id, kind="organisation", name=name, floor=None, at=at
    )
    organisation = Organisation(
        bank_id=viewer.bank_id,
        organisation_id=organisation_id,
        kind=kind,
        description=description,
        text_name=clean(text_name, field="text_name", characters_max=TEXT_NAME_CHARACTERS_MAX),
        joined_on=banks.today(bank, at),
    )
    session.add(organisation)
    await session.flush()
    return organisation


async def call_in_texts(
    session: AsyncSession, viewer: Viewer, organisation_id: UUID, text_name: str | None
) -> Organisation:
    """Choose what texts call an organisation; none, and they say only that it is a local group.

    Raises:
        NotFound, NotAllowed, TextTooLong
    """
    found = await session.get(Organisation, (viewer.bank_id, organisation_id))
    if found is None:
        raise NotFound
    require(viewer.roles, "organisation.add", [Relation.BANK])
    found.text_name = clean(text_name, field="text_name", characters_max=TEXT_NAME_CHARACTERS_MAX)
    await session.flush()
    return found


async def every(session: AsyncSession, viewer: Viewer) -> list[tuple[Organisation, str]]:
    """The bank's organisations with their names, in the order of the alphabet."""
    require(viewer.roles, "directory.read", [Relation.BANK])
    rows = await session.execute(
        select(Organisation, col(Party.name))
        .join(
            Party,
            (col(Party.bank_id) == col(Organisation.bank_id))
            & (col(Party.party_id) == col(Organisation.organisation_id)),
        )
        .where(col(Organisation.bank_id) == viewer.bank_id, col(Party.is_active))
    )
    return sorted(((row.Organisation, row.name) for row in rows), key=lambda pair: pair[1].casefold())


async def represent(
    session: AsyncSession, viewer: Viewer, organisation_id: UUID, member_id: UUID
) -> RoleGrant:
    """Let a member speak for an organisation; a repeat changes nothing."""
    if await session.get(Organisation, (viewer.bank_id, organisation_id)) is None:
        raise NotFound
    require(viewer.roles, "organisation.represent", [Relation.BANK])
    if member_id == viewer.member_id:
        raise NotAllowed("Somebody else lets you speak for an organisation.")
    return await _grant(session, viewer, member_id, "representative", organisation_id)


async def unrepresent(session: AsyncSession, viewer: Viewer, organisation_id: UUID, member_id: UUID) -> None:
    """A member speaks for an organisation no longer; a repeat changes nothing."""
    if await session.get(Organisation, (viewer.bank_id, organisation_id)) is None:
        raise NotFound
    require(viewer.roles, "organisation.represent", [Relation.BANK])
    if await session.get(Member, (viewer.bank_id, member_id)) is None:
        raise NotFound(field="member_id")
    found = await _held(session, viewer.bank_id, member_id, "representative", organisation_id)
    if found is not None:
        await session.delete(found)
        await session.flush()


async def grant(session: AsyncSession, viewer: Viewer, member_id: UUID, role: str) -> RoleGrant:
    """Give a member a role in the bank; nobody gives one to themselves."""
    if await session.get(Member, (viewer.bank_id, member_id)) is None:
        raise NotFound(field="member_id")
    require(viewer.roles, "member.grant", viewer.relations_to(member_id))
    if role not in ROLES or role == "representative":
        raise NotFound(field="role")
    return await _grant(session, viewer, member_id, role, None)


async def _grant(
    session: AsyncSession, viewer: Viewer, member_id: UUID, role: str, organisation_id: UUID | None
) -> RoleGrant:
    if await session.get(Member, (viewer.bank_id, member_id)) is None:
        raise NotFound(field="member_id")
    found = await _held(session, viewer.bank_id, member_id, role, organisation_id)
    if found is None:
        found = RoleGrant(
            bank_id=viewer.bank_id,
            grant_id=uuid7(),
            member_id=member_id,
            role=role,
            organisation_id=organisation_id,
        )
        session.add(found)
        await session.flush()
    return found


async def revoke(session: AsyncSession, viewer: Viewer, member_id: UUID, role: str) -> None:
    """Take a role away.

    Raises:
        LastAdministrator: nobody could run the bank any more.
    """
    if await session.get(Member, (viewer.bank_id, member_id)) is None:
        raise NotFound(field="member_id")
    require(viewer.roles, "member.grant", viewer.relations_to(member_id))
    found = await _held(session, viewer.bank_id, member_id, role, None)
    if found is None:
        return
    if role == "administrator" and await is_last_administrator(session, viewer.bank_id, member_id):
        raise LastAdministrator
    await session.delete(found)
    await session.flush()


async def _held(
    session: AsyncSession, bank_id: UUID, member_id: UUID, role: str, organisation_id: UUID | None
) -> RoleGrant | None:
    found: RoleGrant | None = await session.scalar(
        select(RoleGrant).where(
            col(RoleGrant.bank_id) == bank_id,
            col(RoleGrant.member_id) == member_id,
            col(RoleGrant.role) == role,
            col(RoleGrant.organisation_id).is_not_distinct_from(organisation_id),
        )
    )
    return found


async def is_last_administrator(session: AsyncSession, bank_id: UUID, member_id: UUID) -> bool:
    """Whether nobody else could run the bank, which two who end each other at once are asked in turn."""
    await session.get(Bank, (bank_id,), with_for_update=True)
    return await holders_of(session, bank_id, "administrator") == {member_id}


async def holders_of(session: AsyncSession, bank_id: UUID, role: str) -> set[UUID]:
    """The active members who hold a role in the bank."""
    rows = await session.scalars(
        select(col(RoleGrant.member_id))
        .join(
            Member,
            (col(Member.bank_id) == col(RoleGrant.bank_id))
            & (col(Member.member_id) == col(RoleGrant.member_id)),
        )
        .where(col(RoleGrant.bank_id) == bank_id, col(RoleGrant.role) == role, col(Member.status) == "active")
    )
    return set(rows.all())


async def representatives(session: AsyncSession, bank_id: UUID, organisation_id: UUID) -> set[UUID]:
    """The members who speak for an organisation."""
    rows = await session.scalars(
        select(col(RoleGrant.member_id)).where(
            col(RoleGrant.bank_id) == bank_id,
            col(RoleGrant.organisation_id) == organisation_id,
            col(RoleGrant.role) == "representative",
        )
    )
    return set(rows.all())
