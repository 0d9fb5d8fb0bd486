"""What a code opens for whoever holds it, in their own bank; or why it does not open.

What must never happen: a card that tells a stranger whose it is, or a code of another bank that says more
than that it is not ours.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.activities import codes, moments, standing, troubles
from exchange.activities.codes import Code, Known
from exchange.activities.errors import BadCode
from exchange.activities.moments import Moment
from exchange.activities.standing import Meeting
from exchange.activities.troubles import Trouble
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Whom wrong codes are counted against, each as a keyed hash, and the secret behind codes."""

    secret: bytes
    who: tuple[str, ...]
    network: str | None = None
    """The one of them that may be many people."""

    @classmethod
    def of(cls, secret: bytes, **facts: object) -> "Tries":
        """One counter for each fact that is known: `member`, `number`, `network`."""
        known = {
            name: troubles.who_is(secret, name, fact)
            for name, fact in sorted(facts.items())
            if fact is not None
        }
        return cls(secret=secret, who=tuple(known.values()), network=known.get("network"))

    def most(self, who: str) -> int:
        """How many wrong codes an hour this counter bears."""
        return troubles.NETWORK_TRIES_MAX if who == self.network else troubles.TRIES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A living code of the viewer's own bank, and what it is of."""

    code: Code
    subject_id: UUID


async def open_code(
    session: AsyncSession, viewer: Viewer, text: str, tries: Tries, *, at: datetime
) -> Opened | Trouble:
    """What a typed or scanned code is; a wrong one is an answer, no error: its count must stay."""
    for who in tries.who:
        if await troubles.is_too_many(session, viewer.bank_id, who, most=tries.most(who), at=at):
            return Trouble(trouble="too_many")
    try:
        code = codes.read(text)
    except BadCode:
        return refuse(session, viewer, "bad", tries, at=at)
    known = await codes.find(session, viewer.bank_id, code, secret=tries.secret)
    if known is None:
        elsewhere = await codes.bank_of(session, code, secret=tries.secret)
        trouble = "other_bank" if elsewhere else "unknown"
        return refuse(session, viewer, trouble, tries, kind=code.kind, at=at)
    if known.is_dead:
        return await _dead(session, viewer, known, tries, at)
    return Opened(code=code, subject_id=known.subject_id)


async def _dead(session: AsyncSession, viewer: Viewer, known: Known, tries: Tries, at: datetime) -> Trouble:
    """A poster whose session was called off says so; anything else was replaced."""
    trouble = "dead"
    if known.kind == "poster":
        found = await standing.meeting(session, viewer, known.subject_id)
        trouble = "called_off" if found.session.state == "called_off" else "dead"
    return refuse(session, viewer, trouble, tries, kind=known.kind, subject_id=known.subject_id, at=at)


def refuse(
    session: AsyncSession,
    viewer: Viewer,
    trouble: str,
    tries: Tries,
    *,
    at: datetime,
    kind: str | None = None,
    subject_id: UUID | None = None,
) -> Trouble:
    """Log it once for each counter, and answer."""
    for number, who in enumerate(tries.who or ("",)):
        troubles.note(
            session,
            viewer.bank_id,
            trouble,
            who=who,
            kind=kind,
            member_id=viewer.member_id,
            subject_id=subject_id,
            is_echo=number > 0,
            at=at,
        )
    return Trouble(trouble=trouble, kind=kind)


async def poster(
    session: AsyncSession, viewer: Viewer, opened: Opened, tries: Tries, moment: Moment, *, at: datetime
) -> Meeting | Trouble:
    """The session that a poster's code is of, if people are checked in there now.

    One that was scanned without signal is never turned away for its time: a coordinator looks at it.
    """
    found = await standing.meeting(session, viewer, opened.subject_id)
    meeting = found.session
    trouble = None
    if meeting.state == "called_off":
        trouble = "called_off"
    elif not moment.is_kept and not moment.is_during(meeting):
        trouble = "early" if moment.came_at < meeting.starts_at else "over"
    if trouble:
        return refuse(session, viewer, trouble, tries, kind="poster", subject_id=meeting.session_id, at=at)
    return found


async def card_holder(session: AsyncSession, viewer: Viewer, opened: Opened) -> Member | None:
    """The active member whose card it is; None when the helper should ask the coordinator."""
    member = await session.get_one(Member, (viewer.bank_id, opened.subject_id))
    return member if member.status == "active" else None


def now(at: datetime) -> Moment:
    """The moment of somebody who is here with signal."""
    return moments.read(None, is_kept=False, at=at)
