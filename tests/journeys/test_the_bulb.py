"""Somebody rings: my bulb has gone. From the call on the desk to the posted hour, in a real browser."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api import texts
from api.database import Database
from api.demo import Size, write_village
from api.worker import Worker
from exchange.directory import listings
from exchange.directory.drafts import NewListing
from exchange.hours.tables import Hours
from tests.mobile_web.pages import Street

VILLAGE = Size(people=22, weeks=6)
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


async def test_in_the_village_the_helper_answers_by_text(
    phone_of: Any, database: Database, app: FastAPI, at: datetime
) -> None:
    """Grace rings, Tom has only his telephone: four taps at the desk, two texts, one tap by Grace."""
    village = await write_village(database, at=at, size=VILLAGE, bank_id=uuid7())
    people = {person.name.split()[0]: person for person in village.people}
    async with phone_of(None) as josie, phone_of(None) as grace:
        await josie.open(f"/link/{people['Josie'].token.text}")
        await josie.open(f"/desk/members/{people['Grace'].member_id}")
        await josie.tap("Ask for help for them")
        await josie.type("In their words", "my bulb has gone")
        await josie.tap("Who could help?")
        await josie.tap("Tom offers changing light bulbs")
        await josie.type("Day", (at + timedelta(days=1)).date().isoformat())
        await josie.page.get_by_label("Time", exact=True).fill("11:00")
        await josie.tap("Ask them")
        assert await josie.reads("no answer yet")
        said = await texted(database, app, village.bank_id, people["Tom"].phone, "YES")
        later = at + timedelta(days=1, hours=3)
        app.state.clock = lambda: later
        done = await texted(database, app, village.bank_id, people["Tom"].phone, "30 min")
        await grace.open(f"/link/{people['Grace'].token.text}")
        await grace.tap("Yes, that's right")
    assert (josie.taps, grace.taps) == (DESK_TAPS, HELPED_TAPS)
    assert any("You said yes to Grace" in words for words in said), said
    assert any("30 min with Grace" in words for words in done), done
    async with database.transaction(village.bank_id) as session:
        newest = select(Hours).order_by(col(Hours.logged_at).desc()).limit(1)
        hours = (await session.scalars(newest)).one()
    assert (hours.state, hours.minutes, hours.appointment_id is not None) == ("posted", 30, True)


async def texted(database: Database, app: FastAPI, bank_id: UUID, sender: str, body: str) -> list[str]:
    arrived = texts.Text(provider="console", provider_id=str(uuid7()), sender=sender, body=body)
    async with database.transaction(None) as session:
        await texts.receive(session, arrived, app.state.settings, at=app.state.clock())
    worker = Worker(database, app.state.settings, app.state.channels, app.state.clock)
    while await worker.bank(bank_id):
        continue
    sent = app.state.settings.messages_path.read_text().splitlines()
    return [said["body"] for said in map(json.loads, sent) if said["to"] == sender]
