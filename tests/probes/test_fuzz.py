"""Nonsense sent to every path that takes a body, by everybody: an answer, and never a mistake of ours.

The bodies are shaped like what each path wants, with something wrong in them, or are no bodies at all. What
must never happen: a status of 500 or more, or an answer that is no JSON with a code.
"""

import json
import random
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from tests.api.conftest import Service
from tests.probes.conftest import ROLES, TwoBanks
from tests.probes.operations import Operation, operations, resolve

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
NASTY: list[Any] = [
    None, True, 0, -1, 1.5, 1e308, 2**31, 2**63, 10**40, "", " ", "\x00", "a\x00@b.cc", "\ud800", "\u202e",
    "\ud800@b.cc", "x" * 200, "x" * 5000, "😀" * 60, "' or 1=1 --", "{{7*7}}", "%s%n", "../../etc/passwd",
    "0001-01-01", "9999-12-31", "2026-02-30", "-infinity", "24:00", "23:59:60", "10:00+14:00", "12:00Z",
    "07700 900123", "+44", "null", [], [[]], {}, {"a": None}, ["x"] * 300, [None], "coordinator", "post",
]  # fmt: skip
"""Values that somebody's program was once broken by."""

CURSORS = (
    "x",
    "\x00",
    f"\x00/{uuid7()}",
    "/",
    "9" * 20,
    "-1",
    f"2020-01-01T00:00:00/{uuid7()}",
    f"0001-01-01T00:00:00+14:00/{uuid7()}",
    "9" * 200,
)

