"""Signing in without a password: a code by text or e-mail, or a link. Passwords do not work here.

A code proves one contact, and through it one person: where several share a number, they are asked which,
and nothing is proved for the others. A reply that was lost may be asked for again: the same code from the
same browser gets the same session, as long as that is open. What must never happen: an answer that tells a
stranger whether a number is known, a code that can be guessed at leisure, or a used one that opens anything
to somebody else.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange import outbox
from exchange.errors import NotFound
from exchange.membership import code_requests
from exchange.membership.contacts import needs_proof, normalise, owners_wishes, sharing
from exchange.membership.errors import CodeUsed, LinkUsed, WrongCode
from exchange.membership.passkey_tables import Passkey
from exchange.membership.tables import Bank, Contact, Member, Party, SignInCode, SignInLink, SignInSession
from exchange.membership.viewer import Viewer, load
from exchange.permissions import require
from exchange.tenancy import banks_of_contact, enter

CODE_LIFE = timedelta(minutes=15)
TRIES_MAX = 5
CODES_PER_HOUR_MAX = 5
SESSION_LIFE = timedelta(days=90)
LINK_LIFE = timedelta(days=3)
UUID_BYTES = 16
SECRET_BYTES = 26
"""With the bank's sixteen, a number that base64 writes without padding."""
DEVICE_CHARACTERS_MAX = 80


