"""An organisation's own page: seats, rooms, notes and a desk; a group changed, one session called off."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.activities import bookings, places, resources, sessions, sheets
from exchange.activities.tables import Activity, CodeTrouble
from exchange.membership import banks, members, organisations
from exchange.outbox import Event
from tests.exchange.activities.group import Group, available_of, balance_of, hold_a_group
from tests.mobile_web.pages import Pages, Street

As = Callable[[str], Pages]


@pytest.fixture
async def centre(database: Database, street: Street) -> str:
    """The day centre's page; Cyd speaks for it."""
    async with database.transaction(street.bank_id) as session:
        cyd = street["Cyd"].member_id
        await organisations.represent(session, street["admin"], street.organisation_id, cyd)
        street.session = session
        await street.reload("Cyd")
    return f"/organisations/{street.organisation_id}"


async def a_group(database: Database, street: Street, *booked: str, **choices) -> tuple[Group, UUID]:
    """A group of the centre's, and next week's session with these people booked."""
    async with database.transaction(street.bank_id) as session:
        street.session = session
        group = await hold_a_group(street, **choices)
        later = sessions.key(group.activity.activity_id, street.at.date() + timedelta(days=7))
        for name in booked:
            await places.book(session, street[name], later, place_id=uuid7(), at=street.at)
    return group, later


async def told(database: Database, street: Street, kind: str) -> int:
    async with database.transaction(street.bank_id) as session:
        found = select(Event).where(col(Event.bank_id) == street.bank_id, col(Event.kind) == kind)
        return len((await session.scalars(found)).all())


def action_of(page: httpx.Response, ending: str) -> str:
    return next(a for a in re.findall(r'action="([^"]+)"', page.text) if a.endswith(ending))


async def test_who_speaks_for_a_house_finds_it_from_home(as_person: As, centre) -> None:
    assert f'href="{centre}"' in (await as_person("Cyd").get("/")).text
    assert centre not in (await as_person("Ann").get("/")).text


async def test_one_session_is_called_off_after_a_look(
    database, street: Street, as_person: As, centre
) -> None:
    group, later = await a_group(database, street, "Ann", "Ben", costs_minutes=60, places=1)
    cyd, ann = as_person("Cyd"), as_person("Ann")
    page = await cyd.get(centre)
    assert "1 of 1 places taken" in page.text
    assert "1 waiting" in page.text
    path = f"/sessions/{later}/off"
    assert path in page.text
    look = await cyd.get(path)
    assert "2 people have booked" in look.text
    assert await told(database, street, "session.called_off") == 0, "looking calls nothing off"
    for _ in range(2):
        assert "Called off" in (await cyd.press(look, path, reason="The boiler")).text
    assert await told(database, street, "session.called_off") == 2
    async with database.transaction(street.bank_id) as session:
        street.session = session
        assert await available_of(street, street["Ann"].member_id) == 0
    assert (await ann.get(path)).status_code == 403
    ended = f"/activities/{group.activity.activity_id}/end"
    assert "It is over" in (await cyd.press(await cyd.get(ended), ended)).text


async def test_a_group_is_changed_part_by_part(database, street: Street, as_person: As, centre) -> None:
    group, _ = await a_group(database, street, "Ann", earns_minutes=60, access=["No steps"])
    path = f"/activities/{group.activity.activity_id}/change"
    cyd, cora = as_person("Cyd"), as_person("Cora")
    form = await cyd.get(path)
    assert 'name="title"' not in form.text, "others said yes to its name"
    assert 'name="earns_minutes"' not in form.text
    said = {
        "location": "The green room",
        "starts": "13:00",
        "minutes": "60",
        "access": "No steps\nA hearing loop",
    }
    wrong = await cyd.press(form, path, **(said | {"places": "many"}))
    assert wrong.status_code == 422
    assert "The green room" in wrong.text, "what was answered is kept"
    done = await cyd.press(form, path, **said, title="Free beer", earns_minutes="600")
    assert "The green room" in done.text
    assert "A hearing loop" in done.text
    assert await told(database, street, "activity.changed") == 1
    form = await cora.get(path)
    nobody = await cora.press(form, path, **said, title="Lunch", leaders="Nobody At All")
    assert "Nobody is listed by one of these names" in nobody.text
    await cora.press(form, path, **said, title="Lunch for all", leaders="Ben")
    async with database.transaction(street.bank_id) as session:
        row = await session.get_one(Activity, (street.bank_id, group.activity.activity_id))
        assert (row.title, row.earns_minutes) == ("Lunch for all", 60)
    assert "Change it" in (await as_person("Ben").get(path)).text, "who leads it may"
    assert (await as_person("Ann").get(path)).status_code == 403


