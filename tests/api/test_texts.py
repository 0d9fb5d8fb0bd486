"""Texts that members send: signed, understood, done once, answered once; the rest waits on the desk."""

import asyncio
from datetime import time
from typing import Any, cast
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator
from uuid_utils.compat import uuid7

import notifications
from api.texts import receiving, strangers
from exchange.membership import contacts, viewer
from exchange.membership.contacts import ContactDraft
from exchange.tenancy import OpenDoor, open_doors
from tests.api.conftest import Service
from tests.small_bank import Small

PATH = "/api/v1/webhooks/twilio/sms"


async def deliver(service: Service, sender: str, body: str, *, sid: str | None = None) -> httpx.Response:
    """The provider's webhook, signed over an empty field too, as it does."""
    form = {
        "MessageSid": sid or f"SM{uuid7().hex}",
        "From": sender,
        "Body": body,
        "NumMedia": "0",
        "Empty": "",
    }
    signature = RequestValidator("token-of-the-tests").compute_signature(f"http://evenhour.test{PATH}", form)
    headers = {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}
    return await service.client.post(PATH, content=urlencode(form), headers=headers)


async def text(service: Service, who: str, body: str) -> str:
    """What `who` hears back."""
    assert (await deliver(service, service.phones[who], body)).status_code == 200
    sent = [m for m in await service.work() if m["to"] == service.phones[who]]
    assert len(sent) == 1, sent
    return sent[0]["body"]


async def state(service: Service, hours: str) -> str:
    return (await service.call("Ann", "GET", f"/hours/{hours}")).json()["state"]


async def told(service: Service, minutes: int = 60) -> dict:
    answer = (await service.log("Ann", "gave", "Ben", minutes)).json()
    await service.work()
    return answer


async def test_the_other_side_is_asked_by_text_with_a_reference(service: Service) -> None:
    hours = (await service.log("Ann", "gave", "Ben", 90)).json()
    asked = await service.work()
    assert [m["to"] for m in asked] == [service.phones["Ben"]]
    for word in ("Ann", "1 h 30 min", f"YES {hours['reference']}"):
        assert word in asked[0]["body"]


@pytest.mark.parametrize("said", ["YES", "yes please", " Y ", "Ie", "হ্যাঁ", "YES {reference}"])
async def test_a_yes_by_text_posts_the_hour(service: Service, said: str) -> None:
    hours = await told(service)
    assert "Ann" in await text(service, "Ben", said.format(**hours))
    assert await state(service, hours["id"]) == "posted"


async def test_a_no_by_text_goes_to_the_coordinator(service: Service) -> None:
    hours = await told(service)
    await text(service, "Ben", "NO")
    assert await state(service, hours["id"]) == "declined"


async def test_several_waiting_ask_which_and_a_reference_answers(service: Service) -> None:
    first, second = await told(service, 60), await told(service, 30)
    asked = await text(service, "Ben", "YES")
    assert first["reference"] in asked
    assert second["reference"] in asked
    await text(service, "Ben", f"yes {second['reference']}")
    assert (await state(service, first["id"]), await state(service, second["id"])) == (
        "awaiting_confirmation",
        "posted",
    )
    assert "already" in await text(service, "Ben", f"yes {second['reference']}")


async def test_other_minutes_by_text_go_back_to_the_one_who_told_us(service: Service) -> None:
    hours = await told(service, 120)
    await text(service, "Ben", "1h not 2")
    shown = (await service.call("Ann", "GET", f"/hours/{hours['id']}")).json()
    assert (shown["state"], shown["minutes"], shown["waiting_for"]["name"]) == (
        "awaiting_confirmation",
        60,
        "Ann",
    )


async def test_a_no_that_names_the_time_is_a_no(service: Service) -> None:
    hours = await told(service, 120)
    await text(service, "Ben", "no 2h")
    assert await state(service, hours["id"]) == "declined"


async def test_a_no_that_names_the_time_stays_one_when_it_is_asked_which(service: Service) -> None:
    hours, other = await told(service, 120), await told(service, 30)
    assert other["reference"] in await text(service, "Ben", "no 2h")
    await text(service, "Ben", hours["reference"])
    assert (await state(service, hours["id"]), await state(service, other["id"])) == (
        "declined",
        "awaiting_confirmation",
    )


