"""Coming in without a password; proof that a form is ours; what a stranger may learn, which is nothing."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.database import Database
from exchange.membership import contacts, sign_in
from exchange.membership.contacts import ContactDraft
from exchange.outbox import Event
from mobile_web.forms import SESSION_COOKIE
from tests.mobile_web.pages import Pages

Person = Callable[[str], Any]


@pytest.fixture
def stranger(app: FastAPI) -> Pages:
    return Pages(app)


async def number_of(database: Database, street: Any, name: str) -> str:
    async with database.transaction(street.bank_id) as session:
        known = await contacts.of_member(session, street.bank_id, street[name].member_id)
    return known[0].value


async def code_sent(database: Database, street: Any) -> str:
    async with database.transaction(street.bank_id) as session:
        events = (await session.scalars(select(Event).order_by(Event.event_id))).all()  # type: ignore[arg-type]
    return [event.payload["secret"] for event in events if event.kind == "sign_in.code_requested"][-1]


BEFORE = 1
"""Everybody in the street is signed in on one device."""


async def test_a_code_signs_in_once_and_to_nobody_else(
    app: FastAPI, stranger: Pages, street: Any, database: Database
) -> None:
    number = await number_of(database, street, "Ann")
    asked = await stranger.press(await stranger.get("/sign-in"), "/sign-in", contact=number)
    code = await code_sent(database, street)
    for _ in range(2):  # pressed twice, or sent again after a lost reply
        home = await stranger.press(asked, "/sign-in/code", code=code)
        assert "Hello, Ann" in home.text
    assert (await stranger.get("/settings/sessions")).text.count("<h2>") == BEFORE + 1
    await stranger.press(await stranger.get("/settings"), "/sign-out")
    late = await stranger.press(asked, "/sign-in/code", code=code)
    assert "used this code already" in late.text, "somebody else presses Back on the library's computer"
    assert SESSION_COOKIE not in stranger.client.cookies
    elsewhere = Pages(app)
    page = await elsewhere.press(await elsewhere.get("/sign-in"), "/sign-in", contact="+447700900999")
    seen = await elsewhere.press(page, "/sign-in/code", contact=number, code=code)
    assert "used this code already" in seen.text, "a code that somebody else saw opens nothing"


async def test_a_code_asked_for_twice_by_one_page_is_one(
    stranger: Pages, street: Any, database: Database
) -> None:
    page = await stranger.get("/sign-in")
    for _ in range(2):
        asked = await stranger.press(page, "/sign-in", contact=await number_of(database, street, "Ann"))
    first = await code_sent(database, street)
    assert "Hello, Ann" in (await stranger.press(asked, "/sign-in/code", code=first)).text
    async with database.transaction(street.bank_id) as session:
        events = (await session.scalars(select(Event))).all()
    assert [event.kind for event in events].count("sign_in.code_requested") == 1


async def test_a_wrong_code_says_so_beside_the_field(
    stranger: Pages, street: Any, database: Database
) -> None:
    number = await number_of(database, street, "Ann")
    asked = await stranger.press(await stranger.get("/sign-in"), "/sign-in", contact=number)
    sent = await code_sent(database, street)
    wrong = await stranger.press(asked, "/sign-in/code", code=f"{(int(sent) + 1) % 10**6:06d}")
    assert wrong.status_code == 422
    assert 'id="e-code"' in wrong.text


async def test_a_known_and_an_unknown_number_get_the_same_page(
    app: FastAPI, street: Any, database: Database
) -> None:
    known = await number_of(database, street, "Ann")
    pages = []
    for number in (known, "+447700900999"):
        stranger = Pages(app)
        reply = await stranger.press(await stranger.get("/sign-in"), "/sign-in", contact=number)
        pages.append(re.sub(r'name="(proof|id)" value="[^"]+"', "", reply.text.replace(number, "N")))
    assert pages[0] == pages[1]


async def test_a_shared_number_asks_who(stranger: Pages, street: Any, database: Database) -> None:
    number = await number_of(database, street, "Ann")
    async with database.transaction(street.bank_id) as session:
        cora, ben = street["Cora"], street["Ben"]
        draft = [ContactDraft(value=number)]
        await contacts.change(session, cora, ben.member_id, draft, at=street.at)
    asked = await stranger.press(await stranger.get("/sign-in"), "/sign-in", contact=number)
    who = await stranger.press(asked, "/sign-in/code", code=await code_sent(database, street))
    assert "Who are you?" in who.text
    assert SESSION_COOKIE not in stranger.client.cookies
    home = await stranger.press(who, "/sign-in/code", member_id=str(street["Ben"].member_id))
    assert "Hello, Ben" in home.text


async def test_a_link_for_once_asks_for_a_press_and_then_is_used_up(
    app: FastAPI, street: Any, database: Database, at: Any
) -> None:
    async with database.transaction(street.bank_id) as session:
        token = await sign_in.make_link(session, street.bank_id, street["Ann"].member_id, at=at)
    first, second = Pages(app), Pages(app)
    page = await first.get(f"/link/{token.text}")
    assert SESSION_COOKIE not in first.client.cookies, "a mail program that opens it uses nothing up"
    for _ in range(2):
        assert "Hello, Ann" in (await first.press(page, f"/link/{token.text}")).text
    assert "Hello, Ann" in (await first.get(f"/link/{token.text}")).text, "its reply was lost, or Back"
    again = await second.get(f"/link/{token.text}")
    assert again.status_code == 410
    assert "used before" in again.text


async def test_a_link_for_demonstrations_opens_signed_in(
    app: FastAPI, street: Any, database: Database, at: Any
) -> None:
    async with database.transaction(street.bank_id) as session:
        token = await sign_in.make_link(
            session, street.bank_id, street["Ann"].member_id, at=at, is_reusable=True
        )
    for _ in range(2):
        assert "Hello, Ann" in (await Pages(app).get(f"/link/{token.text}")).text


async def test_signing_out_ends_the_session(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    out = await ann.press(await ann.get("/settings"), "/sign-out")
    assert "Sign in to your time bank" in out.text
    again = as_person("Ann")
    assert "Sign in to your time bank" in (await again.get("/settings")).text


@pytest.mark.parametrize("path", ["/hours", "/desk", "/settings/contacts", "/desk/policy", "/statement"])
async def test_a_visitor_is_asked_to_sign_in_and_comes_back(app: FastAPI, path: str) -> None:
    reply = await Pages(app).get(path)
    assert str(reply.url) == f"http://bank.test/sign-in?next={path}"


@pytest.mark.parametrize(
    "away", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1"]
)
async def test_nobody_is_sent_elsewhere(stranger: Pages, away: str) -> None:
    page = await stranger.client.get("/sign-in", params={"next": away})
    assert 'name="next" value="/"' in page.text


async def test_a_form_without_proof_changes_nothing(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    for broken in ("", "x", "salt.0000", "\u00e9.\u00e9"):
        reply = await ann.client.post("/settings/about", data={"name": "Mallory", "proof": broken})
        assert reply.status_code == 403
    assert "Mallory" not in (await ann.get("/settings")).text


async def test_anothers_proof_is_no_proof(as_person: Person, street: Any) -> None:
    ann, ben = as_person("Ann"), as_person("Ben")
    page = await ben.get("/settings/about")
    reply = await ann.press(page, "/settings/about", name="Mallory", language="en", channel="sms")
    assert reply.status_code == 403


async def test_a_form_from_another_site_is_refused(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    page = await ann.get("/settings")
    ann.client.headers["origin"] = "https://evil.example"
    assert (await ann.press(page, "/sign-out")).status_code == 403
    ann.client.headers["origin"] = "http://bank.test"
    assert (await ann.press(page, "/sign-out")).status_code == 200


READS = {"/scan/frame"}
"""POSTs that change nothing: a picture is read and forgotten."""


async def test_every_change_asks_for_proof(app: FastAPI, as_person: Person) -> None:
    """A house rule: no POST of this door is without it."""
    ann = as_person("Cora")
    await ann.get("/")
    paths = {
        route.path  # type: ignore[attr-defined]
        for route in every_route(app)
        if "POST" in (getattr(route, "methods", None) or ())
    }
    assert len(paths) > 20
    for path in paths - READS:
        reply: httpx.Response = await ann.client.post(re.sub(r"\{\w+\}", str(street_key()), path))
        assert reply.status_code == 403, path


def street_key() -> str:
    return "01a203e3-8b8a-7650-b1d3-000000000000"


def every_route(app: FastAPI) -> list[Any]:
    """The door's routes, however the framework nests them."""
    import mobile_web.site

    return [route for room in mobile_web.site.ROOMS for route in room.routes]


async def test_somebody_asks_to_join(stranger: Pages, street: Any, as_person: Person) -> None:
    path = f"/join/{street.bank_id}"
    page = await stranger.get(path)
    young = await stranger.press(page, path, name="Dee", contact="07700 900321", language="en")
    assert young.status_code == 422
    assert "18 or over" in young.text
    assert 'value="Dee"' in young.text
    asked = await stranger.press(
        page, path, name="Dee", contact="07700 900321", language="en", is_adult="yes", may_write="yes"
    )
    assert "Thank you, Dee" in asked.text
    fresh, unsafe = await stranger.get(path), {"name": "Eve", "contact": "eve@example.org", "is_adult": "yes"}
    nowhere = await stranger.press(fresh, path, **unsafe, language="en")
    assert "write there" in nowhere.text, "an e-mail that is not safe is no way for us"
    assert "Dee" in (await as_person("Cora").get("/desk")).text


async def test_a_bank_that_is_not_there_is_not_found(stranger: Pages) -> None:
    assert (await stranger.get(f"/join/{street_key()}")).status_code == 404
