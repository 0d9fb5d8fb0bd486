"""Groups on the pages: what is on, a place, a poster pressed twice, a roster ticked, a note used."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.activities import (
    bookings,
    calendar,
    checking_in,
    codes,
    notes,
    opening,
    places,
    resources,
    sessions,
    sheets,
)
from exchange.activities.printed import PrintedNote
from exchange.activities.tables import ActivityLeader, CheckIn, CodeTrouble
from exchange.membership import members
from mobile_web.pages.codes import TROUBLES
from mobile_web.pages.desk_groups import FAILED
from tests.exchange.activities.group import Group, balance_of, hold_a_group
from tests.mobile_web.pages import Pages, Street
from tests.small_bank import make

SECRET = b"a secret for tests only"
As = Callable[[str], Pages]


async def a_group(database: Database, street: Street, **choices) -> Group:
    async with database.transaction(street.bank_id) as session:
        street.session = session
        return await hold_a_group(street, **choices)


async def a_poster(database: Database, street: Street, group: Group) -> str:
    async with database.transaction(street.bank_id) as session:
        return (await sheets.poster(session, street["Cora"], group.session_id, at=street.at)).path


async def test_a_member_finds_a_group_and_takes_a_place(database, street: Street, as_person: As) -> None:
    group = await a_group(database, street, places=1, costs_minutes=30)
    ann, ben = as_person("Ann"), as_person("Ben")
    assert "Lunch together" in (await ann.get("/activities")).text
    page = await ann.get(f"/activities/{group.activity.activity_id}")
    later = sessions.key(group.activity.activity_id, street.at.date() + timedelta(days=7))
    for _ in range(2):
        done = await ann.press(page, f"/sessions/{later}/book")
        assert "You have a place" in done.text
    waits = await ben.press(
        await ben.get(f"/activities/{group.activity.activity_id}"), f"/sessions/{later}/book"
    )
    assert "waiting list" in waits.text
    assert "Lunch together" in (await ann.get("/bookings")).text
    left = await ann.press(done, f"/sessions/{later}/leave")
    assert "free for somebody else" in left.text
    assert "You have a place" in (await ben.get(f"/activities/{group.activity.activity_id}")).text


async def test_a_poster_is_one_tap_and_a_helper_nods(database, street: Street, as_person: As) -> None:
    group = await a_group(database, street, earns_minutes=60, leader_ids=[street["Cyd"].member_id])
    path = await a_poster(database, street, group)
    ann, cyd = as_person("Ann"), as_person("Cyd")
    page = await ann.get(path)
    assert 'data-keep="check-in"' in page.text
    for _ in range(2):
        assert "We know that you are here" in (await ann.press(page, path)).text
    assert "We know that you are here" in (await ann.get(path)).text, "scanned again, the same answer"
    roster = await cyd.get(f"/sessions/{group.session_id}/roster")
    assert "tick to nod" in roster.text
    action = f"/sessions/{group.session_id}/roster"
    done = await cyd.press(roster, action, **{f"m-{street['Ann'].member_id}": "yes"})
    assert "Checked in." in done.text
    assert "You are checked in" in (await ann.get(path)).text
    assert (await as_person("Ben").get(action)).status_code == 403


async def test_a_coordinator_lets_a_poster_count_by_itself_and_takes_it_back(
    database, street: Street, as_person: As
) -> None:
    group = await a_group(database, street, earns_minutes=60, leader_ids=[street["Cyd"].member_id])
    key = group.activity.activity_id
    cora, action = as_person("Cora"), f"/desk/groups/{key}/trust"
    page = await cora.get(f"/activities/{key}")
    trusted = await cora.press(page, action)
    assert "Ask a helper to nod again" in trusted.text
    path = await a_poster(database, street, group)
    ann = as_person("Ann")
    assert "You are checked in" in (await ann.press(await ann.get(path), path)).text
    assert "Let the poster count" in (await cora.press(trusted, action)).text
    for name in ("Ann", "Cyd"):
        assert action not in (await as_person(name).get(f"/activities/{key}")).text


async def test_a_coordinator_who_leads_a_group_does_not_trust_its_poster(
    database, street: Street, as_person: As
) -> None:
    group = await a_group(database, street, earns_minutes=60)
    key, cora = group.activity.activity_id, as_person("Cora")
    page = await cora.get(f"/activities/{key}")
    async with database.transaction(street.bank_id) as session:
        session.add(
            ActivityLeader(bank_id=street.bank_id, activity_id=key, member_id=street["Cora"].member_id)
        )
    assert (await cora.press(page, f"/desk/groups/{key}/trust")).status_code == 403
    assert "/trust" not in (await cora.get(f"/activities/{key}")).text


async def test_a_scan_kept_without_signal_is_replayed_once(database, street: Street, as_person: As) -> None:
    group = await a_group(database, street, earns_minutes=60, is_trusted=True)
    path = await a_poster(database, street, group)
    ann = as_person("Ann")
    page = await ann.get(path)
    at = street.at.isoformat()
    for _ in range(3):
        assert (await ann.press(page, path, device_at=at, kept="1")).status_code == 200
    async with database.transaction(street.bank_id) as session:
        count = await session.scalar(select(func.count()).select_from(CheckIn))
    assert count == 1


async def test_a_stranger_signs_in_first_and_comes_back(app: FastAPI, database, street: Street) -> None:
    group = await a_group(database, street)
    path = await a_poster(database, street, group)
    page = await Pages(app).get(path)
    assert "/sign-in" in str(page.url)
    assert path in html.unescape(page.text)
    assert "Lunch together" not in page.text


async def test_what_does_not_open_says_why_and_what_to_do(database, street: Street, as_person: As) -> None:
    group = await a_group(database, street)
    path = await a_poster(database, street, group)
    ann = as_person("Ann")
    wrong = {path[:-2]: "bad", codes.make("note", bytes(16)).path: "unknown"}
    for address, trouble in wrong.items():
        page = await ann.get(address)
        assert page.status_code == 422
        assert html.escape(TROUBLES[trouble][0], quote=False) in page.text.replace("&#39;", "'")
    assert "not a whole code" in (await as_person("Cora").get("/desk/groups")).text


async def test_a_card_alone_does_nothing(database, street: Street, as_person: As) -> None:
    group = await a_group(database, street, leader_ids=[street["Cyd"].member_id], earns_minutes=60)
    async with database.transaction(street.bank_id) as session:
        (card,) = await sheets.cards(session, street["Cora"], [street["Ann"].member_id], at=street.at)
    assert "By itself it does nothing" in (await as_person("Ann").get(card.path)).text
    other = await as_person("Ben").get(card.path)
    assert "card" in other.text
    assert ">Ann<" not in other.text, "a finder does not learn whose it is"
    helper = as_person("Cyd")
    page = await helper.get(card.path)
    assert "Ann is here: Lunch together" in page.text
    assert "Checked in." in (await helper.press(page, card.path)).text
    async with database.transaction(street.bank_id) as session:
        await members.set_status(session, street["Cora"], street["Ann"].member_id, "deceased")
    gone = await helper.get(card.path)
    assert "Please ask the coordinator" in gone.text
    assert "Ann" not in gone.text
    assert group.session_id


async def test_a_note_is_used_once(database, street: Street, as_person: As) -> None:
    async with database.transaction(street.bank_id) as session:
        sheet = await notes.issue(
            session,
            street["Cora"],
            sheet_id=uuid7(),
            payer_id=street.organisation_id,
            minutes=60,
            notes=1,
            expires_on=street.at.date(),
            secret=SECRET,
            at=street.at,
        )
        printed = await sheets.notes(session, street["Cora"], sheet.sheet_id, secret=SECRET)
    path = printed.notes[0].path
    ann, ben = as_person("Ann"), as_person("Ben")
    page = await ann.get(path)
    for _ in range(2):
        assert "Added to your hours" in (await ann.press(page, path)).text
    assert "This note was used before" in (await ben.press(await ben.get(path), path)).text
    assert "A time note from Day centre" in (await ann.get("/statement")).text


async def test_the_desk_issues_a_sheet_and_takes_it_back(street: Street, as_person: As) -> None:
    cora = as_person("Cora")
    page = await cora.get("/desk/groups")
    asked = {"payer": str(street.organisation_id), "minutes": "30", "notes": "4", "expires_on": "2026-06-30"}
    wrong = await cora.press(page, "/desk/notes", **(asked | {"expires_on": "2026-01-01"}))
    assert wrong.status_code == 422
    made = await cora.press(page, "/desk/notes", **asked)
    assert len(re.findall(r"<code>N[0-9A-Z]{3}-", made.text)) == 4
    void = next(a for a in re.findall(r'action="([^"]+)"', made.text) if a.endswith("/void"))
    assert "0 of 4 out" in (await cora.press(made, void)).text
    assert (await as_person("Ann").get("/desk/groups")).status_code == 403


async def test_a_member_suggests_a_group_and_the_desk_approves(street: Street, as_person: As) -> None:
    ann, cora = as_person("Ann"), as_person("Cora")
    page = await ann.get("/activities/new")
    told = {
        "title": "Knit and natter",
        "location": "The library",
        "first_on": "2026-05-20",
        "starts": "14:00",
        "minutes": "90",
        "repeats": "weekly",
    }
    wrong = await ann.press(page, "/activities", **(told | {"first_on": "soon"}))
    assert wrong.status_code == 422
    assert "The library" in wrong.text, "what was answered is kept"
    done = await ann.press(wrong, "/activities", **told)
    assert "A coordinator looks at it first." in done.text
    key = str(done.url.path).rpartition("/")[2]
    assert (await as_person("Ben").get(f"/activities/{key}")).status_code == 404
    desk = await cora.get("/desk/groups")
    assert "Knit and natter" in desk.text
    await cora.press(desk, f"/desk/groups/{key}/approve")
    assert "Knit and natter" in (await as_person("Ben").get("/activities")).text


async def test_a_room_is_booked_and_given_up(database, street: Street, as_person: As) -> None:
    async with database.transaction(street.bank_id) as session:
        room = await resources.offer(
            session,
            street["Cora"],
            resources.Offer(
                resource_id=uuid7(),
                owner_id=street.organisation_id,
                kind="room",
                title="The garden room",
                location="Lantern Hall",
                costs_minutes=30,
            ),
            at=street.at,
        )
    ann, ben = as_person("Ann"), as_person("Ben")
    address = f"/rooms/{room.resource_id}"
    assert "The garden room" in (await ann.get("/rooms")).text
    page = await ann.get(f"{address}?day=2026-05-14")
    done = await ann.press(page, address, starts_at="10:00", units="2")
    assert "The garden room" in done.text
    taken = await ben.press(await ben.get(f"{address}?day=2026-05-14"), address, starts_at="11:00")
    assert taken.status_code == 422
    assert "Somebody else has this time" in taken.text
    cancel = next(a for a in re.findall(r'action="([^"]+)"', done.text) if a.endswith("/cancel"))
    assert "Nothing booked" in (await ann.press(done, cancel)).text
    assert bookings.AHEAD


async def test_strangers_see_whats_on_and_its_calendar(
    app: FastAPI, database, street: Street, as_person: As
) -> None:
    await a_group(database, street, location="Lantern Hall, upstairs; ring twice")
    stranger = Pages(app)
    page = await stranger.get(f"/whats-on/{street.bank_id}")
    assert "Lunch together" in page.text
    feed = (await stranger.get(calendar.path_of_bank(street.bank_id))).text
    assert feed.count("BEGIN:VEVENT") == 9
    assert "LOCATION:Lantern Hall\\, upstairs\\; ring twice" in feed
    assert all(len(line.encode()) <= 75 for line in feed.split("\r\n"))
    assert (await stranger.get(f"/whats-on/{uuid7()}")).status_code == 404


async def test_ones_own_calendar_tells_nothing(app: FastAPI, database, street: Street, as_person: As) -> None:
    group = await a_group(database, street, title="Memory café")
    ann = as_person("Ann")
    page = await ann.get(f"/activities/{group.activity.activity_id}")
    await ann.press(page, f"/sessions/{group.session_id}/book")
    bookings_page = await ann.get("/bookings")
    link = re.findall(r'href="(/calendar/[^"]+)"', bookings_page.text)[0]
    feed = (await Pages(app).get(link)).text
    assert "SUMMARY:Appointment" in feed
    assert "Memory" not in feed
    assert "Lantern" not in feed
    forged = [link[:n] + ("A" if link[n] != "A" else "B") + link[n + 1 :] for n in (12, 40, 70)]
    for wrong in (*forged, link[:-9] + ".ics", "/calendar/x.ics"):
        assert (await Pages(app).get(wrong)).status_code == 404
    renewed = await ann.press(bookings_page, "/bookings/calendar")
    assert (await Pages(app).get(link)).status_code == 404, "whoever had it reads nothing more"
    other = re.findall(r'href="(/calendar/[^"]+)"', renewed.text)[0]
    assert (await Pages(app).get(other)).text.count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize("path", ["/activities", "/bookings", "/rooms", "/activities/new"])
async def test_the_pages_speak_welsh(path: str, street: Street, as_person: As) -> None:
    cyd = as_person("Cyd")
    cyd.client.cookies.set("evenhour_language", "cy")
    assert (await cyd.get(path)).status_code == 200


async def test_every_code_that_fails_says_why_and_reaches_the_desk(
    database, street: Street, as_person: As, app: FastAPI
) -> None:
    """Truncated, hand-edited, made up, another bank's, dead, early, over, off, another session's, used,
    expired, somebody else's, and of somebody who is gone."""
    cora = street["Cora"]
    async with database.transaction(street.bank_id) as session:
        street.session = session
        now_on = await hold_a_group(street)
        days = {"today": street.at.date(), "off": street.at.date() + timedelta(days=7)}
        keys = {name: sessions.key(now_on.activity.activity_id, day) for name, day in days.items()}
        posters = {
            name: (await sheets.poster(session, cora, key, at=street.at)).path for name, key in keys.items()
        }
        await sessions.call_off(session, cora, keys["off"], at=street.at)
        later = await hold_a_group(street, title="Tea", first_on=street.at.date() + timedelta(days=1))
        posters["early"] = (await sheets.poster(session, cora, later.session_id, at=street.at)).path
        (lost,) = await sheets.cards(session, cora, [street["Ann"].member_id], at=street.at)
        await sheets.replace_card(session, cora, street["Ann"].member_id, at=street.at)
        (hers,) = await sheets.cards(session, cora, [street["Ann"].member_id], at=street.at)
        printed = await a_sheet_of_two(street)
        await notes.use(
            session, street["Ben"], printed[0].code, opening.Tries(secret=SECRET, who=()), at=street.at
        )
    made = codes.make("poster", bytes(range(16)))
    edited = posters["today"][:-3] + ("0" if posters["today"][-3] != "0" else "1") + posters["today"][-2:]
    said = {
        posters["today"][:-2]: "bad",
        edited: "bad",
        made.path: "unknown",
        await of_another_bank(database, street): "other_bank",
        lost.path: "dead",
        posters["early"]: "early",
        posters["off"]: "called_off",
        hers.path: "card",
    }
    ben, cyd = as_person("Ben"), as_person("Cyd")
    for path, trouble in said.items():
        page = html.unescape((await ben.get(path)).text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        assert all(words in page for words in TROUBLES[trouble]), trouble
    proof = await cyd.get(posters["today"])
    wrong = await cyd.press(proof, posters["today"], session_id=str(later.session_id))
    assert TROUBLES["other_session"][0] in wrong.text
    used = await cyd.press(await cyd.get(printed[0].path), printed[0].path)
    assert TROUBLES["used"][0] in used.text
    page = await cyd.get(printed[1].path)
    app.state.clock = lambda: street.at + timedelta(days=2)
    assert TROUBLES["over"][0] in (await cyd.press(page, printed[1].path)).text
    app.state.clock = lambda: street.at
    async with database.transaction(street.bank_id) as session:
        rows = (await session.scalars(select(CodeTrouble).where(CodeTrouble.settled_at.is_(None)))).all()
    assert {row.trouble for row in rows} == {
        *("bad", "unknown", "other_bank", "dead", "early", "called_off", "not_theirs", "other_session"),
        *("used", "over"),
    }
    desk = html.unescape((await as_person("Cora").get("/desk/groups")).text)
    assert all(FAILED[row.trouble] in desk for row in rows)


async def a_sheet_of_two(street: Street) -> tuple[PrintedNote, ...]:
    sheet = await notes.issue(
        street.session,
        street["Cora"],
        sheet_id=uuid7(),
        payer_id=street.organisation_id,
        minutes=60,
        notes=2,
        expires_on=street.at.date(),
        secret=SECRET,
        at=street.at,
    )
    return (await sheets.notes(street.session, street["Cora"], sheet.sheet_id, secret=SECRET)).notes


async def of_another_bank(database: Database, street: Street) -> str:
    other = uuid7()
    async with database.transaction(other) as session:
        theirs = await make(session, other, street.at)
        return (await codes.issue(session, other, "card", theirs["Ann"].member_id, at=street.at)).path


async def test_a_helper_says_who_goes_home_and_a_coordinator_undoes_a_tick(
    database, street: Street, as_person: As, app: FastAPI
) -> None:
    group = await a_group(
        database, street, earns_minutes=60, has_check_out=True, leader_ids=[street["Cyd"].member_id]
    )
    cyd, cora, ann = as_person("Cyd"), as_person("Cora"), street["Ann"].member_id
    base = f"/sessions/{group.session_id}"
    async with database.transaction(street.bank_id) as session:
        await places.book(session, street["Ann"], group.session_id, place_id=uuid7(), at=street.at)
    roster = await cyd.get(f"{base}/roster")
    here = await cyd.press(roster, f"{base}/roster", **{f"m-{ann}": "yes"})
    app.state.clock = lambda: street.at + timedelta(minutes=25)
    for _ in range(2):
        assert "They have gone home" in (await cyd.press(here, f"{base}/gone", **{f"m-{ann}": "yes"})).text
    async with database.transaction(street.bank_id) as session:
        street.session = session
        assert await balance_of(street, ann) == 25
    page = await cora.get(f"{base}/roster")
    why = await cora.press(page, f"{base}/undo", member_id=str(ann))
    assert (why.status_code, "Say how you know" in why.text) == (422, True)
    assert (
        "Undone." in (await cora.press(page, f"{base}/undo", member_id=str(ann), reason="Another Ann")).text
    )
    assert (await cyd.press(here, f"{base}/gone", **{f"m-{ann}": "yes"})).status_code == 200
    async with database.transaction(street.bank_id) as session:
        street.session = session
        assert await balance_of(street, ann) == 0


async def test_staff_suggest_a_group_for_an_organisation(database, street: Street, as_person: As) -> None:
    cora = as_person("Cora")
    page = await cora.get(f"/activities/new?host={street.organisation_id}")
    told = {"host": str(street.organisation_id), "title": "Chess", "location": "The library"}
    told |= {"first_on": "2026-05-20", "starts": "14:00", "minutes": "90"}
    done = await cora.press(page, "/activities", **told)
    assert "Day centre" in done.text


async def test_edited_forms_and_days_of_another_age_are_plain_answers(
    database, street: Street, as_person: As
) -> None:
    group = await a_group(database, street, places=3)
    ann, later = as_person("Ann"), street.at.date() + timedelta(days=7)
    key = sessions.key(group.activity.activity_id, later)
    page = await ann.get(f"/activities/{group.activity.activity_id}")
    assert (await ann.press(page, f"/sessions/{key}/book", id="z" * 36)).status_code == 404
    async with database.transaction(street.bank_id) as session:
        offer = resources.Offer(
            resource_id=uuid7(),
            owner_id=street.organisation_id,
            kind="equipment",
            title="Carpet cleaner",
            location="Lantern Hall",
        )
        thing = await resources.offer(session, street["Cora"], offer, at=street.at)
    address = f"/rooms/{thing.resource_id}"
    for day in ("9999-12-31", "0001-01-01"):
        page = await ann.get(f"{address}?day={day}")
        assert page.status_code == 200
        refused = await ann.press(page, address, day=day, units="2")
        assert (refused.status_code, "not a time at which" in refused.text) == (422, True)


async def test_a_phone_that_kept_too_many_old_cards_sends_the_rest_again_later(
    database, street: Street, as_person: As
) -> None:
    group = await a_group(database, street)
    path, ann = await a_poster(database, street, group), as_person("Ann")
    page = await ann.get(path)
    for _ in range(10):
        assert (await ann.get(path[:-1])).status_code == 422
    stopped = await ann.press(page, path)
    assert (stopped.status_code, TROUBLES["too_many"][0] in stopped.text) == (429, True), (
        "not refused for good"
    )


async def test_a_yes_at_the_desk_that_the_limit_forbids_stays_on_the_desk(
    database, street: Street, as_person: As
) -> None:
    async with database.transaction(street.bank_id) as session:
        street.session = session
        group = await hold_a_group(street, costs_minutes=700, host_id=street["Ben"].member_id)
        said = await checking_in.tick(
            session,
            street["Cora"],
            group.session_id,
            [street["Ann"].member_id],
            way="roster",
            moment=opening.now(street.at),
            at=street.at,
        )
    (row,) = said.check_ins
    cora, action = as_person("Cora"), f"/desk/check-ins/{row.check_in_id}/nod"
    told = await cora.press(await cora.get("/desk/groups"), action)
    assert (told.status_code, "would go below the limit" in told.text) == (422, True)
    assert action in (desk := await cora.get("/desk/groups")).text
    assert "Whoever held these is gone" not in desk.text
    async with database.transaction(street.bank_id) as session:
        await members.set_status(session, street["Cora"], street["Ben"].member_id, "deceased")
    end = f"/activities/{group.activity.activity_id}/end"
    assert end in (await cora.get("/desk/groups")).text, "a group does not go on with nobody to hold it"
    assert (await cora.get(end)).status_code == 200


async def test_a_coordinator_who_leads_enters_the_days_list_as_any_helper_does(
    database, street: Street, as_person: As, app: FastAPI
) -> None:
    group = await a_group(database, street, has_check_out=True, earns_minutes=60)
    base, ann, ben = f"/sessions/{group.session_id}", street["Ann"].member_id, street["Ben"].member_id
    key = group.activity.activity_id
    async with database.transaction(street.bank_id) as session:
        session.add(
            ActivityLeader(bank_id=street.bank_id, activity_id=key, member_id=street["Cora"].member_id)
        )
        for who in ("Ann", "Ben"):
            await places.book(session, street[who], group.session_id, place_id=uuid7(), at=street.at)
    cora, cyd = as_person("Cora"), as_person("admin")
    here = await cora.press(await cora.get(f"{base}/roster"), f"{base}/roster", **{f"m-{ann}": "yes"})
    home = await cora.press(here, f"{base}/gone", **{f"m-{ben}": "yes", f"m-{ann}": "yes"})
    assert "ask the coordinator" in home.text, "who was not here holds up nobody"
    app.state.clock = lambda: street.at + timedelta(hours=5)
    page = await cora.get(f"{base}/roster")
    assert "How do you know?" not in page.text
    assert "Checked in." in (await cora.press(page, f"{base}/roster", **{f"m-{ben}": "yes"})).text
    assert "How do you know?" in (await cyd.get(f"{base}/roster")).text, "of others a coordinator says how"