@dataclass(frozen=True, slots=True)
class Token:
    """A secret that leaves the house; it carries its bank, and only its hash is kept."""

    bank_id: UUID
    text: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @classmethod
    def make(cls, bank_id: UUID) -> "Token":
        return cls._of(bank_id, secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def again(cls, bank_id: UUID, key: bytes, asker: str) -> "Token":
        """The same token each time for one `key` and one asker; nobody without both can work it out."""
        worked_out = hmac.digest(key, f"session for {asker}".encode(), "sha256")
        return cls._of(bank_id, worked_out[:SECRET_BYTES])

    @classmethod
    def _of(cls, bank_id: UUID, secret: bytes) -> "Token":
        return cls(bank_id, urlsafe_b64encode(bank_id.bytes + secret).decode())

    @classmethod
    def read(cls, text: str) -> "Token | None":
        """The token that `text` is, or None for anything that never was one."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii"))
        except ValueError:
            return None
        well_formed = len(raw) == UUID_BYTES + SECRET_BYTES
        return cls(UUID(bytes=raw[:UUID_BYTES]), text) if well_formed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One person whom a proved contact may sign in as."""

    bank_id: UUID
    bank_name: str
    member_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a typed code. A wrong one is an outcome, not an error: its count must be committed."""

    token: Token | None = None
    choices: list[Choice] = field(default_factory=list)
    is_used: bool = False
    """It was right, and has opened a session before, for another browser or one that is signed out."""

    def require(self) -> "Outcome":
        """After the commit: raise `CodeUsed` or `WrongCode` when the code opened nothing."""
        if self.token is None and not self.choices:
            raise CodeUsed if self.is_used else WrongCode
        return self


def _code_hash(code: str, code_id: UUID, secret: bytes) -> str:
    return hmac.new(secret, code_id.bytes + code.encode(), hashlib.sha256).hexdigest()


async def request_code(
    session: AsyncSession,
    typed: str,
    *,
    code_id: UUID | None = None,
    host: str | None = None,
    secret: bytes,
    at: datetime,
) -> None:
    """Send a code to a contact, if somebody has it; answers the same either way.

    `code_id` is the form's: sent twice, it is one code. `host` is the address that asks.

    Raises:
        BadTelephone, BadEmail: what was typed is neither.
        TooManyCodes: for this contact or from there, enough were asked for today.
    """
    _, contact = normalise(typed)
    await code_requests.count(session, contact, host, secret=secret, at=at)
    code = f"{secrets.randbelow(10**6):06d}"
    code_id, is_sent = code_id or uuid7(), False
    for bank_id in await banks_of_contact(session, contact):
        await enter(session, bank_id)
        if await _is_paused(session, bank_id, contact, at):
            continue
        is_new = await _keep_code(session, bank_id, code_id, contact, code, secret, at)
        if is_new and not is_sent:
            await _send_code(session, bank_id, contact, code, at)
            is_sent = True
        await session.flush()


async def request_proof(
    session: AsyncSession,
    viewer: Viewer,
    contact_id: UUID,
    *,
    code_id: UUID | None = None,
    secret: bytes,
    at: datetime,
) -> Contact:
    """Send a code to a contact that its owner has just added, to be typed into `prove`.

    `code_id` is the form's: sent twice, it is one code.

    Where it is known to be somebody's who said not to write there, or to be discreet, nothing is sent and
    nothing is said of it; a coordinator can write the contact down.

    Raises:
        NotFound: it is none of the viewer's own.
        TooManyCodes: enough were sent there today.
    """
    contact = await _own_contact(session, viewer, contact_id)
    await code_requests.count(session, contact.value, None, secret=secret, at=at)
    wishes = await owners_wishes(session, contact)
    is_safe = all(one.may_write and not (one.kind == "mobile" and one.is_discreet) for one in wishes)
    if needs_proof(contact) and is_safe and not await _is_paused(session, viewer.bank_id, contact.value, at):
        code = f"{secrets.randbelow(10**6):06d}"
        payload = {"contact_id": str(contact_id), "secret": code}
        if await _keep_code(session, viewer.bank_id, code_id or uuid7(), contact.value, code, secret, at):
            outbox.record(session, viewer.bank_id, "sign_in.code_requested", payload, at=at)
        await session.flush()
    return contact


async def prove(
    session: AsyncSession, viewer: Viewer, contact_id: UUID, code: str, *, secret: bytes, at: datetime
) -> bool:
    """Whether the code that was sent to this contact was typed; a wrong one counts, so commit either way.

    Raises:
        NotFound: it is none of the viewer's own.
    """
    contact = await _own_contact(session, viewer, contact_id)
    if contact.proved_at is None:
        right = await _try_code(session, viewer.bank_id, contact.value, code, secret, at)
        if right is not None:
            right.used_at = contact.proved_at = at
        await session.flush()
    return contact.proved_at is not None


async def _own_contact(session: AsyncSession, viewer: Viewer, contact_id: UUID) -> Contact:
    contact = await session.get(Contact, (viewer.bank_id, contact_id))
    if contact is None or contact.member_id != viewer.member_id:
        raise NotFound
    return contact


async def _keep_code(
    session: AsyncSession,
    bank_id: UUID,
    code_id: UUID,
    contact: str,
    code: str,
    secret: bytes,
    at: datetime,
) -> bool:
    """Whether it is a new code: the same form sent again, even at once, makes no second one."""
    kept = await session.scalar(
        insert(SignInCode)
        .values(
            bank_id=bank_id,
            code_id=code_id,
            contact=contact,
            code_hash=_code_hash(code, code_id, secret),
            made_at=at,
            expires_at=at + CODE_LIFE,
            tries=0,
        )
        .on_conflict_do_nothing(constraint="sign_in_code_pkey")
        .returning(col(SignInCode.code_id))
    )
    return kept is not None


async def _send_code(session: AsyncSession, bank_id: UUID, contact: str, code: str, at: datetime) -> None:
    contact_id = await session.scalar(
        select(col(Contact.contact_id))
        .where(
            col(Contact.bank_id) == bank_id,
            col(Contact.value) == contact,
            col(Contact.proved_at).is_not(None),
        )
        .order_by(col(Contact.may_write).desc(), col(Contact.contact_id))
        .limit(1)
    )
    payload = {"contact_id": str(contact_id), "secret": code}
    outbox.record(session, bank_id, "sign_in.code_requested", payload, at=at)


async def _is_paused(session: AsyncSession, bank_id: UUID, contact: str, at: datetime) -> bool:
    """Too many codes this hour, or one that was guessed at too often in its lifetime."""
    mine = (col(SignInCode.bank_id) == bank_id, col(SignInCode.contact) == contact)
    recent = await session.scalar(
        select(func.count()).where(*mine, col(SignInCode.made_at) > at - timedelta(hours=1))
    )
    guessed_at = await session.scalar(
        select(func.count()).where(*mine, col(SignInCode.tries) >= TRIES_MAX, col(SignInCode.expires_at) > at)
    )
    return (recent or 0) >= CODES_PER_HOUR_MAX or bool(guessed_at)


async def open_session(
    session: AsyncSession,
    typed: str,
    code: str,
    *,
    secret: bytes,
    device: str,
    at: datetime,
    member_id: UUID | None = None,
    asker: str | None = None,
) -> Outcome:
    """Exchange a code for a session; commit whatever comes back, then call `Outcome.require`.

    Several people behind one contact come back as `choices`: call again with one's `member_id`. `asker` is a
    secret of the browser's or program's own: with it, the same code again gets the same session.
    """
    _, contact = normalise(typed)
    proved: list[SignInCode] = []
    choices: list[Choice] = []
    here = await banks_of_contact(session, contact)
    for bank_id in here:
        await enter(session, bank_id)
        right = await _try_code(session, bank_id, contact, code, secret, at)
        if right is not None:
            proved.append(right)
            choices += await _choices(session, bank_id, contact)
        await session.flush()
    if not proved:
        return await _repeated(session, here, contact, code, member_id, asker, secret=secret, at=at)
    if member_id is not None:
        choices = [choice for choice in choices if choice.member_id == member_id]
    if len(choices) != 1:
        return Outcome(choices=choices)
    for used in proved:
        await enter(session, used.bank_id)
        used.used_at = at
        await session.flush()
    who = choices[0]
    opener = next(used for used in proved if used.bank_id == who.bank_id)
    return Outcome(token=await _start(session, who, device, at, token=_token_of(opener, asker, secret)))


def _token_of(code: SignInCode, asker: str | None, secret: bytes) -> Token:
    key = hmac.digest(secret, code.code_id.bytes, "sha256")
    return Token.again(code.bank_id, key, asker) if asker else Token.make(code.bank_id)


async def _repeated(
    session: AsyncSession,
    here: Sequence[UUID],
    contact: str,
    code: str,
    member_id: UUID | None,
    asker: str | None,
    *,
    secret: bytes,
    at: datetime,
) -> Outcome:
    """What a code that opens nothing new means: the session that it opened for this asker, if it did."""
    is_used = False
    for bank_id in here:
        await enter(session, bank_id)
        used = await _newest(session, bank_id, contact, at, is_used=True)
        if used is None or not _is_right(used, code, secret):
            continue
        is_used = True
        token = _token_of(used, asker, secret)
        live = await _live_session(session, token, at)
        if live is not None and member_id in (None, live.member_id):
            return Outcome(token=token)
    return Outcome(is_used=is_used)


async def _try_code(
    session: AsyncSession, bank_id: UUID, contact: str, code: str, secret: bytes, at: datetime
) -> SignInCode | None:
    newest = await _newest(session, bank_id, contact, at, is_used=False)
    if newest is None or newest.tries >= TRIES_MAX:
        return None
    if _is_right(newest, code, secret):
        return newest
    newest.tries += 1
    return None


async def _newest(
    session: AsyncSession, bank_id: UUID, contact: str, at: datetime, *, is_used: bool
) -> SignInCode | None:
    """The newest code for a contact that is not too old, held until the transaction ends."""
    found: SignInCode | None = await session.scalar(
        select(SignInCode)
        .where(
            col(SignInCode.bank_id) == bank_id,
            col(SignInCode.contact) == contact,
            col(SignInCode.used_at).is_not(None) if is_used else col(SignInCode.used_at).is_(None),
            col(SignInCode.expires_at) > at,
        )
        .order_by(col(SignInCode.made_at).desc())
        .limit(1)
        .with_for_update()
    )
    return found


def _is_right(sent: SignInCode, code: str, secret: bytes) -> bool:
    digits = "".join(filter(str.isdigit, code))
    return hmac.compare_digest(sent.code_hash, _code_hash(digits, sent.code_id, secret))


async def _choices(session: AsyncSession, bank_id: UUID, contact: str) -> list[Choice]:
    bank = await session.get_one(Bank, (bank_id,))
    found = []
    for member in await sharing(session, bank_id, contact):
        party = await session.get_one(Party, (bank_id, member.member_id))
        found.append(
            Choice(bank_id=bank_id, bank_name=bank.name, member_id=member.member_id, name=party.name)
        )
    return found


async def _start(session: AsyncSession, who: Choice, device: str, at: datetime, *, token: Token) -> Token:
    await enter(session, who.bank_id)
    return await start_session(session, who.bank_id, who.member_id, device=device, at=at, token=token)


async def start_session(
    session: AsyncSession,
    bank_id: UUID,
    member_id: UUID,
    *,
    device: str,
    at: datetime,
    token: Token | None = None,
) -> Token:
    """Sign a member in on one device; the token is shown once, unless its asker can work it out."""
    token = token or Token.make(bank_id)
    session.add(
        SignInSession(
            bank_id=bank_id,
            session_id=uuid7(),
            member_id=member_id,
            token_hash=token.hash,
            device="".join(filter(str.isprintable, device))[:DEVICE_CHARACTERS_MAX],
            started_at=at,
            expires_at=at + SESSION_LIFE,
        )
    )
    await session.flush()
    return token


async def viewer_of(session: AsyncSession, token: Token, *, at: datetime) -> Viewer | None:
    """Who holds this token now; None when it ended. The session must be in the token's bank."""
    live = await _live_session(session, token, at)
    return await load(session, token.bank_id, live.member_id) if live else None


async def _live_session(session: AsyncSession, token: Token, at: datetime) -> SignInSession | None:
    found: SignInSession | None = await session.scalar(
        select(SignInSession).where(
            col(SignInSession.bank_id) == token.bank_id,
            col(SignInSession.token_hash) == token.hash,
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.expires_at) > at,
        )
    )
    return found


