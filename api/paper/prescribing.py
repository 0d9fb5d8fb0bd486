"""Paper about referrals: the slip that a person takes home, and the letter back to whoever referred.

The slip names nobody's health and no surgery, since others may find it in a coat. The letter says no more
than its level allows. What must never happen: either made for a viewer who may not read the referral.
"""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babel.dates import format_date
from sqlalchemy.ext.asyncio import AsyncSession

from api import formats
from api.paper.printing import letter_back_pdf, slip_pdf
from exchange.errors import NotFound
from exchange.membership import banks, parties
from exchange.membership.viewer import Viewer
from exchange.prescribing import letters, read
from exchange.prescribing.access import Part
from exchange.prescribing.practice_tables import Practice
from exchange.prescribing.read import ReferralView
from exchange.prescribing.tables import Referral, ReferralLetter, ReferralPerson

LEVELS = {
    "nothing": "The person wishes nothing more to be told.",
    "codes": "The person, or the practice, wishes coded entries only.",
    "notes": "",
}


async def letter_back(session: AsyncSession, viewer: Viewer, referral_id: UUID, *, at: datetime) -> bytes:
    """The message back as a PDF, for whoever referred, the person, and coordinators; the look is logged.

    Raises:
        NotFound: there is none yet, or it is none of the viewer's business.
    """
    seen = await read.view(session, viewer, referral_id, at=at)
    if seen.letter_made_at is None or Part.WHO not in seen.parts:
        raise NotFound
    return await _letter(session, viewer.bank_id, referral_id, _allowed(seen))


def _allowed(seen: ReferralView) -> dict[str, Any]:
    measures = {"measures": seen.measures} if seen.measures else {}
    if seen.letter is not None:
        return {**seen.letter, **measures}
    return {"codes": seen.coded, **measures} if seen.coded is not None else {}


async def letter_of(session: AsyncSession, bank_id: UUID, referral_id: UUID) -> bytes:
    """The message back as it leaves for a secure mailbox, at the level it was written at."""
    letter = await session.get_one(ReferralLetter, (bank_id, referral_id))
    referral = await session.get_one(Referral, (bank_id, referral_id))
    facts = await letters.as_allowed(session, referral, letter.facts)
    return await _letter(session, bank_id, referral_id, facts)


async def _letter(session: AsyncSession, bank_id: UUID, referral_id: UUID, facts: dict[str, Any]) -> bytes:
    key = (bank_id, referral_id)
    referral = await session.get_one(Referral, key)
    letter = await session.get_one(ReferralLetter, key)
    person = await session.get(ReferralPerson, key)
    bank = await banks.get(session, bank_id)
    to = ""
    if referral.referrer_id:
        to = (await parties.get(session, bank_id, referral.referrer_id)).name
    practice = await session.get(Practice, (bank_id, referral.referrer_id)) if referral.referrer_id else None
    return await asyncio.to_thread(
        letter_back_pdf,
        bank=bank.name,
        contact=formats.telephone(bank.telephone) if bank.telephone else "",
        to=to,
        ods_code=practice.ods_code if practice else "",
        date=_day(letter.made_at),
        made=_day(referral.made_at),
        reference=str(referral.referral_id)[:8],
        about=_about(person),
        facts=_rows(facts),
        codes=[[c["system"], c["code"], c["words"]] for c in facts.get("codes", ())],
        measures=[_figures(entry) for entry in facts.get("measures", ())],
        words=str(facts.get("words") or ""),
        nothing=LEVELS[letter.level],
    )


def _day(at: datetime) -> str:
    return format_date(at, "d MMMM y", locale="en_GB")


def _about(person: ReferralPerson | None) -> list[list[str]]:
    if person is None:
        return [["Name", "Details were erased"]]
    rows = [["Name", person.name]]
    if person.born_on:
        rows.append(["Date of birth", format_date(person.born_on, "d MMMM y", locale="en_GB")])
    if person.nhs_number:
        n = person.nhs_number
        rows.append(["NHS number", f"{n[:3]} {n[3:6]} {n[6:]}"])
    if person.chi_number:
        rows.append(["CHI number", person.chi_number])
    return [*rows, ["Address", person.address]] if person.address else rows


def _rows(facts: dict[str, Any]) -> list[list[str]]:
    if "attempts" not in facts:
        return []
    rows = [["Chosen with them", "; ".join(facts["what"])]] if facts["what"] else []
    rows.append(["Times we tried to reach them", str(facts["attempts"])])
    if facts["started_on"]:
        began = date.fromisoformat(facts["started_on"])
        rows.append(["Began on", format_date(began, "d MMMM y", locale="en_GB")])
    if facts["is_member"]:
        rows.append(["Times they came to a group", str(facts["sessions"])])
        rows.append(["Hours they gave", formats.duration(facts["gave_minutes"], "en")])
        rows.append(["Hours they received", formats.duration(facts["received_minutes"], "en")])
    return rows


def _figures(entry: Mapping[str, Any]) -> list[str]:
    """What it is, its code, and each figure with its day."""
    days = [f"{value:g} ({_short(day)})" for day, value in entry["values"]]
    goal = entry.get("goal")
    words = f"{goal} ({entry['words']})" if goal else entry["words"]
    return [words, entry["code"], ", ".join(days)]


def _short(day: str) -> str:
    return format_date(date.fromisoformat(day), "d MMM y", locale="en_GB")


async def slip(
    session: AsyncSession, viewer: Viewer, referral_id: UUID, *, public_url: str, at: datetime
) -> bytes:
    """What the person takes home: what was chosen, whom to ring, and a code; on one page.

    Raises:
        NotFound: none of the viewer's business, or already erased.
    """
    seen = await read.view(session, viewer, referral_id, at=at)
    if seen.who is None or seen.code is None or seen.what is None:
        raise NotFound
    bank = await banks.get(session, viewer.bank_id)
    return await asyncio.to_thread(
        slip_pdf,
        bank=bank.name,
        contact=formats.telephone(bank.telephone) if bank.telephone else "",
        name=seen.who.name.split()[0],
        choices=[[c.words, c.when_words or ""] for c in seen.what],
        code=seen.code.shown,
        link=public_url.rstrip("/") + seen.code.path,
        language="en",
    )
