"""Time notes: printed hours, set aside when they are issued, used once by whoever holds one.

A note's hours are held on the pot's or an organisation's account until somebody uses it, and go back when
its last day is over. What must never happen: a note used twice, hours from nowhere, or a code that can be
guessed at leisure.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import ledger
from exchange.activities import codes, opening, series
from exchange.activities.errors import BadNotes, NoteNotUsable, OwnNote, TooManyTries
from exchange.activities.opening import Opened, Tries
from exchange.activities.tables import MINUTES_MAX, NoteSheet, TimeNote, TypedCode
from exchange.activities.troubles import Trouble
from exchange.derived import derived
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.hours.booking import said_in_our_words
from exchange.hours.errors import PotEmpty
from exchange.membership import banks, organisations, parties
from exchange.membership.errors import MemberNotActive
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer
from exchange.permissions import require
from exchange.words import LINE_CHARACTERS_MAX, clean

NOTES_MAX = 200
DAYS_MAX = 3 * 366
MIDNIGHT = datetime.min.time()


async def issue(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sheet_id: UUID,
    payer_id: UUID,
    minutes: int,
    notes: int,
    expires_on: date,
    purpose: str | None = None,
    secret: bytes,
    at: datetime,
) -> NoteSheet:
    """A sheet of notes, each worth `minutes`, set aside on the pot's or an organisation's account.

    Raises:
        BadNotes, PotEmpty, MemberNotActive, SameIdOtherContents, NotAllowed, NotFound
    """
    bank = await banks.get(session, viewer.bank_id)
    payer = await parties.get(session, viewer.bank_id, payer_id)
    if payer.kind not in ("pot", "organisation"):
        raise NotFound(field="payer")
    require(viewer.roles, "note.issue", viewer.relations_to(payer_id))
    known = await session.get(NoteSheet, (viewer.bank_id, sheet_id))
    if known is not None:
        if (known.payer_id, known.minutes, known.notes) != (payer_id, minutes, notes):
            raise SameIdOtherContents
        return known
    _check(bank, minutes, notes, expires_on, at)
    sheet = NoteSheet(
        bank_id=viewer.bank_id,
        sheet_id=sheet_id,
        payer_id=payer_id,
        minutes=minutes,
        notes=notes,
        purpose=clean(purpose, field="purpose", characters_max=LINE_CHARACTERS_MAX),
        issued_by=viewer.member_id,
        issued_at=at,
        expires_on=expires_on,
        expire_at=series.starts_at(expires_on + timedelta(days=1), MIDNIGHT, bank.time_zone),
    )
    session.add(sheet)
    await session.flush()
    await _write(session, sheet, payer.account_id, secret, at)
    return sheet


def _check(bank: Bank, minutes: int, notes: int, expires_on: date, at: datetime) -> None:
    days = (expires_on - banks.today(bank, at)).days
    if not 1 <= minutes <= MINUTES_MAX:
        raise BadNotes(field="minutes")
    if not 1 <= notes <= NOTES_MAX:
        raise BadNotes(field="notes")
    if not 0 <= days <= DAYS_MAX:
        raise BadNotes(field="expires_on")


async def _write(
    session: AsyncSession, sheet: NoteSheet, account_id: UUID, secret: bytes, at: datetime
) -> None:
    made = [
        TimeNote(
            bank_id=sheet.bank_id,
            note_id=uuid5(sheet.sheet_id, f"note:{number}"),
            sheet_id=sheet.sheet_id,
            number=number,
        )
        for number in range(1, sheet.notes + 1)
    ]
    session.add_all(made)
    session.add_all(
        TypedCode(
            bank_id=sheet.bank_id,
            code_key=codes.key_of(codes.of_note(sheet.bank_id, note.note_id, secret), secret),
            kind="note",
            subject_id=note.note_id,
            made_at=at,
        )
        for note in made
    )
    await session.flush()
    for note in made:
        await _hold(session, sheet, note, account_id, at)


async def _hold(
    session: AsyncSession, sheet: NoteSheet, note: TimeNote, account_id: UUID, at: datetime
) -> None:
    assert sheet.expire_at is not None
    try:
        with said_in_our_words():
            async with session.begin_nested():
                await ledger.hold(
                    session,
                    sheet.bank_id,
                    note.note_id,
                    account_id=account_id,
                    amount_minor=sheet.minutes,
                    expires_at=sheet.expire_at + timedelta(days=1),
                    reference=sheet.sheet_id,
                    at=at,
                )
    except ledger.FloorCrossed as crossed:
        raise PotEmpty(field="notes") from crossed


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What became of a typed note: used, or the trouble with it. Commit either; then ask `require`."""

    note: TimeNote | None = None
    minutes: int = 0
    trouble: str | None = None

    def require(self) -> "Used":
        """After the commit: raise `TooManyTries` or `NoteNotUsable` when it was not used."""
        if self.trouble == "too_many":
            raise TooManyTries
        if self.note is None:
            raise NoteNotUsable
        return self


