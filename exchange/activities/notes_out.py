"""The report of time notes: what of each sheet is still out, was used, or went back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.tables import NoteSheet, TimeNote
from exchange.errors import NotAllowed
from exchange.membership import parties
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """One sheet in the report: what of it is still out, in notes and minutes."""

    sheet: NoteSheet
    payer: str
    out: int
    used: int
    gone_back: int

    @property
    def out_minutes(self) -> int:
        return self.out * self.sheet.minutes


async def report(session: AsyncSession, viewer: Viewer) -> list[Out]:
    """Every sheet that the viewer may read, newest first, with what of it is still out."""
    sheets = await session.scalars(
        select(NoteSheet)
        .where(col(NoteSheet.bank_id) == viewer.bank_id)
        .order_by(col(NoteSheet.issued_at).desc(), col(NoteSheet.sheet_id))
    )
    rows = await session.execute(
        select(col(TimeNote.sheet_id), col(TimeNote.state), func.count().label("number"))
        .where(col(TimeNote.bank_id) == viewer.bank_id)
        .group_by(col(TimeNote.sheet_id), col(TimeNote.state))
    )
    counts: dict[UUID, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row.sheet_id, {})[row.state] = row.number
    found = _readable(viewer, sheets.all())
    names = await parties.names(session, viewer.bank_id, {sheet.payer_id for sheet in found})
    return [_out(sheet, names[sheet.payer_id], counts[sheet.sheet_id]) for sheet in found]


def _readable(viewer: Viewer, sheets: Sequence[NoteSheet]) -> list[NoteSheet]:
    """All of them to staff; to others those of their organisations.

    Raises:
        NotAllowed: neither staff nor the voice of an organisation.
    """
    if viewer.is_staff:
        require(viewer.roles, "note.read", [Relation.UNINVOLVED])
        return list(sheets)
    if not viewer.organisation_ids:
        raise NotAllowed
    return [sheet for sheet in sheets if sheet.payer_id in viewer.organisation_ids]


def _out(sheet: NoteSheet, payer: str, counts: dict[str, int]) -> Out:
    gone = counts.get("expired", 0) + counts.get("void", 0)
    return Out(sheet=sheet, payer=payer, out=counts.get("out", 0), used=counts.get("used", 0), gone_back=gone)
