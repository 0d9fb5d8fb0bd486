"""A bad line: forms are lost, doubled, answered late or not at all, and each still counts exactly once.

The phone's own script keeps and sends; the line is broken before the application by a die with a fixed seed.
"""

import random
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page
from sqlalchemy import select
from sqlmodel import col
from starlette.types import Scope
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.hours.tables import Hours
from mobile_web.forms import SESSION_COOKIE
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

KEEP = """async ({ member, other, ids, seed }) => {
  for (const [n, id] of ids.entries()) await Keeping.put({
    id, kind: 'hours', member, state: 'waiting', tries: 0, action: '/hours', said: 'x', at: Keeping.moment(),
    order: (n * seed) % ids.length,
    fields: [['id', id], ['with', other], ['direction', 'gave'], ['minutes', String(1 + n % 240)],
             ['day', 'other'], ['done_on', '2026-05-11'], ['device_at', Keeping.moment()]],
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


async def told(database: Database, street: Street) -> Counter[UUID]:
    async with database.transaction(street.bank_id) as session:
        rows = await session.scalars(select(col(Hours.hours_id)))
        return Counter(rows.all())


async def ready_phone(browser: Browser, street: Street, address: str) -> list[Page]:
    context = await browser.new_context(service_workers="block")
    cookie: Any = {"name": SESSION_COOKIE, "value": street.cookies["Ann"], "url": address}
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


async def every_form_counts_once(
    number: int, browser: Browser, app: FastAPI, street: Street, database: Database
) -> None:
    shaky = badly(app, seed=number)
    ids = [str(uuid7()) for _ in range(number)]
    async with listening(shaky) as port:
        pages = await ready_phone(browser, street, f"http://127.0.0.1:{port}")
        kept = {
            "member": str(street["Ann"].member_id),
            "other": str(street["Ben"].member_id),
            "ids": ids,
            "seed": 7919,
        }
        await pages[0].evaluate(KEEP, kept)
        await all_sent_from(pages)
        assert set(await pages[0].evaluate(STATES)) == {"told"}
        await pages[0].context.close()
    found = await told(database, street)
    assert found == Counter({UUID(each): 1 for each in ids}), "none lost, none doubled"
    met = Counter(shaky.met)
    assert len(shaky.met) > number
    assert all(met[fault] for fault in SHARES if number * SHARES[fault] > 200), met


async def test_forty_kept_forms_on_a_bad_line_count_once_each(
    browser: Browser, app: FastAPI, street: Street, database: Database
) -> None:
    await every_form_counts_once(40, browser, app, street, database)


@pytest.mark.long
async def test_a_thousand_kept_forms_on_a_bad_line_count_once_each(
    browser: Browser, app: FastAPI, street: Street, database: Database
) -> None:
    await every_form_counts_once(1000, browser, app, street, database)


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
