"""Code lists: needs and concerns, what keeps a person safe, and the codes of a message back.

A bank may import a list of its own, such as SNOMED CT terms that its operator has a licence for; until then
the plain list of `codes.toml` is offered. What must never happen: a code shipped here without a source.
"""

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing.errors import BadCodeList, UnknownNeed
from exchange.prescribing.practice_tables import NeedCode

OWN_SYSTEM = "urn:evenhour:need"
KINDS = ("need", "flag")
CODES_MAX = 2000
CODE_CHARACTERS_MAX = 64
WORDS_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Code:
    """One line of a code list."""

    code: str
    words: str
    system: str = OWN_SYSTEM
    kind: str = "need"


@cache
def shipped() -> tuple[Code, ...]:
    """The list that comes with the service."""
    data = tomllib.loads(files(__package__).joinpath("codes.toml").read_text("utf-8"))
    return tuple(
        Code(line["code"], line["words"], line.get("system", OWN_SYSTEM), kind)
        for kind in (*KINDS, "outcome")
        for line in data[kind]
    )


def outcome(code: str) -> Code:
    """A shipped code that a message back may carry."""
    return next(one for one in shipped() if one.kind == "outcome" and one.code == code)


async def offered(session: AsyncSession, viewer: Viewer, kind: str) -> list[Code]:
    """The bank's own list where it has one of this kind, else the shipped one, in the list's order."""
    rows = await session.scalars(
        select(NeedCode)
        .where(col(NeedCode.bank_id) == viewer.bank_id, col(NeedCode.kind) == kind)
        .order_by(col(NeedCode.position), col(NeedCode.code))
    )
    found = [Code(row.code, row.words, row.system, row.kind) for row in rows]
    return found or [code for code in shipped() if code.kind == kind]


async def own(session: AsyncSession, viewer: Viewer) -> list[Code]:
    """The list that the bank imported, whole; empty where it has none."""
    rows = await session.scalars(select(NeedCode).where(col(NeedCode.bank_id) == viewer.bank_id))
    return [Code(row.code, row.words, row.system, row.kind) for row in rows]


async def check(session: AsyncSession, viewer: Viewer, kind: str, given: Collection[str]) -> list[str]:
    """The given codes, each once, in the list's order.

    Raises:
        UnknownNeed: one is not in the list.
    """
    known = [code.code for code in await offered(session, viewer, kind)]
    if set(given) - set(known):
        raise UnknownNeed(field="needs" if kind == "need" else "flags")
    return [code for code in known if code in given]


async def words_of(session: AsyncSession, viewer: Viewer, given: Collection[str]) -> list[Code]:
    """The lines behind codes that were once given; one that the list has lost stands for itself."""
    known = {code.code: code for kind in KINDS for code in await offered(session, viewer, kind)}
    shipped_too = {code.code: code for code in shipped()}
    return [known.get(code) or shipped_too.get(code) or Code(code, code) for code in given]


async def replace(session: AsyncSession, viewer: Viewer, lines: Iterable[Code]) -> int:
    """Take a whole list in place of what the bank had; returns how many lines.

    Raises:
        BadCodeList: a line lacks something, is too long, or a code stands twice.
    """
    require(viewer.roles, "data.import", [Relation.BANK])
    given = list(lines)
    if not given or len(given) > CODES_MAX or len({line.code for line in given}) < len(given):
        raise BadCodeList
    if not all(_is_whole(line) for line in given):
        raise BadCodeList
    await session.execute(delete(NeedCode).where(col(NeedCode.bank_id) == viewer.bank_id))
    session.add_all(
        NeedCode(
            bank_id=viewer.bank_id,
            code=line.code,
            system=line.system,
            kind=line.kind,
            words=line.words,
            position=number,
        )
        for number, line in enumerate(given)
    )
    await session.flush()
    return len(given)


def _is_whole(line: Code) -> bool:
    texts = ((line.code, CODE_CHARACTERS_MAX), (line.words, WORDS_CHARACTERS_MAX), (line.system, 200))
    return line.kind in KINDS and all(text.strip() and len(text) <= longest for text, longest in texts)
