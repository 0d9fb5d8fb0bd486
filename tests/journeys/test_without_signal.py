"""Without signal, what was pressed is kept, sent once when there is some, and never as anybody else."""

import re
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from api.database import Database
from exchange.hours import log, verbs
from exchange.hours.tables import Hours
from exchange.membership import members, sign_in
from exchange.membership.sign_in import Token
from mobile_web.forms import SESSION_COOKIE
from tests.journeys.shaky import listening
from tests.mobile_web.pages import Street
from tests.small_bank import gave

KEPT = "() => Keeping.all().then(all => all.map(each => [each.state, each.needs, each.sentence]))"


async def told(database: Database, street: Street) -> list[Hours]:
    """The hours that were told from the phone: all but the one of the day before."""
    async with database.transaction(street.bank_id) as session:
        found = await session.scalars(select(Hours).where(Hours.state != "posted"))
        return list(found.all())


async def once_before(database: Database, street: Street) -> None:
    async with database.transaction(street.bank_id) as session:
        hours = await log.log(session, street["Ann"], gave(street["Ben"], 90), at=street.at)
        await verbs.confirm(session, street["Ben"], hours.hours_id, at=street.at)


async def signed_in(context: BrowserContext, street: Street, name: str, address: str) -> None:
    cookie = {"name": SESSION_COOKIE, "value": street.cookies[name], "url": address}
    await context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.fixture
async def context(browser: Browser) -> Any:
    opened = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    yield opened
    await opened.close()


def look_at(street: Street) -> str:
    return f"/hours/new?with={street['Ben'].member_id}&direction=gave&minutes=60&day=today"


async def ready(page: Page) -> None:
    """The phone has what it needs to do without signal."""
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    await expect_at_hand(page, "/no-signal")


async def expect_at_hand(page: Page, path: str) -> None:
    for _ in range(100):
        if await page.evaluate("path => caches.match(path).then(Boolean)", path):
            return
        await page.wait_for_timeout(50)
    raise AssertionError(path)


async def kept(page: Page) -> list[list[str]]:
    found: list[list[str]] = await page.evaluate(KEPT)
    return found


async def until_sent(page: Page) -> None:
    for _ in range(400):
        if all(state != "waiting" for state, *_ in await kept(page)):
            return
        await page.wait_for_timeout(50)
    raise AssertionError(await kept(page))


async def test_with_the_service_stopped_an_hour_is_kept_and_told_once(
    context: BrowserContext, app: FastAPI, street: Street, database: Database
) -> None:
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Ann", address)
        await page.goto(address + look_at(street))
        await ready(page)
        await expect_at_hand(page, look_at(street))
    await page.get_by_role("button", name="Send").dblclick()
    await page.get_by_text("as soon as there is signal").wait_for()
    assert await page.evaluate("document.activeElement.id") == "kept"
    stayed = page
    page = await context.new_page()
    await page.goto(address + look_at(street))
    await page.get_by_text("as this phone last saw it").wait_for()
    await page.close()
    page = await context.new_page()
    await page.goto(address + "/statement")
    await page.get_by_role("heading", name="There is no signal").wait_for()
    await page.get_by_text("You gave Ben 1 h").wait_for()
    assert await told(database, street) == []
    async with listening(app, port):
        await page.goto(address + "/kept")
        await page.get_by_text("Sent", exact=True).wait_for()
        assert len(await told(database, street)) == 1
        await stayed.locator("[data-kept=told]").wait_for()
        await expect(stayed.locator("[data-kept=just]")).to_be_hidden()
        again = await context.new_page()
        await again.goto(address + "/")
        await until_sent(again)
    assert len(await told(database, street)) == 1


async def test_a_page_from_the_phones_store_makes_another_hour_each_time(
    context: BrowserContext, app: FastAPI, street: Street, database: Database
) -> None:
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Ann", address)
        await page.goto(address + look_at(street))
        await ready(page)
        await expect_at_hand(page, look_at(street))
    for _ in range(2):
        await page.goto(address + look_at(street))
        await page.get_by_text("as this phone last saw it").wait_for()
        await page.get_by_role("button", name="Send").click()
        await page.get_by_text("as soon as there is signal").wait_for()
    async with listening(app, port):
        tabs = [await context.new_page() for _ in range(3)]
        for tab in tabs:
            await tab.goto(address + "/kept")
        await until_sent(tabs[0])
    assert len(await told(database, street)) == 2


async def test_people_of_last_time_are_at_hand_without_signal(
    context: BrowserContext, app: FastAPI, street: Street, database: Database
) -> None:
    await once_before(database, street)
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Ann", address)
        await page.goto(address + "/hours/new")
        await ready(page)
        ahead = await page.locator("a[data-ahead]").first.get_attribute("href")
        await expect_at_hand(page, str(ahead))
    await page.goto(address + "/hours/new")
    await page.get_by_role("link", name="Same as last time").click()
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("as soon as there is signal").wait_for()
    async with listening(app, port):
        await page.goto(address + "/kept")
        await until_sent(page)
    assert [hours.minutes for hours in await told(database, street)] == [90]


