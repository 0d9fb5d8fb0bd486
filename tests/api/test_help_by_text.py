"""Help by text: asked YES or NO, the first yes wins, a reminder, did it happen, does it still stand."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from api import announce
from exchange.appointments.tables import Appointment
from exchange.directory import reviews
from exchange.directory.tables import Listing
from exchange.membership import contacts, members, viewer
from exchange.membership.contacts import ContactDraft
from exchange.outbox import Event
from tests.api.conftest import Service
from tests.api.test_help_doors import asked, ring, wrote
from tests.api.test_texts import newest, share_anns_number, text


async def state_of(service: Service) -> str:
    async with service.database.transaction(service.bank_id) as session:
        return (await session.scalars(select(Appointment))).one().state


def to(service: Service, who: str, messages: list[dict[str, Any]]) -> list[str]:
    return [m["body"] for m in messages if m["to"] == service.phones[who]]


async def test_the_bulb_by_text_alone_from_asking_to_the_posted_hour(service: Service) -> None:
    """Seven texts in all: asked, yes, agreed, reminded, did it happen, yes, and the other side's yes."""
    made = await asked(service, "Cora", "Ann", "Cyd", on_behalf_of=str(service.ids["Ben"]))
    assert made.status_code == 201
    sent = await service.work()
    [question] = to(service, "Ann", sent)
    assert question.startswith("Ben asks: could you help? changing light bulbs, 30 min, Tue 19 May, 11:00.")
    assert "Their number" not in question
    assert service.phones["Ben"][-4:] not in question, "contacts are shared when both agreed"
    heard = await text(service, "Ann", "YES")
    assert "You said yes to Ben, Tue 19 May, 11:00" in heard
    assert service.phones["Ben"][-4:] in heard
    sent = service.messages()
    assert any("Somebody else can help this time" in m for m in to(service, "Cyd", sent))
    assert any(m.startswith("Agreed with Ann") for m in to(service, "Ben", sent))
    assert "Somebody else said yes first" in await text(service, "Cyd", "yes please")

    service.clock.forward(days=6, hours=1)
    reminders = await service.work()
    assert all(m["body"].startswith("A reminder: changing light bulbs") for m in reminders)
    assert len(reminders) == 2
    service.clock.forward(days=1, hours=3)
    questions = await service.work()
    assert [m["body"].split("?")[0] for m in questions] == ["Did it happen"] * 2
    assert "40 min with Ben" in await text(service, "Ann", "40 min")
    assert "You said yes to 40 min with Ann" in await text(service, "Ben", "YES")
    hours = await newest(service)
    assert (hours["state"], hours["minutes"], hours["skill"]) == ("posted", 40, "Changing light bulbs")
    assert await state_of(service) == "happened"


async def test_no_is_fine_and_the_one_who_asked_hears_when_nobody_is_left(service: Service) -> None:
    await asked(service, "Ben", "Ann", "Cyd")
    await service.work()
    assert "That is fine" in await text(service, "Ann", "NO")
    assert not any("Nobody" in m for m in to(service, "Ben", service.messages()))
    await text(service, "Cyd", "no sorry")
    assert any("Nobody could say yes yet" in m for m in to(service, "Ben", service.messages()))


async def test_several_things_that_wait_are_told_apart_by_their_numbers(service: Service) -> None:
    first = (await asked(service, "Ben", "Ann")).json()["id"]
    await asked(service, "Cyd", "Ann", skill="guitar")
    sent = to(service, "Ann", await service.work())
    listed = await text(service, "Ann", "YES")
    assert listed.startswith("Which one?")
    number = next(m for m in sent if m.startswith("Ben")).partition("YES ")[2].split()[0]
    assert number in listed
    await text(service, "Ann", number)
    shown = (await service.call("Ben", "GET", f"/appointments/{first}")).json()
    assert shown["state"] == "agreed"


async def test_another_time_is_agreed_by_text_and_a_no_goes_to_a_person(service: Service) -> None:
    key = (await asked(service, "Ben", "Ann")).json()["id"]
    await service.work()
    await text(service, "Ann", "YES")
    later = {"starts_at": "2026-05-20T10:00:00Z"}
    await service.call("Ben", "POST", f"/appointments/{key}/move", json=later)
    assert any(
        "asks for another time: Wed 20 May, 11:00" in m for m in to(service, "Ann", await service.work())
    )
    assert "A person will read it" in await text(service, "Ann", "NO")
    assert await state_of(service) == "moved"
    await text(service, "Ann", "YES")
    assert await state_of(service) == "agreed"


async def test_it_did_not_happen(service: Service) -> None:
    await asked(service, "Ben", "Ann")
    await service.work()
    await text(service, "Ann", "YES")
    service.clock.forward(days=8)
    await service.work()
    assert "find another time" in await text(service, "Ben", "NO")
    assert await state_of(service) == "did_not_happen"


async def test_does_it_still_stand_is_answered_with_yes_or_no(service: Service) -> None:
    offer = await wrote(service, "Ann", "offer", "I play the guitar", review_on="2026-05-15")
    service.clock.forward(days=3)
    [question] = to(service, "Ann", await service.work())
    assert "an offer of yours (guitar). Does that still stand?" in question
    assert reviews.reference(_key(offer)) in question
    assert await text(service, "Ann", "YES") == "Thank you. It stays as it is."
    service.clock.forward(days=200)
    await service.work()
    assert "taken it down" in await text(service, "Ann", f"NO {reviews.reference(_key(offer))}")
    async with service.database.transaction(service.bank_id) as session:
        assert (await session.get_one(Listing, (service.bank_id, _key(offer)))).state == "closed"


