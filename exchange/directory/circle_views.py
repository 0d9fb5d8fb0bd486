"""Circles as the coordinator reads them: those to decide on, and how many there are of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.directory.tables import Circle, CircleLeg, CircleRound
from exchange.errors import NotFound
from exchange.membership import parties
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

SHOWN_MAX = 60
"""How many circles one page shows: a coordinator decides on the first before the next are of use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegView:
    """One help of a circle, with names."""

    giver: str
    receiver: str
    leg: CircleLeg


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleView:
    """One circle as the coordinator's page shows it."""

    circle: Circle
    legs: list[LegView]


async def newest(session: AsyncSession, viewer: Viewer) -> tuple[CircleRound, list[CircleView]] | None:
    """The newest round with circles still to decide on or pinned, pinned and short ones first.

    At most `SHOWN_MAX` of them: the next come up when some of these are decided on.
    """
    require(viewer.roles, "circle.read", [Relation.BANK])
    made: CircleRound | None = await session.scalar(
        select(CircleRound)
        .where(col(CircleRound.bank_id) == viewer.bank_id)
        .order_by(col(CircleRound.made_at).desc(), col(CircleRound.round_id).desc())
        .limit(1)
    )
    if made is None:
        return None
    return made, await _views(session, viewer.bank_id, ("proposed", "pinned"))


async def accepted(session: AsyncSession, viewer: Viewer, *, since: datetime) -> list[CircleView]:
    """The circles that were accepted since then, the newest first: to see which still hold."""
    require(viewer.roles, "circle.read", [Relation.BANK])
    found = await _views(session, viewer.bank_id, ("accepted",))
    return [one for one in found if one.circle.decided_at and one.circle.decided_at >= since]


async def waiting(session: AsyncSession, viewer: Viewer) -> int:
    """How many circles are to be decided on, shown or not."""
    require(viewer.roles, "circle.read", [Relation.BANK])
    count = select(func.count()).where(
        col(Circle.bank_id) == viewer.bank_id, col(Circle.state).in_(("proposed", "pinned"))
    )
    return await session.scalar(count) or 0


async def _views(session: AsyncSession, bank_id: UUID, states: Sequence[str]) -> list[CircleView]:
    """Circles in these states with their helps and names, in three questions however many they are."""
    length = (
        select(func.count())
        .where(
            col(CircleLeg.bank_id) == col(Circle.bank_id), col(CircleLeg.circle_id) == col(Circle.circle_id)
        )
        .correlate(Circle)
        .scalar_subquery()
    )
    rows = await session.scalars(
        select(Circle)
        .where(col(Circle.bank_id) == bank_id, col(Circle.state).in_(states))
        .order_by(col(Circle.decided_at).desc().nulls_last(), length, col(Circle.circle_id))
        .limit(SHOWN_MAX)
    )
    found = list(rows.all())
    legs = await session.scalars(
        select(CircleLeg)
        .where(col(CircleLeg.bank_id) == bank_id, col(CircleLeg.circle_id).in_([c.circle_id for c in found]))
        .order_by(col(CircleLeg.circle_id), col(CircleLeg.place))
    )
    of: dict[UUID, list[CircleLeg]] = {circle.circle_id: [] for circle in found}
    for leg in legs.all():
        of[leg.circle_id].append(leg)
    named = {leg.giver_id for some in of.values() for leg in some}
    names = await parties.names(session, bank_id, named)
    return [_view(circle, of[circle.circle_id], names) for circle in found]


def _view(circle: Circle, legs: Sequence[CircleLeg], names: Mapping[UUID, str]) -> CircleView:
    return CircleView(
        circle=circle,
        legs=[LegView(giver=names[leg.giver_id], receiver=names[leg.receiver_id], leg=leg) for leg in legs],
    )


async def view(session: AsyncSession, viewer: Viewer, circle_id: UUID) -> CircleView:
    """One circle.

    Raises:
        NotFound
    """
    require(viewer.roles, "circle.read", [Relation.BANK])
    circle = await session.get(Circle, (viewer.bank_id, circle_id))
    if circle is None:
        raise NotFound
    legs = await legs_of(session, circle)
    names = await parties.names(session, viewer.bank_id, {leg.giver_id for leg in legs})
    return _view(circle, legs, names)


async def legs_of(session: AsyncSession, circle: Circle) -> list[CircleLeg]:
    """The circle's helps, in their order."""
    rows = await session.scalars(
        select(CircleLeg)
        .where(col(CircleLeg.bank_id) == circle.bank_id, col(CircleLeg.circle_id) == circle.circle_id)
        .order_by(col(CircleLeg.place))
    )
    return list(rows.all())
