"""Referrals as people read them: the parts that their standing and the consent allow, each read kept.

What must never happen: a look at a referral that is not in its log, or a part that the table of `access`
does not grant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.activities import codes as typed_codes
from exchange.activities.codes import Code
from exchange.membership import parties
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import access, again, clients, codes, linking, outcomes, records, states
from exchange.prescribing.access import Part, Standing
from exchange.prescribing.door_tables import ReferralIdentifier
from exchange.prescribing.measure_tables import AnswerSheet
from exchange.prescribing.practice_tables import Practice
from exchange.prescribing.tables import (
    Referral,
    ReferralChoice,
    ReferralLetter,
    ReferralNote,
    ReferralPerson,
    ReferralRead,
    ReferralStep,
    ReferralWhy,
)

WITH_THEM = "with_them"
"""What a referral's state is called where consent says that only its end may be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralView:
    """A referral as far as one viewer may see it: a part that is not theirs is None."""

    referral_id: UUID
    standing: Standing
    parts: frozenset[Part]
    route: str
    referrer: str | None
    state: str
    """The state, or `with_them` until it is `closed` where nothing more may be told."""
    made_at: datetime
    is_erased: bool
    code: Code | None = None
    """The typed code of their slip."""
    who: ReferralPerson | None = None
    why: ReferralWhy | None = None
    needs: Sequence[codes.Code] = ()
    flags: Sequence[codes.Code] = ()
    what: Sequence[ReferralChoice] | None = None
    course: Sequence[ReferralStep] | None = None
    reason: str | None = None
    tier: str | None = None
    coded: Sequence[Mapping[str, Any]] | None = None
    letter: Mapping[str, Any] | None = None
    letter_made_at: datetime | None = None
    notes: Sequence[ReferralNote] | None = None
    measures: Sequence[Mapping[str, Any]] | None = None
    """What the message back says of how they were: entries of `outcomes`."""
    sheets: Sequence[AnswerSheet] | None = None
    """What they answered about wellbeing since they were referred; for a system only."""
    identifier: ReferralIdentifier | None = None
    """What the practice's own system calls it."""
    beside: Sequence[again.Beside] = ()
    """Other referrals of the same person, where the viewer may know of them."""
    is_overdue: bool = False
    carries_minutes: int = 0
    member_id: UUID | None = None
    back: str | None = None
    basis: str | None = None
    consents: Mapping[str, Any] = field(default_factory=dict)
    """How the person's yes was heard, and whether their answers may be told."""
    state_at: datetime | None = None
    names: Mapping[UUID, str] = field(default_factory=dict)
    """Names of those who did the steps."""


