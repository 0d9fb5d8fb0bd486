"""A bank's own wording of a text: checked before it is saved, with its count, preview and cost.

Only `((placeholders))` are understood, and nothing is ever evaluated. What must never happen: a text that
loses what makes it work, such as the code or the number to reply with.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.errors import MissingPlaceholder, TextTooLong, UnknownLanguage, UnknownTemplate
from notifications.numbers import as_dialled
from notifications.policy import Policy
from notifications.segments import measure
from notifications.tables import BankText
from notifications.wording import (
    FOLDER,
    LANGUAGES,
    Declaration,
    check_placeholders,
    declarations,
    fill,
    placeholders,
    texts,
)

ESSENTIAL: Final = frozenset({"code", "reference", "list", "balance"})
"""What a text cannot do its work without."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as somebody would get it, and what one of it costs."""

    body: str
    encoding: str
    units: int
    segments: int
    segments_max: int
    pence: float
    letters_outside_gsm7: str
    """The letters that make it cost twice as much, each once."""


@cache
def examples(language: str) -> Mapping[str, str]:
    """One plausible value for every parameter, for previews."""
    raw: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "examples.toml").read_text(encoding="utf-8"))
    return raw[language]


def standard_text(template: str, language: str) -> str:
    """The wording that everybody starts from.

    Raises:
        UnknownTemplate, UnknownLanguage: there is none.
    """
    _declaration(template, language)
    return texts(language)[template]["sms"]


def example_values(template: str, language: str, policy: Policy) -> dict[str, str]:
    """What a preview puts into each of a text's placeholders.

    Raises:
        UnknownTemplate, UnknownLanguage: there is no such text.
    """
    declaration = _declaration(template, language)
    contact = as_dialled(policy.contact) or texts(language)["frame"]["contact"]
    known = {**examples(language), "bank": policy.bank_name, "contact": contact}
    return {name: known[name] for name in sorted(declaration.placeholders)}


def preview(template: str, language: str, body: str, policy: Policy) -> Preview:
    """What a wording would look like and cost, with example names.

    Raises:
        UnknownTemplate, UnknownLanguage, UnknownPlaceholder: it could never be sent.
    """
    declaration = _declaration(template, language)
    check_placeholders(body, declaration)
    filled = fill(body, example_values(template, language, policy))
    length = measure(filled)
    outside = "".join(sorted({c for c in filled if measure(c).encoding == "ucs2"}))
    return Preview(
        filled,
        length.encoding,
        length.units,
        length.segments,
        declaration.sms_segments_max,
        round(length.segments * policy.pence_per_segment, 1),
        outside,
    )


async def save_text(
    session: AsyncSession,
    bank_id: UUID,
    template: str,
    language: str,
    body: str,
    *,
    by_id: UUID,
    policy: Policy,
    at: datetime,
) -> Preview:
    """Use this wording from now on.

    Raises:
        UnknownTemplate, UnknownLanguage, UnknownPlaceholder: it could never be sent.
        MissingPlaceholder: it no longer says the code, or the number to reply with.
        TextTooLong: with example names it costs more than the template states.
    """
    seen = preview(template, language, body, policy)
    missing = (placeholders(standard_text(template, language)) & ESSENTIAL) - placeholders(body)
    if missing:
        raise MissingPlaceholder(", ".join(sorted(missing)))
    if seen.segments > seen.segments_max:
        raise TextTooLong(f"{seen.segments} > {seen.segments_max}")
    saved = {"body": body, "saved_by": by_id, "saved_at": at}
    await session.execute(
        insert(BankText)
        .values(bank_id=bank_id, template=template, language=language, **saved)
        .on_conflict_do_update(constraint="bank_text_pkey", set_=saved)
    )
    return seen


async def forget_text(session: AsyncSession, bank_id: UUID, template: str, language: str) -> None:
    """Go back to the standard wording."""
    await session.execute(
        delete(BankText).where(
            col(BankText.bank_id) == bank_id,
            col(BankText.template) == template,
            col(BankText.language) == language,
        )
    )


async def own_texts(session: AsyncSession, bank_id: UUID) -> dict[tuple[str, str], str]:
    """A bank's own wordings, by template and language."""
    rows = await session.scalars(select(BankText).where(col(BankText.bank_id) == bank_id))
    return {(row.template, row.language): row.body for row in rows}


def _declaration(template: str, language: str) -> Declaration:
    if language not in LANGUAGES:
        raise UnknownLanguage(language)
    declaration = declarations().get(template)
    if declaration is None or "sms" not in declaration.told_by:
        raise UnknownTemplate(template)
    return declaration