def _key(listing: dict[str, Any]) -> UUID:
    return UUID(listing["id"])


async def test_a_circle_waits_for_both_sides(service: Service) -> None:
    await ring(service)
    [circle] = (await service.call("Cora", "POST", "/circles")).json()["items"]
    await service.call("Cora", "POST", f"/circles/{circle['id']}/accept")
    sent = to(service, "Ann", await service.work())
    assert len(sent) == 2
    to_give = next(m for m in sent if "asks: could you help?" in m)
    number = to_give.partition("YES ")[2].split()[0]
    assert "as soon as the other person" in await text(service, "Ann", f"YES {number}")


async def test_a_shared_telephone_does_not_answer_for_both(service: Service) -> None:
    await share_anns_number(service)
    key = (await asked(service, "Ann", "Abe")).json()["id"]
    await service.work()
    assert "can't be done by text from this number" in await text(service, "Ann", "YES")
    shown = (await service.call("Ann", "GET", f"/appointments/{key}")).json()
    assert shown["state"] == "asked"


async def test_a_yes_to_two_things_at_once_is_said_kindly(service: Service) -> None:
    for n in range(2):
        made = await asked(service, "Ben" if n else "Cyd", "Ann")
        assert made.status_code == 201
        await service.work()
        answer = await text(service, "Ann", "YES")
        assert ("something else then" in answer) == bool(n), "the control: the first is only agreed"
    shown = (await service.call("Ann", "GET", f"/appointments/{made.json()['id']}")).json()
    assert shown["clashes"] == ["Ann"]


async def test_a_kind_of_help_that_tells_too_much_is_not_in_a_text(service: Service) -> None:
    for telling in ("personal_care", "moving_house"):
        await asked(service, "Cora", "Ann", on_behalf_of=str(service.ids["Ben"]), skill=telling)
        [question] = to(service, "Ann", await service.work())
        assert "some help, 30 min" in question


async def test_a_call_in_welsh_is_explained_in_the_coordinators_own_words(service: Service) -> None:
    async with service.database.transaction(service.bank_id) as session:
        admin = await viewer.load(session, service.bank_id, service.ids["admin"])
        assert admin
        rung = ContactDraft(value="01632 960123", language="cy")
        await contacts.change(session, admin, service.ids["Ann"], [rung], at=service.clock.at)
    await asked(service, "Cora", "Ann", on_behalf_of=str(service.ids["Ben"]))
    await service.work()
    said = [call["say"] for call in (await service.call("Cora", "GET", "/queue")).json()["calls"]]
    [script] = [say for say in said if "30 mun" in say]
    assert "changing light bulbs, 30 min, Tue 19 May" in script.partition("That means:")[2]


async def test_a_discreet_telephone_reads_no_name_and_no_number(service: Service) -> None:
    async with service.database.transaction(service.bank_id) as session:
        admin = await viewer.load(session, service.bank_id, service.ids["admin"])
        assert admin
        quiet = ContactDraft(value=service.phones["Ann"], is_discreet=True)
        await contacts.change(session, admin, service.ids["Ann"], [quiet], at=service.clock.at)
    await asked(service, "Ben", "Ann")
    [question] = to(service, "Ann", await service.work())
    assert "Ben" not in question
    assert "bulb" not in question
    assert await text(service, "Ann", "YES") == "Thank you! Tue 19 May, 11:00: agreed."


async def test_an_e_mail_brings_it_into_the_calendar_and_takes_it_out(service: Service) -> None:
    async with service.database.transaction(service.bank_id) as session:
        admin = await viewer.load(session, service.bank_id, service.ids["admin"])
        assert admin
        await contacts.change(
            session, admin, service.ids["Ann"], [ContactDraft(value="ann@example.org")], at=service.clock.at
        )
        await members.change(session, admin, service.ids["Ann"], {"preferred_channel": "email"})
    key = (await asked(service, "Ben", "Ann")).json()["id"]
    await service.work()
    await service.call("Ann", "POST", f"/appointments/{key}/agree")
    [invited] = [m for m in await service.work() if m["to"] == "ann@example.org"]
    assert invited["body"].startswith("It is agreed with Ben"), "whoever said yes gets the invitation too"
    await service.call("Ben", "POST", f"/appointments/{key}/cancel")
    [off] = [m for m in await service.work() if m["to"] == "ann@example.org"]
    assert off["body"].startswith("It was called off")
    attached = await _attachments(service)
    assert [b"METHOD:REQUEST" in one for one in attached] == [True, False]
    assert b"METHOD:CANCEL" in attached[1]
    assert b"DTSTART:20260519T100000Z" in attached[0]
    assert not [one for one in attached if b"Ben" in one or b"bulb" in one.lower()]


async def _attachments(service: Service) -> list[bytes]:
    """The calendar files of this bank's messages; made again, since a delivered message forgets its own."""
    async with service.database.transaction(service.bank_id) as session:
        rows = await session.scalars(
            select(Event).where(Event.kind.in_(("appointment.agreed", "appointment.cancelled")))  # type: ignore[attr-defined]
        )
        found = [
            n for e in sorted(rows, key=lambda e: e.event_id) for n in await announce.notices(session, e)
        ]
    return [n.attachment.content for n in found if n.attachment]
