"""Codes that did not open: said in a plain sentence, logged for the coordinator, counted against guesses.

What must never happen: the code itself in a log, or a guess that goes uncounted.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.activities.tables import CodeTrouble
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

TRIES_MAX = 10
NETWORK_TRIES_MAX = 100
"""A hall of people may stand behind one network: ten with an old poster must not shut out the rest."""
TRIES_WITHIN = timedelta(hours=1)
GUESSES = ("bad", "unknown", "other_bank", "dead", "used", "over")
"""What a wrong guess can look like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a code did not open; `trouble` is one of `tables.TROUBLES`."""

    trouble: str
    kind: str | None = None


def who_is(secret: bytes, *facts: object) -> str:
    """Whom tries are counted against, as a keyed hash: a session, a number, a network."""
    message = "|".join(["tries", *map(str, facts)]).encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


async def is_too_many(
    session: AsyncSession, bank_id: UUID, who: str, *, most: int = TRIES_MAX, at: datetime
) -> bool:
    """Whether so many codes failed lately that no more are looked at."""
    failed = await session.scalar(
        select(func.count()).where(
            col(CodeTrouble.bank_id) == bank_id,
            col(CodeTrouble.who) == who,
            col(CodeTrouble.trouble).in_(GUESSES),
            col(CodeTrouble.at) > at - TRIES_WITHIN,
        )
    )
    return (failed or 0) >= most


def note(
    session: AsyncSession,
    bank_id: UUID,
    trouble: str,
    *,
    who: str,
    at: datetime,
    kind: str | None = None,
    member_id: UUID | None = None,
    subject_id: UUID | None = None,
    is_echo: bool = False,
) -> Trouble:
    """Write it down; the caller commits it together with the answer, and raises nothing that would undo it.

    An echo only counts: a coordinator reads each trouble once.
    """
    session.add(
        CodeTrouble(
            bank_id=bank_id,
            trouble_id=uuid7(),
            trouble=trouble,
            kind=kind,
            who=who,
            member_id=member_id,
            subject_id=subject_id,
            at=at,
            settled_at=at if is_echo else None,
        )
    )
    return Trouble(trouble=trouble, kind=kind)


async def recent(session: AsyncSession, viewer: Viewer, *, limit: int = 50) -> list[CodeTrouble]:
    """What nobody has looked at yet, newest first."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    rows = await session.scalars(
        select(CodeTrouble)
        .where(col(CodeTrouble.bank_id) == viewer.bank_id, col(CodeTrouble.settled_at).is_(None))
        .order_by(col(CodeTrouble.at).desc(), col(CodeTrouble.trouble_id).desc())
        .limit(limit)
    )
    return list(rows.all())


async def settle(session: AsyncSession, viewer: Viewer, *, at: datetime) -> None:
    """A coordinator has seen them all."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    await session.execute(
        update(CodeTrouble)
        .where(
            col(CodeTrouble.bank_id) == viewer.bank_id,
            col(CodeTrouble.settled_at).is_(None),
            col(CodeTrouble.at) <= at,
        )
        .values(settled_at=at)
    )