async def use(
    session: AsyncSession,
    viewer: Viewer,
    typed: str,
    tries: Tries,
    *,
    member_id: UUID | None = None,
    desk_id: UUID | None = None,
    at: datetime,
) -> Used:
    """Use a note, once: its hours are the member's now. The same member again gets the same answer.

    At a partner's desk, somebody who speaks for the organisation `desk_id` does it for `member_id`.

    Raises:
        OwnNote: by whoever issued it, or speaks for the organisation that pays.
        MemberNotActive, NotAllowed, NotFound
    """
    who = member_id or viewer.member_id
    person = await parties.get(session, viewer.bank_id, who)
    require(viewer.roles, "note.use", viewer.relations_to(who))
    if desk_id is not None:
        await parties.get(session, viewer.bank_id, desk_id)
        if desk_id not in viewer.organisation_ids and not viewer.is_staff:
            raise NotAllowed
    if person.kind != "member" or not await parties.is_present(session, person):
        raise MemberNotActive
    opened = await opening.open_code(session, viewer, typed, tries, at=at)
    if isinstance(opened, Trouble):
        return Used(trouble=opened.trouble)
    if opened.code.kind != "note":
        return Used(
            trouble=opening.refuse(session, viewer, "bad", tries, kind=opened.code.kind, at=at).trouble
        )
    return await _use(session, viewer, opened, tries, who, desk_id, at)


async def _use(
    session: AsyncSession,
    viewer: Viewer,
    opened: Opened,
    tries: Tries,
    who: UUID,
    desk_id: UUID | None,
    at: datetime,
) -> Used:
    note = await session.get_one(
        TimeNote, (viewer.bank_id, opened.subject_id), with_for_update=True, populate_existing=True
    )
    sheet = await session.get_one(NoteSheet, (viewer.bank_id, note.sheet_id))
    if note.state == "used" and note.used_by == who:
        return Used(note=note, minutes=sheet.minutes)
    bank = await banks.get(session, viewer.bank_id)
    today = banks.today(bank, at)
    if note.state != "out" or today > sheet.expires_on:
        trouble = "used" if note.state == "used" else "over"
        opening.refuse(session, viewer, trouble, tries, kind="note", subject_id=note.note_id, at=at)
        return Used(trouble=trouble)
    await _check_not_own(session, sheet, who)
    person = await parties.get(session, viewer.bank_id, who)
    with said_in_our_words():
        await ledger.capture(
            session,
            viewer.bank_id,
            note.note_id,
            transfer_id=derived(note.note_id, "used"),
            payee_id=person.account_id,
            happened_on=today,
            at=at,
        )
    note.state, note.used_by, note.used_at, note.desk_id = "used", who, at, desk_id
    await session.flush()
    return Used(note=note, minutes=sheet.minutes)


async def _check_not_own(session: AsyncSession, sheet: NoteSheet, who: UUID) -> None:
    speaking = await organisations.representatives(session, sheet.bank_id, sheet.payer_id)
    if who in {sheet.issued_by, *speaking}:
        raise OwnNote


async def void(session: AsyncSession, viewer: Viewer, sheet_id: UUID, *, at: datetime) -> NoteSheet:
    """A sheet was lost or spoilt: what is still out of it goes back, and its codes are dead. Once.

    Raises:
        NotAllowed, NotFound
    """
    sheet = await session.get(
        NoteSheet, (viewer.bank_id, sheet_id), with_for_update=True, populate_existing=True
    )
    if sheet is None:
        raise NotFound
    require(viewer.roles, "note.issue", viewer.relations_to(sheet.payer_id))
    await _send_back(session, sheet, "void", at)
    return sheet


async def _send_back(session: AsyncSession, sheet: NoteSheet, state: str, at: datetime) -> None:
    rows = await session.scalars(
        update(TimeNote)
        .where(
            col(TimeNote.bank_id) == sheet.bank_id,
            col(TimeNote.sheet_id) == sheet.sheet_id,
            col(TimeNote.state) == "out",
        )
        .values(state=state)
        .returning(col(TimeNote.note_id))
    )
    ended = list(rows.all())
    for note_id in sorted(ended):
        await _release(session, sheet.bank_id, note_id, at)
    if state == "void":
        await codes.kill(session, sheet.bank_id, "note", ended, at=at)
    sheet.expire_at = None
    await session.flush()


async def _release(session: AsyncSession, bank_id: UUID, note_id: UUID, at: datetime) -> None:
    """Give a note's hours back; a hold that ran out by itself has done so."""
    held = await ledger.find_hold(session, bank_id, note_id)
    if held.state == "held":
        await ledger.release(session, bank_id, note_id, at=at)


async def expire(session: AsyncSession, bank_id: UUID, *, at: datetime, limit: int = 20) -> int:
    """Send back what is left of sheets whose last day is over. Returns how many sheets."""
    rows = await session.scalars(
        select(NoteSheet)
        .where(col(NoteSheet.bank_id) == bank_id, col(NoteSheet.expire_at) <= at)
        .order_by(col(NoteSheet.sheet_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for sheet in due:
        await _send_back(session, sheet, "expired", at)
    return len(due)
