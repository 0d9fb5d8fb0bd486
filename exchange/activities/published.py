"""What a bank tells the whole world: its public groups that go on, and the organisations that hold them.

A member who holds a group is not named and their place not told, since it may be their home: the bank stands
for them. What must never happen: a member, an address of somebody's, or a group for members only, in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.tables import Activity, ActivitySession
from exchange.membership import banks
from exchange.membership.tables import Bank, Organisation, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Who holds something: an organisation, or the bank itself."""

    host_id: UUID
    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A public group that goes on, with the next time it meets."""

    activity_id: UUID
    title: str
    about: str | None
    host: Host
    location: str | None
    """None where a member holds it."""
    access: Sequence[str]
    lifts: str | None
    repeats: str
    starts_at: datetime
    ends_at: datetime
    earns_minutes: int
    costs_minutes: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """All that is public of one bank, groups in the order of the alphabet."""

    itself: Host
    telephone: str | None
    time_zone: str
    created_at: datetime
    groups: Sequence[Group]

    @property
    def hosts(self) -> list[Host]:
        """The bank, and after it everybody who holds a group, each once, by name."""
        others = {group.host.host_id: group.host for group in self.groups}
        others.pop(self.itself.host_id, None)
        return [self.itself, *sorted(others.values(), key=lambda host: (host.name.casefold(), host.host_id))]


async def published(session: AsyncSession, bank_id: UUID, *, at: datetime) -> Published:
    """What this bank tells the world now.

    Raises:
        NotFound: no such bank.
    """
    bank = await banks.get(session, bank_id)
    itself = of_bank(bank)
    groups = [_group(itself, row) for row in await _rows(session, bank_id, at)]
    return Published(
        itself=itself,
        telephone=bank.telephone,
        time_zone=bank.time_zone,
        created_at=bank.created_at,
        groups=tuple(sorted(groups, key=lambda group: (group.title.casefold(), group.activity_id))),
    )


def of_bank(bank: Bank) -> Host:
    """The bank as somebody who holds things."""
    return Host(host_id=bank.bank_id, name=bank.name, description=f"{bank.name} is a time bank.")


async def _rows(session: AsyncSession, bank_id: UUID, at: datetime) -> Sequence[Any]:
    coming = (
        select(
            col(ActivitySession.activity_id),
            func.min(col(ActivitySession.starts_at)).label("starts_at"),
            func.min(col(ActivitySession.ends_at)).label("ends_at"),
        )
        .where(
            col(ActivitySession.bank_id) == bank_id,
            col(ActivitySession.state) == "planned",
            col(ActivitySession.ends_at) > at,
        )
        .group_by(col(ActivitySession.activity_id))
        .subquery()
    )
    found = await session.execute(
        select(Activity, col(Party.name), col(Organisation.description), coming.c.starts_at, coming.c.ends_at)
        .join(coming, coming.c.activity_id == col(Activity.activity_id))
        .join(
            Party,
            (col(Party.bank_id) == col(Activity.bank_id)) & (col(Party.party_id) == col(Activity.host_id)),
        )
        .outerjoin(
            Organisation,
            (col(Organisation.bank_id) == col(Activity.bank_id))
            & (col(Organisation.organisation_id) == col(Activity.host_id))
            & (col(Party.kind) == "organisation"),
        )
        .add_columns(col(Party.kind))
        .where(col(Activity.bank_id) == bank_id, col(Activity.state) == "approved", col(Activity.is_public))
    )
    return found.all()


def _group(itself: Host, row: Any) -> Group:
    activity: Activity = row.Activity
    is_open = row.kind == "organisation"
    told = row.description or f"{row.name} holds groups with {itself.name}."
    return Group(
        activity_id=activity.activity_id,
        title=activity.title,
        about=activity.about,
        host=Host(host_id=activity.host_id, name=row.name, description=told) if is_open else itself,
        location=activity.location if is_open else None,
        access=tuple(activity.access) if is_open else (),
        lifts=activity.lifts,
        repeats=activity.repeats,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        earns_minutes=activity.earns_minutes,
        costs_minutes=activity.costs_minutes,
        changed_at=activity.decided_at or activity.made_at,
    )
