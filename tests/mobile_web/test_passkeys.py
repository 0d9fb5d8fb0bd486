"""Passkeys: they open what a code by work e-mail opens, for practice staff, once each time; nothing else."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from api.database import Database
from exchange.membership import sign_in
from exchange.membership.authenticators import site_of
from exchange.membership.passkey_tables import PasskeyQuestion
from exchange.prescribing import practices
from mobile_web.forms import SESSION_COOKIE
from tests.mobile_web.authenticator import TOUCHED, Device
from tests.mobile_web.pages import Pages, Street
from tests.small_practice import Surgery, open_surgery

Person = Callable[[str], Pages]
MINE = "/settings/passkeys"
DOOR = "/sign-in/passkey"
REFUSED = "opens nothing here"


@pytest.fixture
async def surgery(database: Database, street: Street) -> Surgery:
    async with database.transaction(street.bank_id) as session:
        street.session = session
        made = await open_surgery(street)
        for name in ("Gita", "Omar"):
            token = await sign_in.start_session(
                session, street.bank_id, street[name].member_id, device="a desk", at=street.at
            )
            street.cookies[name] = token.text
    return made


def asked(page: httpx.Response) -> str:
    return html.unescape(re.findall(r'data-options="([^"]+)"', page.text)[0])


async def add(person: Pages, device: Device, **how: Any) -> httpx.Response:
    page = await person.get(MINE)
    return await person.press(page, MINE, name="Desk 4", answer=device.make(asked(page), **how))


async def come_in(app: FastAPI, device: Device, **how: Any) -> httpx.Response:
    stranger = Pages(app)
    page = await stranger.get(DOOR)
    return await stranger.press(page, DOOR, answer=device.open(asked(page), **how))


async def test_a_passkey_signs_its_owner_in_until_it_is_removed(
    app: FastAPI, as_person: Person, surgery: Surgery
) -> None:
    gita, device = as_person("Gita"), Device()
    assert "Desk 4" in (await add(gita, device)).text
    for _ in range(2):
        assert "Hello, Gita" in (await come_in(app, device)).text
    mine = await gita.get(MINE)
    assert "Last used" in mine.text
    remove = re.findall(rf'action="({MINE}/[^"]+/remove)"', mine.text)[0]
    assert (await as_person("Omar").press(mine, remove)).status_code in (403, 404), "nobody else removes it"
    assert "Desk 4" not in (await gita.press(mine, remove)).text
    out = await come_in(app, device)
    assert out.status_code == 422
    assert REFUSED in out.text
    assert SESSION_COOKIE not in out.headers.get("set-cookie", "")


async def test_each_question_is_answered_once_where_it_was_put_and_in_time(
    app: FastAPI, as_person: Person, surgery: Surgery
) -> None:
    gita, device = as_person("Gita"), Device()
    await add(gita, device)
    first, other, late = Pages(app), Pages(app), Pages(app)
    page = await first.get(DOOR)
    answer = device.open(asked(page))
    elsewhere = await other.press(await other.get(DOOR), DOOR, answer=answer)
    assert REFUSED in elsewhere.text, "put to another browser"
    assert "Hello, Gita" in (await first.press(page, DOOR, answer=answer)).text
    again = Pages(app)
    again.client.cookies = first.client.cookies
    again.client.cookies.delete(SESSION_COOKIE)
    assert REFUSED in (await again.press(page, DOOR, answer=answer)).text, "used up"
    page = await late.get(DOOR)
    now = app.state.clock()
    app.state.clock = lambda: now + timedelta(minutes=6)
    assert REFUSED in (await late.press(page, DOOR, answer=device.open(asked(page)))).text, "too late"


async def test_what_is_not_signed_here_by_its_owner_opens_nothing(
    app: FastAPI, as_person: Person, surgery: Surgery
) -> None:
    gita, device = as_person("Gita"), Device()
    assert REFUSED in (await add(gita, device, origin="https://evil.example")).text
    await add(gita, device)
    assert REFUSED in (await come_in(app, device, origin="https://evil.example")).text
    assert (
        REFUSED in (await come_in(app, Device(credential_id=device.credential_id, handle=device.handle))).text
    )
    device.flags = TOUCHED
    assert REFUSED in (await come_in(app, device)).text, "touched, and not known to be the owner"
    device.flags, device.count = Device().flags, -1
    assert "Hello, Gita" in (await come_in(app, device)).text
    device.count = 8
    assert "Hello, Gita" in (await come_in(app, device)).text
    device.count = 3
    assert REFUSED in (await come_in(app, device)).text, "a count that goes back is a copy"
    for nonsense in ("", "{}", "x" * 30_000, '{"id": 1}'):
        stranger = Pages(app)
        assert (await stranger.press(await stranger.get(DOOR), DOOR, answer=nonsense)).status_code == 422


async def test_anothers_handle_or_another_bank_opens_nothing(
    app: FastAPI, as_person: Person, surgery: Surgery, street: Street, database: Database
) -> None:
    """The handle is not signed, so a device may say any: only what fits the key that we know opens."""
    gita, device = as_person("Gita"), Device()
    await add(gita, device)
    right = device.handle
    for bank_id, member_id in (
        (street.bank_id, street["Omar"].member_id),
        (street["Ann"].member_id, street["Gita"].member_id),
    ):
        device.handle = bank_id.bytes + member_id.bytes
        assert REFUSED in (await come_in(app, device)).text
    device.handle = right
    assert "Hello, Gita" in (await come_in(app, device)).text
    async with database.transaction(street.bank_id) as session:
        await practices.remove_staff(session, street["Cora"], surgery.practice_id, street["Gita"].member_id)
    assert REFUSED in (await come_in(app, device)).text, (
        "whoever left the practice comes in like this no more"
    )


async def test_members_are_offered_none(app: FastAPI, as_person: Person, surgery: Surgery) -> None:
    ann = as_person("Ann")
    assert "Passkeys" not in (await ann.get("/settings")).text
    assert "Passkeys" in (await as_person("Gita").get("/settings")).text
    assert (await ann.get(MINE)).status_code == 403


async def test_questions_do_not_pile_up(app: FastAPI, database: Database) -> None:
    now = app.state.clock()
    for minutes in (0, 2, 30):
        app.state.clock = lambda m=minutes: now + timedelta(days=300, minutes=m)
        assert (await Pages(app).get(DOOR)).status_code == 200
    async with database.transaction(None) as session:
        assert await session.scalar(select(func.count()).select_from(PasskeyQuestion)) == 1


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        ("https://hours.example.org", "hours.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", None),
        ("https://[::1]:8000", None),
        ("http://hours.example.org", None),
    ],
)
async def test_passkeys_are_offered_where_browsers_allow_them(
    app: FastAPI, public_url: str, host: str | None
) -> None:
    found = site_of(public_url)
    assert (found.host if found else None) == host
    app.state.public_url = public_url
    stranger = Pages(app)
    assert ((await stranger.get(DOOR)).status_code == 200) == bool(host)
    assert ("passkey" in (await stranger.get("/sign-in")).text) == bool(host)
