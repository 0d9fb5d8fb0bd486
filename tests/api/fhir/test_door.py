"""The FHIR door as a practice's system meets it: credentials, its own referrals only, and early refusals."""

import asyncio
import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from api.database import Database
from api.fhir.names import CHOICE, NHS_NUMBER, coding
from api.settings import Settings
from exchange.membership import viewer
from exchange.prescribing import clients, read
from exchange.prescribing.tables import Referral
from tests.api.conftest import Clock, Service, _remember
from tests.api.fhir.bundles import PEOPLE, of_type, shown, taken_to
from tests.apps import service_lent
from tests.conftest import NOON
from tests.exchange.prescribing.test_clients import let_in, signed_in
from tests.small_bank import make
from tests.small_practice import Surgery, open_surgery

JSON = "application/fhir+json"


@dataclass
class Door:
    """A committed bank with two practices, a token of a system of each, and one referral of the first."""

    service: Service
    tokens: dict[str, str]
    secrets: dict[str, tuple[str, str]]
    key: UUID
    whole: dict[str, Any]
    """A Bundle as the first practice's system might send it."""

    async def ask(self, who: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.tokens[who]}"} if who else {}
        headers |= more.pop("headers", {})
        return await self.service.client.request(method, f"/fhir{path}", headers=headers, **more)

    async def send(self, bundle: Any, who: str = "larch", path: str = "", **more: Any) -> httpx.Response:
        body = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
        headers = {"content-type": more.pop("kind", JSON)}
        return await self.ask(who, "POST", path, content=body, headers=headers)

    async def referrals(self) -> int:
        async with self.service.database.transaction(self.service.bank_id) as session:
            return int(await session.scalar(select(func.count()).select_from(Referral)) or 0)


@pytest.fixture(scope="module")
async def door(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """One for all tests of this file: each sends under a name of its own."""
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("fhir"), secret_key="s" * 40)
    clock = Clock(NOON)
    with service_lent(settings, database, clock) as app:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://evenhour.test") as client:
            yield await _open(Service(app, client, database, uuid7(), clock))


async def _open(service: Service) -> Door:
    async with service.database.transaction(service.bank_id) as session:
        small = await make(session, service.bank_id, NOON)
        await _remember(service, small)
        surgery = await open_surgery(small)
        key = await taken_to(surgery, "contacted", **PEOPLE[0])
        whole = await shown(surgery, await signed_in(surgery), key)
        secrets = {
            name: await _let_in(surgery, practice)
            for name, practice in (("larch", surgery.practice_id), ("elm", surgery.other_id))
        }
    made = Door(service, {}, secrets, key, named(whole, "R-0"))
    for name, (handle, secret) in secrets.items():
        answer = await get_token(service, handle, secret)
        made.tokens[name] = answer.json()["access_token"]
    return made


async def _let_in(surgery: Surgery, practice_id: UUID) -> tuple[str, str]:
    key, secret = await let_in(surgery, practice_id)
    return clients.handle(surgery.small.bank_id, key), secret


async def get_token(service: Service, handle: str, secret: str, **more: Any) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": handle, "client_secret": secret} | more
    return await service.client.post("/fhir/token", data=form)


def named(bundle: dict[str, Any], value: str) -> dict[str, Any]:
    """The same asked for under another name."""
    made = deepcopy(bundle)
    of_type(made, "ServiceRequest")[0]["identifier"] = [{"system": "urn:theirs", "value": value}]
    return made


