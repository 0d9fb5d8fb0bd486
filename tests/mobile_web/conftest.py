"""A small application around the human door, and a browser to look at it with."""

import asyncio
import html
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, async_playwright
from uuid_utils.compat import uuid7

import mobile_web
import notifications
from api import errors
from api.database import Database
from exchange.membership import sign_in
from mobile_web.forms import SESSION_COOKIE
from tests.small_bank import Small, make


def chromium() -> str:
    """The machine's browser; the run fails here, with the line to type, when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("The browser tests need Chromium. Type:  make browser")


@pytest.fixture
def app(database: Database, at: datetime) -> FastAPI:
    """The human door alone, mounted as the service mounts it."""
    made = FastAPI(openapi_url=None)
    made.state.database = database
    made.state.secret = b"a secret for tests only"
    made.state.clock = lambda: at
    made.state.desk = notifications
    made.include_router(mobile_web.build())
    errors.install(made)
    return made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bank.test") as opened:
        yield opened


@dataclass
class Street(Small):
    """A small bank that is really there, and the cookie of each of its people."""

    cookies: dict[str, str] = field(default_factory=dict)


@pytest.fixture
async def street(database: Database, at: datetime) -> Street:
    """A small bank, committed; everybody has a session."""
    bank_id = uuid7()
    async with database.transaction(bank_id) as session:
        bank = await make(session, bank_id, at)
        tokens = {
            name: await sign_in.start_session(session, bank_id, who.member_id, device="a phone", at=at)
            for name, who in bank.people.items()
        }
    cookies = {name: token.text for name, token in tokens.items()}
    return Street(session, bank_id, at, bank.people, bank.organisation_id, cookies)


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


@pytest.fixture
def as_person(app: FastAPI, street: Street) -> Callable[[str], Pages]:
    return lambda name: Pages(app, street.cookies[name])


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


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as found:
        yield found


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=chromium(), chromium_sandbox=os.getuid() != 0
        )
        yield opened
        await opened.close()
