"""Practices and who works there: an ODS code, what it wishes to hear, what it likes to suggest.

Staff have a member's record to sign in by, reached by their work e-mail alone, so that no patient's letter
ever goes to somebody's own telephone. What must never happen: a mailbox used before somebody said that it
is secure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.errors import NotFound, SameIdOtherContents
from exchange.membership import members, organisations
from exchange.membership.contacts import ContactDraft, normalise
from exchange.membership.errors import OwnMobile
from exchange.membership.members import NewMember
from exchange.membership.passkey_tables import Passkey
from exchange.membership.tables import Member, Party, RoleGrant
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing.errors import BadOdsCode, MailboxNotSecure, OdsCodeTaken, UnknownReason
from exchange.prescribing.practice_tables import JOBS, PRACTICE_BACKS, Practice, PracticeStaff

ODS = re.compile(r"[A-Z0-9]{3,10}")
SOURCE = "works at a practice"


async def add(
    session: AsyncSession,
    viewer: Viewer,
    name: str,
    *,
    ods_code: str,
    practice_id: UUID | None = None,
    at: datetime,
) -> Practice:
    """A practice joins as an organisation of that kind; a repeat with the same id returns the first.

    Raises:
        BadOdsCode, OdsCodeTaken, TextMissing, TextTooLong, SameIdOtherContents, NotAllowed
    """
    require(viewer.roles, "practice.manage", [Relation.BANK])
    code = ods_code.strip().upper()
    if not ODS.fullmatch(code):
        raise BadOdsCode
    practice_id = practice_id or uuid7()
    known = await session.get(Practice, (viewer.bank_id, practice_id))
    if known is not None:
        if known.ods_code != code:
            raise SameIdOtherContents
        return known
    if await by_ods_code(session, viewer.bank_id, code) is not None:
        raise OdsCodeTaken
    await organisations.add(session, viewer, name, kind="practice", organisation_id=practice_id, at=at)
    practice = Practice(bank_id=viewer.bank_id, practice_id=practice_id, ods_code=code)
    session.add(practice)
    await session.flush()
    return practice


async def by_ods_code(session: AsyncSession, bank_id: UUID, code: str) -> Practice | None:
    """The practice with this code, if the bank has it."""
    found: Practice | None = await session.scalar(
        select(Practice).where(col(Practice.bank_id) == bank_id, col(Practice.ods_code) == code)
    )
    return found


async def get(session: AsyncSession, bank_id: UUID, practice_id: UUID) -> Practice:
    """One practice of this bank.

    Raises:
        NotFound: no such practice here.
    """
    found = await session.get(Practice, (bank_id, practice_id))
    if found is None:
        raise NotFound(field="practice_id")
    return found


async def every(session: AsyncSession, viewer: Viewer) -> list[tuple[Practice, str]]:
    """The bank's practices with their names, by name."""
    require(viewer.roles, "practice.manage", [Relation.BANK])
    rows = await session.execute(
        select(Practice, col(Party.name))
        .join(
            Party,
            (col(Party.bank_id) == col(Practice.bank_id))
            & (col(Party.party_id) == col(Practice.practice_id)),
        )
        .where(col(Practice.bank_id) == viewer.bank_id)
    )
    return sorted(((row.Practice, row.name) for row in rows), key=lambda pair: pair[1].casefold())


async def change(
    session: AsyncSession, viewer: Viewer, practice_id: UUID, changes: Mapping[str, Any]
) -> Practice:
    """Change what a practice hears (`hears`) and where letters go (`mailbox`, `is_mailbox_secure`).

    Raises:
        MailboxNotSecure: it is not an e-mail address, or nothing is there to be secure.
        UnknownReason, NotFound, NotAllowed
    """
    require(viewer.roles, "practice.manage", [Relation.BANK])
    practice = await get(session, viewer.bank_id, practice_id)
    if changes.get("hears", practice.hears) not in PRACTICE_BACKS:
        raise UnknownReason(field="hears")
    practice.hears = changes.get("hears", practice.hears)
    if "mailbox" in changes:
        practice.mailbox = _mailbox(changes["mailbox"])
        practice.is_mailbox_secure, practice.mailbox_seen_by = False, None
    if changes.get("is_mailbox_secure"):
        if practice.mailbox is None:
            raise MailboxNotSecure
        practice.is_mailbox_secure, practice.mailbox_seen_by = True, viewer.member_id
    await session.flush()
    return practice