async def sessions(session: AsyncSession, viewer: Viewer, *, at: datetime) -> list[SignInSession]:
    """The viewer's signed-in devices, newest first."""
    rows = await session.scalars(
        select(SignInSession)
        .where(
            col(SignInSession.bank_id) == viewer.bank_id,
            col(SignInSession.member_id) == viewer.member_id,
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.expires_at) > at,
        )
        .order_by(col(SignInSession.session_id).desc())
    )
    return list(rows.all())


async def end_session(session: AsyncSession, viewer: Viewer, session_id: UUID, *, at: datetime) -> None:
    """Sign one of the viewer's own devices out."""
    found = await session.get(SignInSession, (viewer.bank_id, session_id))
    if found is None or found.member_id != viewer.member_id:
        raise NotFound
    found.ended_at = found.ended_at or at


async def end_all(session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime) -> int:
    """Sign a member out everywhere and spoil their links and passkeys: a telephone was lost, or is unsafe.

    Returns:
        How many devices were signed out.
    """
    if await session.get(Member, (viewer.bank_id, member_id)) is None:
        raise NotFound
    require(viewer.roles, "member.sign_out", viewer.relations_to(member_id))
    theirs = (col(SignInSession.bank_id) == viewer.bank_id, col(SignInSession.member_id) == member_id)
    ended = await session.scalars(
        update(SignInSession)
        .where(*theirs, col(SignInSession.ended_at).is_(None))
        .values(ended_at=at)
        .returning(col(SignInSession.session_id))
    )
    await session.execute(
        update(SignInLink)
        .where(
            col(SignInLink.bank_id) == viewer.bank_id,
            col(SignInLink.member_id) == member_id,
            col(SignInLink.expires_at) > at,
        )
        .values(expires_at=at)
    )
    await session.execute(
        delete(Passkey).where(col(Passkey.bank_id) == viewer.bank_id, col(Passkey.member_id) == member_id)
    )
    return len(ended.all())