def complaint(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """Status, kind and elements of the first complaint."""
    assert answer.headers["content-type"].startswith(JSON), answer.text
    told = answer.json()
    assert told["resourceType"] == "OperationOutcome"
    return answer.status_code, told["issue"][0]["code"], told["issue"][0].get("expression", [])


async def test_credentials_open_the_door_for_ten_minutes(door: Door) -> None:
    handle, secret = door.secrets["larch"]
    basic = b64encode(f"{handle}:{secret}".encode()).decode()
    by_header = await door.service.client.post(
        "/fhir/token", data={"grant_type": "client_credentials"}, headers={"authorization": f"Basic {basic}"}
    )
    assert by_header.json()["expires_in"] == 600
    assert by_header.headers["cache-control"] == "no-store"
    wrong = [
        await get_token(door.service, handle, "wrong"),
        await get_token(door.service, "x", secret),
        await get_token(door.service, door.secrets["elm"][0], secret),
        await get_token(door.service, handle, secret, grant_type="password"),
    ]
    assert [(a.status_code, a.json()["error"]) for a in wrong] == [
        (401, "invalid_client"),
        (401, "invalid_client"),
        (401, "invalid_client"),
        (400, "unsupported_grant_type"),
    ]
    assert (await door.ask("larch", "GET", f"/Bundle/{door.key}")).status_code == 200
    door.service.clock.forward(minutes=11)
    late = await door.ask("larch", "GET", f"/Bundle/{door.key}")
    door.service.clock.forward(minutes=-11)
    assert complaint(late)[:2] == (401, "login")


async def test_guesses_are_counted_over_requests(door: Door) -> None:
    handle, secret = door.secrets["elm"]
    assert (await get_token(door.service, handle, secret)).status_code == 200, "a right one begins anew"
    answers = [await get_token(door.service, handle, "guess") for _ in range(clients.TRIES_MAX)]
    assert {a.status_code for a in answers} == {401}
    paused = await get_token(door.service, handle, secret)
    assert (paused.status_code, paused.headers["retry-after"]) == (429, "300")


PATHS = ("/Bundle/{key}", "/ServiceRequest/{key}", "/ServiceRequest/{key}/$everything")


async def test_a_practice_reads_its_own_and_nobody_elses(door: Door, another: Service) -> None:
    """Role by record: its own is read; another practice's, another bank's, none at all are one answer."""
    never, nonsense = str(uuid7()), "x"
    for path in PATHS:
        own = await door.ask("larch", "GET", path.format(key=door.key))
        assert own.status_code == 200
        assert "Quince" in (await door.ask("larch", "GET", f"/Bundle/{door.key}")).text
        refused = [
            await door.ask("elm", "GET", path.format(key=door.key)),
            await door.ask("larch", "GET", path.format(key=never)),
            await door.ask("larch", "GET", path.format(key=nonsense)),
        ]
        assert {a.text for a in refused} == {refused[0].text}
        assert {complaint(a)[:2] for a in refused} == {(404, "not-found")}
        assert complaint(await door.ask(None, "GET", path.format(key=door.key)))[0] == 401
    door.tokens |= {"member": door.service.tokens["Ann"], "coordinator": door.service.tokens["Cora"]}
    door.tokens["stranger"] = another.tokens["Cora"]
    raw = urlsafe_b64decode(door.tokens["larch"])
    door.tokens["forged"] = urlsafe_b64encode(another.bank_id.bytes + raw[16:]).decode()
    for who in ("member", "coordinator", "stranger", "forged"):
        assert complaint(await door.ask(who, "GET", f"/Bundle/{door.key}"))[:2] == (401, "login")
    for path in ("/me", "/members", f"/referrals/{door.key}"):
        headers = {"authorization": f"Bearer {door.tokens['larch']}"}
        answer = await door.service.client.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 401, "a system's token opens nothing else"


async def test_a_look_is_in_the_log_once_for_each_request(door: Door) -> None:
    before = await looks(door)
    await door.ask("larch", "GET", f"/Bundle/{door.key}")
    await door.ask("elm", "GET", f"/Bundle/{door.key}")
    after = await looks(door)
    assert len(after) == len(before) + 1
    assert (after[0].standing, after[0].who) == ("system", "Records")


async def looks(door: Door) -> list[read.Look]:
    async with door.service.database.transaction(door.service.bank_id) as session:
        cora = await viewer.load(session, door.service.bank_id, door.service.ids["Cora"])
        assert cora
        return await read.log_of(session, cora, door.key)


async def test_a_referral_is_taken_once_whatever_is_pressed(door: Door) -> None:
    before = await door.referrals()
    whole = named(door.whole, "R-1")
    first = await door.send(whole)
    assert first.status_code == 201, first.text
    again = await door.send(whole, path="/$process-message")
    both = await asyncio.gather(*(door.send(named(door.whole, "R-2")) for _ in range(3)))
    assert (again.status_code, again.headers["location"]) == (200, first.headers["location"])
    assert sorted(a.status_code for a in both) == [200, 200, 201]
    assert await door.referrals() == before + 2
    found = (await door.ask("larch", "GET", "/ServiceRequest?identifier=urn:theirs|R-1")).json()
    assert (found["total"], found["entry"][0]["resource"]["id"]) == (1, first.json()["id"])
    elms = (await door.ask("elm", "GET", "/ServiceRequest?identifier=urn:theirs|R-1")).json()
    assert elms["total"] == 0
    other = deepcopy(whole)
    of_type(other, "Patient")[0]["birthDate"] = "1951-05-03"
    assert complaint(await door.send(other))[:2] == (409, "business-rule")
    desk = await door.service.call("Cora", "GET", "/referrals?of=desk")
    assert len(desk.json()["items"]) == before + 2


async def test_the_example_of_the_docs_is_taken(door: Door) -> None:
    page = (Path(__file__).parents[3] / "docs" / "fhir.md").read_text()
    example = json.loads(page.partition("```json\n")[2].partition("```")[0])
    taken = await door.send(example)
    assert taken.status_code == 201, taken.text
    del example["entry"][2]
    assert complaint(await door.send(example)) == (422, "required", ["Bundle.entry"])


async def test_the_same_name_from_another_practice_is_another_referral(door: Door) -> None:
    answers = [await door.send(named(door.whole, "R-3"), who) for who in ("larch", "elm")]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]


