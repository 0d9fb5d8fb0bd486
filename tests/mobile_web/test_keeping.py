"""What the phone asks for: a fresh proof, a page about nobody, a worker; and when *send* was pressed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.database import Database
from exchange.hours.tables import Hours
from mobile_web import answers
from tests.mobile_web.pages import hidden_fields

Person = Callable[[str], Any]
NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)


def said(pressed: timedelta, clock_is_off: timedelta = timedelta(), *, is_replayed: bool = True) -> datetime:
    """What the service believes of a phone that pressed `pressed` ago and whose clock is off."""
    given = {"device_at": (NOW - pressed + clock_is_off).isoformat()}
    return answers.pressed_at(
        given | ({"sent_at": (NOW + clock_is_off).isoformat()} if is_replayed else {}), now=NOW
    )


@pytest.mark.parametrize("off", [timedelta(), timedelta(hours=3), timedelta(days=-400), timedelta(days=400)])
def test_a_phone_whose_clock_is_wrong_still_says_how_long_it_waited(off: timedelta) -> None:
    assert said(timedelta(days=2), off) == NOW - timedelta(days=2)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"device_at": "yesterday"},
        {"device_at": "2026-05-10T10:00:00"},
        {"device_at": "2027-01-01T00:00:00+00:00"},
        {"device_at": "2020-01-01T00:00:00+00:00"},
    ],
)
def test_what_cannot_be_is_now(given: dict[str, str]) -> None:
    assert answers.pressed_at(given, now=NOW) == NOW


async def hours_of(database: Database, street: Any) -> list[Hours]:
    async with database.transaction(street.bank_id) as session:
        return list((await session.scalars(select(Hours))).all())


async def test_today_is_the_day_it_was_pressed(as_person: Person, street: Any, database: Database) -> None:
    ann = as_person("Ann")
    look = await ann.get(f"/hours/new?with={street['Ben'].member_id}&direction=gave&minutes=60&day=today")
    sent = {"device_at": "2026-05-09T23:30:00+01:00", "sent_at": street.at.isoformat(), "kept": "1"}
    assert (await ann.press(look, "/hours", **sent)).status_code == 200
    (hours,) = await hours_of(database, street)
    assert hours.done_on.isoformat() == "2026-05-09"


async def test_a_kept_form_whose_person_is_gone_is_refused_with_a_sentence(
    as_person: Person, street: Any
) -> None:
    ann = as_person("Ann")
    look = await ann.get(f"/hours/new?with={street['Ben'].member_id}&direction=gave&minutes=60&day=today")
    gone = {"with": str(street["Ann"].member_id), "kept": "1"}
    answer = await ann.press(look, "/hours", **gone)
    assert (answer.status_code, answer.headers["x-rule"]) == (422, "with_oneself")
    assert "That is you" in answer.text


async def test_a_fresh_proof_is_for_the_one_who_is_signed_in(as_person: Person, street: Any) -> None:
    ann, ben, nobody = as_person("Ann"), as_person("Ben"), as_person("Ann")
    found = (await ann.get("/kept/proof")).json()
    assert found["member"] == str(street["Ann"].member_id)
    look = await ann.get(f"/hours/new?with={street['Ben'].member_id}&direction=gave&minutes=60&day=today")
    fields = hidden_fields(look, "/hours")
    as_ben = await ben.client.post("/hours", data=fields | {"proof": found["proof"]})
    assert (as_ben.status_code, as_ben.headers["x-rule"]) == (403, "form_not_ours")
    as_ann = await ann.client.post("/hours", data=fields | {"proof": found["proof"]})
    assert as_ann.status_code == 200
    nobody.client.cookies.clear()
    assert (await nobody.get("/kept/proof")).json() == {"member": None, "proof": None}


async def test_the_page_without_signal_is_about_nobody(as_person: Person, street: Any) -> None:
    text = (await as_person("Ann").get("/no-signal")).text
    assert "There is no signal" in text
    for word in ("Ann", "Lantern", "data-member", 'name="proof"', 'action="/language"'):
        assert word not in text


async def test_the_worker_has_the_shell_that_pages_ask_for(as_person: Person) -> None:
    ann = as_person("Ann")
    worker, home = await ann.get("/worker.js"), await ann.get("/")
    assert worker.headers["cache-control"] == "no-cache"
    wanted = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', home.text))
    assert len(wanted) == 4
    assert all(f'"{name}"' in worker.text for name in wanted)
