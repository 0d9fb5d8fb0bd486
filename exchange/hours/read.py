"""Hours as people read them: with names, what the viewer may do next, and the words of their statement.

What must never happen: somebody's private reason shown to the other side.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import ledger
from exchange.activities import subjects
from exchange.activities.subjects import Subject
from exchange.cursors import pack, unpack
from exchange.errors import BadCursor, NotFound
from exchange.hours import relations, states, steps
from exchange.hours.tables import STATES, Gift, Hours
from exchange.membership import banks, parties
from exchange.membership.tables import Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, may, require

OFFERED = ("confirm", "decline", "withdraw", "approve", "object", "dismiss", "reverse")


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursView:
    """Hours with the names of both sides and the verbs the viewer may use now."""

    hours: Hours
    giver: str
    receiver: str
    awaited: str
    other: str
    """The name on the side that is not the viewer's; the giver's for outsiders."""
    other_id: UUID
    is_giver: bool
    is_party: bool
    verbs: tuple[str, ...]
    private_reasons: tuple[str, ...] = ()
    """What people said for the coordinator only; empty for everybody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One line that moved a balance: `minutes` are signed from the account's side."""

    transfer_id: UUID
    kind: str
    """`hours`, `gift`, `cover` (the pot helped), `activity`, `booking`, `time_note` or `reversal`."""
    counterpart: str
    counterpart_id: UUID
    counterpart_kind: str
    """Whose account it is, as `Party.kind` has it: the bank's own are named in the reader's language."""
    minutes: int
    balance_minutes: int
    happened_on: date
    booked_at: datetime
    skill: str | None = None
    note: str | None = None
    hours_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A page of an account's history, newest first."""

    lines: list[StatementLine]
    balance_minutes: int
    available_minutes: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What waits for a coordinator, oldest first in each heap."""

    approvals: list[HoursView] = field(default_factory=list)
    floor_cases: list[HoursView] = field(default_factory=list)
    objections: list[HoursView] = field(default_factory=list)
    unanswered: list[HoursView] = field(default_factory=list)
    declined: list[HoursView] = field(default_factory=list)


async def view(session: AsyncSession, viewer: Viewer, hours_id: UUID) -> HoursView:
    """One hour's record.

    Raises:
        NotFound: no such hours, or none of the viewer's business.
    """
    found = await session.get(Hours, (viewer.bank_id, hours_id))
    if found is None:
        raise NotFound
    await relations.allow(session, viewer, "hours.read", found)
    return (await views(session, viewer, [found]))[0]


async def views(session: AsyncSession, viewer: Viewer, rows: Sequence[Hours]) -> list[HoursView]:
    """Rows with names, offered verbs and, for staff who took no part, the private reasons."""
    keys = {key for row in rows for key in (row.giver_id, row.receiver_id)}
    known = await parties.names(session, viewer.bank_id, keys)
    return [await _one(session, viewer, row, known) for row in rows]


async def _one(session: AsyncSession, viewer: Viewer, row: Hours, known: dict[UUID, str]) -> HoursView:
    found = await relations.relations(session, viewer, row)
    is_giver = row.giver_id in viewer.party_ids
    other_id = row.receiver_id if is_giver else row.giver_id
    return HoursView(
        hours=row,
        giver=known[row.giver_id],
        receiver=known[row.receiver_id],
        awaited=known[row.awaited_id],
        other=known[other_id],
        other_id=other_id,
        is_giver=is_giver,
        is_party=Relation.OWN in found,
        verbs=_offered(viewer, row, found),
        private_reasons=await _private_reasons(session, viewer, row, found),
    )


def _offered(viewer: Viewer, row: Hours, found: frozenset[Relation]) -> tuple[str, ...]:
    possible = states.open_to(row)
    return tuple(
        verb
        for verb in OFFERED
        if verb in possible and may(viewer.roles, states.permission_for(row.state, verb), found)
    )


async def _private_reasons(
    session: AsyncSession, viewer: Viewer, row: Hours, found: frozenset[Relation]
) -> tuple[str, ...]:
    if Relation.UNINVOLVED not in found or not viewer.is_staff:
        return ()
    done = await steps.of_hours(session, row)
    return tuple(text for step in done for text in (step.reason, step.evidence) if text)


async def waiting_for(session: AsyncSession, viewer: Viewer) -> list[HoursView]:
    """Hours that wait for the viewer's yes, oldest first."""
    rows = await session.scalars(
        select(Hours)
        .where(
            col(Hours.bank_id) == viewer.bank_id,
            col(Hours.awaited_id).in_(viewer.party_ids),
            col(Hours.state) == "awaiting_confirmation",
        )
        .order_by(col(Hours.logged_at), col(Hours.hours_id))
    )
    return await views(session, viewer, rows.all())


