"""A passkey in a real browser, with the browser's own virtual device: added, used to come in, removed."""

from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from api.database import Database
from exchange.membership import sign_in
from tests.mobile_web.pages import Street
from tests.small_practice import open_surgery

FINGER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def address(address: str, app: FastAPI) -> str:
    """Passkeys belong to a name, not to a number."""
    app.state.public_url = f"http://localhost:{urlsplit(address).port}"
    return str(app.state.public_url)


@asynccontextmanager
async def a_finger(page: Any):
    """The browser's virtual device beside a page."""
    tools = await page.context.new_cdp_session(page)
    await tools.send("WebAuthn.enable")
    await tools.send("WebAuthn.addVirtualAuthenticator", {"options": FINGER})
    yield tools


async def press(phone: Any, button: str, then: str) -> None:
    """Press what asks the device first: the page goes on when it has answered."""
    await phone.page.get_by_role("button", name=button).click()
    await phone.page.get_by_text(then).locator("visible=true").first.wait_for()
    await phone.page.wait_for_load_state()
    await phone.look()


async def test_a_nurse_comes_in_with_her_finger(phone_of: Any, street: Street, database: Database) -> None:
    async with database.transaction(street.bank_id) as session:
        street.session = session
        await open_surgery(street)
        nora = street["Nora"].member_id
        token = await sign_in.start_session(session, street.bank_id, nora, device="a desk", at=street.at)
    street.cookies["Nora"] = token.text
    async with phone_of("Nora") as phone, a_finger(phone.page):
        await phone.open("/settings")
        await phone.tap("Passkeys")
        await press(phone, "Add a passkey", "Saved.")
        assert await phone.reads("Added")
        await press(phone, "Add a passkey", "Perhaps this device has one already")
        await phone.open("/settings")
        await phone.tap("Sign out")
        await phone.tap("I work at a practice")
        await press(phone, "Use my passkey", "Hello, Nora")
        await phone.open("/settings/passkeys")
        await phone.tap("Remove")
        await phone.open("/settings")
        await phone.tap("Sign out")
        await phone.tap("I work at a practice")
        await press(phone, "Use my passkey", "opens nothing here")
