"""Somebody rings: my bulb has gone. From the call on the desk to the posted hour, in a real browser."""

from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from sqlalchemy import select

from api.database import Database
from exchange.directory import listings
from exchange.directory.drafts import NewListing
from exchange.hours.tables import Hours
from tests.mobile_web.pages import Street

DESK_TAPS, HELPER_TAPS, HELPED_TAPS = 4, 4, 1


async def test_from_the_call_to_the_posted_hour(
    phone_of: Any, street: Street, database: Database, app: FastAPI
) -> None:
    async with database.transaction(street.bank_id) as session:
        offer = NewListing(kind="offer", description="I change light bulbs")
        await listings.create(session, street["Ann"], offer, at=street.at)
    async with phone_of("Cora") as cora, phone_of("Ann") as ann, phone_of("Ben") as ben:
        await cora.open(f"/desk/members/{street['Ben'].member_id}")
        await cora.tap("Ask for help for them")
        await cora.type("In their words", "my bulb has gone")
        await cora.tap("Who could help?")
        assert await cora.reads("Ann offers changing light bulbs")
        await cora.tap("Ann offers changing light bulbs")
        await cora.type("Day", "2026-05-13")
        await cora.page.get_by_label("Time", exact=True).fill("11:00")
        await cora.tap("Ask them")
        assert await cora.reads("no answer yet")

        await ann.open("/appointments")
        await ann.tap("Ben asks: could you help?")
        await ann.tap("Yes")
        assert await ann.reads("How to reach Ben")
        path = ann.page.url.partition("?")[0].removeprefix(ann.address)
        app.state.clock = lambda: street.at + timedelta(days=1)
        await ann.open(path)
        await ann.tap("Yes, it happened")
        await ann.tap("Send")
        assert await ann.reads("The hour is told")

        await ben.open("/")
        await ben.tap("Yes, that's right")
    assert (cora.taps, ann.taps, ben.taps) == (DESK_TAPS, HELPER_TAPS, HELPED_TAPS)
    async with database.transaction(street.bank_id) as session:
        hours = (await session.scalars(select(Hours))).one()
    assert (hours.state, hours.minutes, hours.appointment_id is not None) == ("posted", 30, True)
