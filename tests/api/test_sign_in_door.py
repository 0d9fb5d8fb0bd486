"""Signing in by a code: one text, five tries, one person."""

import re

import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.membership import viewer
from exchange.membership.contacts import ContactDraft
from exchange.outbox import Event
from notifications.tables import Message
from tests.api.conftest import Service
from tests.small_bank import Small


async def code_for(service: Service, contact: str) -> str:
    answer = await service.call(None, "POST", "/sign-in/codes", json={"contact": contact})
    assert (answer.status_code, answer.json()) == (202, {"status": "sent_if_known"})
    sent = await service.work()
    assert len(sent) == 1
    return re.search(r"\d{6}", sent[0]["body"])[0]


async def exchange(service: Service, contact: str, code: str, **more):
    given = {"contact": contact, "code": code} | more
    return await service.call(None, "POST", "/sign-in/sessions", json=given)


async def test_a_code_by_text_opens_a_session(service: Service) -> None:
    code = await code_for(service, service.phones["Ann"])
    answer = await exchange(service, service.phones["Ann"], code)
    assert answer.status_code == 201
    service.tokens["phone"] = answer.json()["token"]
    me = (await service.call("phone", "GET", "/me")).json()
    assert (me["name"], me["balance_minutes"]) == ("Ann", 0)


async def test_a_code_works_once_and_its_lost_reply_may_be_asked_for_again(service: Service) -> None:
    code, own = await code_for(service, service.phones["Ann"]), str(uuid7())
    first, again = [await exchange(service, service.phones["Ann"], code, id=own) for _ in range(2)]
    assert first.json() == again.json()
    service.tokens["phone"] = first.json()["token"]
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for other in ({"id": str(uuid7())}, {}):
        refused = await exchange(service, service.phones["Ann"], code, **other)
        assert (refused.status_code, refused.json()["code"]) == (401, "code_used")
    guessed = await exchange(service, service.phones["Ann"], wrong, id=own)
    assert (guessed.status_code, guessed.json()["code"]) == (401, "wrong_code")
    sessions = (await service.call("phone", "GET", "/sign-in/sessions")).json()
    this = next(entry["session_id"] for entry in sessions if entry["is_this_one"])
    assert (await service.call("phone", "DELETE", f"/sign-in/sessions/{this}")).status_code == 204
    over = await exchange(service, service.phones["Ann"], code, id=own)
    assert over.json()["code"] == "code_used", "what was ended is not opened again"


async def test_asking_for_a_code_twice_with_one_id_sends_one(service: Service) -> None:
    wanted = {"contact": service.phones["Ann"], "id": str(uuid7())}
    for sent in (1, 0):
        assert (await service.call(None, "POST", "/sign-in/codes", json=wanted)).status_code == 202
        assert len(await service.work()) == sent


async def test_a_code_is_too_old_after_a_quarter_of_an_hour(service: Service) -> None:
    code = await code_for(service, service.phones["Ann"])
    service.clock.forward(minutes=15)
    assert (await exchange(service, service.phones["Ann"], code)).status_code == 401


async def test_five_wrong_tries_close_a_code_and_pause_the_number(service: Service) -> None:
    code = await code_for(service, service.phones["Ann"])
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        assert (await exchange(service, service.phones["Ann"], wrong)).status_code == 401
    assert (await exchange(service, service.phones["Ann"], code)).status_code == 401
    await service.call(None, "POST", "/sign-in/codes", json={"contact": service.phones["Ann"]})
    assert await service.work() == [], "paused: no new code until the old one is over"
    service.clock.forward(minutes=16)
    assert await exchange(service, service.phones["Ann"], await code_for(service, service.phones["Ann"]))


async def test_a_stranger_hears_the_same_and_gets_nothing(service: Service) -> None:
    answer = await service.call(None, "POST", "/sign-in/codes", json={"contact": "07700 900999"})
    assert answer.json() == {"status": "sent_if_known"}
    assert await service.work() == []


@pytest.mark.parametrize("typed", ["123", "07x", "0906 123 4567", "ann@", ""])
async def test_what_is_no_number_is_said_so(service: Service, typed: str) -> None:
    answer = await service.call(None, "POST", "/sign-in/codes", json={"contact": typed})
    assert (answer.status_code, answer.json()["field"]) == (422, "contact")


async def test_a_shared_number_asks_which_and_proves_nothing_for_the_other(service: Service) -> None:
    async with service.database.transaction(service.bank_id) as session:
        small = Small(session, service.bank_id, service.clock.at)
        admin = await viewer.load(session, service.bank_id, service.ids["admin"])
        small.people["admin"] = admin
        twin = await small.add("Abe", contacts=[ContactDraft(value=service.phones["Ann"])])
    await service.work()
    code = await code_for(service, service.phones["Ann"])
    asked = (await exchange(service, service.phones["Ann"], code)).json()
    assert asked["token"] is None
    assert {person["name"] for person in asked["choose"]} == {"Ann", "Abe"}
    opened = await exchange(service, service.phones["Ann"], code, member_id=str(twin.member_id))
    service.tokens["Abe"] = opened.json()["token"]
    assert (await service.call("Abe", "GET", "/me")).json()["name"] == "Abe"
    assert (await service.call("Abe", "GET", f"/members/{service.ids['Ann']}")).status_code in (403, 404)


async def test_a_coordinator_signs_a_lost_telephone_out(service: Service) -> None:
    path = f"/members/{service.ids['Ann']}/sessions"
    assert (await service.call("Ben", "DELETE", path)).status_code == 404
    assert (await service.call("Cora", "DELETE", path)).status_code == 204
    assert (await service.call("Ann", "GET", "/me")).status_code == 401


async def test_a_code_is_kept_only_as_a_hash_and_forgotten_when_sent(service: Service) -> None:
    code = await code_for(service, service.phones["Ann"])
    async with service.database.transaction(service.bank_id) as session:
        events = (
            await session.scalars(select(Event).where(col(Event.kind) == "sign_in.code_requested"))
        ).all()
        assert [event.payload for event in events if "secret" in event.payload] == []
        bodies = (await session.execute(select(col(Message.body), col(Message.parameters)))).all()
        assert not any(code in str(row) for row in bodies)


async def test_sessions_are_listed_and_ended(service: Service) -> None:
    code = await code_for(service, service.phones["Ann"])
    service.tokens["phone"] = (
        await exchange(service, service.phones["Ann"], code, device="My phone")
    ).json()["token"]
    listed = (await service.call("Ann", "GET", "/sign-in/sessions")).json()
    phone = next(entry for entry in listed if entry["device"] == "My phone")
    assert (
        await service.call("Ann", "DELETE", f"/sign-in/sessions/{phone['session_id']}")
    ).status_code == 204
    assert (await service.call("phone", "GET", "/me")).status_code == 401
    theirs = await service.call("Ben", "DELETE", f"/sign-in/sessions/{phone['session_id']}")
    assert theirs.status_code == 404