async def test_an_hour_with_somebody_new_is_written_down_by_name(
    context: BrowserContext, app: FastAPI, street: Street, database: Database
) -> None:
    async with database.transaction(street.bank_id) as session:
        for name in ("Ben", "Cyd"):
            who = street[name].member_id
            await members.change(session, street["admin"], who, {"is_listed": True})
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Ann", address)
        await page.goto(address + "/")
        await ready(page)
        await expect_at_hand(page, "/hours/by-name")
    for typed in ("ben", "Cydney"):
        await page.goto(f"{address}/hours/new?q={typed}")
        await expect(page.get_by_label("Their name")).to_have_value(typed)
        await page.get_by_text("They did", exact=True).click()
        await page.get_by_role("button", name="Send").click()
        await page.get_by_text("as soon as there is signal").wait_for()
    async with listening(app, port):
        await page.goto(address + "/kept")
        await until_sent(page)
        (hours,) = await told(database, street)
        assert (hours.giver_id, hours.minutes) == (street["Ben"].member_id, 60)
        await page.get_by_role("button", name="Look at it").click()
        await page.get_by_label("Their name").fill("Cyd")
        await page.get_by_role("button", name="Find").click()
        await page.get_by_role("button", name="Cyd").click()
        await page.get_by_role("button", name="Send").click()
        await page.get_by_text("We're asking Cyd").wait_for()
    assert {row.giver_id for row in await told(database, street)} == {
        street["Ben"].member_id,
        street["Cyd"].member_id,
    }


async def test_what_one_member_kept_is_never_sent_as_another(
    context: BrowserContext, app: FastAPI, street: Street, database: Database
) -> None:
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Ann", address)
        await page.goto(address + look_at(street))
        await ready(page)
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("as soon as there is signal").wait_for()
    async with listening(app, port):
        await signed_in(context, street, "Cyd", address)
        await page.goto(address + "/kept")
        await page.get_by_text("waits until they sign in again").wait_for()
        assert "Ben" not in await page.inner_text("main")
        assert not await page.evaluate("path => caches.match(path).then(Boolean)", look_at(street))
        assert await told(database, street) == []
        await signed_in(context, street, "Ann", address)
        await page.goto(address + "/kept")
        await until_sent(page)
    (hours,) = await told(database, street)
    assert hours.giver_id == street["Ann"].member_id


async def test_an_ended_session_keeps_the_form_until_its_owner_is_back(
    context: BrowserContext, app: FastAPI, street: Street, database: Database
) -> None:
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Ann", address)
        await page.goto(address + look_at(street))
        await ready(page)
        bank, ann = street.bank_id, street["Ann"]
        async with database.transaction(bank) as session:
            token = Token.read(street.cookies["Ann"])
            assert token
            await sign_in.sign_out(session, token, at=street.at)
        await page.get_by_role("button", name="Send").click()
        await page.get_by_text("once you have signed in again").wait_for()
        assert [state for state, *_ in await kept(page)] == ["waiting"]
        async with database.transaction(bank) as session:
            anew = await sign_in.start_session(session, bank, ann.member_id, device="x", at=street.at)
        street.cookies["Ann"] = anew.text
        await signed_in(context, street, "Ann", address)
        await page.goto(address + "/")
        await until_sent(page)
    assert len(await told(database, street)) == 1


async def test_what_is_refused_is_shown_with_its_sentence_and_answers(
    context: BrowserContext, app: FastAPI, street: Street, database: Database
) -> None:
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Ann", address)
        await page.goto(address + look_at(street))
        await ready(page)
    await page.get_by_text("Add what it was").click()
    await page.get_by_label("Anything to add?").fill("The hedge by the gate")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("as soon as there is signal").wait_for()
    await wall(database, street, "Ben", "Ann")
    async with listening(app, port):
        await page.goto(address + "/kept")
        await page.get_by_text("Choose who it was with").wait_for()
        fields = await page.evaluate("() => Keeping.all().then(items => Object.fromEntries(items[0].fields))")
        assert fields["note"] == "The hedge by the gate"
        await page.get_by_text("Throw it away", exact=True).click()
        await page.get_by_role("button", name="Yes, throw it away").click()
        await page.get_by_text("Nothing waits on this phone").wait_for()
    assert await told(database, street) == []


async def wall(database: Database, street: Street, who: str, other: str) -> None:
    async with database.transaction(street.bank_id) as session:
        mine: UUID = street[who].member_id
        await members.block(session, street[who], mine, street[other].member_id, at=street.at)


async def test_a_phone_that_keeps_nothing_says_so_and_sends_when_it_can(
    context: BrowserContext, app: FastAPI, street: Street, database: Database
) -> None:
    await context.add_init_script("indexedDB.open = () => { throw new Error('refused'); };")
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Ann", address)
        await page.goto(address + look_at(street))
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("This phone can't keep it").wait_for()
    async with listening(app, port):
        await page.get_by_role("button", name="Send").click()
        await page.get_by_text("We're asking Ben").wait_for()
    assert len(await told(database, street)) == 1


async def test_signing_out_leaves_no_page_behind(
    context: BrowserContext, app: FastAPI, street: Street
) -> None:
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Ann", address)
        await page.goto(address + look_at(street))
        await ready(page)
        await expect_at_hand(page, look_at(street))
        await page.goto(address + "/settings")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page).to_have_url(re.compile("/sign-in$"))
    await page.goto(address + look_at(street))
    await page.get_by_role("heading", name="There is no signal").wait_for()
    assert "Ben" not in await page.content()