RAW: list[tuple[str, bytes]] = [
    ("application/json", b""),
    ("application/json", b"{"),
    ("application/json", b"\xff\xfe\x00"),
    ("application/json", b'{"a": NaN}'),
    ("application/json", b"[" * 100_000),
    ("application/json", b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    ("application/json", b"1" * 6000),
    ("application/json", b'"' + b"x" * 999_000 + b'"'),
    ("application/json", b" " * 1_000_001),
    ("application/json; charset=utf-16", b'{"minutes": 1}'),
    ("text/plain", b"minutes=1"),
    ("application/x-www-form-urlencoded", b"minutes=1&" * 2000),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n"),
    ("multipart/form-data", b"--"),
    ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ("", b"\x00\x01"),
]
"""Content type and body; the first few go to every path, all of them to some."""


def changing(service: Service) -> list[Operation]:
    found = [o for o in operations(service.app.openapi()) if o.method in CHANGING]
    return [o for o in found if "/webhooks/" not in o.path]


def is_answer(answer: httpx.Response) -> bool:
    """Not a mistake of ours; and when it is a refusal, one that machines can read."""
    if answer.status_code < 400:
        return True
    return answer.status_code < 500 and bool(answer.json()["code"])


def path_of(operation: Operation, two: TwoBanks) -> str:
    """The operation's path, about somebody and something that is there."""
    known = {"hours_id": "hours", "organisation_id": "organisation", "other_id": "fay"}
    path = operation.path
    for place, name in operation.slots:
        if place == "path":
            path = path.replace(f"{{{name}}}", str(two.own.get(known.get(name, "fay"), uuid7())))
    for name, words in operation.choices.items():
        path = path.replace(f"{{{name}}}", words[0])
    return path


def schema_of(service: Service, operation: Operation) -> dict[str, Any]:
    document = service.app.openapi()
    described = document["paths"][operation.path][operation.method.lower()]
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    return resolve(document, content.get("schema", {}))


async def send(two: TwoBanks, who: str, operation: Operation, content: bytes, kind: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {two.ours.tokens[who]}"} | ({"content-type": kind} if kind else {})
    path = path_of(operation, two)
    return await two.ours.client.request(operation.method, path, content=content, headers=headers)


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode("utf-8", "replace")


async def test_every_field_of_every_body_takes_every_nonsense(two_banks: TwoBanks) -> None:
    """One wrong field at a time in a body that is otherwise right: so the rules behind it are reached."""
    await every_field(two_banks, values=3)


@pytest.mark.long
async def test_every_field_of_every_body_takes_all_nonsense(two_banks: TwoBanks) -> None:
    await every_field(two_banks, values=len(NASTY))


Path = tuple[str, ...]
ONE = "*"
"""A step into a list: its one item."""


def fields_within(document: dict[str, Any], schema: dict[str, Any], above: Path = ()) -> list[Path]:
    """Every field of a body, and every field within it, by the way to it."""
    schema = resolve(document, schema)
    if "items" in schema:
        return fields_within(document, schema["items"], (*above, ONE))
    found: list[Path] = []
    for name, inner in schema.get("properties", {}).items():
        found += [(*above, name), *fields_within(document, inner, (*above, name))]
    return found


def with_value(body: Any, path: Path, value: Any) -> Any:
    """The body with one value put in the place of what was there; what is missing on the way is made."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if step == ONE:
        first = body[0] if isinstance(body, list) and body else {}
        return [with_value(first, rest, value)]
    kept = dict(body) if isinstance(body, Mapping) else {}
    return kept | {step: with_value(kept.get(step), rest, value)}


def test_a_field_within_a_field_is_reached() -> None:
    """The control: the way into a list of objects is found and walked."""
    inner = {"properties": {"value": {"type": "string"}}}
    schema = {"properties": {"name": {}, "contacts": {"anyOf": [{"items": inner}, {"type": "null"}]}}}
    assert fields_within({}, schema) == [("name",), ("contacts",), ("contacts", ONE, "value")]
    changed = with_value({"contacts": [{"value": "a", "may_post": True}]}, ("contacts", ONE, "value"), "x")
    assert changed == {"contacts": [{"value": "x", "may_post": True}]}


async def every_field(two_banks: TwoBanks, *, values: int) -> None:
    broken, count, accepted = [], 0, 0
    dice = random.Random()
    document = two_banks.ours.app.openapi()
    for operation in changing(two_banks.ours):
        for field in fields_within(document, schema_of(two_banks.ours, operation)):
            for value in dice.sample(NASTY, values):
                body = with_value(operation.body or {}, field, value)
                answer = await send(two_banks, "Cora", operation, as_json(body), "application/json")
                count, accepted = count + 1, accepted + answer.is_success
                if not is_answer(answer):
                    broken.append(
                        f"{operation} {field}={value!r:.40}: {answer.status_code} {answer.text[:80]}"
                    )
    assert count > 200
    assert accepted > 10, "some nonsense is none, and reaches the database"
    assert broken == [], "\n".join(broken)


async def test_what_is_no_body_at_all_is_refused(two_banks: TwoBanks) -> None:
    broken = []
    for number, operation in enumerate(changing(two_banks.ours)):
        for kind, content in RAW if number % 8 == 0 else RAW[:4]:
            answer = await send(two_banks, "Ann", operation, content, kind)
            if not is_answer(answer):
                broken.append(f"{operation} {kind} {content[:20]!r}: {answer.status_code}")
    assert broken == [], "\n".join(broken)


async def test_every_question_takes_nonsense(two_banks: TwoBanks) -> None:
    """The paths that read: each parameter in turn."""
    await every_question(two_banks, values=5)


@pytest.mark.long
async def test_every_question_takes_all_nonsense(two_banks: TwoBanks) -> None:
    await every_question(two_banks, values=len(QUESTIONS))


QUESTIONS = (*CURSORS, "", "x" * 99, "1e9")


async def every_question(two_banks: TwoBanks, *, values: int) -> None:
    broken, dice = [], random.Random()
    document = two_banks.ours.app.openapi()
    for operation in [o for o in operations(document) if o.method == "GET"]:
        parameters = document["paths"][operation.path]["get"].get("parameters", [])
        for name in [p["name"] for p in parameters if p["in"] == "query"]:
            for value in dice.sample(QUESTIONS, values):
                headers = {"authorization": f"Bearer {two_banks.ours.tokens['Cora']}"}
                path = path_of(operation, two_banks)
                answer = await two_banks.ours.client.get(path, params={name: value}, headers=headers)
                if not is_answer(answer):
                    broken.append(f"{operation} {name}={value!r:.50}: {answer.status_code}")
    assert broken == [], "\n".join(broken)


async def test_nonsense_for_a_token_is_refused(two_banks: TwoBanks) -> None:
    for token in ("", "x", "é", "=" * 56, "A" * 56, "A" * 10_000, "-_" * 28, "\x7f"):
        headers = {"authorization": f"Bearer {token}".encode()}
        answer = await two_banks.ours.client.get("/api/v1/me", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), token


anything = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.sampled_from(NASTY)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("role", ["member", "coordinator", "administrator"])
async def test_whatever_is_sent_there_is_an_answer(two_banks: TwoBanks, role: str) -> None:
    """Bodies with the right names and anything in them, chosen by Hypothesis and asked for after it chose."""
    chosen: list[tuple[Operation, Any]] = []
    all_of_them = changing(two_banks.ours)

    @settings(
        max_examples=25,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def choose(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(all_of_them))
        names = sorted(schema_of(two_banks.ours, operation).get("properties", {})) or ["x"]
        body = data.draw(st.one_of(anything, st.dictionaries(st.sampled_from(names), anything)))
        chosen.append((operation, body))

    choose()
    broken = []
    for operation, body in chosen:
        answer = await send(two_banks, ROLES[role], operation, as_json(body), "application/json")
        if not is_answer(answer):
            broken.append(f"{operation} {body!r:.200}: {answer.status_code}")
    assert broken == [], "\n".join(broken)


async def test_a_door_that_trusts_what_it_is_sent_is_found(two_banks: TwoBanks) -> None:
    """The control: a handler that reads its body without looking makes our mistake, and is noticed."""
    app = FastAPI()

    @app.post("/hours")
    async def naive(request: Request) -> dict[str, int]:
        return {"hours": (await request.json())["minutes"] // 60}

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://naive.test") as client:
        statuses = {(await client.post("/hours", content=as_json({"minutes": v}))).status_code for v in NASTY}
    assert 500 in statuses
