"""What a transfer's reference was for, in the words of a statement: a session, a room, a time note."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.tables import Activity, ActivitySession, NoteSheet, Resource


@dataclass(frozen=True, slots=True)
class Subject:
    """`kind` is `activity`, `booking` or `time_note`; a note has no title."""

    kind: str
    title: str | None


async def of_references(
    session: AsyncSession, bank_id: UUID, references: Collection[UUID]
) -> dict[UUID, Subject]:
    """Each reference that is a session's, a room's or a sheet's, and what it was."""
    if not references:
        return {}
    sessions = await session.execute(
        select(col(ActivitySession.session_id), col(Activity.title))
        .join(
            Activity,
            (col(Activity.bank_id) == col(ActivitySession.bank_id))
            & (col(Activity.activity_id) == col(ActivitySession.activity_id)),
        )
        .where(col(ActivitySession.bank_id) == bank_id, col(ActivitySession.session_id).in_(references))
    )
    resources = await session.execute(
        select(col(Resource.resource_id), col(Resource.title)).where(
            col(Resource.bank_id) == bank_id, col(Resource.resource_id).in_(references)
        )
    )
    sheets = await session.scalars(
        select(col(NoteSheet.sheet_id)).where(
            col(NoteSheet.bank_id) == bank_id, col(NoteSheet.sheet_id).in_(references)
        )
    )
    found = {row.session_id: Subject("activity", row.title) for row in sessions}
    found |= {row.resource_id: Subject("booking", row.title) for row in resources}
    return found | {sheet_id: Subject("time_note", None) for sheet_id in sheets}