async def test_a_yes_sent_twice_is_answered_as_one_and_a_no_after_it_is_read_by_a_person(
    service: Service,
) -> None:
    hours = await told(service)
    await text(service, "Ben", "YES")
    assert "It was about Ann" in await text(service, "Ben", "yes")
    waiting = (await service.call("Cora", "GET", "/queue")).json()["texts"]
    assert "answered this already" in await text(service, "Ben", "no")
    assert (await state(service, hours["id"]), waiting) == ("posted", [])
    assert [t["body"] for t in (await service.call("Cora", "GET", "/queue")).json()["texts"]] == ["no"]
    service.clock.forward(days=30)
    assert "Nothing is waiting" in await text(service, "Ben", "YES")


async def test_the_same_text_ten_times_at_once_is_one_yes_and_one_answer(service: Service) -> None:
    hours = await told(service)
    answers = await asyncio.gather(
        *(deliver(service, service.phones["Ben"], "YES", sid="SM-one") for _ in range(10))
    )
    assert {answer.status_code for answer in answers} == {200}
    sent = [m for m in await service.work() if m["to"] == service.phones["Ben"]]
    assert len(sent) == 1
    assert await state(service, hours["id"]) == "posted"


async def test_a_balance_by_text(service: Service) -> None:
    await told(service, 90)
    await text(service, "Ben", "YES")
    assert "1 h 30 min more help" in await text(service, "Ben", "balance")


async def test_the_menu_says_what_can_be_done(service: Service) -> None:
    for word in ("MENU", "help"):
        assert "BALANCE" in await text(service, "Ben", word)


async def test_what_cannot_be_read_is_answered_and_waits_on_the_desk(service: Service) -> None:
    assert "999" in await text(service, "Ben", "qwertyuiop zxcvb")
    async with service.database.transaction(service.bank_id) as session:
        unread = await notifications.unread_texts(session, service.bank_id)
    assert [item.body for item in unread] == ["qwertyuiop zxcvb"]


async def share_anns_number(service: Service, name: str = "Abe") -> None:
    async with service.database.transaction(service.bank_id) as session:
        small = Small(session, service.bank_id, service.clock.at)
        small.people["admin"] = await viewer.load(session, service.bank_id, service.ids["admin"])
        added = await small.add(name, contacts=[ContactDraft(value=service.phones["Ann"])])
        service.ids[name] = added.member_id
        token = await viewer_token(service, session, added.member_id)
    service.tokens[name], service.phones[name] = token, service.phones["Ann"]
    await service.work()


async def viewer_token(service: Service, session, member_id) -> str:
    from exchange.membership import sign_in

    made = await sign_in.start_session(
        session, service.bank_id, member_id, device="test", at=service.clock.at
    )
    return made.text


async def test_a_shared_number_hears_no_balance(service: Service) -> None:
    await share_anns_number(service)
    heard = await text(service, "Ann", "BALANCE")
    assert "min" not in heard


async def test_a_shared_number_never_answers_for_both_sides(service: Service) -> None:
    await share_anns_number(service)
    hours = (await service.log("Ann", "gave", "Abe")).json()
    await service.work()
    await text(service, "Abe", "YES")
    assert await state(service, hours["id"]) == "awaiting_confirmation"
    async with service.database.transaction(service.bank_id) as session:
        assert len(await notifications.unread_texts(session, service.bank_id)) == 1


async def test_a_forged_webhook_changes_nothing(service: Service) -> None:
    hours = await told(service)
    form = urlencode({"MessageSid": "SM1", "From": service.phones["Ben"], "Body": "YES"})
    for signature in ("", "AAAA", RequestValidator("another").compute_signature(PATH, {})):
        answer = await service.client.post(
            PATH,
            content=form,
            headers={
                "x-twilio-signature": signature,
                "content-type": "application/x-www-form-urlencoded",
            },
        )
        assert answer.status_code == 403
    assert await state(service, hours["id"]) == "awaiting_confirmation"


