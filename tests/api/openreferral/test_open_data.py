"""A bank's public groups as open data: what the profile asks of every path, and only what is public."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from api.settings import Settings
from exchange.activities import proposing
from exchange.membership import banks
from exchange.membership.tables import Organisation
from tests.api.conftest import Clock, Service
from tests.apps import service_lent
from tests.conftest import NOON
from tests.exchange.activities.group import lunch
from tests.small_bank import Small, make

KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
URL = re.compile(r"https?://\S+")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
DAY = re.compile(r"\d{4}-\d\d-\d\d")

REQUIRED: dict[str, tuple[str, ...]] = {
    "services": ("id", "name", "status"),
    "service_at_locations": ("id",),
    "organizations": ("id", "name", "description"),
    "taxonomies": ("id", "name", "description"),
    "taxonomy_terms": ("id", "name", "description"),
}
"""Path → what the profile requires of each entry."""
NESTED: dict[str, tuple[str, ...]] = {
    "organization": ("id", "name", "description"),
    "service": ("id", "name", "status"),
    "services": ("id", "name", "status"),
    "location": ("id", "location_type"),
    "phones": ("id", "number"),
    "taxonomy_term": ("id", "name", "description"),
    "taxonomy_detail": ("id", "name", "description"),
}
"""Element → what the profile requires of it; of every other thing, an id."""
WORDS = {
    "status": {"active", "inactive", "defunct", "temporarily closed"},
    "location_type": {"physical", "postal", "virtual"},
    "freq": {"WEEKLY", "MONTHLY"},
}
PATTERNS = {"url": URL, "last_modified": MOMENT, "dtstart": DAY}
NUMBERS = ("minimum_age", "interval", "count")


def errors(thing: Any, path: str, required: tuple[str, ...] = ("id",)) -> list[str]:
    """What the profile would complain of, in this thing and in all that stands in it."""
    found = [f"{path}.{name} is missing" for name in required if name not in thing]
    for name, value in thing.items():
        where = f"{path}.{name}"
        if value in (None, "", [], {}):
            found.append(f"{where} is empty")
        elif isinstance(value, dict):
            found += errors(value, where, NESTED.get(name, ("id",)))
        elif isinstance(value, list):
            found += [e for part in value for e in errors(part, where, NESTED.get(name, ("id",)))]
        elif (name == "id" or name.endswith("_id")) and not KEY.fullmatch(str(value)):
            found.append(f"{where} is no UUID")
        elif value not in WORDS.get(name, {value}):
            found.append(f"{where} is not one of the words")
        elif name in PATTERNS and not PATTERNS[name].fullmatch(value):
            found.append(f"{where} is not of its form")
        elif isinstance(value, str) == (name in NUMBERS):
            found.append(f"{where} is not of its kind")
    return found


@pytest.fixture(scope="module")
async def town(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """A bank with public groups of an organisation and a member, one for members, one not approved."""
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("open"), secret_key="s" * 40)
    clock = Clock(NOON)
    with service_lent(settings, database, clock) as app:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://evenhour.test") as client:
            service = Service(app, client, database, uuid7(), clock)
            async with database.transaction(service.bank_id) as session:
                small = await make(session, service.bank_id, NOON)
                await banks.set_policy(session, small["admin"], {"telephone": "020 7946 0010"})
                service.ids = await groups(small)
            yield service


async def groups(small: Small) -> dict[str, UUID]:
    session, ann = small.session, small["Ann"]
    await session.execute(
        update(Organisation).where(col(Organisation.bank_id) == small.bank_id).values(description="A house")
    )
    centre, keys = small.organisation_id, {}
    told: dict[str, dict[str, Any]] = {
        "lunch": {"host_id": centre, "title": "Lunch", "location": "SECRET-NOT Hall", "access": ["Ramp"]},
        "walk": {"host_id": centre, "title": "Walk", "repeats": "monthly", "costs_minutes": 60},
        "knit": {
            "host_id": ann.member_id,
            "title": "Knitting",
            "location": "MARK 1 Home Row",
            "access": ["MARK"],
        },
        "closed": {"host_id": centre, "title": "MARK members only", "is_public": False},
    }
    for name, changes in told.items():
        made = await proposing.propose(session, small["admin"], lunch(small, **changes), at=small.at)
        await proposing.approve(session, small["Cora"], made.activity_id, at=small.at)
        keys[name] = made.activity_id
    waits = lunch(small, host_id=centre, title="MARK not approved")
    await proposing.propose(session, small["admin"], waits, at=small.at)
    return keys


async def get(town: Service, path: str, **query: Any) -> httpx.Response:
    return await town.client.get(f"/openreferral/{town.bank_id}{path}", params=query)


@pytest.mark.parametrize("path", REQUIRED)
async def test_every_list_and_every_entry_is_as_the_profile_asks(town: Service, path: str) -> None:
    answer = await get(town, f"/{path}")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    listed = answer.json()
    assert listed["total_items"] == listed["size"] == len(listed["contents"]) > 0
    assert (listed["first_page"], listed["last_page"], listed["empty"]) == (True, True, False)
    for entry in listed["contents"]:
        assert errors(entry, path, REQUIRED[path]) == []
        whole = await get(town, f"/{path}/{entry['id']}")
        assert errors(whole.json(), path, REQUIRED[path]) == []
        assert (await get(town, f"/{path}/{entry['id']}x")).status_code == 404


def test_a_breach_of_the_profile_is_found() -> None:
    good = {"id": str(uuid7()), "name": "x", "status": "active"}
    assert errors(good, "s", REQUIRED["services"]) == []
    breaches = (
        {"id": "7"},
        {"status": "open"},
        {"url": "www"},
        {"description": None},
        {"phones": [{"id": str(uuid7())}]},
        {"minimum_age": "18"},
        {"organization": {"id": str(uuid7()), "name": "x"}},
    )
    assert [len(errors(good | breach, "s", REQUIRED["services"])) for breach in breaches] == [1] * 7
    assert len(errors({"id": str(uuid7())}, "s", REQUIRED["services"])) == 2


async def test_nothing_that_is_not_public_is_told(town: Service) -> None:
    """Neither a member, nor where one lives, nor a group that is not for everybody, on any path."""
    seen = ""
    for path in REQUIRED:
        listed = await get(town, f"/{path}")
        seen += listed.text
        for entry in listed.json()["contents"]:
            seen += (await get(town, f"/{path}/{entry['id']}")).text
    assert "SECRET-NOT Hall" in seen, "the control: what an organisation tells is there"
    assert "Knitting" in seen
    assert [word for word in ("MARK", "Ann", "Cora", "admin") if word in seen] == []
    for name in ("closed",):
        assert (await get(town, f"/services/{town.ids[name]}")).status_code == 404


async def test_pages_hold_everything_once(town: Service) -> None:
    whole = [each["id"] for each in (await get(town, "/services")).json()["contents"]]
    pages = [(await get(town, "/services", page=n, per_page=2)).json() for n in (1, 2, 3)]
    assert [each["id"] for page in pages for each in page["contents"]] == whole
    assert [(p["first_page"], p["last_page"], p["empty"], p["total_pages"]) for p in pages] == [
        (True, False, False, 2),
        (False, True, False, 2),
        (False, True, True, 2),
    ]
    assert all(a["page_number"] < b["page_number"] for a, b in pairwise(pages))
    for bad in ({"page": 0}, {"per_page": 0}, {"per_page": 101}, {"page": "x"}):
        refused = await get(town, "/services", **bad)
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (422, "*")


ASKED: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({"search": "lun"}, {"Lunch"}),
    ({"search": "day centre"}, {"Lunch", "Walk"}),
    ({"day": "TU"}, {"Lunch", "Walk", "Knitting"}),
    ({"day": "Wednesday"}, set()),
    ({"start_time": "13:30"}, set()),
    ({"end_time": "23:00"}, {"Lunch", "Walk", "Knitting"}),
    ({"minimum_age": 18}, {"Lunch", "Walk", "Knitting", "Lantern Street"}),
    ({"minimum_age": 19}, set()),
    ({"maximum_age": 99}, set()),
    ({"taxonomy_term_id": "0199a000-0000-8000-8000-000000000003"}, {"Lantern Street"}),
    ({"taxonomy_id": "0199a000-0000-8000-8000-000000000009"}, set()),
    ({"modified_after": "2026-06-01T00:00:00Z"}, set()),
    ({"modified_after": "2026-01-01"}, {"Lunch", "Walk", "Knitting", "Lantern Street"}),
)


async def test_a_reader_gets_what_was_asked_for(town: Service) -> None:
    for query, names in ASKED:
        answer = await get(town, "/services", **query)
        assert answer.status_code == 200, answer.text
        assert {each["name"] for each in answer.json()["contents"]} == names, query
    for unknown in ({"postcode": "E1 1AA"}, {"proximity": "500"}, {"day": "someday"}):
        assert (await get(town, "/service_at_locations", **unknown)).status_code == 422


async def test_how_often_and_what_it_costs(town: Service) -> None:
    walk = (await get(town, f"/services/{town.ids['walk']}")).json()
    assert (walk["schedules"][0]["freq"], walk["schedules"][0]["byday"]) == ("MONTHLY", "2TU")
    assert walk["schedules"][0]["opens_at"].endswith("+01:00")
    assert "60 minutes" in walk["cost_options"][0]["amount_description"]
    assert walk["phones"][0]["number"]


async def test_a_group_that_is_over_is_gone_and_another_bank_has_its_own(town: Service) -> None:
    nobodys = await town.client.get(f"/openreferral/{uuid7()}/services")
    nonsense = await town.client.get("/openreferral/x/services")
    assert [a.status_code for a in (nobodys, nonsense)] == [404, 404]
    before = town.clock.at
    town.clock.at = before + timedelta(days=3650)
    late = (await get(town, "/services")).json()
    town.clock.at = before
    assert [each["name"] for each in late["contents"]] == ["Lantern Street"]
    meta = (await get(town, "/")).json()
    assert meta["version"].startswith("HSDS-UK-3.0")
    options = await town.client.options(f"/openreferral/{town.bank_id}/services")
    assert (options.status_code, options.headers["access-control-allow-origin"]) == (204, "*")
