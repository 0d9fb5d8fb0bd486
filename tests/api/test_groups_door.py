"""Groups through the machine door and by text, and what is told about them."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from api.texts.typed_codes import code_in, is_meant
from exchange.activities import codes, sessions, sheets
from exchange.activities.tables import CheckIn
from exchange.membership import viewer
from exchange.outbox import Event
from tests.api.conftest import Service
from tests.api.test_texts import text

LUNCH = {
    "title": "Memory café",
    "location": "Lantern Hall",
    "first_on": "2026-05-12",
    "starts": "13:00",
    "minutes": 60,
    "repeats": "weekly",
    "earns_minutes": 60,
}


async def a_group(service: Service, **choices) -> str:
    made = await service.call(
        "admin", "POST", "/activities", json=LUNCH | {"host_id": str(service.organisation_id)} | choices
    )
    assert made.status_code == 201, made.text
    key = made.json()["id"]
    assert (await service.call("Cora", "POST", f"/activities/{key}/approve")).json()["state"] == "approved"
    return str(key)


async def poster_of(service: Service, key: str) -> str:
    async with service.database.transaction(service.bank_id) as session:
        cora = await viewer.load(session, service.bank_id, service.ids["Cora"])
        assert cora
        meeting = sessions.key(UUID(key), service.clock.at.date())
        return (await sheets.poster(session, cora, meeting, at=service.clock.at)).code


async def test_from_the_idea_to_the_balance(service: Service) -> None:
    key = await a_group(service)
    listed = (await service.call("Ann", "GET", "/activities")).json()["items"]
    assert {item["activity_id"] for item in listed} == {key}
    assert (await service.call("Ann", "POST", f"/activities/{key}/places", json={})).json()[
        "state"
    ] == "booked"
    told = {"member_ids": [str(service.ids["Ann"])], "way": "roster"}
    assert (await service.call("Ann", "POST", f"/activities/{key}/check-ins", json=told)).status_code == 403
    for _ in range(2):
        done = await service.call("Cora", "POST", f"/activities/{key}/check-ins", json=told)
        assert [row["state"] for row in done.json()["items"]] == ["counted"]
    assert await service.balance("Ann") == 60
    hours = await service.log("Ann", "gave", "Ben", activity_id=key)
    assert hours.status_code == 201, "an hour may be said to be about a group of this bank"
    unknown = await service.log("Ann", "gave", "Ben", activity_id=str(service.bank_id))
    assert (unknown.status_code, unknown.json()["field"]) == (404, "activity_id")


async def test_a_code_that_fails_is_answered_and_counted(service: Service) -> None:
    key = await a_group(service)
    for _ in range(10):
        said = await service.call("Ann", "POST", f"/activities/{key}/check-ins", json={"code": "P12"})
        assert (said.status_code, said.json()["code"]) == (422, "bad_code")
    said = await service.call("Ann", "POST", f"/activities/{key}/check-ins", json={"code": "P12"})
    assert (said.status_code, said.json()["code"]) == (429, "too_many_tries")


async def test_notes_are_issued_reported_and_redeemed(service: Service) -> None:
    wanted = {
        "payer_id": str(service.organisation_id),
        "minutes": 60,
        "notes": 2,
        "expires_on": "2026-06-30",
    }
    sheet = (await service.call("Cora", "POST", "/time-notes", json=wanted)).json()
    code = sheet["notes"][0]["code"]
    for _ in range(2):
        used = await service.call("Ann", "POST", "/time-notes/redeem", json={"code": code})
        assert (used.status_code, used.json()["minutes"]) == (200, 60)
    again = await service.call("Ben", "POST", "/time-notes/redeem", json={"code": code})
    assert (again.status_code, again.json()["trouble"]) == (409, "used")
    report = (await service.call("Cora", "GET", "/time-notes")).json()["items"][0]
    assert (report["out"], report["used"]) == (1, 1)
    assert "Added" not in await text(service, "Ben", "USE " + sheet["notes"][1]["code"].lower())
    assert await service.balance("Ben") == 60


async def test_here_and_the_posters_code_by_text(service: Service) -> None:
    key = await a_group(service)
    code = await poster_of(service, key)
    assert "a helper nods" in await text(service, "Ann", f"HERE {code}")
    assert "a helper nods" in await text(service, "Ann", code.replace("-", " ").lower())
    assert "can't be used" in await text(service, "Ben", f"Here {code[:-1]}")
    async with service.database.transaction(service.bank_id) as session:
        rows = (await session.scalars(select(CheckIn).where(col(CheckIn.bank_id) == service.bank_id))).all()
    assert [(row.way, row.state) for row in rows] == [("text", "waiting")]
    undone = f"/activities/{key}/check-ins/{rows[0].check_in_id}/refuse"
    assert (await service.call("Cora", "POST", undone)).json()["state"] == "refused"
    assert "can't be used" in await text(service, "Ann", f"HERE {code}"), "no nod is promised again"


def test_a_text_without_a_code_is_read_as_before() -> None:
    for body in ("YES 412", "1 h 30 min", "here I am", "I gave Ann 2 h", "", "Balance"):
        assert code_in(body) is None
        assert not is_meant(body), body
    card = codes.make("card", bytes(range(16)))
    assert code_in(card.shown) is None, "a card is shown to a helper, never texted"


async def test_called_off_reaches_everybody_booked_and_names_no_group(service: Service) -> None:
    key = await a_group(service)
    await service.work()
    later = str(sessions.key(UUID(key), service.clock.at.date() + timedelta(days=7)))
    for who in ("Ann", "Ben"):
        await service.call(who, "POST", f"/activities/{key}/places", json={"session_id": later})
    await service.call("Cora", "POST", f"/activities/{key}/end", json={"reason": "The boiler"})
    sent = [m for m in await service.work() if "called off" in m["body"]]
    assert {m["to"] for m in sent} == {service.phones["Ann"], service.phones["Ben"]}
    assert all("Memory" not in m["body"] and "Tue 19 May, 13:00" in m["body"] for m in sent)


async def test_an_event_that_nobody_is_told_of_is_settled_at_once(service: Service) -> None:
    proposed = await service.call("Ann", "POST", "/activities", json=LUNCH)
    assert proposed.status_code == 201
    assert await service.work() == []
    async with service.database.transaction(service.bank_id) as session:
        waiting = select(Event).where(
            col(Event.bank_id) == service.bank_id, col(Event.kind) == "activity.proposed"
        )
        found = (await session.scalars(waiting)).one()
    assert (found.attempts, found.handled_at is not None) == (0, True)


async def test_one_session_is_called_off_the_same_morning(service: Service) -> None:
    key = await a_group(service, earns_minutes=0, costs_minutes=60)
    await service.work()
    for _ in range(2):
        await service.call("Ann", "POST", f"/activities/{key}/places", json={})
    assert (await service.call("Ann", "POST", f"/activities/{key}/call-off")).status_code == 403
    today = str(sessions.key(UUID(key), service.clock.at.date()))
    for _ in range(2):
        said = {"session_id": today, "reason": "The boiler"}
        off = await service.call("Cora", "POST", f"/activities/{key}/call-off", json=said)
        assert (off.status_code, off.json()["state"]) == (200, "called_off")
    assert [m["to"] for m in await service.work() if "called off" in m["body"]] == [service.phones["Ann"]]
    me = (await service.call("Ann", "GET", "/me")).json()
    assert me["balance_minutes"] == 0
    following = (await service.call("Ann", "POST", f"/activities/{key}/places", json={})).json()
    assert following["state"] == "booked", "the next one stands"


async def test_a_group_is_changed_and_who_booked_is_told_without_its_name(service: Service) -> None:
    key = await a_group(service)
    await service.work()
    later = str(sessions.key(UUID(key), service.clock.at.date() + timedelta(days=7)))
    await service.call("Ann", "POST", f"/activities/{key}/places", json={"session_id": later})
    changed = await service.call("Cora", "PATCH", f"/activities/{key}", json={"location": "The surgery"})
    assert changed.json()["location"] == "The surgery"
    (said,) = [m["body"] for m in await service.work() if m["to"] == service.phones["Ann"]]
    assert "another time or place" in said
    assert "Tue 19 May" in said
    assert "urgery" not in said
    assert "Memory" not in said
    refused = await service.call("Cora", "PATCH", f"/activities/{key}", json={"earns_minutes": 5})
    assert (refused.status_code, refused.json()["code"]) == (409, "fixed_once_approved")


async def test_what_is_printed_is_had_through_this_door_too(service: Service) -> None:
    key = await a_group(service)
    paths = (
        "/whats-on.pdf",
        f"/activities/{key}/poster.pdf",
        f"/activities/{key}/roster.pdf",
        f"/organisations/{service.organisation_id}/day.pdf?day=2026-05-12",
        f"/members/{service.ids['Ann']}/card.pdf",
    )
    for path in paths:
        made = await service.call("Cora", "GET", path)
        assert made.content.startswith(b"%PDF-"), (path, made.text[:200])
        assert made.headers["cache-control"] == "no-store"
        refused = await service.call("Ann", "GET", path)
        assert refused.status_code == (200 if path == "/whats-on.pdf" else 403), path


async def test_a_room_is_withdrawn_and_offered_again(service: Service) -> None:
    wanted = {
        "owner_id": str(service.organisation_id),
        "kind": "room",
        "title": "The garden room",
        "location": "Lantern Hall",
        "costs_minutes": 30,
    }
    room = (await service.call("Cora", "POST", "/resources", json=wanted)).json()["id"]
    booked = {"day": "2026-05-14", "starts": "10:00"}
    made = (await service.call("Ann", "POST", f"/resources/{room}/bookings", json=booked)).json()
    listed = (await service.call("Cora", "GET", f"/resources/{room}/bookings")).json()["items"]
    assert [row["id"] for row in listed] == [made["id"]]
    assert (await service.call("Ben", "GET", f"/resources/{room}/bookings")).status_code == 403
    changed = await service.call("Cora", "PATCH", f"/resources/{room}", json={"costs_minutes": 45})
    assert changed.json()["costs_minutes"] == 45
    await service.work()
    gone = await service.call("Cora", "POST", f"/resources/{room}/withdraw")
    assert gone.json()["is_offered"] is False
    assert [m["to"] for m in await service.work()] == [service.phones["Ann"]]
    assert (await service.call("Ann", "POST", f"/resources/{room}/bookings", json=booked)).status_code == 422
    back = await service.call("Cora", "POST", f"/resources/{room}/offer-again")
    assert back.json()["is_offered"] is True


async def test_what_no_clock_or_calendar_shows_is_a_plain_no(service: Service) -> None:
    key = await a_group(service)
    room = {"owner_id": str(service.organisation_id), "kind": "room", "title": "Room", "location": "Hall"}
    made = (await service.call("Cora", "POST", "/resources", json=room)).json()["id"]
    wrong = {
        ("POST", "/activities"): LUNCH | {"starts": "13:00:00Z"},
        ("PATCH", f"/activities/{key}"): {"starts": "13:00:00+05:00"},
        ("POST", "/resources"): room | {"opens": "09:00:00Z"},
        ("POST", f"/resources/{made}/bookings"): {"day": "2026-05-14", "starts": "10:00:00Z"},
        ("POST", f"/resources/{made}/bookings#far"): {"day": "9999-12-31", "starts": "20:00"},
        ("POST", f"/activities/{key}/places"): {"companions": 2**70},
        ("POST", f"/activities/{key}/check-ins"): {"code": "P\x00" * 6, "device_at": "\x00", "kept": True},
    }
    for (method, path), body in wrong.items():
        said = await service.call("Cora", method, path.partition("#")[0], json=body)
        assert said.status_code == 422, (path, said.text)
    reserved = {"id": "0190c0de-0000-8000-8000-000000000000", "code": await poster_of(service, key)}
    said = await service.call("Ann", "POST", f"/activities/{key}/check-ins", json=reserved)
    assert (said.status_code, said.json()["code"]) == (422, "reserved_id")
