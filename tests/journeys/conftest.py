"""Real phones before the whole service: axe and a ruler look at each page that a journey shows."""

import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page

from api.database import Database
from api.settings import Settings
from mobile_web.forms import SESSION_COOKIE
from tests.apps import service_lent
from tests.mobile_web.conftest import browser, street
from tests.mobile_web.pages import SIDEWAYS, Street, serving, violations

__all__ = ["browser", "street"]

PHONE = (360, 740)


class LookedAt:
    """Pages that were looked at in this run, by whichever worker: once is enough for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def is_first(self, title: str) -> bool:
        """Whether nobody has looked at it yet; from now on somebody has."""
        try:
            (self._folder / hashlib.sha256(title.encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


@dataclass
class Phone:
    """A phone in somebody's hand."""

    page: Page
    address: str
    looked_at: LookedAt
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
        if not self.has_scripts or not self.looked_at.is_first(title):
            return
        assert await self.page.evaluate(SIDEWAYS) == 0, title
        assert await violations(self.page) == [], title


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> LookedAt:
    """In a folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return LookedAt((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "looked-at")


@pytest.fixture
def app(database: Database, at: datetime, tmp_path: Path) -> Iterator[FastAPI]:
    """The whole service, as it is served."""
    settings = Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]
    with service_lent(settings, database, lambda: at) as lent:
        yield lent


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as found:
        yield found


Hand = Callable[..., AbstractAsyncContextManager[Phone]]


@pytest.fixture
def phone_of(browser: Browser, address: str, street: Street, looked_at: LookedAt) -> Hand:
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
        yield Phone(await context.new_page(), address, looked_at, has_scripts=scripts)
        await context.close()

    return hand
