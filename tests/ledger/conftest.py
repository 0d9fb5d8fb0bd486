"""A small bank for the books' own tests: three people's accounts and a pot, in hours."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

import ledger

TODAY = date(2026, 5, 12)


@dataclass(frozen=True, slots=True)
class Accounts:
    ada: UUID
    bea: UUID
    cai: UUID
    pot: UUID


Pay = Callable[..., Awaitable[ledger.Posted]]


def hour(payer: UUID, payee: UUID, minutes: int = 60, **other: object) -> ledger.Transfer:
    facts = {"transfer_id": uuid7(), "happened_on": TODAY} | other
    return ledger.Transfer(payer_id=payer, payee_id=payee, amount_minor=minutes, **facts)


async def open_accounts(session: AsyncSession, bank_id: UUID, at: datetime) -> Accounts:
    await ledger.open_currency(session, bank_id, "HOUR", minor_per_major=60, label="hours")
    found = Accounts(uuid7(), uuid7(), uuid7(), uuid7())
    for person in (found.ada, found.bea, found.cai):
        await ledger.open_account(session, bank_id, person, floor=-300, ceiling=1200, at=at)
    await ledger.open_account(session, bank_id, found.pot, floor=None, ceiling=None, at=at)
    return found


@pytest.fixture
async def accounts(session: AsyncSession, bank_id: UUID, at: datetime) -> Accounts:
    return await open_accounts(session, bank_id, at)


@pytest.fixture
def pay(session: AsyncSession, bank_id: UUID, at: datetime) -> Pay:
    """Post one transfer, tried in a savepoint so that a refusal leaves the transaction usable."""

    async def posted(payer: UUID, payee: UUID, minutes: int = 60, **other: object) -> ledger.Posted:
        async with session.begin_nested():
            return (await ledger.post(session, bank_id, [hour(payer, payee, minutes, **other)], at=at))[0]

    return posted


def login(url: str) -> dict[str, Any]:
    """How a bare asyncpg connection is opened, from SQLAlchemy's address."""
    parts = make_url(url)
    host = parts.query.get("host", parts.host)
    found = {"host": host, "port": parts.port, "user": parts.username, "password": parts.password}
    return {key: value for key, value in found.items() if value} | {"database": parts.database}