async def view(session: AsyncSession, viewer: Viewer, referral_id: UUID, *, at: datetime) -> ReferralView:
    """One referral, as far as the viewer may see it; the look is written down.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    referral = await records.get(session, viewer, referral_id)
    standing = await records.standing(session, viewer, referral)
    parts = await parts_of(session, referral, standing)
    keep_look(session, viewer, referral, standing, parts, at)
    await session.flush()
    return await _view(session, viewer, referral, standing, parts, at)


async def parts_of(session: AsyncSession, referral: Referral, standing: Standing) -> frozenset[Part]:
    hears = None
    if standing in OF_PRACTICE and referral.referrer_id:
        practice = await session.get_one(Practice, (referral.bank_id, referral.referrer_id))
        hears = practice.hears
    parts = access.parts(standing, access.level(referral.back, hears))
    if Part.MEASURES in parts and not await _tells_measures(session, referral):
        return parts - {Part.MEASURES}
    return parts


async def _tells_measures(session: AsyncSession, referral: Referral) -> bool:
    """In the message at the end, as was asked of the person, and for as long as they allow it."""
    has_ended = referral.state in states.ENDS and referral.erased_on is None
    return has_ended and await outcomes.are_allowed(session, referral)


OF_PRACTICE = (Standing.CLINICIAN, Standing.RECEPTION, Standing.SYSTEM)


def keep_look(
    session: AsyncSession,
    viewer: Viewer,
    referral: Referral,
    standing: Standing,
    parts: frozenset[Part],
    at: datetime,
) -> None:
    session.add(
        ReferralRead(
            bank_id=referral.bank_id,
            read_id=uuid7(),
            referral_id=referral.referral_id,
            by_id=viewer.member_id,
            standing=standing.value,
            parts=sorted(part.value for part in parts),
            read_at=at,
        )
    )


async def _view(
    session: AsyncSession,
    viewer: Viewer,
    referral: Referral,
    standing: Standing,
    parts: frozenset[Part],
    at: datetime,
) -> ReferralView:
    key = (referral.bank_id, referral.referral_id)
    why = await session.get(ReferralWhy, key) if Part.WHY in parts else None
    course = await _rows(session, ReferralStep, referral, "step") if Part.COURSE in parts else None
    letter = await _letter(session, viewer, referral, parts, at)
    by = {step.by_id for step in course or () if step.by_id}
    by |= {referral.referrer_id} if referral.referrer_id else set()
    names = await parties.names(session, referral.bank_id, by) | await clients.names(
        session, referral.bank_id, by
    )
    is_told = Part.COURSE in parts
    return ReferralView(
        referral_id=referral.referral_id,
        standing=standing,
        parts=parts,
        route=referral.route,
        referrer=names.get(referral.referrer_id) if referral.referrer_id else None,
        state=referral.state if is_told else untold(referral),
        made_at=referral.made_at,
        is_erased=referral.erased_on is not None,
        code=await _code(session, referral) if Part.WHO in parts else None,
        who=await session.get(ReferralPerson, key) if Part.WHO in parts else None,
        why=why,
        needs=await codes.words_of(session, viewer, why.needs) if why else (),
        flags=await codes.words_of(session, viewer, why.flags) if why else (),
        what=await _rows(session, ReferralChoice, referral, "number") if Part.WHAT in parts else None,
        course=course,
        reason=referral.reason if is_told else None,
        tier=referral.tier if Part.NOTES in parts else None,
        coded=letter.facts.get("codes") if letter and Part.CODED in parts else None,
        letter=_words(letter) if letter and Part.WORDS in parts else None,
        measures=letter.facts.get("measures") if letter and Part.MEASURES in parts else None,
        letter_made_at=letter.made_at if letter else None,
        notes=await _rows(session, ReferralNote, referral, "step") if Part.NOTES in parts else None,
        is_overdue=referral.is_overdue if is_told else False,
        carries_minutes=referral.carries_minutes if Part.WHAT in parts else 0,
        member_id=referral.member_id if Part.NOTES in parts else None,
        back=referral.back if Part.WHO in parts else None,
        basis=referral.basis if Part.WHO in parts else None,
        sheets=await outcomes.sheets_since(session, referral)
        if Part.MEASURES in parts and standing is Standing.SYSTEM
        else None,
        identifier=await linking.of_referral(session, *key) if Part.WHO in parts else None,
        beside=await again.beside(session, referral, standing, parts),
        consents={"heard": referral.consent_heard, "may_measure": referral.may_measure},
        state_at=referral.state_at if is_told or referral.state in states.ENDS else None,
        names=names,
    )


async def _code(session: AsyncSession, referral: Referral) -> Code | None:
    return await typed_codes.of_subject(session, referral.bank_id, "referral", referral.referral_id)


def _words(letter: ReferralLetter) -> Mapping[str, Any]:
    return {name: value for name, value in letter.facts.items() if name != "measures"}


def untold(referral: Referral) -> str:
    return "closed" if referral.state in states.ENDS else WITH_THEM


async def _letter(
    session: AsyncSession, viewer: Viewer, referral: Referral, parts: frozenset[Part], at: datetime
) -> ReferralLetter | None:
    """The message back; that whoever referred has seen it is written down."""
    letter = await session.get(ReferralLetter, (referral.bank_id, referral.referral_id))
    if letter is None:
        return None
    if records.relation(viewer, referral) is Relation.REFERRED and letter.read_at is None:
        letter.read_at = at
        await session.flush()
    del parts
    return letter


async def _rows(session: AsyncSession, table: Any, referral: Referral, order: str) -> list[Any]:
    columns = table.__table__.c
    rows = await session.scalars(
        select(table)
        .where(columns.bank_id == referral.bank_id, columns.referral_id == referral.referral_id)
        .order_by(columns[order])
    )
    return list(rows.all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One line of the log of a referral: who looked, as what, at which parts, when."""

    who: str
    standing: str
    parts: Sequence[str]
    read_at: datetime


async def log_of(session: AsyncSession, viewer: Viewer, referral_id: UUID) -> list[Look]:
    """Who has looked at a referral, the latest first: for the person it is about, and to print for them.

    Raises:
        NotFound, NotAllowed
    """
    referral = await records.get(session, viewer, referral_id)
    require(viewer.roles, "referral.log", [records.relation(viewer, referral)])
    rows = await session.scalars(
        select(ReferralRead)
        .where(col(ReferralRead.bank_id) == viewer.bank_id, col(ReferralRead.referral_id) == referral_id)
        .order_by(col(ReferralRead.read_at).desc(), col(ReferralRead.read_id).desc())
    )
    found = list(rows.all())
    by = {row.by_id for row in found}
    names = await parties.names(session, viewer.bank_id, by) | await clients.names(
        session, viewer.bank_id, by
    )
    return [
        Look(
            who=names.get(row.by_id, "?"), standing=row.standing, parts=tuple(row.parts), read_at=row.read_at
        )
        for row in found
    ]
