"""From records to paper for groups and for people without a screen; whoever may read it may print it.

Typesetting takes a moment of a core, so it happens beside the event loop. What must never happen: a letter
to an address that is not safe to post to, or with our name on it where no name is safe.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.paper import sheets as paper
from api.paper.making import statements
from api.paper.sheets import Reader, Receipt
from exchange.activities import sheets
from exchange.errors import NotFound
from exchange.hours import read
from exchange.hours.read import HoursView
from exchange.hours.tables import Hours
from exchange.membership import banks, parties
from exchange.membership.tables import Bank, Contact, Member
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

RECEIPT_DAYS = 7
PEOPLE_MAX = 300


async def poster(
    session: AsyncSession, viewer: Viewer, session_id: UUID, *, public_url: str, at: datetime
) -> bytes:
    """A session's poster, in the language of whoever prints it.

    Raises:
        NotAllowed, NotFound
    """
    sheet = await sheets.poster(session, viewer, session_id, at=at)
    return await asyncio.to_thread(paper.poster_pdf, sheet, public_url=public_url, language=viewer.language)


async def roster(
    session: AsyncSession, viewer: Viewer, session_id: UUID, *, public_url: str, at: datetime
) -> bytes:
    """Who is expected at a session, for its helpers.

    Raises:
        NotAllowed, NotFound
    """
    sheet = await sheets.roster(session, viewer, session_id, at=at)
    return await asyncio.to_thread(paper.roster_pdf, sheet, public_url=public_url, language=viewer.language)


async def cards(
    session: AsyncSession, viewer: Viewer, member_ids: Sequence[UUID], *, public_url: str, at: datetime
) -> bytes:
    """The cards of these members, each in its owner's language, ten to a page.

    Raises:
        MemberNotActive, NotAllowed, NotFound
    """
    made = await sheets.cards(session, viewer, member_ids, at=at)
    return await asyncio.to_thread(paper.cards_pdf, made, public_url=public_url, language=viewer.language)


async def day_sheet(session: AsyncSession, viewer: Viewer, host_id: UUID, day: date) -> bytes:
    """Everything booked at one organisation on one day, for its till.

    Raises:
        NotAllowed, NotFound
    """
    sheet = await sheets.day(session, viewer, host_id, day)
    return await asyncio.to_thread(paper.day_pdf, sheet, language=viewer.language)


async def notes(
    session: AsyncSession, viewer: Viewer, sheet_id: UUID, *, secret: bytes, public_url: str
) -> bytes:
    """A sheet's time notes that are still out.

    Raises:
        NotAllowed, NotFound
    """
    sheet = await sheets.notes(session, viewer, sheet_id, secret=secret)
    return await asyncio.to_thread(paper.notes_pdf, sheet, public_url=public_url, language=viewer.language)


async def whats_on(session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes:
    """What is on, on one page to hang up: what anybody may read, since anybody will."""
    require(viewer.roles, "activity.read", [Relation.BANK])
    sheet = await sheets.whats_on(session, viewer.bank_id, viewer=None, at=at)
    return await asyncio.to_thread(
        paper.whats_on_pdf, sheet, [Reader(language=viewer.language)], language=viewer.language
    )


async def on_paper(session: AsyncSession, viewer: Viewer) -> list[tuple[Member, Contact]]:
    """Active members who are told things by letter, with an address where our name may be seen."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    rows = await session.execute(
        select(Member, Contact)
        .join(
            Contact,
            (col(Contact.bank_id) == col(Member.bank_id)) & (col(Contact.member_id) == col(Member.member_id)),
        )
        .where(
            col(Member.bank_id) == viewer.bank_id,
            col(Member.status) == "active",
            col(Member.preferred_channel) == "letter",
            col(Contact.kind) == "post",
            col(Contact.may_post),
            col(Contact.is_discreet).is_(False),
        )
        .order_by(col(Member.member_id), col(Contact.contact_id))
        .limit(PEOPLE_MAX)
    )
    first: dict[UUID, tuple[Member, Contact]] = {}
    for row in rows:
        first.setdefault(row.Member.member_id, (row.Member, row.Contact))
    return list(first.values())


async def statements_by_post(session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes:
    """The statements of everybody who is told things by letter, in one PDF."""
    people = [member.member_id for member, _ in await on_paper(session, viewer)]
    return await statements(session, viewer, people, at=at)


async def whats_on_by_post(session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes:
    """What is on as a letter to each of them: the public sessions, so that no wall is told of."""
    sheet = await sheets.whats_on(session, viewer.bank_id, viewer=None, at=at)
    readers = [
        Reader(
            address=tuple(contact.value.splitlines()),
            language=contact.language or member.language,
        )
        for member, contact in await on_paper(session, viewer)
    ]
    return await asyncio.to_thread(paper.whats_on_pdf, sheet, readers, language=viewer.language)


async def receipt(session: AsyncSession, viewer: Viewer, hours_id: UUID) -> bytes:
    """A receipt for an hour of the viewer's own that was added.

    Raises:
        NotFound: no such hours, not added yet, or not the viewer's.
    """
    view = await read.view(session, viewer, hours_id)
    bank = await banks.get(session, viewer.bank_id)
    if view.hours.posted_at is None or not view.is_party:
        raise NotFound
    made = _receipt(bank, view, is_giver=view.is_giver, language=viewer.language)
    return await asyncio.to_thread(paper.receipts_pdf, [made], bank=bank.name, language=viewer.language)


def _receipt(
    bank: Bank, view: HoursView, *, is_giver: bool, language: str, address: tuple[str, ...] = ()
) -> Receipt:
    hours = view.hours
    assert hours.posted_at is not None
    return Receipt(
        bank=bank.name,
        telephone=bank.telephone,
        address=address,
        language=language,
        other=view.receiver if is_giver else view.giver,
        is_giver=is_giver,
        minutes=hours.minutes,
        done_on=hours.done_on,
        posted_on=banks.today(bank, hours.posted_at),
        skill=hours.skill,
        number=str(hours.hours_id),
    )


async def receipts_by_post(session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes:
    """Receipts for what was added in the last week to the hours of people who are told by letter."""
    bank = await banks.get(session, viewer.bank_id)
    people = {member.member_id: (member, contact) for member, contact in await on_paper(session, viewer)}
    rows = await session.scalars(
        select(Hours)
        .where(
            col(Hours.bank_id) == viewer.bank_id,
            col(Hours.posted_at) > at - timedelta(days=RECEIPT_DAYS),
            col(Hours.giver_id).in_(people) | col(Hours.receiver_id).in_(people),
        )
        .order_by(col(Hours.posted_at), col(Hours.hours_id))
        .limit(PEOPLE_MAX)
    )
    made = [
        _receipt(
            bank,
            view,
            is_giver=is_giver,
            language=people[party_id][0].language,
            address=tuple(people[party_id][1].value.splitlines()),
        )
        for view in await read.views(session, viewer, list(rows.all()))
        for party_id, is_giver in ((view.hours.giver_id, True), (view.hours.receiver_id, False))
        if party_id in people
    ]
    return await asyncio.to_thread(paper.receipts_pdf, made, bank=bank.name, language=viewer.language)


async def waiting_on_paper(session: AsyncSession, viewer: Viewer) -> list[str]:
    """The names of everybody who is told things by letter."""
    people = [member.member_id for member, _ in await on_paper(session, viewer)]
    known = await parties.names(session, viewer.bank_id, people)
    return sorted(known.values(), key=str.casefold)
