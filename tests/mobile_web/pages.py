"""People in front of the human door: a browser without scripts, and what a real one needs."""

import asyncio
import html
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT
from fastapi import FastAPI
from playwright.async_api import Browser, Page, async_playwright

from mobile_web.forms import SESSION_COOKIE
from tests.small_bank import Small

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Street(Small):
    """A small bank that is really there, and the cookie of each of its people."""

    cookies: dict[str, str] = field(default_factory=dict)


class Pages:
    """One person's browser without scripts: reads pages, fills their forms in, presses their buttons."""

    def __init__(self, app: FastAPI, cookie: str | None = None) -> None:
        cookies = {SESSION_COOKIE: cookie} if cookie else {}
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://bank.test",
            cookies=cookies,
            follow_redirects=True,
        )

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def press(self, page: httpx.Response, action: str, **answers: str) -> httpx.Response:
        """Send the form of `page` that goes to `action`, its hidden fields with it."""
        return await self.client.post(action, data=hidden_fields(page, action) | answers)


def hidden_fields(page: httpx.Response, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to `action`."""
    for form in re.findall(r"<form.*?</form>", page.text, re.DOTALL):
        if f'action="{action}"' in form:
            pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
            return {name: html.unescape(value) for name, value in pairs}
    message = f"no form to {action} on {page.url}: {re.findall('action=.[^ >]+', page.text)}"
    raise AssertionError(message)


def chromium() -> str:
    """The machine's browser; the run fails here, with the line to type, when there is none."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("The browser tests need Chromium. Type:  make browser")


LIGHT = ("--disable-gpu", "--disable-software-rasterizer")
"""Nobody watches: pages are laid out and asked, and never painted by a graphics card that is not there."""


@asynccontextmanager
async def a_browser(*arguments: str) -> AsyncIterator[Browser]:
    """The machine's browser, open."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=chromium(), chromium_sandbox=os.getuid() != 0, args=[*LIGHT, *arguments]
        )
        yield opened
        await opened.close()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real socket, for a real browser."""
    config = uvicorn.Config(app, port=0, log_level="warning", lifespan="off", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server offers no event to wait for
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


AXE = """() => axe.run({ resultTypes: ['violations'], preload: { assets: ['media'] } })
  .then(found => found.violations.map(rule => [rule.id, rule.nodes.map(node => node.target)]))"""
"""All that axe runs by itself; stylesheets it would fetch anew are for a rule that is off by itself."""


async def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is shown now."""
    await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate(AXE)
    return [f"{rule}: {targets}" for rule, targets in found]
