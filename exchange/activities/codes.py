"""Typed codes: what stands beneath every printed QR, read back from tired eyes and cold fingers.

Twelve signs: one for the kind, ten that nobody guesses (31 to the power of 10, about 8 in 10 to the 14),
and one that catches every single wrong sign and every two that changed places. Codes on posters, cards and
slips are kept as they are, since they are printed again and alone move nothing. A time note is worth hours
to whoever holds it: its code follows from the service's secret and the note's key, so it can be printed
again, and the database keeps a keyed hash only. What must never happen: a code that tells two banks apart
to somebody who is in neither.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.errors import BadCode
from exchange.activities.tables import TypedCode
from exchange.tenancy import banks_of_code

Kind = Literal["poster", "card", "note", "referral"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
"""Thirty-one signs, a prime: without I, L, O, U and Z, which are taken for 1, 1, 0, V and 2."""
READ_AS = str.maketrans("ILOUZ", "110V2")
SIGN_OF: Mapping[Kind, str] = {"poster": "P", "card": "C", "note": "N", "referral": "R"}
KIND_OF = {sign: kind for kind, sign in SIGN_OF.items()}
RANDOM_SIGNS = 10
RANDOM_BYTES = 16
LENGTH = RANDOM_SIGNS + 2
GROUP = 4
TYPED_CHARACTERS_MAX = 60
SPACERS = frozenset(" -\N{NO-BREAK SPACE}\N{EN DASH}\N{EM DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}._\t\n\r")


@dataclass(frozen=True, slots=True)
class Code:
    """A code and what kind of thing it opens; `text` is its twelve signs without spaces."""

    kind: Kind
    text: str

    @property
    def shown(self) -> str:
        """As it is printed and read out: `P7K2-9MQX-4TB3`."""
        return "-".join(self.text[start : start + GROUP] for start in range(0, LENGTH, GROUP))

    @property
    def path(self) -> str:
        """Where a QR leads, below the service's public address."""
        return f"/c/{self.text}"


def make(kind: Kind, random_bytes: bytes) -> Code:
    """The code of a kind that follows from at least sixteen unguessable bytes."""
    assert kind in get_args(Kind)
    assert len(random_bytes) >= RANDOM_BYTES
    number, signs = int.from_bytes(random_bytes, "big"), SIGN_OF[kind]
    for _ in range(RANDOM_SIGNS):
        number, sign = divmod(number, len(ALPHABET))
        signs += ALPHABET[sign]
    return Code(kind, signs + check_sign(signs))


def check_sign(signs: str) -> str:
    """The last sign: a sum in which each place weighs otherwise, modulo a prime."""
    total = sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(signs, start=1))
    return ALPHABET[total % len(ALPHABET)]


def read(text: str) -> Code:
    """The code that somebody typed, scanned or was read out; spaces, dashes and case do not matter.

    Raises:
        BadCode: it is too short, too long, of no kind, or a sign of it is wrong.
    """
    typed = text.strip()[:TYPED_CHARACTERS_MAX].upper()
    signs = "".join(sign for sign in typed if sign not in SPACERS).translate(READ_AS)
    if len(signs) != LENGTH or signs[0] not in KIND_OF or not set(signs) <= set(ALPHABET):
        raise BadCode
    if check_sign(signs[:-1]) != signs[-1]:
        raise BadCode
    return Code(KIND_OF[signs[0]], signs)


def of_note(bank_id: UUID, note_id: UUID, secret: bytes) -> Code:
    """A time note's code: the same each time it is printed, and nowhere kept."""
    message = b"time note:" + bank_id.bytes + note_id.bytes
    return make("note", hmac.new(secret, message, hashlib.sha256).digest())


def key_of(code: Code, secret: bytes) -> str:
    """What the database knows a code by."""
    if code.kind != "note":
        return code.text
    return hmac.new(secret, b"code:" + code.text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a code is, in its own bank; `is_dead` once it was replaced or taken back."""

    bank_id: UUID
    kind: Kind
    subject_id: UUID
    is_dead: bool


async def bank_of(session: AsyncSession, code: Code, *, secret: bytes) -> UUID | None:
    """The bank that gave a code out; None when nobody did. The one look across banks that a code has."""
    found = await banks_of_code(session, key_of(code, secret))
    return found[0] if len(found) == 1 else None


async def find(session: AsyncSession, bank_id: UUID, code: Code, *, secret: bytes) -> Known | None:
    """What a code opens in this bank, alive or dead; another bank's is not found."""
    row = await session.get(TypedCode, (bank_id, key_of(code, secret)), populate_existing=True)
    if row is None:
        return None
    return Known(bank_id=bank_id, kind=code.kind, subject_id=row.subject_id, is_dead=row.died_at is not None)


async def of_subject(session: AsyncSession, bank_id: UUID, kind: Kind, subject_id: UUID) -> Code | None:
    """The living code of a poster, card or slip, to be printed again."""
    text = await session.scalar(
        select(col(TypedCode.code_key)).where(
            col(TypedCode.bank_id) == bank_id,
            col(TypedCode.kind) == kind,
            col(TypedCode.subject_id) == subject_id,
            col(TypedCode.died_at).is_(None),
        )
    )
    return Code(kind, text) if text else None


async def of_subjects(
    session: AsyncSession, bank_id: UUID, kind: Kind, subject_ids: Collection[UUID]
) -> dict[UUID, Code]:
    """The living codes of many posters, cards or slips."""
    rows = await session.execute(
        select(col(TypedCode.subject_id), col(TypedCode.code_key)).where(
            col(TypedCode.bank_id) == bank_id,
            col(TypedCode.kind) == kind,
            col(TypedCode.subject_id).in_(subject_ids),
            col(TypedCode.died_at).is_(None),
        )
    )
    return {row.subject_id: Code(kind, row.code_key) for row in rows}


async def issue(session: AsyncSession, bank_id: UUID, kind: Kind, subject_id: UUID, *, at: datetime) -> Code:
    """The living code of a subject; made when it has none yet. Not for time notes, whose codes follow."""
    assert kind != "note"
    known = await of_subject(session, bank_id, kind, subject_id)
    if known is not None:
        return known
    code = make(kind, secrets.token_bytes(RANDOM_BYTES))
    session.add(TypedCode(bank_id=bank_id, code_key=code.text, kind=kind, subject_id=subject_id, made_at=at))
    await session.flush()
    return code


async def replace(
    session: AsyncSession, bank_id: UUID, kind: Kind, subject_id: UUID, *, at: datetime
) -> Code:
    """A new code; every earlier one of the subject is dead from now on."""
    await kill(session, bank_id, kind, [subject_id], at=at)
    return await issue(session, bank_id, kind, subject_id, at=at)


async def kill(
    session: AsyncSession, bank_id: UUID, kind: Kind, subject_ids: Collection[UUID], *, at: datetime
) -> None:
    """Let the living codes of these subjects die; they stay known, so that a plain sentence can be said."""
    await session.execute(
        update(TypedCode)
        .where(
            col(TypedCode.bank_id) == bank_id,
            col(TypedCode.kind) == kind,
            col(TypedCode.subject_id).in_(subject_ids),
            col(TypedCode.died_at).is_(None),
        )
        .values(died_at=at)
    )