async def test_what_is_refused_is_counted_and_nothing_else_is_kept(service: Service) -> None:
    async def refused() -> int:
        shown = (await service.client.get("/metrics")).text
        return int(shown.rpartition("evenhour_webhooks_refused_total ")[2].split()[0])

    before = await refused()
    form = {"MessageSid": "SM1", "From": service.phones["Ben"], "Body": "x" * 70_000}
    signed = RequestValidator("token-of-the-tests").compute_signature(f"http://evenhour.test{PATH}", form)
    headers = {"x-twilio-signature": signed, "content-type": "application/x-www-form-urlencoded"}
    for content in (urlencode(form), "Body=" + "x" * 1_100_000, "Body=unsigned"):
        answer = await service.client.post(PATH, content=content, headers=headers)
        assert answer.status_code == 403, content[:20]
    assert await refused() == before + 3
    elsewhere = await service.client.post("/api/v1/hours", content="x" * 1_100_000)
    assert elsewhere.status_code == 413


async def test_a_stranger_gets_one_polite_answer_a_day(service: Service) -> None:
    stranger = f"+4477009{uuid7().int % 10**5:05d}9"[:13]
    first = await deliver(service, stranger, "hello")
    again = await deliver(service, stranger, "hello?")
    assert "<Message>" in first.text
    assert "<Message>" not in again.text


async def test_a_stranger_is_not_answered_where_no_text_should_go(service: Service) -> None:
    senders = ("+442079460998", "+447012345678", "+881612345678", "80818", "Vodafone")
    for sender, said in [("+447700900998", "STOP"), *((sender, "hello") for sender in senders)]:
        assert "<Message>" not in (await deliver(service, sender, said)).text


async def test_strangers_hear_the_languages_of_the_house_and_are_answered_so_often_a_day(
    service: Service,
) -> None:
    welsh, english = OpenDoor(("cy", "en"), "+442079460123"), OpenDoor(("en",), None)
    both = strangers.words([welsh])
    assert both.startswith("Mae'n ddrwg gennym")
    assert both.count("999") == 2
    assert "020 7946 0123" in both
    assert strangers.words([english]).startswith("Sorry")
    assert "call" not in strangers.words([english, english]), "of two banks, nobody knows which was meant"
    assert strangers.words([OpenDoor(("bn", "en"), None)]).startswith("দুঃখিত")
    async with service.database.transaction(None) as session:
        assert ("en",) in {door.languages[:1] for door in await open_doors(session)}
        what = f"test {uuid7()}"
        taken = [
            await notifications.claim_one_of(session, what, "day", 2, at=service.clock.at) for _ in range(4)
        ]
        assert taken == [True, True, False, False]


async def unsafe_phone(service: Service, who: str, **unsafe: Any) -> None:
    async with service.database.transaction(service.bank_id) as session:
        owner = await viewer.load(session, service.bank_id, service.ids[who])
        assert owner
        draft = ContactDraft(value=service.phones[who], **unsafe)
        await contacts.change(session, owner, owner.member_id, [draft], at=service.clock.at)


async def test_a_telephone_that_is_not_safe_to_text_gets_no_answer_and_a_person_reads_it(
    service: Service,
) -> None:
    assert await text(service, "Ben", "BALANCE"), "the control"
    await unsafe_phone(service, "Ben", may_write=False)
    await deliver(service, service.phones["Ben"], "BALANCE")
    assert await service.work() == []
    queue = (await service.call("Cora", "GET", "/queue")).json()
    assert [waiting["body"] for waiting in queue["texts"]] == ["BALANCE"]


async def test_an_answer_keeps_to_the_hours_that_its_owner_called_safe(service: Service) -> None:
    await unsafe_phone(service, "Ben", safe_from=time(14), safe_until=time(15))
    await deliver(service, service.phones["Ben"], "BALANCE")
    assert await service.work() == []
    service.clock.forward(hours=1.5)
    assert len(await service.work()) == 1


