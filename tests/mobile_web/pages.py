"""People in front of the human door: a browser without scripts, and what a real one needs."""

import asyncio
import html
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from fastapi import FastAPI
from playwright.async_api import Page

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
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("The browser tests need Chromium. Type:  make browser")


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real socket, for a real browser."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server offers no event to wait for
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


async def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is shown now."""
    found = await Axe().run(page)
    return [
        f"{rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in found.response["violations"]
    ]
