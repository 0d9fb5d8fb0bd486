"""Other organisations' services: read page after page from a stand-in, kept once, taken down when gone."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from api.database import Database
from api.files import Report
from api.openreferral import feed as feeds
from api.openreferral import refreshing
from api.openreferral.importing import import_services
from exchange.errors import NotAllowed
from exchange.membership import banks, viewer
from exchange.membership.viewer import Viewer
from exchange.prescribing import feeds as followed
from exchange.prescribing import signposts

ADDRESS = "https://directory.example/services?area=E1"


def service(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"s{number}",
        "name": f"Lunch club {number}",
        "status": "active",
        "description": "<p>Soup &amp; company</p>",
        "url": "https://lunch.example",
        "email": "lunch@example.org",
        "organization": {"id": "o1", "name": "The Hall"},
        "phones": [{"id": "p1", "number": "020 7946 0010"}],
    } | changes


class Directory:
    """A stand-in for somebody's feed: pages of services, and what it is asked."""

    def __init__(self, services: list[Any], per_page: int = 2) -> None:
        self.services, self.per_page = services, per_page
        self.breaks_at = 0
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        number = int(request.url.params["page"])
        if number == self.breaks_at:
            return httpx.Response(500)
        start = (number - 1) * self.per_page
        pages = -(-len(self.services) // self.per_page)
        contents = self.services[start : start + self.per_page]
        page = {
            "page_number": number,
            "total_pages": pages,
            "last_page": number >= pages,
            "contents": contents,
        }
        return httpx.Response(200, json=page)


@pytest.fixture
async def admin(database: Database, bank_id: UUID, at: datetime) -> Viewer:
    async with database.transaction(bank_id) as session:
        made = await banks.create(session, "Import Bank", admin="07700900001", bank_id=bank_id, at=at)
        found = await viewer.load(session, bank_id, made.admin_id)
    assert found is not None
    return found


@pytest.fixture
def take(
    database: Database, admin: Viewer, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Import from a stand-in, some days later."""
    real = feeds.fetch

    async def do(source: Any, days: int = 0, **more: Any) -> Report:
        async def fetch(address: str) -> feeds.Feed:
            client = httpx.AsyncClient(transport=httpx.MockTransport(source))
            return await real(address, client=client)

        if not isinstance(source, str):
            monkeypatch.setattr(feeds, "fetch", fetch)
        address = source if isinstance(source, str) else ADDRESS
        moment = at + timedelta(days=days)
        return await import_services(database, admin.bank_id, address, at=moment, **more)

    return do


async def kept(database: Database, admin: Viewer, words: str = "") -> list[Any]:
    async with database.transaction(admin.bank_id) as session:
        return (await signposts.search(session, admin, words))[0]


async def test_every_page_is_read_and_a_second_time_changes_nothing(
    database: Database, admin: Viewer, take: Callable[..., Any], at: datetime
) -> None:
    directory = Directory([service(n) for n in range(5)])
    report = await take(directory)
    assert (report.written, report.unchanged, report.problems, report.is_written) == (5, 0, [], True)
    assert directory.asked[-1] == "https://directory.example/services?area=E1&page=3"
    again = await take(directory, days=7)
    assert (again.written, again.unchanged) == (0, 5)
    first = (await kept(database, admin))[0]
    assert (first.name, first.about, first.telephone) == ("Lunch club 0", "Soup & company", "020 7946 0010")
    assert (first.seen_at, first.changed_at) == (at + timedelta(days=7), at)
    assert [one.name for one in await kept(database, admin, "soup 3")] == ["Lunch club 3"]
    assert await kept(database, admin, "100%") == []


async def test_what_the_feed_has_no_more_is_taken_down_once_it_was_read_whole(
    database: Database, admin: Viewer, take: Callable[..., Any]
) -> None:
    directory = Directory([service(n) for n in range(5)])
    await take(directory)
    directory.services = [service(0), service(1), service(2, status="defunct"), service(3, name="Tea")]
    directory.breaks_at = 2
    broken = await take(directory)
    assert len(await kept(database, admin)) == 5, "a feed that breaks off takes nothing down"
    assert "not read to its end" in broken.notes[0]
    directory.breaks_at = 0
    report = await take(directory)
    assert (report.written, report.unchanged) == (1, 2)
    assert [one.name for one in await kept(database, admin)] == ["Lunch club 0", "Lunch club 1", "Tea"]


async def test_a_feed_is_read_again_by_itself_and_nothing_is_lost_when_it_is_broken_or_empty(
    database: Database, admin: Viewer, take: Callable[..., Any], at: datetime
) -> None:
    directory = Directory([service(n) for n in range(3)])
    await take(directory)

    async def a_day_later(days: float) -> tuple[int, int, str | None]:
        moment = at + timedelta(days=days)
        await asyncio.gather(*(refreshing.refresh_bank(database, admin.bank_id, at=moment) for _ in range(2)))
        async with database.transaction(admin.bank_id) as session:
            [one] = await followed.followed(session, admin)
            assert await followed.in_trouble(session, admin) == bool(one.feed.trouble)
        return len(directory.asked), one.services, one.feed.trouble

    directory.asked.clear()
    async with database.transaction(None) as session:
        due = await followed.banks_with_feeds_due(session, at=at + timedelta(days=1))
        assert admin.bank_id in due
    assert await a_day_later(0.5) == (0, 3, None), "not before its time"
    directory.services = directory.services[1:]
    assert await a_day_later(1) == (1, 2, None), "once, whoever else looks"
    directory.breaks_at = 1
    assert await a_day_later(2) == (2, 2, "The feed answered 500.")
    assert await a_day_later(2.1) == (2, 2, "The feed answered 500.")
    directory.breaks_at, directory.services = 0, []
    assert await a_day_later(2.5) == (3, 2, "The feed is empty, so what is there stays.")
    directory.services = [service(9)]
    assert await a_day_later(3) == (4, 1, None)
    async with database.transaction(admin.bank_id) as session:
        [one] = await followed.followed(session, admin)
        await followed.stop(session, admin, one.feed.feed_id)
    assert await kept(database, admin) == []
    assert await refreshing.refresh_bank(database, admin.bank_id, at=at + timedelta(days=9)) == 0


async def test_a_dry_run_writes_nothing_and_bad_entries_say_why(
    database: Database, admin: Viewer, take: Callable[..., Any]
) -> None:
    bad = ["x", {"id": "s9"}, service(8, id=""), service(7, name="\u200b"), service(1)]
    report = await take(Directory(bad), is_dry_run=True)
    assert [(p.line, p.code) for p in report.problems] == [
        (1, "not_a_service"),
        (2, "text_missing"),
        (3, "text_missing"),
        (4, "text_missing"),
    ]
    assert (report.written, report.is_written, await kept(database, admin)) == (1, False, [])


async def test_nothing_but_words_and_web_addresses_is_kept(
    database: Database, admin: Viewer, take: Callable[..., Any]
) -> None:
    nasty = service(
        1,
        name="<script>alert(1)</script>Club\x00",
        description="x" * 50_000,
        url="javascript:alert(1)",
        email="a@b\nc",
        phones=[{"number": "<b>"}, "x"],
        organization="none",
        schedules=[{"byday": "TU", "opens_at": "10:00", "closes_at": 7}],
        service_at_locations=[{"location": {"name": "Hall", "addresses": [{"postal_code": "E1"}]}}],
    )
    await take(Directory([nasty]))
    found = (await kept(database, admin))[0]
    assert (found.name, found.url, found.email, found.telephone) == ("alert(1) Club", None, None, None)
    assert len(found.about) <= signposts.ABOUT_CHARACTERS_MAX
    assert (found.organisation, found.place, found.when_words) == (None, "Hall, E1", "TU 10:00")


async def test_a_feed_that_never_ends_is_left(
    take: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"contents": [service(int(request.url.params["page"]))]})

    monkeypatch.setattr(feeds, "PAGES_MAX", 5)
    report = await take(endless)
    assert (report.written, "not read to its end" in report.notes[0]) == (5, True)

    def same(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(200, json={"contents": [service(1)]})

    assert (await take(same)).lines == 1, "a feed that knows no pages is read once"


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectTimeout("slow", request=request)


TROUBLES: tuple[tuple[Any, str], ...] = (
    (lambda _: httpx.Response(404), "answered 404"),
    (lambda _: httpx.Response(200, text="<html>"), "not JSON"),
    (lambda _: httpx.Response(200, json={"error": "x"}), "no list"),
    (lambda _: httpx.Response(200, content=b" " * (feeds.PAGE_BYTES_MAX + 1)), "5 MB"),
    (refused, "ConnectTimeout"),
    ("nowhere.json", "no such file"),
)


async def test_a_feed_that_cannot_be_read_says_why(take: Callable[..., Any]) -> None:
    for source, words in TROUBLES:
        report = await take(source)
        assert (report.problems[0].code, report.is_written) == ("feed_not_read", False)
        assert words in report.problems[0].reason


async def test_a_saved_feed_is_read_too(
    database: Database, admin: Viewer, take: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "feed.json"
    path.write_text(json.dumps([service(1)]))
    assert (await take(str(path))).written == 1
    assert (await kept(database, admin))[0].feed == "feed.json"


async def test_only_an_import_writes(database: Database, admin: Viewer, take: Callable[..., Any]) -> None:
    await take(Directory([service(1)]))
    nobody = Viewer(
        bank_id=admin.bank_id, member_id=admin.member_id, name="x", language="en", roles=frozenset()
    )
    async with database.transaction(admin.bank_id) as session:
        with pytest.raises(NotAllowed):
            await signposts.search(session, nobody)
        with pytest.raises(NotAllowed):
            await signposts.take_down(session, nobody, ADDRESS, still_there=())
