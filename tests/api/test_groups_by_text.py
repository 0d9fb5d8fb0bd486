"""What's on, a place, and an ask by text, in three languages; and what is said when nobody is there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

import notifications
from exchange.activities.tables import Place
from exchange.directory.tables import Listing
from exchange.membership import contacts, members, viewer
from exchange.membership.contacts import ContactDraft
from tests.api.conftest import Service
from tests.api.test_groups_door import a_group
from tests.api.test_texts import share_anns_number, text

DANGER = "We may not see this. In danger, ring 999"


async def places(service: Service) -> list[str]:
    async with service.database.transaction(service.bank_id) as session:
        rows = await session.scalars(
            select(col(Place.state)).where(col(Place.bank_id) == service.bank_id).order_by(col(Place.turn))
        )
        return list(rows.all())


async def asks(service: Service) -> list[Listing]:
    async with service.database.transaction(service.bank_id) as session:
        return list(await session.scalars(select(Listing).where(col(Listing.bank_id) == service.bank_id)))


async def on_the_desk(service: Service) -> list[str]:
    async with service.database.transaction(service.bank_id) as session:
        return [unread.body for unread in await notifications.unread_texts(session, service.bank_id)]


async def speaks(service: Service, who: str, language: str) -> None:
    admin = {"languages": ["en", "cy", "bn"]}
    assert (await service.call("admin", "PATCH", "/policy", json=admin)).status_code == 200
    path = f"/members/{service.ids[who]}"
    assert (await service.call(who, "PATCH", path, json={"language": language})).status_code == 200


async def test_whats_on_says_when_and_what_kind_and_no_groups_name(service: Service) -> None:
    assert "Nothing is in the calendar" in await text(service, "Ann", "what's on?")
    await a_group(service, title="Sewing circle", first_on="2026-05-14")
    await a_group(service, title="Bereavement walk", first_on="2026-05-15")
    heard = await text(service, "Ann", "WHATS ON")
    assert "1 Thu 14 May 13:00 sewing and mending" in heard
    assert "2 Fri 15 May 13:00 get-together" in heard
    for telling in ("circle", "Bereave", "walk", "listen"):
        assert telling not in heard


async def test_a_place_is_booked_by_its_number_and_given_up(service: Service) -> None:
    await a_group(service, first_on="2026-05-14", repeats="once")
    await a_group(service, first_on="2026-05-15", repeats="once")
    asked = await text(service, "Ann", "book")
    assert asked.startswith("Which one?")
    assert "You have a place: Fri 15 May, 13:00" in await text(service, "Ann", "BOOK 2")
    assert "You have a place: Fri 15 May" in await text(service, "Ann", "book friday"), "a repeat is harmless"
    assert await places(service) == ["booked"]
    assert "Your place is free" in await text(service, "Ann", "leave")
    assert await places(service) == ["left"]
    assert "no place that you could give up" in await text(service, "Ann", "leave")


async def test_a_full_one_is_waited_for_and_a_bare_number_answers(service: Service) -> None:
    await a_group(service, places=1, repeats="once", first_on="2026-05-14")
    await text(service, "Ann", "book")
    assert "It is full: Thu 14 May" in await text(service, "Ben", "BOOK 1")
    await text(service, "Ann", "LEAVE")
    assert await places(service) == ["left", "booked"]
    assert any("it is yours" in m["body"] for m in service.messages() if m["to"] == service.phones["Ben"])


async def test_leaving_that_may_mean_agreed_help_or_another_day_is_for_a_person(service: Service) -> None:
    await a_group(service, first_on="2026-05-14", repeats="once")
    await text(service, "Ann", "book")
    assert "A person will read it" in await text(service, "Ann", "can't come monday")
    assert await places(service) == ["booked"]
    assert await on_the_desk(service) == ["can't come monday"]


@pytest.mark.parametrize(
    ("language", "book", "leave", "heard"),
    [("cy", "bwcio", "gadael", "Mae gennych le"), ("bn", "book koro", "ashbo na", "আপনার জায়গা আছে")],
)
async def test_places_in_welsh_and_bengali(
    service: Service, language: str, book: str, leave: str, heard: str
) -> None:
    await speaks(service, "Ann", language)
    await a_group(service, first_on="2026-05-14", repeats="once")
    assert heard in await text(service, "Ann", book)
    await text(service, "Ann", leave)
    assert await places(service) == ["left"]


async def test_a_shared_telephone_books_nothing(service: Service) -> None:
    await a_group(service, first_on="2026-05-14")
    await share_anns_number(service)
    for said in ("book", "leave", "need lift tues 10am"):
        assert "can't be done by text from this number" in await text(service, "Ann", said)
    assert await places(service) == []
    assert await asks(service) == []


@pytest.mark.parametrize(
    ("language", "said", "heard"),
    [
        ("en", "need lift tues 10am", "some help, Tue 19 May, 10:00"),
        ("cy", "angen lifft i'r siop dydd Mawrth 10am", "Maw 19 Mai, 10:00"),
        ("bn", "মঙ্গলবার সকাল ১০টায় গাড়ি লাগবে", "মঙ্গল"),
    ],
)
async def test_a_need_becomes_an_ask_for_a_day(
    service: Service, language: str, said: str, heard: str
) -> None:
    await speaks(service, "Ann", language)
    answer = await text(service, "Ann", said)
    assert heard in answer
    [made] = await asks(service)
    assert (made.kind, made.description, made.party_id) == ("request", said, service.ids["Ann"])
    assert (made.starts_on, made.ends_on) == ((day := service.clock.at.date() + timedelta(days=7)), day)
    assert made.times == 1 << 3, "Tuesday morning"
    assert made.is_unsure or made.skills == ["lifts"], "what is not surely a lift is looked at"
    assert await on_the_desk(service) == [said], "somebody looks for a helper"
    assert said not in answer, "what was typed is not texted on"


async def test_a_need_without_words_is_asked_about_once(service: Service) -> None:
    assert (await text(service, "Ann", "NEED")).startswith("What do you need")
    await text(service, "Ann", "somebody to change a bulb on Friday")
    [made] = await asks(service)
    assert (made.description, made.skills) == ("somebody to change a bulb on Friday", ["light_bulbs"])
    assert (await text(service, "Ann", "need")).startswith("What do you need")
    assert "ring 999" in await text(service, "Ann", "i want to die")
    assert len(await asks(service)) == 1, "a cry for help is no ask"


@pytest.mark.parametrize("said", ["qwertyuiop zxcvb", "CALL ME", "need lift tues 10am", "can't come monday"])
async def test_out_of_hours_the_answer_names_whom_to_call_and_999(service: Service, said: str) -> None:
    number = {"telephone": "020 7946 0123"}
    assert (await service.call("admin", "PATCH", "/policy", json=number)).status_code == 200
    service.clock.forward(hours=10)
    if "come" in said:
        await a_group(service, first_on="2026-05-14", repeats="once")
        await text(service, "Ann", "book")
    answer = await text(service, "Ann", said)
    assert DANGER in answer
    assert "020 7946 0123" in answer


async def test_in_hours_what_is_not_understood_says_so_too(service: Service) -> None:
    assert DANGER in await text(service, "Ann", "qwertyuiop zxcvb")
    assert "Added" not in await text(service, "Ann", "BALANCE"), "the control: what is understood is answered"


async def test_safe_contact_forbids_the_words_that_tell(service: Service) -> None:
    async with service.database.transaction(service.bank_id) as session:
        ann = await viewer.load(session, service.bank_id, service.ids["Ann"])
        assert ann
        quiet = ContactDraft(value=service.phones["Ann"], is_discreet=True)
        await contacts.change(session, ann, ann.member_id, [quiet], at=service.clock.at)
    service.clock.forward(hours=10)
    await a_group(service, first_on="2026-05-14")
    for said in ("qwertyuiop zxcvb", "CALL ME", "need lift tues 10am", "what's on", "book", "i am scared"):
        answer = await text(service, "Ann", said)
        assert "999" not in answer
        assert not re.search(r"lift|driving|danger|\d\d:\d\d gard", answer)


async def test_an_alarm_beside_a_yes_is_answered_by_the_alarm(service: Service) -> None:
    hours = (await service.log("Ann", "gave", "Ben")).json()
    await service.work()
    assert "999" in await text(service, "Ben", "yes he hurt me")
    shown = (await service.call("Ann", "GET", f"/hours/{hours['id']}")).json()
    assert shown["state"] == "posted"
    assert await on_the_desk(service) == ["yes he hurt me"]


async def test_a_text_calls_an_organisation_what_tells_nothing(service: Service) -> None:
    async def heard(**organisation: Any) -> str:
        key = str(service.organisation_id)
        path = f"/organisations/{key}/text-name"
        assert (await service.call("Cora", "PUT", path, json=organisation)).status_code == 204
        told = {"direction": "received", "with": key, "minutes": 60, "done_on": "2026-05-11"}
        made = await service.call("Ann", "POST", "/hours", json=told)
        assert made.status_code == 201, made.text
        answer = await service.call(
            "Cora", "POST", f"/hours/{made.json()['id']}/confirm", json={"evidence": "rang"}
        )
        assert answer.status_code == 200, answer.text
        sent = [m["body"] for m in await service.work() if m["to"] == service.phones["Ann"]]
        return " ".join(sent)

    unnamed = await heard(text_name=None)
    assert "a local group" in unnamed
    assert "Day centre" not in unnamed
    named = await heard(text_name="Holm Road")
    assert "Holm Road" in named
    assert "Day centre" not in named


async def test_a_language_change_speaks_to_that_number_at_once(service: Service) -> None:
    await speaks(service, "Ben", "en")
    async with service.database.transaction(service.bank_id) as session:
        ben = await viewer.load(session, service.bank_id, service.ids["Ben"])
        assert ben
        [mine] = await contacts.of_member(session, service.bank_id, ben.member_id)
        mine.language = "en"
        await members.change(session, ben, ben.member_id, {"language": "bn"})
    assert "Gymraeg" in await text(service, "Ben", "Cymraeg")
    await service.log("Ann", "gave", "Ben")
    assert [m["language"] for m in await service.work()] == ["cy"]