async def test_a_sign_in_code_is_not_sent_outside_the_hours_that_are_safe(service: Service) -> None:
    await unsafe_phone(service, "Ben", safe_from=time(14), safe_until=time(15))
    asked = {"contact": service.phones["Ben"]}
    for minutes, codes in ((0, 0), (90, 1)):
        service.clock.forward(minutes=minutes)
        assert (await service.call(None, "POST", "/sign-in/codes", json=asked)).status_code == 202
        assert len(await service.work()) == codes


async def test_a_text_that_trips_us_up_is_answered_and_a_person_reads_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def trips(*_: object) -> None:
        raise LookupError("something nobody thought of")

    monkeypatch.setitem(cast("dict[str, Any]", receiving.ACTS), "balance", trips)
    assert "can't be done by text" in await text(service, "Ben", "BALANCE")
    queue = (await service.call("Cora", "GET", "/queue")).json()
    assert [waiting["body"] for waiting in queue["texts"]] == ["BALANCE"]


async def test_an_hour_without_a_way_is_asked_about_and_the_answer_remembered(service: Service) -> None:
    await met(service)
    assert "did you give it or get it?" in await text(service, "Ben", "2 hrs gardening")
    assert (await newest(service))["state"] == "posted", "nothing is guessed"
    assert "Who was it with?" in await text(service, "Ben", "GAVE")
    assert "2 h with Ann" in await text(service, "Ben", "Ann")
    told_of = await newest(service)
    assert (told_of["direction"], told_of["minutes"], told_of["skill"]) == ("gave", 120, "gardening")
    service.clock.forward(minutes=1)
    await text(service, "Ben", "Ann 1h yesterday")
    await text(service, "Ben", "got it")
    told_of = await newest(service)
    assert (told_of["direction"], told_of["minutes"]) == ("received", 60)


async def test_who_gave_is_who_is_said_to_have_given(service: Service) -> None:
    await met(service)
    await text(service, "Ben", "Ann gave me 2h")
    assert (await newest(service))["direction"] == "received"


async def test_a_length_alone_corrects_the_one_hour_that_waits(service: Service) -> None:
    hours = await told(service, 120)
    assert "1 h with Ann" in await text(service, "Ben", "it was only 1h")
    shown = (await service.call("Ann", "GET", f"/hours/{hours['id']}")).json()
    assert (shown["minutes"], shown["waiting_for"]["name"]) == (60, "Ann")


async def test_i_cant_is_no_answer_to_whether_an_hour_is_right_and_thanks_asks_for_nobody(
    service: Service,
) -> None:
    hours = await told(service)
    assert await text(service, "Ben", "thank you x") == "You're welcome."
    assert (await service.call("Cora", "GET", "/queue")).json()["texts"] == []
    await text(service, "Ben", "sorry i can't")
    assert await state(service, hours["id"]) == "awaiting_confirmation"
    assert len((await service.call("Cora", "GET", "/queue")).json()["texts"]) == 1


async def test_of_two_banks_the_one_that_waits_hears_the_answer_and_the_oldest_the_rest(
    service: Service, another: Service
) -> None:
    async with service.database.transaction(another.bank_id) as session:
        admin = await viewer.load(session, another.bank_id, another.ids["admin"])
        assert admin
        same = ContactDraft(value=service.phones["Ben"])
        await contacts.change(session, admin, another.ids["Ann"], [same], at=another.clock.at)
    made = (await another.log("Ben", "gave", "Ann")).json()
    await another.work()
    assert await text(service, "Ben", "BALANCE")
    await deliver(service, service.phones["Ben"], "YES")
    assert await service.work() == []
    assert any("You said yes" in m["body"] for m in await another.work())
    assert (await another.call("Ben", "GET", f"/hours/{made['id']}")).json()["state"] == "posted"


async def test_stop_is_heard_before_the_next_message(service: Service) -> None:
    await deliver(service, service.phones["Ben"], "STOP")
    await service.log("Ann", "gave", "Ben")
    assert await service.work() == []
    await deliver(service, service.phones["Ben"], "START")
    await service.log("Ann", "gave", "Ben", 30)
    assert len(await service.work()) == 1


