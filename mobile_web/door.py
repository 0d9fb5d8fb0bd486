"""What the application lends this door: transactions, a clock, a secret, and the coordinator's desk.

The pages may not import the rooms that own these, so their shapes are written down here. What must never
happen: a page that keeps any of them beyond its request.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Any, Protocol, cast
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.membership.authenticators import Site, site_of
from exchange.membership.contacts import SafeWay
from exchange.membership.viewer import Viewer


class Transactions(Protocol):
    """Opens a transaction that sees one bank, and commits it on the way out."""

    def transaction(self, bank_id: UUID | None) -> AbstractAsyncContextManager[AsyncSession]: ...


class Desk(Protocol):
    """What waits on the coordinator's desk that is about words: calls to make, letters, texts to read.

    An item has `id`, `recipient_id`, `to`, `channel`, `subject`, `body`, `state`, `reason`, `attempts`,
    `queued_at`; an unread text has `id`, `sender`, `body`, `received_at`, `member_id`, `verb`, `is_alarming`
    and a `thread` of lines with `at`, `direction` and `body`.
    """

    async def call_list(self, session: AsyncSession, bank_id: UUID) -> list[Any]: ...

    async def letters(self, session: AsyncSession, bank_id: UUID) -> list[Any]: ...

    async def problems(self, session: AsyncSession, bank_id: UUID, *, limit: int = 50) -> list[Any]: ...

    async def mark_called(
        self,
        session: AsyncSession,
        bank_id: UUID,
        message_id: UUID,
        outcome: Any,
        by_id: UUID,
        at: datetime,
        *,
        said: str | None = None,
    ) -> None: ...

    async def mark_printed(
        self, session: AsyncSession, bank_id: UUID, message_id: UUID, by_id: UUID, at: datetime
    ) -> None: ...

    async def mark_seen_to(
        self, session: AsyncSession, bank_id: UUID, message_id: UUID, by_id: UUID, at: datetime
    ) -> None: ...

    async def unread_texts(self, session: AsyncSession, bank_id: UUID) -> list[Any]: ...

    async def settle_text(
        self, session: AsyncSession, bank_id: UUID, inbound_id: UUID, by_id: UUID, at: datetime
    ) -> None: ...

    async def cancel_queued(
        self, session: AsyncSession, bank_id: UUID, recipient_id: UUID, *, at: datetime
    ) -> int: ...

    async def keep_to_ways(
        self,
        session: AsyncSession,
        bank_id: UUID,
        recipient_id: UUID,
        ways: Sequence[SafeWay],
        *,
        at: datetime,
    ) -> int: ...


class Words(Protocol):
    """What the desk shows of words out; shapes as in `api/words_desk.py`."""

    async def spending(self, session: AsyncSession, bank_id: UUID, *, at: datetime) -> Any: ...

    async def alerts(self, session: AsyncSession, bank_id: UUID) -> list[Any]: ...

    async def take_alert(
        self, session: AsyncSession, viewer: Viewer, alert_id: UUID, *, at: datetime
    ) -> None: ...

    async def paused(self, session: AsyncSession, bank_id: UUID) -> list[Any]: ...

    async def put_right(self, session: AsyncSession, bank_id: UUID, channel: str, address: str) -> None: ...

    async def texts(self, session: AsyncSession, bank_id: UUID, language: str) -> list[Any]: ...

    async def counting(self, session: AsyncSession, bank_id: UUID, template: str, language: str) -> Any: ...

    async def preview(
        self, session: AsyncSession, bank_id: UUID, template: str, language: str, body: str
    ) -> Any: ...

    async def save(
        self, session: AsyncSession, viewer: Viewer, template: str, language: str, body: str, *, at: datetime
    ) -> None: ...

    async def forget(self, session: AsyncSession, bank_id: UUID, template: str, language: str) -> None: ...


class Paper(Protocol):
    """What is typeset, each a PDF: statements, letters, and the sheets that groups need."""

    def missing_scripts(self, text: str) -> list[str]: ...

    async def poster(
        self, session: AsyncSession, viewer: Viewer, session_id: UUID, *, public_url: str, at: datetime
    ) -> bytes: ...

    async def roster(
        self, session: AsyncSession, viewer: Viewer, session_id: UUID, *, public_url: str, at: datetime
    ) -> bytes: ...

    async def cards(
        self,
        session: AsyncSession,
        viewer: Viewer,
        member_ids: Sequence[UUID],
        *,
        public_url: str,
        at: datetime,
    ) -> bytes: ...

    async def day_sheet(self, session: AsyncSession, viewer: Viewer, host_id: UUID, day: date) -> bytes: ...

    async def notes(
        self, session: AsyncSession, viewer: Viewer, sheet_id: UUID, *, secret: bytes, public_url: str
    ) -> bytes: ...

    async def whats_on(self, session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes: ...

    async def receipt(self, session: AsyncSession, viewer: Viewer, hours_id: UUID) -> bytes: ...

    async def waiting_on_paper(self, session: AsyncSession, viewer: Viewer) -> list[str]: ...

    async def statements_by_post(self, session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes: ...

    async def receipts_by_post(self, session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes: ...

    async def whats_on_by_post(self, session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes: ...

    async def statement(
        self, session: AsyncSession, viewer: Viewer, *, party_id: UUID | None, at: datetime
    ) -> bytes: ...

    async def letters(self, session: AsyncSession, viewer: Viewer, *, at: datetime) -> bytes: ...

    async def letter_back(
        self, session: AsyncSession, viewer: Viewer, referral_id: UUID, *, at: datetime
    ) -> bytes: ...

    async def record(
        self, session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime
    ) -> bytes: ...

    async def benefits_letter(
        self, session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime
    ) -> bytes: ...

    async def questions(
        self, session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime
    ) -> bytes: ...

    async def slip(
        self, session: AsyncSession, viewer: Viewer, referral_id: UUID, *, public_url: str, at: datetime
    ) -> bytes: ...


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

    @property
    def words(self) -> Words:
        return cast(Words, self._state.words)

    @property
    def paper(self) -> Paper:
        return cast(Paper, self._state.paper)

    @property
    def public_url(self) -> str:
        """Where printed codes lead: the service's address as people reach it, no slash at its end."""
        return cast(str, self._state.public_url)

    @property
    def passkeys_at(self) -> Site | None:
        """Where passkeys are good; None where browsers allow none, such as at a bare IP address."""
        return site_of(self.public_url)

    def now(self) -> datetime:
        return cast(Callable[[], datetime], self._state.clock)()
