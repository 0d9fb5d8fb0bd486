"""From records to paper: a party's statement, and the letters that wait on the desk.

Typesetting takes a moment of a core, so it happens beside the event loop.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from babel.dates import format_date
from sqlalchemy.ext.asyncio import AsyncSession

import notifications
from api import formats
from api.paper.printing import Letter, Statement, letters_pdf, statements_pdf
from api.paper.wording import WORDS, Words
from exchange.hours import read
from exchange.hours.read import StatementLine
from exchange.membership import banks, parties
from exchange.membership.tables import Bank, Member
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from mobile_web.languages import language as speaks
from mobile_web.words import account_name

LINES_MAX = 200


async def statement(
    session: AsyncSession, viewer: Viewer, *, party_id: UUID | None = None, at: datetime
) -> bytes:
    """A party's statement as a tagged PDF, in the language of the one it is for.

    Raises:
        NotFound, NotAllowed: not the viewer's to read.
    """
    return await statements(session, viewer, [party_id or viewer.member_id], at=at)


async def statements(
    session: AsyncSession, viewer: Viewer, party_ids: Sequence[UUID], *, at: datetime
) -> bytes:
    """Several parties' statements in one PDF, each in the language of the one it is for.

    Raises:
        NotFound, NotAllowed: one of them is not the viewer's to read.
    """
    bank = await banks.get(session, viewer.bank_id)
    made = [await _statement(session, viewer, bank, party_id, at) for party_id in party_ids]
    language = made[0].language if made else viewer.language
    title = WORDS.get(language, WORDS["en"]).title
    return await asyncio.to_thread(statements_pdf, made, bank=bank.name, title=title, language=language)


async def _statement(
    session: AsyncSession, viewer: Viewer, bank: Bank, party_id: UUID, at: datetime
) -> Statement:
    page = await read.statement(session, viewer, party_id=party_id, limit=LINES_MAX)
    member = await session.get(Member, (viewer.bank_id, party_id))
    language = member.language if member else viewer.language
    words = WORDS.get(language, WORDS["en"])
    return Statement(
        name=(await parties.get(session, viewer.bank_id, party_id)).name,
        title=words.title,
        date=_today(bank, language, at),
        balance=formats.balance(page.balance_minutes, language),
        headings=words.headings,
        lines=[_line(line, words, language) for line in page.lines],
        nothing=words.nothing,
        closing=words.closing.format(f": {formats.telephone(bank.telephone)}" if bank.telephone else ""),
        language=language,
    )


def _today(bank: Bank, language: str, at: datetime) -> str:
    return format_date(banks.today(bank, at), "d MMMM y", locale=language)


def _line(line: StatementLine, words: Words, language: str) -> tuple[str, str, str, str]:
    who = account_name(speaks(language), line.counterpart_kind, line.counterpart)
    if line.kind == "hours":
        what = (words.gave if line.minutes > 0 else words.received).format(who)
    else:
        what = getattr(words, line.kind).format(who)
    if line.skill:
        what = f"{what} ({line.skill})"
    return (
        formats.day(line.happened_on, language),
        what,
        formats.signed(line.minutes, language),
        formats.signed(line.balance_minutes, language),
    )


async def letters(session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes:
    """Every letter that waits on the desk, in one PDF for the printer."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    bank = await banks.get(session, viewer.bank_id)
    waiting = await notifications.letters(session, viewer.bank_id)
    return await asyncio.to_thread(
        letters_pdf,
        [
            Letter(
                address=item.to.splitlines(),
                sender="" if item.is_discreet else bank.name,
                date=_today(bank, item.language, at),
                subject=item.subject,
                paragraphs=[line for line in item.body.splitlines() if line.strip()],
                language=item.language,
            )
            for item in waiting
        ],
        bank=bank.name,
        title="Letters",
    )
