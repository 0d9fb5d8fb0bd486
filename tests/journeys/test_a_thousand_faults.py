"""A bad line: forms are lost, doubled, answered late or not at all, and each still counts exactly once.

The phone's own script keeps and sends; the line is broken before the application by a die with a fixed seed.
"""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page
from sqlalchemy import select
from sqlmodel import col
from starlette.types import Scope
from uuid_utils.compat import uuid7

import ledger
from api.database import Database
from exchange.activities.tables import CheckIn
from exchange.hours.tables import Hours
from exchange.membership import banks
from mobile_web.forms import SESSION_COOKIE
from tests.exchange.activities.group import balance_of, hold_a_group
from tests.exchange.activities.test_checking_in import crowd
from tests.journeys.shaky import Fault, Shaky, listening
from tests.mobile_web.pages import Street

SHARES = {
    Fault.NONE: 40,
    Fault.LOST: 20,
    Fault.ANSWER_LOST: 15,
    Fault.BROKEN: 10,
    Fault.DOUBLED: 12,
    Fault.STALLED: 3,
}
TABS = 3
MINUTES_MAX = 240
ROSTER = 50
"""People on one roster."""

KEEP = """async ({ member, forms, seed }) => {
  for (const [n, form] of forms.entries()) await Keeping.put({
    id: form.id, kind: form.kind, member, state: 'waiting', tries: 0, action: form.action, said: 'x',
    at: Keeping.moment(), order: (n * seed) % forms.length, fields: [['id', form.id], ...form.fields],
  });
}"""
LEFT = "() => Keeping.all().then(all => all.filter(each => each.state === 'waiting').length)"
STATES = "() => Keeping.all().then(all => all.map(each => each.state))"
FLUSH = "() => Keeping.flush().then(() => null)"
WITHOUT_IDS = """async (paths) => {
  for (const fields of paths) for (let n = 0; n < 40; n += 1) {
    const { proof } = await (await fetch('/kept/proof')).json();
    const body = new URLSearchParams({ ...fields, id: crypto.randomUUID(), proof });
    const sent = await fetch('/hours', { method: 'POST', body }).catch(() => null);
    if (sent && sent.ok) break;
  }
}"""


Form = dict[str, Any]


def hours_forms(street: Street, number: int) -> list[Form]:
    """So many hours that Cora gave Ben."""
    told = {
        "with": str(street["Ben"].member_id),
        "direction": "gave",
        "day": "other",
        "done_on": "2026-05-11",
    }
    return [
        {
            "id": str(uuid7()),
            "kind": "hours",
            "action": "/hours",
            "fields": [*told.items(), ("minutes", str(1 + n % MINUTES_MAX))],
        }
        for n in range(number)
    ]


def check_in_forms(street: Street, hall: "Hall") -> list[Form]:
    """Each of these people ticked on their roster, one form for each, at the moment of the test."""
    return [
        {
            "id": str(uuid7()),
            "kind": "check-in",
            "action": f"/sessions/{session_id}/roster",
            "fields": [(f"m-{person}", "yes"), ("way", "roster"), ("device_at", street.at.isoformat())],
        }
        for session_id, people in hall.sessions.items()
        for person in people
    ]


async def told(database: Database, street: Street) -> Counter[UUID]:
    async with database.transaction(street.bank_id) as session:
        rows = await session.scalars(select(col(Hours.hours_id)))
        return Counter(rows.all())


@dataclass(frozen=True)
class Hall:
    """Sessions that are on, and everybody who came to each."""

    sessions: dict[UUID, list[UUID]]

    @property
    def people(self) -> list[UUID]:
        return [person for people in self.sessions.values() for person in people]


async def a_full_hall(database: Database, street: Street, number: int) -> Hall:
    async with database.transaction(street.bank_id) as session:
        street.session = session
        people = await crowd(street, number)
        parts = [people[n : n + ROSTER] for n in range(0, number, ROSTER)]
        return Hall({(await hold_a_group(street, earns_minutes=60)).session_id: part for part in parts})