def _mailbox(typed: str | None) -> str | None:
    if not (typed or "").strip():
        return None
    kind, value = normalise(str(typed))
    if kind != "email":
        raise MailboxNotSecure
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStaff:
    """Somebody who works at a practice."""

    name: str
    email: str
    job: str


async def add_staff(
    session: AsyncSession,
    viewer: Viewer,
    practice_id: UUID,
    staff: NewStaff,
    *,
    member_id: UUID | None = None,
    at: datetime,
) -> PracticeStaff:
    """Let somebody prescribe for a practice; they sign in by work e-mail. A repeat returns the first.

    Raises:
        OwnMobile: a telephone was given.
        UnknownReason: no such job.
        BadEmail, TextMissing, TextTooLong, NotFound, NotAllowed
    """
    require(viewer.roles, "practice.manage", [Relation.BANK])
    await get(session, viewer.bank_id, practice_id)
    if staff.job not in JOBS:
        raise UnknownReason(field="job")
    if normalise(staff.email)[0] != "email":
        raise OwnMobile
    draft = NewMember(
        name=staff.name, contacts=[ContactDraft(value=staff.email)], is_adult=True, source=SOURCE
    )
    member = await members.sign_up(session, viewer, draft, member_id=member_id, at=at)
    key = (viewer.bank_id, practice_id, member.member_id)
    known = await session.get(PracticeStaff, key)
    if known is None:
        known = PracticeStaff(
            bank_id=viewer.bank_id, practice_id=practice_id, member_id=member.member_id, job=staff.job
        )
        session.add(known)
        session.add(_grant(viewer.bank_id, practice_id, member.member_id))
        await session.flush()
    return known


def _grant(bank_id: UUID, practice_id: UUID, member_id: UUID) -> RoleGrant:
    return RoleGrant(
        bank_id=bank_id, grant_id=uuid7(), member_id=member_id, role="practice", organisation_id=practice_id
    )


async def remove_staff(session: AsyncSession, viewer: Viewer, practice_id: UUID, member_id: UUID) -> None:
    """Somebody no longer works there; what they prescribed stays the practice's."""
    require(viewer.roles, "practice.manage", [Relation.BANK])
    await get(session, viewer.bank_id, practice_id)
    here = (viewer.bank_id, practice_id, member_id)
    found = await session.get(PracticeStaff, here)
    if found is None:
        raise NotFound(field="member_id")
    await session.delete(found)
    await session.execute(
        delete(RoleGrant).where(
            col(RoleGrant.bank_id) == viewer.bank_id,
            col(RoleGrant.member_id) == member_id,
            col(RoleGrant.role) == "practice",
            col(RoleGrant.organisation_id) == practice_id,
        )
    )
    await session.execute(
        delete(Passkey).where(col(Passkey.bank_id) == viewer.bank_id, col(Passkey.member_id) == member_id)
    )
    await session.flush()


async def staff_of(
    session: AsyncSession, viewer: Viewer, practice_id: UUID
) -> list[tuple[PracticeStaff, str]]:
    """Who works at a practice, by name."""
    require(viewer.roles, "practice.manage", [Relation.BANK])
    rows = await session.execute(
        select(PracticeStaff, col(Party.name))
        .join(
            Party,
            (col(Party.bank_id) == col(PracticeStaff.bank_id))
            & (col(Party.party_id) == col(PracticeStaff.member_id)),
        )
        .join(
            Member,
            (col(Member.bank_id) == col(PracticeStaff.bank_id))
            & (col(Member.member_id) == col(PracticeStaff.member_id)),
        )
        .where(
            col(PracticeStaff.bank_id) == viewer.bank_id,
            col(PracticeStaff.practice_id) == practice_id,
            col(Member.status) == "active",
        )
    )
    return sorted(((row.PracticeStaff, row.name) for row in rows), key=lambda pair: pair[1].casefold())


async def job_of(session: AsyncSession, viewer: Viewer, practice_id: UUID) -> str | None:
    """What the viewer does at a practice; None when they do not work there."""
    if practice_id not in viewer.practice_ids:
        return None
    found = await session.get(PracticeStaff, (viewer.bank_id, practice_id, viewer.member_id))
    return found.job if found else None
