"""How hours look from where somebody stands: one's own, waited for, or other people's."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.hours import states
from exchange.hours.tables import Hours, Step
from exchange.membership import banks, organisations
from exchange.membership.tables import Bank, Member, RoleGrant
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
    others = {Relation.UNINVOLVED}
    if await _sees_afresh(session, viewer, hours):
        others.add(Relation.CHECKER)
    if await is_deputised(session, viewer, hours):
        others.add(Relation.DEPUTISED)
    return frozenset(others)


async def is_deputised(session: AsyncSession, viewer: Viewer, hours: Hours) -> bool:
    """Whether every coordinator took part or wrote it down, and the bank lets the viewer decide instead.

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
    """Whether the bank lets this member decide where no coordinator can."""
    return bank.named_approver_id == viewer.member_id and bank.deputy == "named" and not viewer.is_paused


async def free_coordinators(session: AsyncSession, hours: Hours) -> set[UUID]:
    """The coordinators who took no part, themselves or for an organisation, nor wrote both sides down."""
    coordinators = await organisations.holders_of(session, hours.bank_id, "coordinator")
    return coordinators - await _takers(session, hours) - await _scribes(session, hours)


async def _sees_afresh(session: AsyncSession, viewer: Viewer, hours: Hours) -> bool:
    """Whether the viewer is not the one who wrote both sides down, or nobody else may check."""
    if viewer.member_id not in await _scribes(session, hours):
        return True
    bank = await banks.get(session, hours.bank_id)
    others = await deputies(session, bank) - await _takers(session, hours) - {viewer.member_id}
    return not others and not await free_coordinators(session, hours)


async def deputies(session: AsyncSession, bank: Bank) -> set[UUID]:
    """Who the bank says decides where no coordinator can, as far as they are here."""
    if bank.deputy == "administrator":
        return await organisations.holders_of(session, bank.bank_id, "administrator")
    if bank.deputy == "coordinator" or bank.named_approver_id is None:
        return set()
    named = await session.get_one(Member, (bank.bank_id, bank.named_approver_id))
    return {named.member_id} if named.status == "active" else set()


async def has_nobody_else(session: AsyncSession, bank: Bank) -> bool:
    """Whether one person alone decides here, so that what they take part in waits for ever."""
    coordinators = await organisations.holders_of(session, bank.bank_id, "coordinator")
    return len(coordinators | await deputies(session, bank)) <= 1


async def _takers(session: AsyncSession, hours: Hours) -> set[UUID]:
    """Both sides, and whoever speaks for one."""
    pair = {hours.giver_id, hours.receiver_id}
    speaking = await session.scalars(
        select(col(RoleGrant.member_id)).where(
            col(RoleGrant.bank_id) == hours.bank_id, col(RoleGrant.organisation_id).in_(pair)
        )
    )
    return pair | set(speaking.all())


async def _scribes(session: AsyncSession, hours: Hours) -> set[UUID]:
    """Who wrote down what both sides say of hours that wait to be checked: one person, or nobody.

    The last two that told or said yes are the two sides with these minutes.
    """
    if hours.state not in states.CHECKED:
        return set()
    rows = await session.scalars(
        select(col(Step.by_id))
        .where(
            col(Step.bank_id) == hours.bank_id,
            col(Step.hours_id) == hours.hours_id,
            col(Step.verb).in_(("log", "confirm")),
        )
        .order_by(col(Step.step).desc())
        .limit(2)
    )
    last = list(rows.all())
    return {by_id for by_id in last if by_id and last.count(by_id) == len(SIDES)}


SIDES = ("giver", "receiver")


async def allow(session: AsyncSession, viewer: Viewer, verb: str, hours: Hours) -> None:
    """Pass when the table allows `verb`; hours the viewer may not even see are not found.

    Raises:
        NotFound: not the viewer's to know of.
        NotAllowed: the viewer may see, and not do this.
    """
    require(viewer.roles, verb, await relations(session, viewer, hours))
