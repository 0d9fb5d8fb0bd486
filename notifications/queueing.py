"""Turning notices into messages, in the transaction that turns an event into them.

One message for each event and recipient, however often it is asked for. Consent to texts, the kind of
line, quiet hours and budgets are decided here and fail closed; a message that may not be sent is kept
with its reason, so that a coordinator sees who was not told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import and_, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from notifications.budgets import Spend, open_purse
from notifications.notice import Notice
from notifications.numbers import line_of
from notifications.pauses import paused_among
from notifications.policy import Policy, earliest
from notifications.tables import BankText, DigestLine, Message
from notifications.wording import Words, declarations, spoken, words_for

HORIZON: Final = timedelta(hours=72)
"""A message that could not be sent for this long is given up, and shown on the desk."""
HORIZON_BY_KIND: Final = {"code": timedelta(minutes=15), "reply": timedelta(hours=12)}
"""A sign-in code is worth nothing after its quarter of an hour."""
DAILY: Final = UUID("8d0a6c3e-5b0f-5f5e-9c3b-2f3c6f0e7a11")
"""The namespace of once-a-day event ids."""
STORE: Final = (
    insert(SQLModel.metadata.tables["message"])
    .on_conflict_do_nothing()
    .returning(col(Message.id), col(Message.state))
)


@dataclass(slots=True)
class _Draft:
    notice: Notice
    words: Words
    not_before: datetime
    refusal: str | None

    def spend(self, policy: Policy) -> Spend | None:
        if self.notice.address.channel != "sms" or self.refusal:
            return None
        day = self.not_before.astimezone(policy.zone).date()
        kind, segments = self.notice.kind, self.words.segments
        is_awaited = kind in ("reply", "code")
        return Spend(day, self.notice.address.to, segments, kind == "safety", is_awaited)


def message_id(event_id: UUID, recipient_id: UUID) -> UUID:
    """A message's key follows from what it tells and whom, so a repeat can only find the first."""
    return uuid5(event_id, str(recipient_id))


def once_a_day(number: str, policy: Policy, *, at: datetime) -> UUID:
    """An event id that stays the same for one number all local day, for a reply to be given once a day."""
    return uuid5(DAILY, f"{number} {at.astimezone(policy.zone).date()}")


async def queue(
    session: AsyncSession, bank_id: UUID, notice: Notice, *, policy: Policy, at: datetime
) -> UUID | None:
    """Queue one message for one event and recipient; a repeat returns the first.

    Returns:
        The message's id, or None when it may not be sent (the row is kept, with its reason).

    Raises:
        UnknownTemplate, UnknownParameter, MissingPlaceholder: the notice does not fit its template.
    """
    return (await queue_many(session, bank_id, [notice], policy=policy, at=at))[0]


async def queue_many(
    session: AsyncSession, bank_id: UUID, notices: Sequence[Notice], *, policy: Policy, at: datetime
) -> list[UUID | None]:
    """Queue several in as few round trips as one; the answers are in the order of the notices."""
    if not notices:
        return []
    wanted = {message_id(n.event_id, n.recipient_id): n for n in notices}
    drafts = await _drafts(session, bank_id, list(wanted.values()), policy, at)
    states = await _store(session, bank_id, drafts, policy, at)
    repeated = wanted.keys() - states.keys()
    if repeated:
        states |= await _states(session, bank_id, repeated)
    ids = [message_id(n.event_id, n.recipient_id) for n in notices]
    return [found if states[found] != "withheld" else None for found in ids]


async def cancel_queued(session: AsyncSession, bank_id: UUID, recipient_id: UUID, *, at: datetime) -> int:
    """Stop everything that waits for one person: deceased, paused, or unsafe. Returns how many.

    What is with the provider cannot be called back; what may have been sent, or is on its way at this
    moment, is never tried again.
    """
    theirs = and_(col(Message.bank_id) == bank_id, col(Message.recipient_id) == recipient_id)
    found = await session.execute(
        update(Message)
        .where(theirs, col(Message.state).in_(("pending", "maybe_sent")))
        .values(
            state="cancelled",
            reason="recipient",
            settled_at=at,
            lease_until=None,
            parameters={},
            attachment=None,
            body=case((col(Message.kind) == "code", ""), else_=col(Message.body)),
        )
        .returning(col(Message.id))
    )
    await session.execute(
        update(Message).where(theirs, col(Message.state) == "sending").values(give_up_at=at)
    )
    await session.execute(
        delete(DigestLine).where(
            col(DigestLine.bank_id) == bank_id,
            col(DigestLine.recipient_id) == recipient_id,
            col(DigestLine.told_at).is_(None),
        )
    )
    return len(found.all())


async def unsaid(
    session: AsyncSession, bank_id: UUID, recipients: Collection[UUID], templates: Collection[str]
) -> dict[UUID, UUID]:
    """Messages of these kinds that still wait to be told to these people, each with its event."""
    rows = await session.execute(
        select(col(Message.id), col(Message.event_id)).where(
            col(Message.bank_id) == bank_id,
            col(Message.recipient_id).in_(recipients),
            col(Message.template).in_(templates),
            col(Message.state) == "pending",
        )
    )
    return {row.id: row.event_id for row in rows}