async def sign_out(session: AsyncSession, token: Token, *, at: datetime) -> None:
    """End the session that this token opened, if it is still open."""
    found = await _live_session(session, token, at)
    if found is not None:
        found.ended_at = at


async def make_link(
    session: AsyncSession,
    bank_id: UUID,
    member_id: UUID,
    *,
    at: datetime,
    life: timedelta = LINK_LIFE,
    is_reusable: bool = False,
) -> Token:
    """A link's token that signs one member in; once, unless it is for a demonstration."""
    token = Token.make(bank_id)
    session.add(
        SignInLink(
            bank_id=bank_id,
            token_hash=token.hash,
            member_id=member_id,
            expires_at=at + life,
            is_reusable=is_reusable,
        )
    )
    await session.flush()
    return token


async def followed(session: AsyncSession, token: Token, *, asker: str, at: datetime) -> Token | None:
    """The session that this link opened for this asker, while it is open: its reply may have been lost."""
    opened = _token_after(token, asker)
    return opened if await _live_session(session, opened, at) else None


def _token_after(link: Token, asker: str | None) -> Token:
    return Token.again(link.bank_id, link.text.encode(), asker) if asker else Token.make(link.bank_id)


async def follow_link(
    session: AsyncSession, token: Token, *, device: str, at: datetime, asker: str | None = None
) -> Token:
    """Exchange a link's token for a session's; the same asker again gets the same session.

    Raises:
        LinkUsed: it was used before, is too old, or never was.
    """
    link = await session.scalar(
        select(SignInLink)
        .where(col(SignInLink.bank_id) == token.bank_id, col(SignInLink.token_hash) == token.hash)
        .with_for_update()
    )
    if link is None or link.expires_at <= at:
        raise LinkUsed
    if link.is_reusable:
        return await start_session(session, token.bank_id, link.member_id, device=device, at=at)
    if link.used_at:
        before = await followed(session, token, asker=asker, at=at) if asker else None
        if before is None:
            raise LinkUsed
        return before
    link.used_at = at
    opened = _token_after(token, asker)
    return await start_session(session, token.bank_id, link.member_id, device=device, at=at, token=opened)
