"""Help on a phone: own words, a yes to what was understood, asking, answering, and did it happen."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.appointments import steps
from exchange.appointments.ask import Helper, NewAppointment, ask
from exchange.appointments.tables import Appointment
from exchange.directory import listings
from exchange.directory.drafts import NewListing
from exchange.directory.tables import Listing
from exchange.hours.tables import Hours
from exchange.membership import members
from tests.mobile_web.pages import Pages, Street

Person = Callable[[str], Pages]
TUESDAY = {"day": "2026-05-19", "time": "11:00"}


async def count(database: Database, street: Street, table: Any) -> int:
    async with database.transaction(street.bank_id) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def writes(database: Database, street: Street, who: str, kind: str, words: str, **more: Any) -> Any:
    async with database.transaction(street.bank_id) as session:
        draft = NewListing(kind=kind, description=words, **more)  # type: ignore[arg-type]
        return (await listings.create(session, street[who], draft, at=street.at)).listing_id


async def is_listed(database: Database, street: Street, *names: str) -> None:
    async with database.transaction(street.bank_id) as session:
        for name in names:
            await members.change(session, street[name], street[name].member_id, {"is_listed": True})


async def looks(person: Pages, kind: str, words: str) -> httpx.Response:
    first = await person.get(f"/listings/new?kind={kind}")
    return await person.press(first, "/listings/look", words=words)


async def test_own_words_are_shown_back_for_a_yes(
    as_person: Person, street: Street, database: Database
) -> None:
    ben = as_person("Ben")
    page = await looks(ben, "request", "my bulb has gone")
    assert page.status_code == 200
    assert 'name="skill_light_bulbs" value="yes" checked' in page.text
    assert await count(database, street, Listing) == 0, "nothing is written before a yes"
    answers = {
        "words": "my bulb has gone",
        "skill_light_bulbs": "yes",
        "day_tue": "yes",
        "part_morning": "yes",
    }
    for _ in range(2):
        done = await ben.press(page, "/listings", **answers)
        assert "my bulb has gone" in done.text
        assert "Tuesday" in done.text
    assert await count(database, street, Listing) == 1


async def test_what_is_left_to_professionals_is_said_kindly(as_person: Person, street: Street) -> None:
    page = await looks(as_person("Ben"), "request", "can somebody mend my gas boiler")
    assert "We leave that to professionals" in page.text
    assert 'name="skill_gas_work"' not in page.text


async def test_answers_are_kept_when_something_was_wrong(as_person: Person, street: Street) -> None:
    ben = as_person("Ben")
    empty = await looks(ben, "request", "")
    assert empty.status_code == 422
    page = await looks(ben, "offer", "guitar lessons")
    crossed = {
        "words": "guitar lessons",
        "starts_on": "2026-06-02",
        "ends_on": "2026-06-01",
        "day_tue": "yes",
    }
    wrong = await ben.press(page, "/listings", **crossed)
    assert wrong.status_code == 422
    assert "The last day is before the first day" in wrong.text
    assert 'value="2026-06-02"' in wrong.text
    assert 'name="day_tue" value="yes" checked' in wrong.text
    never = crossed | {"starts_on": "2026-06-03", "ends_on": "2026-06-05"}
    wrong = await ben.press(page, "/listings", **never)
    assert "None of these days lies between" in wrong.text
    far = await ben.press(page, "/listings", words="guitar", reach="900")
    assert "from 0 (only here) to 100" in far.text
    here = await ben.press(page, "/listings", words="guitar", reach="0")
    assert here.status_code == 200


async def test_asking_a_match_saying_yes_and_reaching_each_other(
    as_person: Person, street: Street, database: Database
) -> None:
    await is_listed(database, street, "Ann", "Ben")
    near = {"small_area": "Mill Lane"}
    await writes(database, street, "Ann", "offer", "I change light bulbs", times=["tue"], **near)
    item = await writes(database, street, "Ben", "request", "my bulb has gone", times=["tue_morning"], **near)
    ben, ann = as_person("Ben"), as_person("Ann")
    page = await ben.get(f"/listings/{item}")
    assert (
        "Ann offers changing light bulbs: in the same area, free on Tuesday morning, new here." in page.text
    )
    asking = await ben.get(
        f"/listings/{item}/ask?helper={street['Ann'].member_id}&reasons=skill:light_bulbs%0Asame_area:Mill%20Lane"
    )
    assert "Ask Ann" in asking.text
    late = await ben.press(asking, f"/listings/{item}/ask", minutes="30")
    assert (late.status_code, "Choose a day and a time" in late.text) == (422, True)
    for _ in range(2):
        asked = await ben.press(asking, f"/listings/{item}/ask", minutes="30", **TUESDAY)
        assert "Now they are asked" in asked.text
    assert await count(database, street, Appointment) == 1
    key = asked.url.path
    shown = await ann.get(key)
    assert "Ben asks: could you help?" in shown.text
    assert "How to reach" not in shown.text
    said = await ann.press(shown, f"{key}/agree")
    assert "You help Ben" in said.text
    assert "How to reach Ben" in said.text
    assert "How to reach Ann" in (await ben.get(key)).text
    assert (await as_person("Cyd").get(key)).status_code == 404


async def arranged(database: Database, street: Street, *helpers: str, minutes_from_now: int = 60) -> str:
    async with database.transaction(street.bank_id) as session:
        wanted = NewAppointment(
            appointment_id=uuid7(),
            helpers=[Helper(party_id=street[name].member_id) for name in helpers],
            minutes=30,
            starts_at=street.at + timedelta(minutes=minutes_from_now),
            skill="light_bulbs",
        )
        made = await ask(session, street["Ben"], wanted, at=street.at)
    return f"/appointments/{made.appointment_id}"


async def agreed(database: Database, street: Street, path: str, who: str = "Ann") -> None:
    async with database.transaction(street.bank_id) as session:
        await steps.agree(session, street[who], UUID(path.rpartition("/")[2]), at=street.at)


async def test_no_goes_to_the_coordinator_only(as_person: Person, street: Street, database: Database) -> None:
    path = await arranged(database, street, "Ann")
    ann = as_person("Ann")
    done = await ann.press(await ann.get(f"{path}/no"), f"{path}/decline", reason="my back")
    assert "No is fine" in done.text
    seen = await as_person("Ben").get(path)
    assert "not this time" in seen.text
    assert "my back" not in seen.text


async def test_somebody_else_was_first(as_person: Person, street: Street, database: Database) -> None:
    path = await arranged(database, street, "Ann", "Cyd")
    cyd = as_person("Cyd")
    waiting = await cyd.get(path)
    await agreed(database, street, path)
    late = await cyd.press(waiting, f"{path}/agree")
    assert (late.status_code, "Somebody else said yes first" in late.text) == (422, True)
    assert "Ann" not in late.text.partition("<main")[2]


async def test_another_time_and_calling_off(as_person: Person, street: Street, database: Database) -> None:
    path = await arranged(database, street, "Ann")
    await agreed(database, street, path)
    ann, ben = as_person("Ann"), as_person("Ben")
    past = await ann.press(await ann.get(f"{path}/move"), f"{path}/move", day="2026-05-01", time="10:00")
    assert (past.status_code, "still to come" in past.text) == (422, True)
    moved = await ann.press(await ann.get(f"{path}/move"), f"{path}/move", day="2026-05-20", time="10:00")
    assert "Wednesday 20 May at 10:00" in moved.text
    waits = await ben.get("/appointments")
    assert "Waiting for you: another time" in waits.text
    await ben.press(await ben.get(path), f"{path}/agree")
    off = await ben.press(await ben.get(f"{path}/off"), f"{path}/cancel", reason="ill")
    assert "Called off" in off.text
    assert "ill" not in (await ann.get(path)).text.partition("<main")[2].partition("</main")[0].split()


async def test_did_it_happen_is_three_taps_and_fills_in_the_hour(
    as_person: Person, street: Street, database: Database, app: FastAPI
) -> None:
    path = await arranged(database, street, "Ann")
    await agreed(database, street, path)
    app.state.clock = lambda: street.at + timedelta(hours=3)
    ann = as_person("Ann")
    home = await ann.get("/appointments")
    assert "Did it happen?" in home.text
    page = await ann.get(f"{path}/happened")
    for _ in range(2):
        done = await ann.press(page, f"{path}/happened", minutes="30")
        assert "The hour is told" in done.text
    assert await count(database, street, Hours) == 1


async def test_two_at_once_are_said(as_person: Person, street: Street, database: Database) -> None:
    first = await arranged(database, street, "Ann")
    await agreed(database, street, first)
    second = await arranged(database, street, "Ann", minutes_from_now=75)
    page = await as_person("Ann").get(second)
    assert "Two things at once" in page.text


async def test_offering_help_asks_the_one_who_asked(
    as_person: Person, street: Street, database: Database
) -> None:
    item = await writes(database, street, "Ben", "request", "my bulb has gone")
    ann, ben = as_person("Ann"), as_person("Ben")
    page = await ann.get(f"/listings/{item}/ask")
    assert "Offer to help" in page.text
    for _ in range(2):
        sent = await ann.press(page, f"/listings/{item}/ask", minutes="30", finds="yes")
    path = sent.url.path
    assert await count(database, street, Appointment) == 1
    shown = await ben.get(path)
    assert "Ann could help you" in shown.text
    done = await ben.press(shown, f"{path}/agree")
    assert "Agreed" in done.text


async def test_not_me_thanks(as_person: Person, street: Street, database: Database) -> None:
    await writes(database, street, "Ann", "offer", "I change light bulbs")
    item = await writes(database, street, "Ben", "request", "my bulb has gone")
    ann = as_person("Ann")
    hub = await ann.get("/help")
    assert "asks for changing light bulbs" in hub.text
    done = await ann.press(hub, "/not-me", listing_id=str(item))
    assert "Nobody else is told" in done.text
    assert "asks for changing light bulbs" not in done.text


async def test_a_review_is_answered_on_the_page(
    as_person: Person, street: Street, database: Database
) -> None:
    item = await writes(database, street, "Ann", "offer", "I change light bulbs")
    async with database.transaction(street.bank_id) as session:
        row = await session.get_one(Listing, (street.bank_id, item))
        row.review_asked_at = street.at
    ann = as_person("Ann")
    page = await ann.get(f"/listings/{item}")
    assert "Does it still stand?" in page.text
    kept = await ann.press(page, f"/listings/{item}/keep")
    assert "Others can see it" in kept.text
    down = await ann.press(kept, f"/listings/{item}/close")
    assert "Taken down" in down.text
    assert "Others can see it" in (await ann.press(down, f"/listings/{item}/reopen")).text


async def test_a_listing_is_changed_by_its_owner_only(
    as_person: Person, street: Street, database: Database
) -> None:
    item = await writes(database, street, "Ann", "offer", "I change light bulbs", times=["tue_morning"])
    ann = as_person("Ann")
    page = await ann.get(f"/listings/{item}/change")
    assert 'name="day_tue" value="yes" checked' in page.text
    done = await ann.press(page, f"/listings/{item}/change", words="I bake bread", skill_baking="yes")
    assert "I bake bread" in done.text
    cyd = as_person("Cyd")
    assert "I bake bread" in (await cyd.get(f"/listings/{item}/change")).text


ODD = ["", "b", "gu", "x" * 10_000, "🎸" * 30, "'; drop table listing; --", "গিটার", "γκιτάρα", "<b>&", "%s"]


@pytest.mark.parametrize("typed", ODD, ids=[str(n) for n in range(len(ODD))])
async def test_any_query_gets_an_ordinary_page(
    as_person: Person, street: Street, database: Database, typed: str
) -> None:
    ben = as_person("Ben")
    answer = await ben.client.get("/search", params={"q": typed})
    assert answer.status_code == 200
    assert (await looks(ben, "request", typed[:2000])).status_code in (200, 422)


async def test_a_search_is_narrowed_by_where_and_when(
    as_person: Person, street: Street, database: Database
) -> None:
    await writes(database, street, "Ann", "offer", "I change light bulbs", small_area="North", times=["tue"])
    await writes(database, street, "Ben", "offer", "Bulbs and shelves", small_area="South", times=["sat"])
    cyd = as_person("Cyd")

    async def found(**asked: str) -> tuple[bool, bool]:
        page = (await cyd.get(f"/search?{urlencode(asked)}")).text
        return "I change light bulbs" in page, "Bulbs and shelves" in page

    assert await found(q="bulb") == (True, True)
    assert await found(q="bulb", where="North") == (True, False)
    assert await found(q="bulb", when="weekend") == (False, True)
    assert await found(where="South") == (False, True), "without any words too"
    assert await found(when="tue") == (True, False)
    assert await found(when="nonsense", where="Nowhere", q="bulb") == (True, True)


async def test_everything_a_listing_can_say_can_be_said_on_its_page(
    as_person: Person, street: Street, database: Database
) -> None:
    ann = as_person("Ann")
    page = await looks(ann, "offer", "guitar for beginners")
    said = {"setting": "group", "language_cy": "yes", "review_on": "2026-09-01", "is_draft": "yes"}
    done = await ann.press(page, "/listings", words="guitar for beginners", skill_guitar="yes", **said)
    assert "Not finished" in done.text
    async with database.transaction(street.bank_id) as session:
        row = (await session.scalars(select(Listing))).one()
        row.languages = ["cy", "pl"]
    assert (row.setting, str(row.review_on), row.state) == ("group", "2026-09-01", "draft")
    path = f"/listings/{row.listing_id}"
    again = await ann.get(f"{path}/change")
    kept_as = {
        f"language_{code}": "yes"
        for code in re.findall(r'name="language_(\w+)" value="yes" checked', again.text)
    }
    assert 'value="group" selected' in again.text
    await ann.press(again, f"{path}/change", words="guitar", setting="group", **kept_as)
    async with database.transaction(street.bank_id) as session:
        kept = (await session.scalars(select(Listing))).one()
    assert (kept.languages, kept.setting, kept.state) == (["cy", "pl"], "group", "draft")
    assert (await as_person("Ben").get(path)).status_code == 404
    shown = await ann.press(await ann.get(path), f"{path}/publish")
    assert "Others can see it" in shown.text


async def test_a_search_suggests_asks_when_nothing_is_found(
    as_person: Person, street: Street, database: Database
) -> None:
    await writes(database, street, "Ann", "request", "walk my dog")
    page = await as_person("Ben").get("/search?q=bagpipes")
    assert "Nothing found yet" in page.text
    assert "Walking dogs" in page.text
    assert "Ask for this too" in page.text


async def test_who_is_not_in_the_directory_is_not_named(
    as_person: Person, street: Street, database: Database
) -> None:
    await writes(database, street, "Ann", "offer", "I change light bulbs")
    page = await as_person("Ben").get("/search?q=bulbs")
    assert "A member offers" in page.text
    assert "Ann" not in page.text
    await is_listed(database, street, "Ann")
    assert "Ann offers" in (await as_person("Ben").get("/search?q=bulbs")).text


async def test_a_wall_hides_what_the_other_offers(
    as_person: Person, street: Street, database: Database
) -> None:
    item = await writes(database, street, "Ann", "offer", "I change light bulbs")
    async with database.transaction(street.bank_id) as session:
        ben = street["Ben"].member_id
        await members.block(session, street["Ben"], ben, street["Ann"].member_id, at=street.at)
    assert "light bulbs" not in (await as_person("Ben").get("/search?q=bulbs")).text
    assert (await as_person("Ben").get(f"/listings/{item}")).status_code == 404
    assert (await as_person("Ben").get(f"/listings/{item}/ask")).status_code == 404


async def test_a_spoken_yes_is_written_down_with_who_heard_it(
    as_person: Person, street: Street, database: Database
) -> None:
    path = f"/desk{await arranged(database, street, 'Ann')}"
    cora, ann = as_person("Cora"), str(street["Ann"].member_id)
    page = await cora.get(path)
    silent = await cora.press(page, f"{path}/agree", party=ann)
    assert (silent.status_code, "Say how you know" in silent.text) == (422, True)
    done = await cora.press(page, f"{path}/agree", party=ann, evidence="rang her, 14:10")
    assert "Ann: said yes" in done.text
    assert "Ann helps Ben" in done.text
    assert (await as_person("Cyd").get(path)).status_code in (403, 404)


async def test_another_time_is_arranged_by_telephone(
    as_person: Person, street: Street, database: Database
) -> None:
    cora, ann, ben = as_person("Cora"), street["Ann"].member_id, street["Ben"].member_id
    theirs = await arranged(database, street, "Ann")
    await agreed(database, street, theirs)
    path = f"/desk{theirs}"
    page = await cora.get(path)
    none = await cora.press(page, f"{path}/move", party=str(ann))
    assert (none.status_code, "Choose" in none.text) == (422, True)
    moved = await cora.press(page, f"{path}/move", party=str(ann), day="2026-05-20", time="10:00")
    assert "Ben: another time?" in moved.text
    assert "Ann: another time?" not in moved.text
    silent = await cora.press(moved, f"{path}/agree", party=str(ben))
    assert silent.status_code == 422
    done = await cora.press(moved, f"{path}/agree", party=str(ben), evidence="rang him, 14:10")
    assert "another time?" not in done.text
    assert "Agreed" in done.text


async def test_what_needs_a_look_is_on_the_desk_and_opened_there(
    as_person: Person, street: Street, database: Database
) -> None:
    item = await writes(database, street, "Ann", "offer", "a lift in my car")
    cora = as_person("Cora")
    assert "a lift in my car" in (await cora.get("/desk/help")).text
    page = await cora.get(f"/desk/help/{item}")
    await cora.press(page, f"/desk/help/{item}/clear", note="licence seen")
    assert "a lift in my car" not in (await cora.get("/desk/help")).text


async def test_a_person_says_which_kind_of_help_words_mean_that_nobody_understood(
    as_person: Person, street: Street, database: Database
) -> None:
    item = await writes(database, street, "Ann", "request", "xyzzy qwop")
    cora = as_person("Cora")
    assert "xyzzy" in (await cora.get("/desk/help")).text
    page = await cora.get(f"/desk/help/{item}")
    assert "Not understood yet" in page.text
    done = await cora.press(page, f"/desk/help/{item}/skills", skill="light_bulbs")
    assert "Understood as: Changing light bulbs" in done.text
    assert "xyzzy" not in (await cora.get("/desk/help")).text
    refused = await cora.press(done, f"/desk/help/{item}/skills", skill="gas_work")
    assert refused.status_code == 422