async def check_that_all_came_once(database: Database, street: Street, hall: Hall) -> None:
    """A check-in and an hour for each, none twice, and the books in order."""
    async with database.transaction(street.bank_id) as session:
        street.session = session
        rows = (await session.scalars(select(CheckIn))).all()
        assert Counter(row.member_id for row in rows) == Counter(hall.people), "none lost, none doubled"
        assert {(row.state, row.is_paid, tuple(row.flags)) for row in rows} == {("counted", True, ())}
        bank = await banks.get(session, street.bank_id)
        assert await balance_of(street, bank.issuance_id) == -60 * len(hall.people)
        assert (await ledger.audit(session, street.bank_id)).findings == []


async def ready_phone(browser: Browser, street: Street, address: str) -> list[Page]:
    context = await browser.new_context(service_workers="block")
    cookie: Any = {"name": SESSION_COOKIE, "value": street.cookies["Cora"], "url": address}
    await context.add_cookies([cookie])
    pages = [await context.new_page() for _ in range(TABS)]
    for page in pages:
        await page.goto(address + "/settings")
    return pages


def badly(app: FastAPI, seed: int) -> Shaky:
    dice = random.Random(seed)
    faults, weights = zip(*SHARES.items(), strict=True)

    def fault_of(_: Scope) -> Fault:
        return dice.choices(faults, weights)[0]

    shaky = Shaky(app, fault_of)
    shaky.stall_seconds = 0.5
    return shaky


async def all_sent_from(pages: list[Page], rounds: int = 400) -> None:
    """Every tab tries again and again, as it does when there is signal, until nothing waits."""
    import asyncio

    for _ in range(rounds):
        await asyncio.gather(*(page.evaluate(FLUSH) for page in pages))
        if not await pages[0].evaluate(LEFT):
            return
    raise AssertionError(await pages[0].evaluate(STATES))


async def all_forms_go_out(browser: Browser, app: FastAPI, street: Street, forms: list[Form]) -> None:
    shaky = badly(app, seed=len(forms))
    async with listening(shaky) as port:
        pages = await ready_phone(browser, street, f"http://127.0.0.1:{port}")
        kept = {"member": str(street["Cora"].member_id), "forms": forms, "seed": 7919}
        await pages[0].evaluate(KEEP, kept)
        await all_sent_from(pages)
        assert set(await pages[0].evaluate(STATES)) == {"told"}
        await pages[0].context.close()
    met = Counter(shaky.met)
    assert len(shaky.met) > len(forms)
    assert all(met[fault] for fault in SHARES if len(forms) * SHARES[fault] > 200), met


async def test_two_dozen_kept_forms_on_a_bad_line_count_once_each(
    browser: Browser, app: FastAPI, street: Street, database: Database
) -> None:
    hall = await a_full_hall(database, street, 12)
    hours = hours_forms(street, 12)
    mixed = [*hours, *check_in_forms(street, hall)]
    await all_forms_go_out(browser, app, street, mixed)
    assert await told(database, street) == Counter({UUID(form["id"]): 1 for form in hours})
    await check_that_all_came_once(database, street, hall)


@pytest.mark.long
async def test_a_thousand_kept_hours_on_a_bad_line_count_once_each(
    browser: Browser, app: FastAPI, street: Street, database: Database
) -> None:
    forms = hours_forms(street, 1000)
    await all_forms_go_out(browser, app, street, forms)
    assert await told(database, street) == Counter({UUID(form["id"]): 1 for form in forms})


@pytest.mark.long
async def test_a_thousand_kept_check_ins_on_a_bad_line_count_once_each(
    browser: Browser, app: FastAPI, street: Street, database: Database
) -> None:
    hall = await a_full_hall(database, street, 1000)
    await all_forms_go_out(browser, app, street, check_in_forms(street, hall))
    await check_that_all_came_once(database, street, hall)


async def test_without_an_id_of_its_own_a_form_counts_more_than_once(
    browser: Browser, app: FastAPI, street: Street, database: Database
) -> None:
    """The control: sent again under a new id each time until it is answered, hours are doubled."""
    shaky = badly(app, seed=3)
    number = 12
    async with listening(shaky) as port:
        (page, *_) = await ready_phone(browser, street, f"http://127.0.0.1:{port}")
        fields = {"with": str(street["Ben"].member_id), "direction": "gave", "day": "today"}
        await page.evaluate(WITHOUT_IDS, [fields | {"minutes": str(n + 1)} for n in range(number)])
        await page.context.close()
    assert len(await told(database, street)) > number
