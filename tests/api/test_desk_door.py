"""The desk through the machine door: lists ticked off, a bank's people and organisations looked after."""

import asyncio
from typing import Any

from uuid_utils.compat import uuid7

from exchange.membership.organisations import holders_of
from tests.api.conftest import Service


async def signed_up(service: Service, name: str, *contacts: dict[str, Any], **more: Any) -> dict[str, Any]:
    written = {"name": name, "contacts": list(contacts), "is_adult": True, **more}
    answer = await service.call("Cora", "POST", "/members", json=written)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_calls_and_letters_are_ticked_off_once(service: Service) -> None:
    await signed_up(service, "Mair", {"value": "01632 960123"})
    await signed_up(service, "Olwen", {"value": "1 Lantern Street", "kind": "post"})
    await service.work()
    queue = (await service.call("Cora", "GET", "/queue")).json()
    (call,), (letter,) = queue["calls"], queue["letters"]
    ticks = (
        (f"/queue/calls/{call['id']}", {"outcome": "no_answer"}, 204),
        (f"/queue/calls/{call['id']}", {"outcome": "left_message"}, 422),
        (f"/queue/calls/{call['id']}", {"outcome": "spoke", "said": "She is glad"}, 204),
        (f"/queue/calls/{call['id']}", {"outcome": "spoke"}, 404),
        (f"/queue/letters/{letter['id']}", None, 204),
        (f"/queue/letters/{uuid7()}", None, 404),
        (f"/queue/texts/{uuid7()}", None, 404),
    )
    for path, said, status in ticks:
        answer = await service.call("Cora", "POST", path, json=said)
        assert answer.status_code == status, (path, said, answer.text)
    after = (await service.call("Cora", "GET", "/queue")).json()
    assert (after["calls"], after["letters"]) == ([], [])
    refused = await service.call("Ann", "POST", f"/queue/letters/{letter['id']}")
    assert refused.status_code == 403


async def test_who_speaks_for_an_organisation_can_stop(service: Service) -> None:
    path = f"/organisations/{service.organisation_id}/representatives/{service.ids['Ann']}"
    for method, organisations in (("PUT", 1), ("PUT", 1), ("DELETE", 0), ("DELETE", 0)):
        assert (await service.call("Cora", method, path)).status_code == 204
        assert len((await service.call("Ann", "GET", "/me")).json()["organisation_ids"]) == organisations


async def test_a_choice_that_is_none_is_said_beside_its_field(service: Service) -> None:
    path = f"/members/{service.ids['Ann']}"
    for change in ({"preferred_channel": None}, {"preferred_channel": "pigeon"}, {"language": None}):
        answer = await service.call("Ann", "PATCH", path, json=change)
        assert answer.status_code == 422, answer.text
    answer = await service.call("Ann", "PATCH", path, json={"full_name": "Ann Rees"})
    assert answer.json()["full_name"] == "Ann Rees"


async def test_what_somebody_says_about_themselves_is_taken_and_never_shown(service: Service) -> None:
    said = {"age_band": "65-74", "ethnicity": "Welsh", "disability": "hard of hearing"}
    shown = await signed_up(service, "Dot", {"value": "07700 900555"}, characteristics=said)
    assert not said.keys() & shown.keys()
    assert "hearing" not in str(shown)


async def test_a_contact_added_by_oneself_is_proved_by_its_code(service: Service) -> None:
    mine, path = service.phones["Ann"], f"/members/{service.ids['Ann']}/contacts"
    given = [{"value": mine}, {"value": "07700 900556"}]
    answer = await service.call("Ann", "PUT", path, json=given)
    new = next(contact for contact in answer.json()["contacts"] if not contact["is_proved"])
    assert (await service.call("Ann", "POST", f"/me/contacts/{new['id']}/code")).status_code == 202
    (sent,) = await service.work()
    assert sent["to"] == "+447700900556"
    code = "".join(filter(str.isdigit, sent["body"]))[:6]
    wrong = {"code": f"{(int(code) + 1) % 10**6:06d}"}
    prove = f"/me/contacts/{new['id']}/prove"
    assert (await service.call("Ann", "POST", prove, json=wrong)).json()["code"] == "wrong_code"
    proved = (await service.call("Ann", "POST", prove, json={"code": code})).json()
    assert all(contact["is_proved"] for contact in proved["contacts"])
    assert (await service.call("Ben", "POST", prove, json={"code": code})).status_code == 404


