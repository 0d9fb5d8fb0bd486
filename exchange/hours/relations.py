"""How hours look from where somebody stands: one's own, waited for, or other people's."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.hours.tables import Hours
from exchange.membership import banks, organisations
from exchange.membership.tables import Bank, RoleGrant
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, Role, require


def own_side(viewer: Viewer, hours: Hours) -> frozenset[Relation]:
    """The relations that follow from being a party, without asking the database.

    Who stands on both sides, as a member and as an organisation's voice, cannot say yes to themselves.
    """
    mine = viewer.party_ids
    found = set()
    if mine & {hours.giver_id, hours.receiver_id}:
        found.add(Relation.OWN)
    if hours.logger_id in mine:
        found.add(Relation.LOGGER)
    if hours.awaited_id in mine and hours.logger_id not in mine:
        found.add(Relation.AWAITED)
    return frozenset(found)


async def relations(session: AsyncSession, viewer: Viewer, hours: Hours) -> frozenset[Relation]:
    """Every relation that the viewer has to these hours."""
    found = own_side(viewer, hours)
    if found:
        return found
    if await is_deputised(session, viewer, hours):
        return frozenset({Relation.UNINVOLVED, Relation.DEPUTISED})
    return frozenset({Relation.UNINVOLVED})


async def is_deputised(session: AsyncSession, viewer: Viewer, hours: Hours) -> bool:
    """Whether every coordinator took part, and the bank lets the viewer decide instead.

    A bank that chose `coordinator` lets nobody: another coordinator must be found.
    """
    bank = await banks.get(session, viewer.bank_id)
    is_deputy = {
        "coordinator": False,
        "administrator": Role.ADMINISTRATOR in viewer.roles,
        "named": is_named(bank, viewer),
    }
    return is_deputy[bank.deputy] and not await free_coordinators(session, hours)


def is_named(bank: Bank, viewer: Viewer) -> bool:
    """Whether the bank lets this member decide where every coordinator took part."""
    return bank.named_approver_id == viewer.member_id and bank.deputy == "named" and not viewer.is_paused


async def free_coordinators(session: AsyncSession, hours: Hours) -> set[UUID]:
    """The coordinators who took no part, themselves or through an organisation they speak for."""
    coordinators = await organisations.holders_of(session, hours.bank_id, "coordinator")
    pair = {hours.giver_id, hours.receiver_id}
    speaking = await session.scalars(
        select(col(RoleGrant.member_id)).where(
            col(RoleGrant.bank_id) == hours.bank_id, col(RoleGrant.organisation_id).in_(pair)
        )
    )
    return set(coordinators) - pair - set(speaking.all())


async def allow(session: AsyncSession, viewer: Viewer, verb: str, hours: Hours) -> None:
    """Pass when the table allows `verb`; hours the viewer may not even see are not found.

    Raises:
        NotFound: not the viewer's to know of.
        NotAllowed: the viewer may see, and not do this.
    """
    require(viewer.roles, verb, await relations(session, viewer, hours))