async def test_everything_about_a_group_can_be_suggested(
    database, street: Street, as_person: As, centre
) -> None:
    cyd = as_person("Cyd")
    page = await cyd.get(f"/activities/new?host={street.organisation_id}")
    assert re.search(rf'value="{street.organisation_id}" selected', page.text)
    said = {
        "host": str(street.organisation_id),
        "title": "Swimming",
        "location": "The baths",
        "first_on": "2026-05-20",
        "starts": "10:00",
        "minutes": "60",
        "repeats": "weekly",
        "ends_on": "2026-07-01",
        "places": "8",
        "companions_max": "1",
        "leaders": "Cyd",
        "lifts": "The minibus",
        "access": "A hoist",
        "members_only": "yes",
        "late_keeps": "yes",
        "late_hours": "24",
        "costs_minutes": "30",
        "costs_to": "host",
        "leaders_earn_minutes": "60",
        "has_check_out": "yes",
    }
    done = await cyd.press(page, "/activities", **said)
    assert "A coordinator looks at it first." in done.text
    async with database.transaction(street.bank_id) as session:
        row = await session.get_one(Activity, (street.bank_id, UUID(str(done.url.path).rpartition("/")[2])))
    wanted = {"places": 8, "companions_max": 1, "is_public": False, "late_keeps": True, "late_hours": 24}
    wanted |= {"costs_minutes": 30, "costs_to": "host", "leaders_earn_minutes": 60, "has_check_out": True}
    assert {name: getattr(row, name) for name in wanted} == wanted


async def test_a_room_is_lent_checked_in_and_taken_back(
    database, street: Street, as_person: As, centre
) -> None:
    cyd, ann = as_person("Cyd"), as_person("Ann")
    form = await cyd.get(f"{centre}/rooms/new")
    terms = {"kind": "room", "title": "The garden room", "location": "Lantern Hall", "costs_minutes": "30"}
    terms |= {"opens": "09:00", "closes": "21:00", "late_keeps": "yes", "late_hours": "24"}
    wrong = await cyd.press(form, f"{centre}/rooms", **(terms | {"closes": "08:00"}))
    assert (wrong.status_code, "The garden room" in wrong.text) == (422, True)
    for _ in range(2):
        page = await cyd.press(form, f"{centre}/rooms", **terms)
    assert page.text.count("The garden room</b>") == 1, "pressed twice, it is one"
    key = re.search(r"/rooms/([0-9a-f-]{36})/change", page.text)
    assert key
    for day, hour in (("2026-05-12", "13:00"), ("2026-05-14", "10:00")):
        book = await ann.get(f"/rooms/{key[1]}?day={day}")
        await ann.press(book, f"/rooms/{key[1]}", starts_at=hour, units="1")
    page = await cyd.get(centre)
    assert "Ann" in page.text
    assert page.text.count("/came") == 1, "only what is about to begin is checked in"
    for _ in range(2):
        done = await cyd.press(page, action_of(page, "/came"))
    assert "Checked in." in done.text
    change = f"/rooms/{key[1]}/change"
    form = await cyd.get(change)
    stricter = await cyd.press(form, change, **(terms | {"late_hours": "48"}))
    assert "Somebody has booked" in stricter.text
    await cyd.press(form, f"/rooms/{key[1]}/days", from_day="2026-05-14")
    assert await told(database, street, "booking.called_off") == 1
    gone = await cyd.press(form, f"/rooms/{key[1]}/withdraw")
    assert "Not lent now" in gone.text
    assert "The garden room" not in (await ann.get("/rooms")).text
    again = await cyd.press(await cyd.get(change), f"/rooms/{key[1]}/offer-again")
    assert "Not lent now" not in again.text
    async with database.transaction(street.bank_id) as session:
        street.session = session
        assert await balance_of(street, street.organisation_id) == 30
        assert await available_of(street, street["Ann"].member_id) == -30
    for path in (centre, change, f"{centre}/notes", f"{centre}/desk", f"{centre}/rooms/new"):
        assert (await as_person("Ben").get(path)).status_code == 403, path


