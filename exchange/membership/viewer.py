"""Who is looking: a signed-in member with roles, in one bank. Every verb takes one, none guesses."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.membership.tables import Member, Party, RoleGrant
from exchange.permissions import Relation, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A member as seen by the permission table."""

    bank_id: UUID
    member_id: UUID
    name: str
    language: str
    roles: frozenset[Role]
    organisation_ids: frozenset[UUID] = field(default_factory=frozenset)
    """Organisations the viewer speaks for."""
    practice_ids: frozenset[UUID] = field(default_factory=frozenset)
    """Practices the viewer works at; to work there is not to speak for its account."""
    is_system: bool = False
    """A practice's own software, signed in with its credentials: no person and no member."""
    is_paused: bool = False

    @property
    def party_ids(self) -> frozenset[UUID]:
        """The viewer and the organisations the viewer speaks for."""
        return self.organisation_ids | {self.member_id}

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & {Role.COORDINATOR, Role.ASSISTANT, Role.ADMINISTRATOR})

    def resting(self) -> "Viewer":
        """The same person while paused: their own hours are there, and no power over anybody else's."""
        no_one: frozenset[UUID] = frozenset()
        roles = frozenset({Role.MEMBER})
        return replace(self, roles=roles, organisation_ids=no_one, practice_ids=no_one, is_paused=True)

    def relations_to(self, party_id: UUID) -> frozenset[Relation]:
        """How a person's or organisation's own record looks to the viewer."""
        return frozenset({Relation.OWN if party_id in self.party_ids else Relation.UNINVOLVED})


async def load(session: AsyncSession, bank_id: UUID, member_id: UUID) -> Viewer | None:
    """The viewer that a member is now; None for people who may not use the service.

    Who is paused keeps their own account and no power that they hold beside it.
    """
    member = await session.get(Member, (bank_id, member_id))
    if member is None or member.status not in ("active", "paused"):
        return None
    found = await granted(session, member)
    return found if member.status == "active" else found.resting()


async def granted(session: AsyncSession, member: Member) -> Viewer:
    """What a member's roles make of them, also while they are away or gone: who comes back has them again."""
    bank_id, member_id = member.bank_id, member.member_id
    party = await session.get_one(Party, (bank_id, member_id))
    grants = await session.scalars(
        select(RoleGrant).where(col(RoleGrant.bank_id) == bank_id, col(RoleGrant.member_id) == member_id)
    )
    held = list(grants.all())
    return Viewer(
        bank_id=bank_id,
        member_id=member_id,
        name=party.name,
        language=member.language,
        roles=frozenset({Role.MEMBER, *(Role(grant.role) for grant in held)}),
        organisation_ids=_of(held, Role.REPRESENTATIVE),
        practice_ids=_of(held, Role.PRACTICE),
    )


def _of(held: list[RoleGrant], role: Role) -> frozenset[UUID]:
    """The organisations for which somebody holds this role."""
    return frozenset(g.organisation_id for g in held if g.role == role and g.organisation_id is not None)
