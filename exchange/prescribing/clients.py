"""Systems of a practice: credentials that an administrator makes, exchanged for a token of a few minutes.

Whoever holds them is the practice's software, never a person: it sends and reads what this one practice
referred. What must never happen: a secret that is kept, or one that may be guessed at leisure.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.errors import NotFound, SameIdOtherContents
from exchange.membership.errors import TooManyAsking
from exchange.membership.sign_in import Token
from exchange.membership.tables import Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, Role, require
from exchange.prescribing import practices
from exchange.prescribing.door_tables import PracticeClient, PracticeToken
from exchange.words import NAME_CHARACTERS_MAX, required

TOKEN_LIFE = timedelta(minutes=10)
TRIES_MAX = 10
PAUSE = timedelta(minutes=5)
TOKENS_MAX = 30
"""Tokens of one system that may live at a time."""
SECRET_BYTES = 32
UUID_BYTES = 16


def handle(bank_id: UUID, client_id: UUID) -> str:
    """The public name of a system, which carries its bank."""
    return urlsafe_b64encode(bank_id.bytes + client_id.bytes).decode().rstrip("=")


def read_handle(text: str) -> tuple[UUID, UUID] | None:
    """Bank and system; None for anything that is no such name."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return None
    if len(raw) != 2 * UUID_BYTES:
        return None
    return UUID(bytes=raw[:UUID_BYTES]), UUID(bytes=raw[UUID_BYTES:])


@dataclass(frozen=True, slots=True)
class NewClient:
    """What `make` made: the public name, and the secret, which nobody can read again; None on a repeat."""

    handle: str
    secret: str | None


async def make(
    session: AsyncSession, viewer: Viewer, practice_id: UUID, name: str, *, client_id: UUID, at: datetime
) -> NewClient:
    """Let a system of this practice in; a repeat makes nothing and shows no secret.

    Raises:
        SameIdOtherContents, TextMissing, TextTooLong, NotFound, NotAllowed
    """
    require(viewer.roles, "practice.connect", [Relation.BANK])
    await practices.get(session, viewer.bank_id, practice_id)
    known = await session.get(PracticeClient, (viewer.bank_id, client_id))
    if known is not None:
        if known.practice_id != practice_id:
            raise SameIdOtherContents
        return NewClient(handle(viewer.bank_id, client_id), None)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.add(
        PracticeClient(
            bank_id=viewer.bank_id,
            client_id=client_id,
            practice_id=practice_id,
            name=required(name, field="name", characters_max=NAME_CHARACTERS_MAX),
            secret_hash=_hash(secret),
            made_by=viewer.member_id,
            made_at=at,
        )
    )
    await session.flush()
    return NewClient(handle(viewer.bank_id, client_id), secret)


def _hash(secret: str) -> str:
    """The secret is long and random, so a plain hash gives nothing away."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def end(session: AsyncSession, viewer: Viewer, client_id: UUID, *, at: datetime) -> PracticeClient:
    """Shut a system out, now and with the tokens it holds; a repeat changes nothing.

    Raises:
        NotFound, NotAllowed
    """
    found = await session.get(PracticeClient, (viewer.bank_id, client_id))
    if found is None:
        raise NotFound
    require(viewer.roles, "practice.connect", [Relation.BANK])
    found.ended_at = found.ended_at or at
    await session.flush()
    return found


async def of_practice(session: AsyncSession, viewer: Viewer, practice_id: UUID) -> list[PracticeClient]:
    """The systems that may come in for a practice, oldest first."""
    require(viewer.roles, "practice.manage", [Relation.BANK])
    rows = await session.scalars(
        select(PracticeClient)
        .where(
            col(PracticeClient.bank_id) == viewer.bank_id,
            col(PracticeClient.practice_id) == practice_id,
            col(PracticeClient.ended_at).is_(None),
        )
        .order_by(col(PracticeClient.made_at), col(PracticeClient.client_id))
    )
    return list(rows.all())


async def names(session: AsyncSession, bank_id: UUID, keys: Collection[UUID]) -> dict[UUID, str]:
    """What systems are called, those that were shut out too."""
    rows = await session.scalars(
        select(PracticeClient).where(
            col(PracticeClient.bank_id) == bank_id, col(PracticeClient.client_id).in_(keys)
        )
    )
    return {row.client_id: row.name for row in rows}


async def open_token(
    session: AsyncSession, bank_id: UUID, client_id: UUID, secret: str, *, at: datetime
) -> Token | None:
    """Exchange the secret for a token. None for a wrong one: its count must be committed.

    Raises:
        TooManyAsking: it was guessed at too often, or holds too many tokens.
    """
    client = await session.get(PracticeClient, (bank_id, client_id), with_for_update=True)
    if client is None or client.ended_at is not None:
        return None
    if client.tries >= TRIES_MAX and client.tried_at and client.tried_at + PAUSE > at:
        raise TooManyAsking
    if not hmac.compare_digest(client.secret_hash, _hash(secret)):
        client.tries, client.tried_at = client.tries + 1, at
        await session.flush()
        return None
    client.tries, client.tried_at = 0, None
    return await _start(session, client, at)


async def _start(session: AsyncSession, client: PracticeClient, at: datetime) -> Token:
    mine = (col(PracticeToken.bank_id) == client.bank_id, col(PracticeToken.client_id) == client.client_id)
    await session.execute(delete(PracticeToken).where(*mine, col(PracticeToken.expires_at) <= at))
    alive = await session.scalar(select(func.count()).select_from(PracticeToken).where(*mine))
    if (alive or 0) >= TOKENS_MAX:
        raise TooManyAsking
    token = Token.make(client.bank_id)
    session.add(
        PracticeToken(
            bank_id=client.bank_id,
            token_hash=token.hash,
            client_id=client.client_id,
            made_at=at,
            expires_at=at + TOKEN_LIFE,
        )
    )
    await session.flush()
    return token


async def viewer_of(session: AsyncSession, token: Token, *, at: datetime) -> Viewer | None:
    """The practice's system that shows this token; None when it ended. The session is in its bank."""
    client = await session.scalar(
        select(PracticeClient)
        .join(
            PracticeToken,
            (col(PracticeToken.bank_id) == col(PracticeClient.bank_id))
            & (col(PracticeToken.client_id) == col(PracticeClient.client_id)),
        )
        .join(
            Party,
            (col(Party.bank_id) == col(PracticeClient.bank_id))
            & (col(Party.party_id) == col(PracticeClient.practice_id)),
        )
        .where(
            col(PracticeToken.bank_id) == token.bank_id,
            col(PracticeToken.token_hash) == token.hash,
            col(PracticeToken.expires_at) > at,
            col(PracticeClient.ended_at).is_(None),
            col(Party.is_active),
        )
    )
    if client is None:
        return None
    return Viewer(
        bank_id=client.bank_id,
        member_id=client.client_id,
        name=client.name,
        language="en",
        roles=frozenset({Role.PRACTICE}),
        practice_ids=frozenset({client.practice_id}),
        is_system=True,
    )
