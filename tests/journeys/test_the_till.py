"""A leisure centre's manager with a busy till, and a helper in a hall with no signal: every step counted."""

from datetime import date, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser
from pypdf import PdfReader
from sqlalchemy import select
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.activities import bookings, notes, places, resources, sheets
from exchange.activities.tables import CheckIn
from exchange.membership import members, organisations
from tests.exchange.activities.group import Group, balance_of, hold_a_group
from tests.journeys.conftest import LookedAt, Phone
from tests.journeys.shaky import listening
from tests.journeys.test_without_signal import expect_at_hand, ready, signed_in, until_sent
from tests.mobile_web.pages import Street

PRINT_TAPS, BOOKING_TAPS, NOTE_TAPS, EVENING_TAPS = 2, 1, 2, 5
"""A day at the till with three swimmers, one booked lane and one time note; in the evening one tap for each
swimmer, one to open the list and one to send it. A note is two words to type besides."""
HALL_TAPS_AHEAD, HALL_TAPS = 3, 3
"""Once at home with signal; then a tap for each of two people and one to send."""


@pytest.fixture
async def swim(database: Database, street: Street) -> Group:
    """A swim at the centre that Cyd speaks for: three have booked, and Ann has a lane of her own at noon."""
    async with database.transaction(street.bank_id) as session:
        street.session = session
        for name in ("Dot", "Eli"):
            await street.add(name)
        cyd = street["Cyd"].member_id
        await organisations.represent(session, street["admin"], street.organisation_id, cyd)
        await street.reload("Cyd")
        for name in ("Ann", "Ben"):
            await members.change(session, street["admin"], street[name].member_id, {"is_listed": True})
        group = await hold_a_group(
            street, title="Swim together", costs_minutes=30, costs_to="host", minutes=60
        )
        for name in ("Ann", "Dot", "Eli"):
            await places.book(session, street[name], group.session_id, place_id=uuid7(), at=street.at)
        lane = resources.Offer(
            resource_id=uuid7(),
            owner_id=street.organisation_id,
            kind="room",
            title="Lane 1",
            location="The baths",
            costs_minutes=30,
        )
        await resources.offer(session, street["Cyd"], lane, at=street.at)
        await bookings.book(
            session,
            street["Ann"],
            lane.resource_id,
            booking_id=uuid7(),
            day=date(2026, 5, 12),
            starts=time(13),
            at=street.at,
        )
    return group


async def a_note(database: Database, street: Street, app: FastAPI) -> str:
    """One of the notes that the desk has given out."""
    async with database.transaction(street.bank_id) as session:
        sheet = await notes.issue(
            session,
            street["Cora"],
            sheet_id=uuid7(),
            payer_id=street.organisation_id,
            minutes=60,
            notes=2,
            expires_on=date(2026, 6, 30),
            secret=app.state.secret,
            at=street.at,
        )
        printed = await sheets.notes(session, street["Cora"], sheet.sheet_id, secret=app.state.secret)
        return printed.notes[0].code


async def test_a_day_at_the_till(
    phone_of: Any, street: Street, swim: Group, database: Database, app: FastAPI
) -> None:
    code = await a_note(database, street, app)
    async with phone_of("Cyd") as cyd:
        await cyd.open("/activities")
        await cyd.tap("Day centre")
        print_it = cyd.page.get_by_role("link", name="Today's list (PDF)")
        made = await cyd.page.request.get(cyd.address + str(await print_it.get_attribute("href")))
        (page,) = PdfReader(BytesIO(await made.body())).pages
        assert all(name in page.extract_text() for name in ("Swim together", "Ann", "Dot", "Eli", "Lane 1"))
        cyd.taps += 1
        assert cyd.taps == PRINT_TAPS, "and the printer's own button"

        before = cyd.taps
        await cyd.tap("They are here")
        assert cyd.taps - before == BOOKING_TAPS

        before = cyd.taps
        await cyd.tap("Take a time note")
        await cyd.type("The note's code", code.lower())
        await cyd.type("Whose is it?", "Ben")
        await cyd.tap("Use this note")
        assert await cyd.reads("1 h are now Ben's")
        assert cyd.taps - before == NOTE_TAPS

        app.state.clock = lambda: street.at + timedelta(hours=8)
        await cyd.open(f"/organisations/{street.organisation_id}")
        before = cyd.taps
        await cyd.tap("Enter who came")
        for name in ("Ann", "Dot", "Eli"):
            await cyd.tap(name)
        await cyd.tap("They are here")
        assert await cyd.reads("Checked in.")
        assert cyd.taps - before == EVENING_TAPS
        await cyd.open(f"/activities/{swim.activity.activity_id}")
        assert await cyd.reads("Enter who came: Today")
        for path in ("notes", "desk", "rooms/new"):
            await cyd.open(f"/organisations/{street.organisation_id}/{path}")
        for path in ("change", "end"):
            await cyd.open(f"/activities/{swim.activity.activity_id}/{path}")
        for path in ("/activities/new", "/bookings", "/rooms", "/hours/by-name", "/scan"):
            await cyd.open(path)
    async with database.transaction(street.bank_id) as session:
        street.session = session
        assert await balance_of(street, street.organisation_id) == 3 * 30 + 30 - 60
        assert await balance_of(street, street["Ben"].member_id) == 60


async def test_a_hall_with_no_signal(
    browser: Browser, street: Street, swim: Group, database: Database, app: FastAPI, looked_at: LookedAt
) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = await context.new_page()
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        await signed_in(context, street, "Cora", address)
        cora = Phone(page, address, looked_at)
        await cora.open("/activities")
        await cora.tap("Swim together")
        await cora.tap("Who is coming")
        roster = page.url.removeprefix(address)
        await ready(page)
        await expect_at_hand(page, roster)
    await page.goto(address + roster)
    await page.get_by_text("as this phone last saw it").wait_for()
    ahead = cora.taps
    for name in ("Dot", "Eli"):
        await cora.tap(name)
    await page.get_by_role("button", name="They are here").click()
    await page.get_by_text("as soon as there is signal").wait_for()
    assert (ahead + 1, cora.taps - ahead + 1) == (HALL_TAPS_AHEAD, HALL_TAPS)
    async with listening(app, port):
        await page.goto(address + "/kept")
        await until_sent(page)
    async with database.transaction(street.bank_id) as session:
        came = {row.member_id for row in await session.scalars(select(CheckIn))}
    assert came == {street[name].member_id for name in ("Dot", "Eli")}
    await context.close()
