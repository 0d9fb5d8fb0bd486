"""What the application lends this door: transactions, a clock, a secret, and the coordinator's desk.

The pages may not import the rooms that own these, so their shapes are written down here. What must never
happen: a page that keeps any of them beyond its request.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol, cast
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession


class Transactions(Protocol):
    """Opens a transaction that sees one bank, and commits it on the way out."""

    def transaction(self, bank_id: UUID | None) -> AbstractAsyncContextManager[AsyncSession]: ...


class Desk(Protocol):
    """What waits on the coordinator's desk that is about words: calls to make, letters, texts to read."""

    async def call_list(self, session: AsyncSession, bank_id: UUID) -> list[Any]: ...


class Door:
    """The application's state, as the pages see it."""

    def __init__(self, request: Request) -> None:
        self._state = request.app.state

    @property
    def database(self) -> Transactions:
        return cast(Transactions, self._state.database)

    @property
    def secret(self) -> bytes:
        return cast(bytes, self._state.secret)

    @property
    def desk(self) -> Desk:
        return cast(Desk, self._state.desk)

    def now(self) -> datetime:
        return cast(Callable[[], datetime], self._state.clock)()