async def leave_unsaid(
    session: AsyncSession, bank_id: UUID, message_ids: Collection[UUID], *, at: datetime
) -> int:
    """Stop messages that are about nothing any more, unless they are on their way. Returns how many."""
    stopped = await session.scalars(
        update(Message)
        .where(
            col(Message.bank_id) == bank_id,
            col(Message.id).in_(message_ids),
            col(Message.state) == "pending",
        )
        .values(state="cancelled", reason="answered", settled_at=at, parameters={}, attachment=None)
        .returning(col(Message.id))
    )
    return len(stopped.all())


async def _states(session: AsyncSession, bank_id: UUID, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = await session.execute(
        select(col(Message.id), col(Message.state)).where(
            col(Message.bank_id) == bank_id, col(Message.id).in_(ids)
        )
    )
    return {row.id: row.state for row in rows}


async def _drafts(
    session: AsyncSession, bank_id: UUID, notices: list[Notice], policy: Policy, at: datetime
) -> list[_Draft]:
    paused = await paused_among(session, bank_id, {n.address.to for n in notices})
    own = await _own_texts(session, bank_id, notices)
    return [
        _draft(notice, own.get((notice.template, spoken(notice.language))), paused, policy, at)
        for notice in notices
    ]


async def _own_texts(
    session: AsyncSession, bank_id: UUID, notices: list[Notice]
) -> dict[tuple[str, str], str]:
    rows = await session.execute(
        select(col(BankText.template), col(BankText.language), col(BankText.body)).where(
            col(BankText.bank_id) == bank_id, col(BankText.template).in_({n.template for n in notices})
        )
    )
    return {(template, language): body for template, language, body in rows}


def _draft(
    notice: Notice, own: str | None, paused: dict[tuple[str, str], str], policy: Policy, at: datetime
) -> _Draft:
    notice, refusal = _reachable(notice, policy)
    refusal = refusal or paused.get((notice.address.channel, notice.address.to))
    words = words_for(notice, notice.address.channel, policy, own=own)
    not_before = earliest(notice.address, notice.kind, policy, at=at)
    if notice.kind == "code" and not_before > at:
        refusal = refusal or "unsafe_hour"  # it would be worthless by the time it may be told
    return _Draft(notice, words, not_before, refusal)


def _reachable(notice: Notice, policy: Policy) -> tuple[Notice, str | None]:
    """Landlines are called, never texted; numbers that must not be texted are refused."""
    if notice.address.channel != "sms":
        return notice, None
    line = line_of(notice.address.to, countries=policy.countries)
    if line == "mobile" or (line == "crown_dependency" and policy.allows_crown_dependencies):
        return notice, None
    if line == "landline" and "call" in declarations()[notice.template].told_by:
        return replace(notice, address=replace(notice.address, channel="call")), None
    return notice, line


async def _store(
    session: AsyncSession, bank_id: UUID, drafts: list[_Draft], policy: Policy, at: datetime
) -> dict[UUID, str]:
    """Spend and write down; returns the state of each message that is new."""
    spends = {id(draft): spend for draft in drafts if (spend := draft.spend(policy)) is not None}
    purse = await open_purse(session, bank_id, spends.values(), policy)
    for draft in drafts:
        if spend := spends.get(id(draft)):
            draft.refusal = purse.take(spend)
    stored = await session.execute(STORE, [_row(bank_id, draft, at) for draft in drafts])
    new = {row.id: row.state for row in stored}
    for draft in drafts:
        is_new = message_id(draft.notice.event_id, draft.notice.recipient_id) in new
        if not is_new and draft.refusal is None and (spend := spends.get(id(draft))):
            purse.give_back(spend)
    await purse.close(session, bank_id)
    return new


def _row(bank_id: UUID, draft: _Draft, at: datetime) -> dict[str, Any]:
    notice, address, words = draft.notice, draft.notice.address, draft.words
    is_code_withheld = bool(draft.refusal) and notice.kind == "code"
    return {
        "bank_id": bank_id,
        "id": message_id(notice.event_id, notice.recipient_id),
        "event_id": notice.event_id,
        "recipient_id": notice.recipient_id,
        "channel": address.channel,
        "address": address.to,
        "is_discreet": address.discreet,
        "safe_from": address.safe_from,
        "safe_until": address.safe_until,
        "may_leave_message": address.may_leave_message,
        "kind": notice.kind,
        "template": notice.template,
        "parameters": {} if is_code_withheld else dict(notice.parameters),
        "language": spoken(notice.language),
        "subject": words.subject,
        "body": "" if is_code_withheld else words.body,
        "segments": words.segments,
        "attachment_name": notice.attachment.name if notice.attachment else None,
        "attachment_type": notice.attachment.media_type if notice.attachment else None,
        "attachment": notice.attachment.content if notice.attachment else None,
        "state": "withheld" if draft.refusal else "pending",
        "reason": draft.refusal,
        "attempts": 0,
        "queued_at": at,
        "not_before": draft.not_before,
        "give_up_at": draft.not_before + HORIZON_BY_KIND.get(notice.kind, HORIZON),
        "settled_at": at if draft.refusal else None,
    }
