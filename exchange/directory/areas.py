"""How far apart small areas lie. Without coordinates, the same area is near and nothing else is known."""

import math
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.directory.tables import Area
from exchange.errors import UnknownChoice
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.words import required

EARTH_RADIUS_METRES = 6_371_000


async def put(session: AsyncSession, viewer: Viewer, places: Mapping[str, tuple[float, float]]) -> None:
    """Say where small areas lie: name → (latitude, longitude) in degrees; a repeat changes nothing.

    Raises:
        UnknownChoice: no place on Earth.
    """
    require(viewer.roles, "listing.teach", [Relation.BANK])
    for name, (latitude, longitude) in places.items():
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004  # degrees of a globe
            raise UnknownChoice(field="small_area")
        values = {"latitude": latitude, "longitude": longitude}
        await session.execute(
            insert(Area)
            .values(bank_id=viewer.bank_id, small_area=required(name, field="small_area"), **values)
            .on_conflict_do_update(index_elements=["bank_id", "small_area"], set_=values)
        )


async def places(session: AsyncSession, bank_id: UUID) -> dict[str, tuple[float, float]]:
    """Where each known area of a bank lies: (latitude, longitude) in degrees."""
    rows = await session.scalars(select(Area).where(col(Area.bank_id) == bank_id))
    return {row.small_area: (row.latitude, row.longitude) for row in rows.all()}


async def metres_from(session: AsyncSession, bank_id: UUID, small_area: str | None) -> dict[str, int]:
    """How far every area with known coordinates is from this one; itself is always at 0."""
    if small_area is None:
        return {}
    rows = list((await session.scalars(select(Area).where(col(Area.bank_id) == bank_id))).all())
    here = next((row for row in rows if row.small_area == small_area), None)
    if here is None:
        return {small_area: 0}
    return {row.small_area: metres(here, row) for row in rows}


def metres(one: Area, other: Area) -> int:
    """The distance between two areas along the ground, as the crow flies."""
    north = math.radians(other.latitude - one.latitude)
    east = math.radians(other.longitude - one.longitude) * math.cos(
        math.radians((one.latitude + other.latitude) / 2)
    )
    return round(EARTH_RADIUS_METRES * math.hypot(north, east))