async def test_the_same_id_with_other_contents_is_not_a_repeat(service: Service) -> None:
    person = {"name": "Nia", "contacts": [{"value": "07700 900124"}], "is_adult": True}
    house = {"name": "Library", "description": "Books"}
    gift = {"to": str(service.ids["Ben"]), "minutes": 30, "note": "Thanks"}
    await service.log("Ben", "received", "Ann", 60)
    (waiting,) = (await service.call("Ann", "GET", "/hours")).json()["items"]
    await service.call("Ann", "POST", f"/hours/{waiting['id']}/confirm")
    for who, path, first, others in (
        ("Cora", "/members", person, ({"contacts": [{"value": "07700 900125"}]}, {"language": "cy"})),
        (None, f"/banks/{service.bank_id}/join", person, ({"contacts": [{"value": "07700 900125"}]},)),
        ("Cora", "/organisations", house, ({"description": "Books and films"}, {"kind": "council"})),
        ("Ann", "/gifts", gift, ({"note": "Sorry"},)),
    ):
        told = {"id": str(uuid7()), **first}
        answers = [await service.call(who, "POST", path, json=told | more) for more in ({}, {}, *others)]
        assert [one.is_success for one in answers[:2]] == [True, True], answers[0].text
        assert {one.status_code for one in answers[2:]} == {409}, path


async def test_a_buddy_and_a_contacts_language_are_set_and_shown(service: Service) -> None:
    ann, ben = (str(service.ids[name]) for name in ("Ann", "Ben"))
    buddy = {"buddy_id": ben}
    assert (await service.call("Cora", "PATCH", f"/members/{ann}", json=buddy)).json()["buddy_id"] == ben
    assert (await service.call("Ann", "GET", f"/members/{ann}")).json()["buddy_id"] == ben
    assert (await service.call("Ann", "PATCH", f"/members/{ann}", json=buddy)).status_code == 403
    refused = await service.call("Cora", "PATCH", f"/members/{ann}", json={"buddy_id": str(uuid7())})
    assert refused.status_code == 404
    shown = []
    for chosen in ({"language": "cy"}, {}, {"language": ""}):
        reach = [{"value": service.phones["Ann"], **chosen}]
        kept = await service.call("Ann", "PUT", f"/members/{ann}/contacts", json=reach)
        shown.append(kept.json()["contacts"][0]["language"])
    assert shown == ["cy", "cy", None]


async def test_nobody_is_rung_about_what_they_have_answered(service: Service) -> None:
    dilys = await signed_up(service, "Dilys", {"value": "020 7946 0117"})
    service.ids["Dilys"] = dilys["id"]
    told = [(await service.log("Ann", "gave", "Dilys", minutes)).json() for minutes in (60, 30)]
    await service.work()
    said = {"evidence": "On the telephone to Cora"}
    await service.call("Cora", "POST", f"/hours/{told[0]['id']}/confirm", json=said)
    await service.work()
    calls = [call["say"] for call in (await service.call("Cora", "GET", "/queue")).json()["calls"]]
    assert [sum(hours["reference"] in words for words in calls) for hours in told] == [0, 1]
    await service.call("Ann", "POST", f"/hours/{told[1]['id']}/withdraw")
    await service.work()
    calls = [call["say"] for call in (await service.call("Cora", "GET", "/queue")).json()["calls"]]
    assert not any(told[1]["reference"] in words for words in calls)


AT_ONCE = 8


async def test_the_same_press_several_times_at_once_is_one(service: Service) -> None:
    person = {"name": "Nia", "contacts": [{"value": "07700 900123"}], "is_adult": True}
    reach = [{"value": service.phones["Ann"]}, {"value": "ann@example.org"}]
    rules = {"approval_rules": {"at_home": {}, "over_minutes": {"threshold": 90}}}
    for who, method, path, body in (
        ("Cora", "POST", "/members", {"id": str(uuid7()), **person}),
        ("Cora", "POST", "/organisations", {"id": str(uuid7()), "name": "Library"}),
        ("Ann", "PUT", f"/members/{service.ids['Ann']}/blocks/{service.ids['Ben']}", None),
        ("Ann", "PUT", f"/members/{service.ids['Ann']}/contacts", reach),
        ("admin", "PATCH", "/policy", rules),
    ):
        presses = [service.call(who, method, path, json=body) for _ in range(AT_ONCE)]
        answers = await asyncio.gather(*presses)
        assert {answer.is_success for answer in answers} == {True}, (path, answers[-1].text)
        assert len({answer.text for answer in answers}) == 1, path


async def test_two_administrators_who_end_each_other_at_once_leave_one(service: Service) -> None:
    paths = {name: f"/members/{service.ids[name]}/roles/administrator" for name in ("admin", "Cora")}
    assert (await service.call("admin", "PUT", paths["Cora"])).status_code == 204
    ended = await asyncio.gather(
        service.call("admin", "DELETE", paths["Cora"]),
        service.call("Cora", "DELETE", paths["admin"]),
    )
    assert min(answer.status_code for answer in ended) == 204
    async with service.database.transaction(service.bank_id) as session:
        assert await holders_of(session, service.bank_id, "administrator")
