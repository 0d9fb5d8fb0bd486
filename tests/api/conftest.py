"""The service as a program sees it: the real app, a committed bank of its own, a token for each person."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from api.database import Database
from api.settings import Settings
from api.worker import Worker
from exchange.membership import contacts, sign_in
from tests.apps import service_lent
from tests.small_bank import Small, make


@dataclass
class Clock:
    """A clock that tests wind on."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Service:
    """The running app, and the people of its bank by name."""

    app: FastAPI
    client: httpx.AsyncClient
    database: Database
    bank_id: UUID
    clock: Clock
    ids: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    organisation_id: UUID = field(default_factory=uuid7)

    async def call(self, who: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def log(
        self, who: str, direction: str, other: str, minutes: int = 60, /, **more: Any
    ) -> httpx.Response:
        told = {
            "direction": direction,
            "with": str(self.ids[other]),
            "minutes": minutes,
            "done_on": "2026-05-11",
        }
        return await self.call(who, "POST", "/hours", json=told | more)

    async def balance(self, who: str) -> int:
        return (await self.call(who, "GET", "/me")).json()["balance_minutes"]

    async def work(self) -> list[dict[str, Any]]:
        """Do what is due in this bank, as a worker would, and return the messages that left."""
        state = self.app.state
        before = len(self.messages())
        worker = Worker(self.database, state.settings, state.channels, self.clock)
        while await worker.bank(self.bank_id):
            continue
        return self.messages()[before:]

    def messages(self) -> list[dict[str, Any]]:
        """Every message that left so far, oldest first."""
        path: Path = self.app.state.settings.messages_path
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def app_settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        data_dir=tmp_path,
        secret_key="s" * 40,
        quiet_hours="off",
        twilio_auth_token="token-of-the-tests",
        public_url="http://evenhour.test",
    )


@pytest.fixture
def new_service(database: Database, app_settings: Settings, at: datetime) -> Iterator[Callable[[], Any]]:
    lent = ExitStack()

    async def make_one() -> Service:
        clock = Clock(at)
        app = lent.enter_context(service_lent(app_settings, database, clock))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://evenhour.test")
        service = Service(app, client, database, uuid7(), clock)
        async with database.transaction(service.bank_id) as session:
            small = await make(session, service.bank_id, at)
            service.organisation_id = small.organisation_id
            await _remember(service, small)
        await service.work()
        return service

    with lent:
        yield make_one


async def _remember(service: Service, small: Small) -> None:
    for name, viewer in small.people.items():
        service.ids[name] = viewer.member_id
        token = await sign_in.start_session(
            small.session, small.bank_id, viewer.member_id, device="test", at=small.at
        )
        service.tokens[name] = token.text
        known = await contacts.of_member(small.session, small.bank_id, viewer.member_id)
        service.phones[name] = known[0].value


@pytest.fixture
async def service(new_service: Callable[[], Any]) -> AsyncIterator[Service]:
    made = await new_service()
    yield made
    await made.client.aclose()


@pytest.fixture
async def another(new_service: Callable[[], Any]) -> AsyncIterator[Service]:
    """A second bank on the same database, which must never see the first."""
    made = await new_service()
    yield made
    await made.client.aclose()
