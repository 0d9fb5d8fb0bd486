"""Offers, asks and agreed help through the machine door: from ordinary words to the hour, and bad input."""

from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from tests.api.conftest import Service

BULB = "my bulb has gone, can somebody help?"
TUESDAY = "2026-05-19T10:00:00Z"


async def wrote(service: Service, who: str, kind: str, words: str, **more: Any) -> dict[str, Any]:
    answer = await service.call(who, "POST", "/listings", json={"kind": kind, "description": words} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def asked(service: Service, who: str, *helpers: str, **more: Any) -> httpx.Response:
    wanted = {
        "helpers": [{"party_id": str(service.ids[name])} for name in helpers],
        "minutes": 30,
        "starts_at": TUESDAY,
        "skill": "light_bulbs",
    }
    return await service.call(who, "POST", "/appointments", json=wanted | more)


async def does(service: Service, who: str, key: str, verb: str, **said: Any) -> httpx.Response:
    return await service.call(who, "POST", f"/appointments/{key}/{verb}", json=said)


async def agreed(service: Service) -> str:
    made = (await asked(service, "Ben", "Ann")).json()
    assert (await does(service, "Ann", made["id"], "agree")).json()["state"] == "agreed"
    return made["id"]


async def test_from_ordinary_words_to_the_posted_hour(service: Service) -> None:
    await wrote(service, "Ann", "offer", "I change light bulbs", times=["tue"], small_area="North")
    ask = await wrote(service, "Ben", "request", BULB, times=["tue_morning"], small_area="North")
    assert (ask["skills"], ask["state"], ask["verbs"]) == (["light_bulbs"], "open", ["change", "close"])
    [match] = (await service.call("Ben", "GET", f"/listings/{ask['id']}/matches")).json()["items"]
    assert match["because"] == (
        "This member offers changing light bulbs: in the same area, free on Tuesday morning, new here."
    )
    helper = {"party_id": match["party_id"], "reasons": match["reasons"]}
    made = (await asked(service, "Ben", helpers=[helper], listing_id=ask["id"], at_home=True)).json()
    assert (made["state"], made["verbs"]) == ("asked", ["ask", "cancel"])
    for _ in range(2):
        answer = await does(service, "Ann", made["id"], "agree")
        assert (answer.status_code, answer.json()["state"]) == (200, "agreed")
    contacts = (await service.call("Ann", "GET", f"/appointments/{made['id']}/contacts")).json()["items"]
    assert [(one["name"], one["kind"]) for one in contacts] == [("Ben", "mobile")]
    service.clock.forward(days=8)
    done = (await does(service, "Ann", made["id"], "happened", minutes=40)).json()
    assert done["state"] == "happened"
    answer = await service.call("Ben", "POST", f"/hours/{done['hours_id']}/confirm")
    assert answer.json()["state"] == "awaiting_approval", (
        "a first visit to somebody's home, with nobody beside"
    )
    answer = await service.call("Cora", "POST", f"/hours/{done['hours_id']}/approve")
    assert (answer.json()["state"], answer.json()["minutes"]) == ("posted", 40)


async def test_the_same_id_is_the_same_and_other_contents_are_a_conflict(service: Service) -> None:
    key = str(uuid7())
    for _ in range(2):
        assert (await wrote(service, "Ben", "request", BULB, id=key))["id"] == key
    again = {"id": key, "kind": "request", "description": "something else"}
    answer = await service.call("Ben", "POST", "/listings", json=again)
    assert (answer.status_code, answer.json()["code"]) == (409, "same_id_other_contents")
    for _ in range(2):
        assert (await asked(service, "Ben", "Ann", id=key)).status_code == 201
    answer = await asked(service, "Ben", "Ann", id=key, minutes=45)
    assert (answer.status_code, answer.json()["code"]) == (409, "same_id_other_contents")
    service_messages = [m for m in await service.work() if m["to"] == service.phones["Ann"]]
    assert len(service_messages) == 1


async def test_a_listing_is_changed_taken_down_and_put_up_again(service: Service) -> None:
    offer = await wrote(service, "Ann", "offer", "I play the guitar")
    path = f"/listings/{offer['id']}"
    changed = await service.call("Ann", "PATCH", path, json={"description": "I bake bread"})
    assert changed.json()["skills"] == ["baking"]
    for verb, state in (("close", "closed"), ("close", "closed"), ("reopen", "open"), ("keep", "open")):
        answer = await service.call("Ann", "POST", f"{path}/{verb}")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert (await service.call("Cyd", "PATCH", path, json={"minutes": 5})).status_code == 403


async def test_what_needs_a_look_waits_for_a_coordinator(service: Service) -> None:
    lift = await wrote(service, "Ann", "offer", "a lift in my car")
    assert lift["state"] == "with_coordinator"
    assert (await service.call("Ben", "GET", f"/listings/{lift['id']}")).status_code == 404
    assert (await service.call("Ann", "POST", f"/listings/{lift['id']}/clear")).status_code == 403
    cleared = await service.call(
        "Cora", "POST", f"/listings/{lift['id']}/clear", json={"because": "MOT seen"}
    )
    assert cleared.json()["state"] == "open"


async def test_lists_go_on_page_by_page(service: Service) -> None:
    for n in range(5):
        await wrote(service, "Ann", "offer", f"guitar {n}")
    seen, path = [], "/listings?limit=2"
    while path:
        page = (await service.call("Ben", "GET", path)).json()
        seen += [item["description"] for item in page["items"]]
        path = page["next_cursor"] and f"/listings?limit=2&cursor={page['next_cursor']}"
    assert seen == [f"guitar {n}" for n in reversed(range(5))]
    assert (await service.call("Ben", "GET", "/listings?cursor=x")).json()["code"] == "bad_cursor"


ODD = [
    "",
    "b",
    "gu",
    "x" * 10_000,
    "🎸" * 30,
    "'; drop table listing; --",
    "গিটার",
    "γκιτάρα",
    "%",
    "\\",
    "a & | !",
]


@pytest.mark.parametrize("typed", ODD, ids=[str(n) for n in range(len(ODD))])
async def test_any_query_gets_an_ordinary_answer(service: Service, typed: str) -> None:
    await wrote(service, "Ann", "offer", "guitar lessons")
    answer = await service.call("Ben", "GET", "/search", params={"q": typed})
    assert answer.status_code == 200
    assert isinstance(answer.json()["items"], list)


async def test_a_search_finds_by_meaning_in_each_language(service: Service) -> None:
    await wrote(service, "Ann", "offer", "I change light bulbs")
    for typed in ("bulb", "bulbs chnaged", "newid bylbiau", "বাল্ব বদলানো"):
        found = (await service.call("Ben", "GET", "/search", params={"q": typed})).json()
        assert [item["description"] for item in found["items"]] == ["I change light bulbs"], typed
        assert found["items"][0]["owner"]["name"] is None, "Ann did not choose to be in the directory"
    nothing = (await service.call("Ben", "GET", "/search", params={"q": "bagpipes"})).json()
    assert nothing["items"] == []


BAD = [
    ({"kind": "request", "description": " "}, "text_missing"),
    ({"radius_metres": -1}, "radius_out_of_range"),
    ({"radius_metres": 100_001}, "radius_out_of_range"),
    ({"times": ["someday"]}, "unknown_time"),
    ({"starts_on": "2026-06-02", "ends_on": "2026-06-01"}, "dates_crossed"),
    ({"access": ["throne"]}, "unknown_choice"),
    ({"skills": ["rocketry"]}, "unknown_skill"),
    ({"skills": ["gas_work"]}, "skill_not_allowed"),
    ({"review_on": "2030-01-01"}, "review_too_far"),
    ({"minutes": 0}, "minutes_out_of_range"),
]


@pytest.mark.parametrize(("change", "code"), BAD)
async def test_a_listing_that_breaks_a_rule_is_refused_with_its_code(service: Service, change, code) -> None:
    written = {"kind": "offer", "description": "bread"} | change
    answer = await service.call("Ann", "POST", "/listings", json=written)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_radius_of_zero_means_only_here(service: Service) -> None:
    near = {"small_area": "North", "radius_metres": 0}
    ask = await wrote(service, "Ben", "request", "a guitar lesson", **near)
    await wrote(service, "Ann", "offer", "guitar", **near)
    await wrote(service, "Cyd", "offer", "guitar", small_area="South")
    found = (await service.call("Ben", "GET", f"/listings/{ask['id']}/matches")).json()["items"]
    assert [one["party_id"] for one in found][:1] == [str(service.ids["Ann"])]


async def test_a_skill_nobody_has_gets_an_empty_answer(service: Service) -> None:
    ask = await wrote(service, "Ben", "request", "Welsh conversation", skills=["welsh"])
    answer = await service.call("Ben", "GET", f"/listings/{ask['id']}/matches")
    assert (answer.status_code, answer.json()) == (200, {"items": []})


BAD_ASKS = [
    ({"helpers": []}, 422, "nobody_to_ask"),
    ({"starts_at": "2020-01-01T10:00:00Z"}, 422, "starts_in_past"),
    ({"starts_at": "2026-05-19T10:00:00"}, 422, "invalid_request"),
    ({"minutes": 0}, 422, "minutes_out_of_range"),
    ({"listing_id": str(uuid7())}, 404, "not_found"),
    ({"helpers": [{"party_id": str(uuid7())}]}, 404, "not_found"),
    ({"helpers": [{"party_id": "nobody"}]}, 422, "invalid_request"),
]


@pytest.mark.parametrize(("change", "status", "code"), BAD_ASKS)
async def test_an_asking_that_breaks_a_rule_is_refused(service: Service, change, status, code) -> None:
    answer = await asked(service, "Ben", "Ann", **change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_reasons_are_ours_or_none(service: Service) -> None:
    helper = {"party_id": str(service.ids["Ann"]), "reasons": ["isolated"]}
    answer = await asked(service, "Ben", helpers=[helper])
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_choice")


async def test_an_hour_told_on_an_appointment_closes_it(service: Service) -> None:
    key = await agreed(service)
    told = await service.log("Ann", "gave", "Ben", 35, appointment_id=key)
    assert told.status_code == 201
    closed = (await service.call("Ben", "GET", f"/appointments/{key}")).json()
    assert (closed["state"], closed["hours_id"]) == ("happened", told.json()["id"])
    again = await service.log("Ben", "received", "Ann", 35, appointment_id=key)
    assert (again.status_code, again.json()["code"]) == (409, "appointment_in_wrong_state")
    await service.call("Ann", "POST", f"/hours/{told.json()['id']}/withdraw")
    assert (await service.log("Ben", "received", "Ann", 30, appointment_id=key)).status_code == 201


async def test_an_hour_names_only_an_appointment_and_a_listing_of_its_own(service: Service) -> None:
    key = await agreed(service)
    for wrong in (
        {"appointment_id": str(uuid7())},
        {"listing_id": str(uuid7())},
        {"appointment_id": key},
    ):
        answer = await service.log("Ann", "gave", "Cyd", 35, **wrong)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), wrong
    waiting = (await asked(service, "Ben", "Cyd")).json()["id"]
    answer = await service.log("Cyd", "gave", "Ben", 35, appointment_id=waiting)
    assert answer.status_code == 404, "nobody has agreed to it"


async def test_who_changed_since_is_said_and_nothing_is_half_done(service: Service) -> None:
    made = (await asked(service, "Ben", "Ann", "Cyd")).json()
    await service.call("Cora", "POST", f"/members/{service.ids['Ann']}/status", json={"status": "paused"})
    answer = await does(service, "Ann", made["id"], "agree")
    assert (answer.status_code, answer.json()["code"]) == (409, "people_changed")
    won = await does(service, "Cyd", made["id"], "agree")
    assert won.json()["state"] == "agreed"
    assert won.json()["asks"] == [], "who else was asked is for the one who asked to know"


async def test_moving_calling_off_and_not_happening(service: Service) -> None:
    key = await agreed(service)
    later = "2026-05-20T10:00:00Z"
    assert (await does(service, "Ben", key, "move", starts_at=later)).json()["state"] == "moved"
    assert (await does(service, "Ann", key, "agree")).json()["state"] == "agreed"
    early = await does(service, "Ann", key, "did-not-happen")
    assert (early.status_code, early.json()["code"]) == (409, "not_yet")
    service.clock.forward(days=9)
    for _ in range(2):
        assert (await does(service, "Ann", key, "did-not-happen", reason="ill")).status_code == 200
    shown = (await service.call("Ben", "GET", f"/appointments/{key}")).json()
    assert (shown["state"], shown["private_reasons"]) == ("did_not_happen", [])
    assert (await does(service, "Cyd", key, "cancel")).status_code == 404


async def test_own_words_count_at_once(service: Service) -> None:
    word = {"word": "ginnel sweeping", "skill": "yard_work"}
    assert (await service.call("Ann", "POST", "/skills/words", json=word)).status_code == 403
    for _ in range(2):
        assert (await service.call("Cora", "POST", "/skills/words", json=word)).status_code == 201
    found = (await service.call("Ann", "GET", "/skills", params={"q": "ginnel sweeping"})).json()
    assert found["understood"][0]["skill"] == "yard_work"
    assert (await wrote(service, "Ann", "offer", "ginnel sweeping"))["skills"] == ["yard_work"]
    assert (await service.call("Cora", "DELETE", "/skills/words", params=word)).status_code == 204
    assert (await service.call("Cora", "GET", "/skills/words")).json()["items"] == []


async def test_not_me_thanks_is_heeded(service: Service) -> None:
    await wrote(service, "Ann", "offer", "guitar")
    ask = await wrote(service, "Ben", "request", "guitar")
    path = f"/listings/{ask['id']}/matches"
    assert len((await service.call("Ben", "GET", path)).json()["items"]) == 1
    for _ in range(2):
        said = await service.call("Ann", "POST", "/not-me", json={"listing_id": ask["id"]})
        assert said.status_code == 204
    assert (await service.call("Ben", "GET", path)).json()["items"] == []
    nothing = await service.call("Ann", "POST", "/not-me", json={})
    assert nothing.json()["code"] == "unknown_choice"


async def ring(service: Service) -> None:
    for who, offers, asks in (
        ("Ann", "guitar", "baking"),
        ("Ben", "baking", "welsh"),
        ("Cyd", "welsh", "guitar"),
    ):
        await wrote(service, who, "offer", offers, skills=[offers], minutes=60)
        await wrote(service, who, "request", asks, skills=[asks], minutes=60)


async def test_circles_are_suggested_pinned_and_accepted(service: Service) -> None:
    await ring(service)
    assert (await service.call("Ann", "POST", "/circles")).status_code == 403
    made = (await service.call("Cora", "POST", "/circles", json={"id": str(uuid7())})).json()
    assert made["round"]["minutes"] == 180
    [circle] = made["items"]
    assert len(circle["legs"]) == 3
    path = f"/circles/{circle['id']}"
    assert (await service.call("Cora", "POST", f"{path}/pin")).json()["state"] == "pinned"
    assert (await service.call("Cora", "GET", f"{path}/instead", params={"place": 0})).json() == {"items": []}
    for _ in range(2):
        answer = await service.call("Cora", "POST", f"{path}/accept")
        assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    told = await service.work()
    assert sum("asks: could you help?" in m["body"] for m in told) == 3
    assert sum("could help you" in m["body"] for m in told) == 3


async def test_a_circle_whose_people_changed_is_refused_whole(service: Service) -> None:
    await ring(service)
    [circle] = (await service.call("Cora", "POST", "/circles")).json()["items"]
    await service.call("Cora", "POST", f"/members/{service.ids['Cyd']}/status", json={"status": "paused"})
    answer = await service.call("Cora", "POST", f"/circles/{circle['id']}/accept")
    assert (answer.status_code, answer.json()["code"]) == (409, "people_changed")
    assert (await service.call("Ann", "GET", "/appointments")).json()["items"] == []
