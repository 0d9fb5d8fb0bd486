"""What the coordinator's desk shows of words out: spending, alerts, addresses left alone, the bank's wording.

Joins the pages, which know no messages, to the notifications, which know no settings of a bank.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import notifications
from api.settings import Settings
from api.worker import policy
from exchange.errors import NotFound, WordingRefused
from exchange.membership.viewer import Viewer
from notifications import OpenAlert, PausedAddress, Preview, Spending
from notifications.errors import UnknownAlert, UnknownLanguage, UnknownTemplate, WordsRule
from notifications.wording import declarations


@dataclass(frozen=True, slots=True)
class OwnText:
    """One text of the bank: how it is worded now, and whether that wording is its own."""

    template: str
    body: str
    is_own: bool
    placeholders: tuple[str, ...]
    segments_max: int


@dataclass(frozen=True, slots=True)
class Counting:
    """What a page needs to count a text while it is written."""

    examples: dict[str, str]
    pence_per_segment: float


@dataclass(frozen=True, slots=True)
class WordsDesk:
    """The desk's view of words, with the operator's settings at hand."""

    settings: Settings

    async def spending(self, session: AsyncSession, bank_id: UUID, *, at: datetime) -> Spending:
        """This month's texts in segments and pence, so far and as forecast."""
        found = await policy(session, bank_id, self.settings)
        return await notifications.month_spending(session, bank_id, policy=found, at=at)

    async def alerts(self, session: AsyncSession, bank_id: UUID) -> list[OpenAlert]:
        """Safety messages that nobody has taken yet."""
        return await notifications.open_alerts(session, bank_id)

    async def take_alert(
        self, session: AsyncSession, viewer: Viewer, alert_id: UUID, *, at: datetime
    ) -> None:
        """Somebody has it; nobody else is told from now on. A repeat changes nothing.

        Raises:
            NotFound: no such alert in this bank.
        """
        try:
            await notifications.take_alert(session, viewer.bank_id, alert_id, viewer.member_id, at)
        except UnknownAlert as broken:
            raise NotFound from broken

    async def paused(self, session: AsyncSession, bank_id: UUID) -> list[PausedAddress]:
        """Addresses nobody is told anything at, and why."""
        return await notifications.paused_addresses(session, bank_id)

    async def put_right(self, session: AsyncSession, bank_id: UUID, channel: str, address: str) -> None:
        """An address that bounced works again; one that said STOP stays as its owner wants it."""
        await notifications.forget_bounces(session, bank_id, channel, address)

    async def texts(self, session: AsyncSession, bank_id: UUID, language: str) -> list[OwnText]:
        """Every text in one language, as it is worded now.

        Raises:
            NotFound: nobody writes in that language.
        """
        own = await notifications.own_texts(session, bank_id)
        try:
            return [
                OwnText(
                    name,
                    own.get((name, language)) or notifications.standard_text(name, language),
                    (name, language) in own,
                    tuple(sorted(known.placeholders)),
                    known.sms_segments_max,
                )
                for name, known in declarations().items()
                if "sms" in known.told_by
            ]
        except UnknownLanguage as broken:
            raise NotFound from broken

    async def counting(self, session: AsyncSession, bank_id: UUID, template: str, language: str) -> Counting:
        """The example values of a text that there is, and what one segment costs."""
        found = await policy(session, bank_id, self.settings)
        values = notifications.example_values(template, language, found)
        return Counting(values, found.pence_per_segment)

    async def preview(
        self, session: AsyncSession, bank_id: UUID, template: str, language: str, body: str
    ) -> Preview:
        """A wording as somebody would get it, and what one of it costs.

        Raises:
            NotFound: no such text.
            WordingRefused: it could never be sent.
        """
        found = await policy(session, bank_id, self.settings)
        try:
            return notifications.preview(template, language, body, found)
        except (UnknownTemplate, UnknownLanguage) as broken:
            raise NotFound from broken
        except WordsRule as broken:
            raise WordingRefused(str(broken)) from broken

    async def save(
        self,
        session: AsyncSession,
        viewer: Viewer,
        template: str,
        language: str,
        body: str,
        *,
        at: datetime,
    ) -> None:
        """Use this wording from now on; the standard one is nobody's own.

        Raises:
            NotFound, WordingRefused
        """
        await self.preview(session, viewer.bank_id, template, language, body)
        if body == notifications.standard_text(template, language):
            await notifications.forget_text(session, viewer.bank_id, template, language)
            return
        found = await policy(session, viewer.bank_id, self.settings)
        try:
            await notifications.save_text(
                session, viewer.bank_id, template, language, body, by_id=viewer.member_id, policy=found, at=at
            )
        except WordsRule as broken:
            raise WordingRefused(str(broken)) from broken

    async def forget(self, session: AsyncSession, bank_id: UUID, template: str, language: str) -> None:
        """Go back to the standard wording."""
        await notifications.forget_text(session, bank_id, template, language)
