"""The main job on a phone: an hour is told in three taps, confirmed, looked at, and stands in the books."""

import asyncio
import re
from typing import Any

from playwright.async_api import expect
from sqlalchemy import func, select

from api.database import Database
from exchange.hours import log, verbs
from exchange.hours.tables import Hours
from exchange.membership import banks, members
from tests.mobile_web.pages import Street
from tests.small_bank import gave


async def once_before(database: Database, street: Street, **rules: tuple[int, int]) -> None:
    """Ann gave Ben an hour and a half of gardening before; from now on `rules` ask a coordinator."""
    async with database.transaction(street.bank_id) as session:
        told = gave(street["Ben"], 90, skill="Gardening")
        hours = await log.log(session, street["Ann"], told, at=street.at)
        await verbs.confirm(session, street["Ben"], hours.hours_id, at=street.at)
        await banks.set_approval_rules(session, street["admin"], rules)


async def how_many(database: Database, street: Street) -> int:
    async with database.transaction(street.bank_id) as session:
        return await session.scalar(select(func.count()).select_from(Hours)) or 0


async def test_three_taps_a_yes_and_a_look(phone_of: Any, street: Street, database: Database) -> None:
    await once_before(database, street, over_minutes=(60, 30))
    async with phone_of("Ann") as ann, phone_of("Ben") as ben, phone_of("Cora") as cora:
        await ann.open("/")
        await ann.tap("Tell us about an hour")
        await ann.tap("Same as last time")
        await ann.tap("Send")
        assert ann.taps == 3
        assert await ann.reads("We're asking Ben")

        await ben.open("/")
        assert await ben.reads("Ann gave you 1 h 30 min")
        await ben.tap("Yes, that's right")
        assert await ben.reads("Waiting for Cora to check") or await ben.reads("Waiting for a coordinator")

        await cora.open("/desk")
        assert await cora.reads("Ann gave Ben 1 h 30 min")
        await cora.tap("Look closer")
        await cora.tap("Approve")
        assert await cora.reads("Written down for both")

        await ann.open("/statement")
        assert await ann.reads("You've given 3 hours more help than you've had")
        await ben.open("/statement")
        assert await ben.reads("You've had 3 hours more help than you've given. That's fine.")


async def test_without_scripts_every_question_has_its_page(
    phone_of: Any, street: Street, database: Database
) -> None:
    async with database.transaction(street.bank_id) as session:
        for name in ("Ben", "Cyd"):
            await members.change(session, street[name], street[name].member_id, {"is_listed": True})
    async with phone_of("Ann", scripts=False, size=(320, 640)) as ann:
        await ann.open("/hours/new")
        await ann.type("Their name", "cy")
        await ann.tap("Find")
        await ann.tap("Cyd")
        await ann.tap("Cyd helped me")
        await ann.tap("Next")
        await ann.tap("Another length")
        await ann.tap("Next")
        assert await ann.reads("Give the time in whole minutes")
        await ann.type("Hours", "1")
        await ann.type("Minutes", "15")
        await ann.tap("Next")
        await ann.tap("Yesterday")
        await ann.tap("Next")
        assert await ann.reads("Cyd gave you 1 h 15 min")
        await ann.tap("Send")
        assert await ann.reads("We're asking Cyd")


async def test_two_quick_taps_on_send_tell_one_hour(
    phone_of: Any, street: Street, database: Database
) -> None:
    await once_before(database, street)
    async with phone_of("Ann", scripts=False) as ann:
        await ann.open("/hours/new")
        await ann.tap("Same as last time")
        await ann.page.get_by_role("button", name="Send").dblclick(no_wait_after=True)
        await expect(ann.page).to_have_url(re.compile("/told$"))  # the first tap's page is given up
        await asyncio.sleep(0.1)
    assert await how_many(database, street) == 2


async def test_something_else_and_no(phone_of: Any, street: Street, database: Database) -> None:
    async with database.transaction(street.bank_id) as session:
        for minutes in (60, 120):
            await log.log(session, street["Ann"], gave(street["Ben"], minutes), at=street.at)
    async with phone_of("Ben") as ben, phone_of("Ann") as ann:
        await ben.open("/")
        await ben.tap("Something else")
        await ben.tap("It took another time")
        await ben.tap("30 min")
        await ben.tap("Send")
        assert await ben.reads("Waiting for Ann to say yes")
        await ben.open("/")
        await ben.tap("Something else")
        await ben.tap("No, that's not right")
        await ben.type("What happened?", "I was away")
        await ben.tap("No, that's not right")
        assert await ben.reads("only your coordinator reads it")
        await ann.open("/")
        await ann.tap("Yes, that's right")
        await ann.open("/hours")
        assert await ann.reads("Ben remembers it differently")
        assert await ann.reads("Added to your hours")
        assert not await ann.reads("I was away")


async def test_with_the_keyboard_alone(phone_of: Any, street: Street, database: Database) -> None:
    await once_before(database, street)
    async with phone_of("Ann") as ann:
        await ann.open(f"/hours/new?with={street['Ben'].member_id}")
        keys = ann.page.keyboard
        await keys.press("Tab")
        assert await ann.page.evaluate("document.activeElement.textContent") == "Skip to the page"
        await keys.press("Enter")
        for _ in range(2):  # past the way back, to the first question
            await keys.press("Tab")
        await keys.press("Space")
        await keys.press("Enter")
        await expect(ann.page).to_have_url(re.compile("direction=gave"))
        await ann.page.locator("#f-minutes").focus()
        await keys.press("ArrowRight")
        outline = "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
        assert await ann.page.evaluate(outline) == "solid"
        await keys.press("Enter")
        await expect(ann.page).to_have_url(re.compile("minutes=60"))
        assert await ann.reads("Which day was it?")
