"""Real phones before the whole service: axe and a ruler look at each page that a journey shows."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page

from api.app import create_app
from api.database import Database
from api.settings import Settings
from mobile_web.forms import SESSION_COOKIE
from tests.mobile_web.conftest import browser, street
from tests.mobile_web.pages import SIDEWAYS, Street, serving, violations

__all__ = ["browser", "street"]

PHONE = (360, 740)
LOOKED_AT: set[str] = set()
"""Pages that were looked at in this run: once is enough for each."""


@dataclass
class Phone:
    """A phone in somebody's hand."""

    page: Page
    address: str
    taps: int = 0
    has_scripts: bool = True
    """axe is a script, so pages are looked at where scripts run."""

    async def open(self, path: str) -> None:
        await self.page.goto(self.address + path)
        await self.look()

    async def tap(self, words: str, *, nth: int = 0) -> None:
        """Tap the link or button that says so, or else the choice."""
        part = self.page.locator("a, button").filter(has_text=words).locator("visible=true")
        if not await part.count():
            part = self.page.locator("label, summary").filter(has_text=words).locator("visible=true")
        await part.nth(nth).click()
        self.taps += 1
        if self.has_scripts:
            await self.page.locator("form[data-keep][data-sent]").wait_for(state="detached")
        await self.page.wait_for_load_state()
        await self.look()

    async def type(self, label: str, words: str) -> None:
        await self.page.get_by_label(label, exact=True).locator("visible=true").fill(words)

    async def reads(self, words: str) -> bool:
        text = (await self.page.inner_text("main")).replace("\xa0", " ")
        return words in text

    async def look(self) -> None:
        """Nothing is wrong with the page for those who see, hear or feel it otherwise, nor too wide."""
        title = await self.page.title()
        if title in LOOKED_AT or not self.has_scripts:
            return
        LOOKED_AT.add(title)
        assert await self.page.evaluate(SIDEWAYS) == 0, title
        assert await violations(self.page) == [], title


@pytest.fixture
def app(database: Database, at: datetime, tmp_path: Path) -> FastAPI:
    """The whole service, as it is served."""
    settings = Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]
    return create_app(settings, database, clock=lambda: at, with_worker=False)


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as found:
        yield found


Hand = Callable[..., AbstractAsyncContextManager[Phone]]


@pytest.fixture
def phone_of(browser: Browser, address: str, street: Street) -> Hand:
    """A phone for each person, signed in; `None` is a stranger's."""

    @asynccontextmanager
    async def hand(
        name: str | None, *, scripts: bool = True, size: tuple[int, int] = PHONE
    ) -> AsyncIterator[Phone]:
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, locale="en-GB"
        )
        if name:
            cookie = {"name": SESSION_COOKIE, "value": street.cookies[name], "url": address}
            await context.add_cookies([cookie])  # type: ignore[list-item]
        yield Phone(await context.new_page(), address, has_scripts=scripts)
        await context.close()

    return hand