BROKEN_RULES: tuple[tuple[str, str, Any, str], ...] = (
    ("Patient", "birthDate", "2090-01-01", "birthDate"),
    ("Patient", "identifier", [{"system": NHS_NUMBER, "value": "943 476 5918"}], "identifier[0].value"),
    ("Patient", "name", [{"family": " "}], "name[0].family"),
    ("Patient", "telecom", [{"system": "phone", "value": "12"}], "telecom[0].value"),
    ("Patient", "address", [{"use": "old", "text": "x"}], "address"),
    ("Consent", "provision", {"type": "permit"}, "provision.code"),
    ("Consent", "policyRule", {"text": "x"}, "policyRule"),
    ("ServiceRequest", "orderDetail", [{"coding": [coding(CHOICE, str(uuid7()))]}], "orderDetail"),
)


async def test_a_rule_of_the_exchange_is_said_at_its_element(door: Door) -> None:
    before = await door.referrals()
    assert (await door.send(door.whole, path="/Bundle/$validate?mode=create")).json()["issue"][0][
        "severity"
    ] == "information", "the control"
    for kind, element, value, expected in BROKEN_RULES:
        made = deepcopy(door.whole)
        number = [entry["resource"]["resourceType"] for entry in made["entry"]].index(kind)
        made["entry"][number]["resource"][element] = value
        path = f"Bundle.entry[{number}].resource.{expected}"
        sent = await door.send(made)
        assert (sent.status_code, path) == (422, complaint(sent)[2][0])
        judged = await door.send(made, path="/Bundle/$validate?mode=create")
        assert (judged.status_code, path) == (200, complaint(judged)[2][0])
    assert await door.referrals() == before


DEEP = b'{"resourceType":"Bundle","entry":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
BOMB = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Bundle>&b;</Bundle>'
UNREADABLE: tuple[tuple[bytes, str, tuple[int, str]], ...] = (
    (BOMB, "application/fhir+xml", (415, "not-supported")),
    (BOMB, JSON, (400, "structure")),
    (b"{}", "text/plain", (415, "not-supported")),
    (b"", JSON, (400, "structure")),
    (b"[]", JSON, (400, "structure")),
    (b'{"resourceType":"Bundle","resourceType":"Bundle"}', JSON, (400, "structure")),
    (b'{"resourceType":"Bundle","total":NaN}', JSON, (400, "structure")),
    (b'{"resourceType":"Bundle","total":' + b"9" * 5000 + b"}", JSON, (400, "structure")),
    (b'{"resourceType":"Bundle","id":"\\u0000"}', JSON, (400, "value")),
    (b'{"resourceType":"Bundle","id":"\\ud800"}', JSON, (400, "value")),
    (b'{"resourceType":"Bundle","id":"' + b"x" * 30_000 + b'"}', JSON, (400, "value")),
    (b'\xff\xfe{"resourceType":"Bundle"}', JSON, (400, "structure")),
    (DEEP, JSON, (400, "too-costly")),
    (b"[" * 900_000, JSON, (400, "too-costly")),
    (b'{"a":"' + b"x" * 10_000_000 + b'"}', JSON, (413, "too-long")),
)


@pytest.mark.parametrize("path", ["", "/Bundle/$validate"])
async def test_what_could_hurt_is_refused_early(door: Door, path: str) -> None:
    for body, kind, expected in UNREADABLE:
        answer = await door.send(body, path=path, kind=kind)
        assert complaint(answer)[:2] == expected, (body[:60], answer.text[:200])


async def test_the_door_says_what_it_is(door: Door) -> None:
    told = (await door.ask(None, "GET", "/metadata")).json()
    assert told["fhirVersion"] == "4.0.1"
    assert "Conformant to no profile" in told["implementation"]["description"]
    assert complaint(await door.ask("larch", "GET", "/Patient/1"))[0] == 404
    assert complaint(await door.ask("larch", "DELETE", "/metadata"))[0] == 405
    assert complaint(await door.ask("larch", "GET", "/ServiceRequest"))[0] == 400
