"""Signing practice staff in with a passkey: a key of a device's own, opened by its owner's finger or PIN.

It opens what a code to their work e-mail opens, and nothing more; nobody else is offered one. What must
never happen: a question answered twice, or a key that still opens after its owner left the practice.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.errors import NotFound
from exchange.membership import authenticators, banks, sign_in
from exchange.membership.authenticators import Owner, Site
from exchange.membership.errors import PasskeyRefused, TooManyPasskeys
from exchange.membership.passkey_tables import Passkey, PasskeyQuestion
from exchange.membership.sign_in import Token
from exchange.membership.viewer import Viewer, load
from exchange.permissions import Relation, Role, require
from exchange.tenancy import enter
from exchange.words import NAME_CHARACTERS_MAX, required

CHALLENGE_BYTES: Final = 32
QUESTION_LIFE: Final = timedelta(minutes=5)
PASSKEYS_MAX: Final = 8
FORGOTTEN_AT_ONCE: Final = 100
"""So many old questions make room for each new one; whoever asks at the same moment takes others."""


async def mine(session: AsyncSession, viewer: Viewer) -> list[Passkey]:
    """The viewer's passkeys, the oldest first."""
    require(viewer.roles, "passkey.keep", [Relation.OWN])
    rows = await session.scalars(
        select(Passkey)
        .where(col(Passkey.bank_id) == viewer.bank_id, col(Passkey.member_id) == viewer.member_id)
        .order_by(col(Passkey.made_at), col(Passkey.passkey_id))
    )
    return list(rows.all())


async def ask_for_new(session: AsyncSession, viewer: Viewer, site: Site, *, at: datetime) -> str:
    """What the viewer's device is asked, as JSON, to make a passkey; it answers within five minutes."""
    known = await mine(session, viewer)
    bank = await banks.get(session, viewer.bank_id)
    return authenticators.to_make(
        site,
        Owner(viewer.bank_id, viewer.member_id),
        challenge=await _ask(session, _member(viewer), at),
        bank_name=bank.name,
        name=viewer.name,
        known=[one.credential_id for one in known],
    )


async def add(
    session: AsyncSession,
    viewer: Viewer,
    site: Site,
    passkey_id: UUID,
    *,
    answer: str,
    name: str,
    at: datetime,
) -> Passkey:
    """Keep the passkey that the viewer's device has made; the same id again returns the first.

    The question is used up whatever comes of it, so commit either way.

    Raises:
        PasskeyRefused: it answers no question that we put to the viewer, or it is wrong somehow.
        TooManyPasskeys, TextMissing, TextTooLong, NotAllowed
    """
    known = await mine(session, viewer)
    read = authenticators.read_made(answer)
    is_answer = read is not None and await _take(session, read.challenge, _member(viewer), at)
    kept = await session.get(Passkey, (viewer.bank_id, passkey_id))
    if kept is not None and kept.member_id == viewer.member_id:
        return kept
    key = authenticators.made(site, read) if read and is_answer else None
    if key is None or kept is not None or await _by_credential(session, viewer.bank_id, key.credential_id):
        raise PasskeyRefused
    if len(known) >= PASSKEYS_MAX:
        raise TooManyPasskeys
    found = Passkey(
        bank_id=viewer.bank_id,
        passkey_id=passkey_id,
        member_id=viewer.member_id,
        credential_id=key.credential_id,
        public_key=key.public_key,
        sign_count=key.sign_count,
        name=required(name, field="name", characters_max=NAME_CHARACTERS_MAX),
        made_at=at,
    )
    session.add(found)
    await session.flush()
    return found


async def remove(session: AsyncSession, viewer: Viewer, passkey_id: UUID) -> None:
    """From now on this passkey opens nothing.

    Raises:
        NotFound: it is none of the viewer's own.
    """
    found = await session.get(Passkey, (viewer.bank_id, passkey_id))
    if found is None or found.member_id != viewer.member_id:
        raise NotFound
    await session.delete(found)
    await session.flush()


async def ask_who(session: AsyncSession, site: Site, *, visitor: str, at: datetime) -> str:
    """What a visitor's device is asked, as JSON, to say who they are; it answers within five minutes."""
    return authenticators.to_open(site, challenge=await _ask(session, _visitor(visitor), at))


async def open_session(
    session: AsyncSession, site: Site, answer: str, *, visitor: str, device: str, at: datetime
) -> Token | None:
    """Sign in somebody who works at a practice by their passkey; None when it opens nothing.

    The question is used up whatever comes of it, so commit either way.
    """
    read = authenticators.read_opened(answer)
    if read is None or read.owner is None or not await _take(session, read.challenge, _visitor(visitor), at):
        return None
    owner = read.owner
    await enter(session, owner.bank_id)
    found = await _by_credential(session, owner.bank_id, read.credential_id)
    if found is None or found.member_id != owner.member_id:
        return None
    viewer = await load(session, owner.bank_id, owner.member_id)
    if viewer is None or Role.PRACTICE not in viewer.roles:
        return None
    count = authenticators.opened(site, read, public_key=found.public_key, sign_count=found.sign_count)
    if count is None:
        return None
    found.sign_count, found.used_at = count, at
    return await sign_in.start_session(session, owner.bank_id, owner.member_id, device=device, at=at)


async def _by_credential(session: AsyncSession, bank_id: UUID, credential_id: str) -> Passkey | None:
    found: Passkey | None = await session.scalar(
        select(Passkey)
        .where(col(Passkey.bank_id) == bank_id, col(Passkey.credential_id) == credential_id)
        .with_for_update()
    )
    return found


def _member(viewer: Viewer) -> str:
    return hashlib.sha256(f"member:{viewer.bank_id}:{viewer.member_id}".encode()).hexdigest()


def _visitor(visitor: str) -> str:
    return hashlib.sha256(f"visitor:{visitor}".encode()).hexdigest()


async def _ask(session: AsyncSession, put_to: str, at: datetime) -> bytes:
    """A fresh challenge, kept by its hash; those that nobody answered in time are forgotten."""
    old = (
        select(col(PasskeyQuestion.key))
        .where(col(PasskeyQuestion.expires_at) <= at)
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(PasskeyQuestion).where(col(PasskeyQuestion.key).in_(old)))
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    key = hashlib.sha256(challenge).hexdigest()
    session.add(PasskeyQuestion(key=key, put_to=put_to, expires_at=at + QUESTION_LIFE))
    await session.flush()
    return challenge


async def _take(session: AsyncSession, challenge: bytes, put_to: str, at: datetime) -> bool:
    """Use a question up; whether it was there, put to this one, and still open."""
    found = await session.execute(
        delete(PasskeyQuestion)
        .where(
            col(PasskeyQuestion.key) == hashlib.sha256(challenge).hexdigest(),
            col(PasskeyQuestion.put_to) == put_to,
        )
        .returning(col(PasskeyQuestion.expires_at))
    )
    expires_at = found.scalar_one_or_none()
    return expires_at is not None and expires_at > at