async def recent(
    session: AsyncSession,
    viewer: Viewer,
    *,
    party_id: UUID | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> tuple[list[HoursView], str | None]:
    """Hours that a party gave or received, newest first, and the cursor of the next page."""
    party_id = party_id or viewer.member_id
    await parties.get(session, viewer.bank_id, party_id)
    require(viewer.roles, "hours.read", viewer.relations_to(party_id))
    statement = (
        select(Hours)
        .where(
            col(Hours.bank_id) == viewer.bank_id,
            or_(col(Hours.giver_id) == party_id, col(Hours.receiver_id) == party_id),
        )
        .order_by(col(Hours.logged_at).desc(), col(Hours.hours_id).desc())
        .limit(limit + 1)
    )
    if state in STATES:
        statement = statement.where(col(Hours.state) == state)
    if cursor:
        statement = statement.where(_before(cursor))
    rows = list((await session.scalars(statement)).all())
    more = _cursor(rows[limit - 1]) if len(rows) > limit else None
    return await views(session, viewer, rows[:limit]), more


def _cursor(last: Hours) -> str:
    return pack(last.logged_at.isoformat(), str(last.hours_id))


def _before(cursor: str) -> ColumnElement[bool]:
    moment, key = unpack(cursor, 2)
    try:
        logged_at, hours_id = datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        raise BadCursor from None
    if logged_at.tzinfo is None:
        raise BadCursor
    return or_(
        col(Hours.logged_at) < logged_at,
        and_(col(Hours.logged_at) == logged_at, col(Hours.hours_id) < hours_id),
    )


async def companions(session: AsyncSession, viewer: Viewer, *, limit: int = 6) -> list[HoursView]:
    """The latest hours with each of the people the viewer lately exchanged with: 'same as last time'."""
    mine, _ = await recent(session, viewer, limit=60)
    latest: dict[UUID, HoursView] = {}
    for found in mine:
        if found.hours.state not in ("declined", "withdrawn"):
            latest.setdefault(found.other_id, found)
    hidden = await parties.hidden_from(session, viewer.bank_id, viewer.member_id)
    present = []
    for other_id, found in latest.items():
        party = await parties.get(session, viewer.bank_id, other_id)
        if other_id not in hidden and await parties.is_present(session, party):
            present.append(found)
    return present[:limit]


async def statement(
    session: AsyncSession,
    viewer: Viewer,
    *,
    party_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Statement:
    """A party's balance and the lines that made it, in minutes.

    Raises:
        NotFound, NotAllowed: not the viewer's to read.
        BadCursor: not a place in this statement.
    """
    party_id = party_id or viewer.member_id
    party = await parties.get(session, viewer.bank_id, party_id)
    require(viewer.roles, "statement.read", viewer.relations_to(party_id))
    balance = await ledger.balance(session, viewer.bank_id, party.account_id)
    try:
        page = await ledger.statement(session, viewer.bank_id, party.account_id, cursor=cursor, limit=limit)
    except ledger.BadCursor:
        raise BadCursor from None
    return Statement(
        lines=await _lines(session, viewer.bank_id, page.entries),
        balance_minutes=balance.posted,
        available_minutes=balance.available,
        next_cursor=page.next_cursor,
    )


async def _lines(
    session: AsyncSession, bank_id: UUID, entries: Sequence[ledger.Entry]
) -> list[StatementLine]:
    others = await parties.by_account(session, bank_id, [entry.counterpart_id for entry in entries])
    told = {key for e in entries for key in (e.transfer_id, e.reverses, e.reference) if key}
    hours = await _by_id(session, bank_id, told)
    gifts = await _gifts_by_id(session, bank_id, told)
    groups = await subjects.of_references(session, bank_id, told)
    return [_line(entry, others, hours, gifts, groups) for entry in entries]


async def _by_id(session: AsyncSession, bank_id: UUID, keys: set[UUID]) -> dict[UUID, Hours]:
    rows = await session.scalars(
        select(Hours).where(col(Hours.bank_id) == bank_id, col(Hours.hours_id).in_(keys))
    )
    return {row.hours_id: row for row in rows}


async def _gifts_by_id(session: AsyncSession, bank_id: UUID, keys: set[UUID]) -> dict[UUID, Gift]:
    rows = await session.scalars(
        select(Gift).where(col(Gift.bank_id) == bank_id, col(Gift.gift_id).in_(keys))
    )
    return {row.gift_id: row for row in rows}


def _line(
    entry: ledger.Entry,
    others: dict[UUID, Party],
    hours: dict[UUID, Hours],
    gifts: dict[UUID, Gift],
    groups: dict[UUID, Subject],
) -> StatementLine:
    about = hours.get(entry.transfer_id) or hours.get(entry.reverses or entry.transfer_id)
    gift = gifts.get(entry.transfer_id)
    group = groups.get(entry.reference) if entry.reference else None
    if entry.reverses:
        kind = "reversal"
    elif gift:
        kind = "gift"
    elif group:
        kind = group.kind
    else:
        kind = "hours" if about else "cover"
    other = others[entry.counterpart_id]
    return StatementLine(
        transfer_id=entry.transfer_id,
        kind=kind,
        counterpart=other.name,
        counterpart_id=other.party_id,
        counterpart_kind=other.kind,
        minutes=entry.amount_minor,
        balance_minutes=entry.balance_after,
        happened_on=entry.happened_on,
        booked_at=entry.booked_at,
        skill=about.skill if about else (group.title if group else None),
        note=gift.note if gift else (about.note if about else None),
        hours_id=about.hours_id if about else None,
    )


async def desk(session: AsyncSession, viewer: Viewer) -> Desk:
    """What waits for a coordinator. Hours that the viewer took part in are left to somebody else.

    The member whom the bank named to decide for its coordinators sees just those hours.
    """
    bank = await banks.get(session, viewer.bank_id)
    if not relations.is_named(bank, viewer):
        require(viewer.roles, "queue.read", [Relation.BANK])
    rows = await session.scalars(
        select(Hours)
        .where(
            col(Hours.bank_id) == viewer.bank_id,
            or_(
                col(Hours.state).in_(("awaiting_approval", "objected")),
                and_(
                    col(Hours.state).in_(("awaiting_confirmation", "declined")),
                    col(Hours.is_with_coordinator),
                ),
            ),
        )
        .order_by(col(Hours.logged_at), col(Hours.hours_id))
    )
    others = [row for row in rows if not relations.own_side(viewer, row)]
    if not viewer.is_staff:
        others = [row for row in others if await relations.is_deputised(session, viewer, row)]
    found = await views(session, viewer, others)
    heaps = Desk()
    for item in found:
        _heap(heaps, item.hours).append(item)
    return heaps


def _heap(heaps: Desk, hours: Hours) -> list[HoursView]:
    if hours.state == "awaiting_approval":
        return heaps.floor_cases if "floor" in hours.approval_reasons else heaps.approvals
    by_state = {
        "objected": heaps.objections,
        "awaiting_confirmation": heaps.unanswered,
        "declined": heaps.declined,
    }
    return by_state[hours.state]
