"""A small application around the human door, and a browser to look at it with."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser
from starlette.datastructures import State
from uuid_utils.compat import uuid7

import mobile_web
import notifications
from api import errors
from api.database import Database
from api.settings import Settings
from api.words_desk import WordsDesk
from exchange.membership import sign_in
from tests.apps import Shelf
from tests.mobile_web.pages import Pages, Street, a_browser, serving
from tests.small_bank import make

DOORS = Shelf()


@pytest.fixture
def app(database: Database, at: datetime) -> Iterator[FastAPI]:
    """The human door alone, mounted as the service mounts it."""
    with DOORS.lend(_door) as made:
        made.state = State()
        _equip(made, database, at)
        yield made


def _door() -> FastAPI:
    made = FastAPI(openapi_url=None)
    for room in mobile_web.page_rooms():
        made.include_router(room)
    errors.install(made)
    return made


def _equip(made: FastAPI, database: Database, at: datetime) -> None:
    made.state.database = database
    made.state.secret = b"a secret for tests only"
    made.state.clock = lambda: at
    made.state.public_url = "https://bank.test"
    made.state.desk = notifications
    made.state.words = WordsDesk(Settings(_env_file=None, quiet_hours="off"))


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bank.test") as opened:
        yield opened


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


@pytest.fixture
def as_person(app: FastAPI, street: Street) -> Callable[[str], Pages]:
    return lambda name: Pages(app, street.cookies[name])


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as found:
        yield found


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as opened:
        yield opened