async def test_notes_are_printed_taken_at_a_desk_and_called_back(
    database, street: Street, as_person: As, centre
) -> None:
    cyd, cora = as_person("Cyd"), as_person("Cora")
    page = await cyd.get(f"{centre}/notes")
    asked = {"minutes": "60", "notes": "3", "expires_on": "2026-06-30", "purpose": "The fair"}
    assert (await cyd.press(page, f"{centre}/notes", **(asked | {"expires_on": "soon"}))).status_code == 422
    made = await cyd.press(page, f"{centre}/notes", **asked)
    codes = re.findall(r"N[0-9A-Z]{3}-[0-9A-Z]{4}-[0-9A-Z]{4}", made.text)
    assert len(codes) == 3
    async with database.transaction(street.bank_id) as session:
        for name in ("Ann", "Ben"):
            await members.change(session, street["Cora"], street[name].member_id, {"is_listed": True})
        (card,) = await sheets.cards(session, street["Cora"], [street["Ben"].member_id], at=street.at)
    desk = await cora.get(f"{centre}/desk")
    path = f"{centre}/desk"
    for _ in range(2):
        used = await cora.press(desk, path, code=codes[0].lower(), person="ann")
        assert "1 h are now Ann" in used.text.replace("\xa0", " ")
    assert "This note was used before" in (await cora.press(desk, path, code=codes[0], person="Ben")).text
    by_card = await cora.press(desk, path, code=codes[1], person=card.code)
    assert "are now Ben" in by_card.text
    assert "Nobody found by that name" in (await cora.press(desk, path, code=codes[2], person="Zed")).text
    asked = await cora.press(desk, path, code=codes[2], person="B")
    assert "Which of them?" in asked.text, "half a name is asked about, and moves nothing"
    async with database.transaction(street.bank_id) as session:
        await members.set_status(session, street["Cora"], street["Ben"].member_id, "deceased")
    gone = await cora.press(desk, path, code=codes[2], person=card.code)
    assert "Please ask the coordinator" in gone.text
    assert "Ben" not in gone.text
    report = await cyd.get(f"{centre}/notes")
    assert "1 of 3 still out: 1 h" in report.text.replace("\xa0", " ")
    back = await cyd.press(made, action_of(made, "/void"))
    assert "0 of 3 still out" in back.text
    assert "1 came back" in back.text
    async with database.transaction(street.bank_id) as session:
        rows = await session.scalars(select(CodeTrouble).where(col(CodeTrouble.settled_at).is_(None)))
        assert {row.trouble for row in rows} == {"used", "not_a_member"}


async def test_a_lost_card_dies_and_the_coordinator_hears_of_it(
    database, street: Street, as_person: As
) -> None:
    ann = street["Ann"].member_id
    async with database.transaction(street.bank_id) as session:
        (old,) = await sheets.cards(session, street["Cora"], [ann], at=street.at)
    cora = as_person("Cora")
    page = await cora.get(f"/desk/members/{ann}")
    done = await cora.press(page, f"/desk/members/{ann}/card")
    assert "The old card is dead" in done.text
    assert "no longer in use" in (await cora.get(old.path)).text
    async with database.transaction(street.bank_id) as session:
        (new,) = await sheets.cards(session, street["Cora"], [ann], at=street.at)
    assert new.code != old.code
    finder = await as_person("Ben").get(new.path)
    assert "Please give it back" in finder.text
    desk = (await cora.get("/desk/groups")).text
    assert "a code that was replaced" in desk
    assert "opened somebody else&#39;s card" in desk.replace("'", "&#39;")


async def test_what_i_booked_is_given_up_from_its_own_page(database, street: Street, as_person: As) -> None:
    _, later = await a_group(database, street, "Ann", costs_minutes=30, late_keeps=True, late_hours=24)
    async with database.transaction(street.bank_id) as session:
        room = await resources.offer(
            session,
            street["Cora"],
            resources.Offer(
                resource_id=uuid7(),
                owner_id=street.organisation_id,
                kind="equipment",
                title="Carpet cleaner",
                location="Lantern Hall",
            ),
            at=street.at,
        )
        made = await bookings.book(
            session, street["Ann"], room.resource_id, booking_id=uuid7(), day=street.at.date(), at=street.at
        )
    ann = as_person("Ann")
    page = await ann.get("/bookings")
    assert "Up to 24 hours before" in page.text
    await ann.press(page, f"/sessions/{later}/leave")
    late = await ann.press(page, f"/bookings/{made.booking_id}/cancel")
    assert late.status_code == 422, "its day has begun"
    assert "This booking is over" in late.text
    assert "Lunch together" not in late.text


@pytest.mark.parametrize("code", ["cy", "bn"])
async def test_its_pages_are_in_the_readers_language(
    code: str, database, street: Street, as_person: As, centre
) -> None:
    async with database.transaction(street.bank_id) as session:
        await banks.set_policy(session, street["admin"], {"languages": ["en", code]})
        await members.change(session, street["Cyd"], street["Cyd"].member_id, {"language": code})
    cyd = as_person("Cyd")
    for path in (centre, f"{centre}/notes", f"{centre}/desk", f"{centre}/rooms/new", "/activities/new"):
        page = await cyd.get(path)
        assert (page.status_code, "Minutes on" in page.text or "Save" in page.text) == (200, False), path