async def test_both_sides_are_told_when_a_coordinator_acts(service: Service) -> None:
    hours = await told(service)
    await service.call(
        "Cora", "POST", f"/hours/{hours['id']}/confirm", json={"evidence": "said on the phone"}
    )
    sent = await service.work()
    assert {m["to"] for m in sent} == {service.phones["Ann"], service.phones["Ben"]}
    await service.call("Cora", "POST", f"/hours/{hours['id']}/reverse", json={"reason": "twice"})
    assert len(await service.work()) == 2


async def test_reminders_leave_after_two_and_five_days(service: Service) -> None:
    await told(service)
    days = []
    for day in range(1, 10):
        service.clock.forward(days=1)
        days += [day] * len(await service.work())
    assert days == [2, 5]


async def met(service: Service) -> None:
    """Ann and Ben have exchanged before."""
    hours = await told(service)
    await service.call("Ben", "POST", f"/hours/{hours['id']}/confirm")
    await service.work()
    service.clock.forward(minutes=1)


async def newest(service: Service) -> dict:
    return (await service.call("Ben", "GET", "/hours?limit=1")).json()["items"][0]


async def test_an_hour_is_told_of_by_text(service: Service) -> None:
    await met(service)
    assert "Ann" in await text(service, "Ben", "gave Ann 2 hrs gardening")
    hours = await newest(service)
    assert (hours["direction"], hours["with"]["name"], hours["minutes"], hours["skill"]) == (
        "gave",
        "Ann",
        120,
        "gardening",
    )
    assert hours["state"] == "awaiting_confirmation"


async def test_what_a_text_leaves_out_is_asked_one_thing_at_a_time(service: Service) -> None:
    await met(service)
    asked = await text(service, "Ben", "got")
    assert asked == "Who was it with? Reply with their name.", (
        "whoever holds the phone reads no list of people"
    )
    assert "How long" in await text(service, "Ben", "Ann")
    await text(service, "Ben", "90 min")
    hours = await newest(service)
    assert (hours["direction"], hours["with"]["name"], hours["minutes"]) == ("received", "Ann", 90)


async def test_an_open_question_ends_with_any_other_text_and_after_a_day(service: Service) -> None:
    await met(service)
    await text(service, "Ben", "got 1h")
    await text(service, "Ben", "MENU")
    await text(service, "Ben", "1")
    await text(service, "Ben", "got 1h")
    service.clock.forward(hours=25)
    await text(service, "Ben", "1")
    assert (await newest(service))["state"] == "posted", "nothing new was told"


async def test_a_number_answers_the_question_which(service: Service) -> None:
    first, second = await told(service, 60), await told(service, 30)
    await text(service, "Ben", "no")
    await text(service, "Ben", second["reference"])
    assert (await state(service, first["id"]), await state(service, second["id"])) == (
        "awaiting_confirmation",
        "declined",
    )


async def test_a_text_changes_the_language_of_what_follows(service: Service) -> None:
    admin = {"languages": ["en", "cy", "bn"]}
    assert (await service.call("admin", "PATCH", "/policy", json=admin)).status_code == 200
    heard = await text(service, "Ben", "Cymraeg")
    assert "Gymraeg" in heard or "Cymraeg" in heard or "Diolch" in heard


async def test_who_asks_to_be_called_is_on_the_desk(service: Service) -> None:
    await text(service, "Ben", "CALL ME")
    assert [t["body"] for t in (await service.call("Cora", "GET", "/queue")).json()["texts"]] == ["CALL ME"]


async def test_an_hour_on_a_day_or_of_a_length_that_cannot_be_read_is_not_written_down(
    service: Service,
) -> None:
    await told(service)
    assert "not come yet" in await text(service, "Ann", "gave Ben 1h tomorrow")
    assert "could not read the day" in await text(service, "Ann", "gave Ben 1h on 31/2/2026")
    assert "How long" in await text(service, "Ann", "gave Ben -1h")
    assert "How long" in await text(service, "Ann", "0.33h")
    assert "Thank you: 1 h" in await text(service, "Ann", "1h")
    found = (await service.call("Ann", "GET", "/hours")).json()["items"]
    assert len(found) == 2, "the one that was there, and the one that could be read"
