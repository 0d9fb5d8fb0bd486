"""Prescriptions that somebody began: what was typed is kept, right or wrong, until it is sent or forgotten.

A colleague at the same practice may finish what another began, and receives no more of it than their
standing allows. What must never happen: a draft that outlives its days, or one seen by another practice.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.errors import NotFound, TextTooLong
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import practices
from exchange.prescribing.errors import DraftSent, UnknownReason
from exchange.prescribing.tables import ROUTES, Referral, ReferralDraft

FORGOTTEN_AFTER = timedelta(days=14)
ANSWERS_CHARACTERS_MAX = 20_000
WHY_ANSWERS = ("need_", "flag_", "aspiration", "note")
"""Answers that only those who saw the person may read: reception goes on without them."""


def relation(viewer: Viewer, referrer_id: UUID | None) -> Relation:
    """What a viewer is to a referral that this organisation makes, or a person for themselves.

    A coordinator writes down what somebody told them by telephone, so theirs is never about themselves.
    """
    if referrer_id is None:
        return Relation.UNINVOLVED if viewer.is_staff else Relation.OWN
    is_theirs = referrer_id in viewer.practice_ids | viewer.organisation_ids
    return Relation.REFERRED if is_theirs else Relation.UNINVOLVED


async def begin(
    session: AsyncSession,
    viewer: Viewer,
    draft_id: UUID,
    *,
    route: str,
    referrer_id: UUID | None = None,
    at: datetime,
) -> ReferralDraft:
    """Begin a prescription; the same id again returns what is there.

    Raises:
        DraftSent: it was sent already.
        UnknownReason: no such route, or one that does not fit who refers.
        NotFound, NotAllowed
    """
    known = await session.get(ReferralDraft, (viewer.bank_id, draft_id))
    if known is not None:
        return await get(session, viewer, draft_id)
    if await session.get(Referral, (viewer.bank_id, draft_id)) is not None:
        raise DraftSent
    if route not in ROUTES or (route == "self") != (referrer_id is None):
        raise UnknownReason(field="route")
    if route == "practice":
        await practices.get(session, viewer.bank_id, referrer_id or draft_id)
    require(viewer.roles, "referral.make", [relation(viewer, referrer_id)])
    draft = ReferralDraft(
        bank_id=viewer.bank_id,
        draft_id=draft_id,
        route=route,
        referrer_id=referrer_id,
        begun_by=viewer.member_id,
        answers={},
        changed_at=at,
        forget_at=at + FORGOTTEN_AFTER,
    )
    session.add(draft)
    await session.flush()
    return draft


async def get(session: AsyncSession, viewer: Viewer, draft_id: UUID) -> ReferralDraft:
    """A draft of the viewer's own practice or organisation, or their own; coordinators see theirs.

    Raises:
        NotFound: there is none, or it is another's.
    """
    draft = await session.get(ReferralDraft, (viewer.bank_id, draft_id))
    if draft is None:
        raise NotFound
    is_theirs = relation(viewer, draft.referrer_id) is Relation.REFERRED
    if draft.begun_by != viewer.member_id and not is_theirs:
        raise NotFound
    return draft


async def keep(
    session: AsyncSession, viewer: Viewer, draft_id: UUID, answers: Mapping[str, str], *, at: datetime
) -> ReferralDraft:
    """Keep answers as they were typed, beside those that are there.

    Raises:
        TextTooLong: more than a prescription could ever say.
        NotFound
    """
    draft = await get(session, viewer, draft_id)
    merged = {**draft.answers, **answers}
    if sum(len(key) + len(value) for key, value in merged.items()) > ANSWERS_CHARACTERS_MAX:
        raise TextTooLong
    draft.answers, draft.changed_at, draft.forget_at = merged, at, at + FORGOTTEN_AFTER
    await session.flush()
    return draft


async def may_see_why(session: AsyncSession, viewer: Viewer, draft: ReferralDraft) -> bool:
    """Whether the viewer may read why: whoever began it, and clinical colleagues."""
    if draft.begun_by == viewer.member_id:
        return True
    job = await practices.job_of(session, viewer, draft.referrer_id) if draft.referrer_id else None
    return job in ("gp", "nurse", "link_worker")


async def open_ones(session: AsyncSession, viewer: Viewer) -> list[ReferralDraft]:
    """Drafts that the viewer may finish, the latest first."""
    mine = viewer.practice_ids | viewer.organisation_ids
    rows = await session.scalars(
        select(ReferralDraft)
        .where(
            col(ReferralDraft.bank_id) == viewer.bank_id,
            (col(ReferralDraft.begun_by) == viewer.member_id) | col(ReferralDraft.referrer_id).in_(mine),
        )
        .order_by(col(ReferralDraft.changed_at).desc())
    )
    return list(rows.all())


async def discard(session: AsyncSession, viewer: Viewer, draft_id: UUID) -> None:
    """Forget a draft now; a repeat finds nothing."""
    await session.delete(await get(session, viewer, draft_id))
    await session.flush()


async def forget(session: AsyncSession, bank_id: UUID, *, at: datetime) -> int:
    """Forget drafts whose days are over; returns how many."""
    due = (col(ReferralDraft.bank_id) == bank_id, col(ReferralDraft.forget_at) <= at)
    count = await session.scalar(select(func.count()).select_from(ReferralDraft).where(*due))
    await session.execute(delete(ReferralDraft).where(*due))
    return int(count or 0)
