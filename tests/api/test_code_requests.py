"""Codes cost somebody a text: asked for too often for a number or from a place, they wait until tomorrow."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from exchange.membership import code_requests
from exchange.membership.code_requests import DAILY_MAX, places
from exchange.membership.tables import CodeRequest
from tests.api.conftest import Service
from tests.small_bank import a_number


def from_host(service: Service, host: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=service.app, client=(host, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://evenhour.test")


async def ask(client: httpx.AsyncClient, contact: str) -> int:
    return (await client.post("/api/v1/sign-in/codes", json={"contact": contact})).status_code


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Limits that a test can reach; the real ones are ten, sixty and three hundred."""
    assert DAILY_MAX == {"number": 10, "address": 60, "network": 300}
    limits = {"number": 2, "address": 4, "network": 6}
    monkeypatch.setattr(code_requests, "DAILY_MAX", limits)
    return limits


async def test_a_number_an_address_and_a_network_have_their_share(
    service: Service, few: dict[str, int]
) -> None:
    stranger = a_number()
    async with from_host(service, "203.0.113.9") as here, from_host(service, "203.0.113.77") as near:
        assert [await ask(here, stranger) for _ in range(3)] == [202, 202, 429], "known or not"
        assert [await ask(here, a_number()) for _ in range(3)] == [202, 202, 429], "the address"
        assert [await ask(near, a_number()) for _ in range(3)] == [202, 202, 429], "the network"
    async with from_host(service, "198.51.100.1") as elsewhere:
        assert await ask(elsewhere, a_number()) == 202
        assert await ask(elsewhere, stranger) == 429
    service.clock.forward(days=1)
    async with from_host(service, "203.0.113.9") as here:
        assert await ask(here, stranger) == 202
    assert few


async def test_this_machine_itself_is_not_counted(service: Service, few: dict[str, int]) -> None:
    """The control: without an address only the number has a limit."""
    assert [await ask(service.client, a_number()) for _ in range(8)] == [202] * 8
    assert few


async def test_nothing_of_anybody_is_kept_but_keyed_hashes(service: Service, caplog: Any) -> None:
    number = a_number()
    async with from_host(service, "203.0.113.200") as here:
        await ask(here, number)
    async with service.database.transaction(None) as session:
        kept = [row.key for row in (await session.scalars(select(CodeRequest))).all()]
        assert all(len(key) == 64 and int(key, 16) for key in kept)
        await code_requests.forget(session, at=service.clock.at)
        assert (await session.scalars(select(CodeRequest))).all(), "yesterday's still count"
    assert "203.0.113" not in caplog.text
    assert number[-6:] not in caplog.text


@pytest.mark.parametrize(
    ("host", "found"),
    [
        (None, {}),
        ("testclient", {}),
        ("127.0.0.1", {}),
        ("::1", {}),
        ("203.0.113.9", {"address": "203.0.113.9/32", "network": "203.0.113.0/24"}),
        ("::ffff:203.0.113.9", {"address": "203.0.113.9/32", "network": "203.0.113.0/24"}),
        ("2001:db8:1:2:3::4", {"address": "2001:db8:1:2::/64", "network": "2001:db8:1::/48"}),
    ],
)
def test_where_a_request_comes_from(host: str | None, found: dict[str, str]) -> None:
    assert places(host) == found
