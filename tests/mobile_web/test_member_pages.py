"""What a member does without a script: tell, say yes, say something else, say no, read, choose."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from api.database import Database
from exchange.hours import verbs
from exchange.hours.tables import Hours
from exchange.membership import members, organisations
from exchange.outbox import Event
from mobile_web import words

Person = Callable[[str], Any]


async def code_sent(database: Database, street: Any) -> str:
    """The digits of the latest code, as its owner would read them."""
    async with database.transaction(street.bank_id) as session:
        events = (await session.scalars(select(Event).order_by(Event.event_id))).all()  # type: ignore[arg-type]
    return str([e.payload["secret"] for e in events if e.kind == "sign_in.code_requested"][-1])


def first_contact(page: str) -> str:
    """What stands in the first field of the page about contacts."""
    field = re.search(r'<input[^>]*name="value_0"[^>]*>', page)
    value = re.search(r'value="([^"]+)"', field.group(0)) if field else None
    assert value is not None
    return value.group(1)


async def hours_of(database: Database, street: Any) -> list[Hours]:
    async with database.transaction(street.bank_id) as session:
        return list((await session.scalars(select(Hours))).all())


async def tell(pages: Any, street: Any, who: str, **more: str) -> Any:
    query = {"with": str(street[who].member_id), "direction": "gave", "minutes": "60", "day": "today"} | more
    look = await pages.client.get("/hours/new", params=query)
    return await pages.press(look, "/hours")


async def test_an_hour_is_told_confirmed_and_stands_in_both_statements(
    as_person: Person, street: Any, database: Database
) -> None:
    ann, ben = as_person("Ann"), as_person("Ben")
    thanks = await tell(ann, street, "Ben")
    assert "We're asking Ben" in thanks.text
    home = await ben.get("/")
    assert "Ann gave you 1\xa0h" in home.text
    (hours,) = await hours_of(database, street)
    done = await ben.press(home, f"/hours/{hours.hours_id}/confirm")
    assert "Added to your hours" in done.text
    assert "−1\xa0h" in (await ben.get("/statement")).text
    assert "+1\xa0h" in (await ann.get("/statement")).text


async def test_a_yes_is_to_the_time_that_its_page_showed(
    as_person: Person, street: Any, database: Database
) -> None:
    """A page left open while the two named other times to each other says yes to none of them."""
    await tell(as_person("Ann"), street, "Ben")
    (hours,) = await hours_of(database, street)
    ben, yes = as_person("Ben"), f"/hours/{hours.hours_id}/confirm"
    left_open = await ben.get("/")
    async with database.transaction(street.bank_id) as session:
        for who, minutes in (("Ben", 30), ("Ann", 45)):
            await verbs.confirm(session, street[who], hours.hours_id, minutes=minutes, at=street.at)
    stale = await ben.press(left_open, yes)
    assert stale.status_code == 422
    assert "changed since" in stale.text
    assert [one.state for one in await hours_of(database, street)] == ["awaiting_confirmation"]
    for _ in range(2):
        assert "Added to your hours" in (await ben.press(stale, yes)).text
    assert [(one.state, one.minutes) for one in await hours_of(database, street)] == [("posted", 45)]


async def test_pressing_send_twice_tells_one_hour(as_person: Person, street: Any, database: Database) -> None:
    ann = as_person("Ann")
    look = await ann.get(f"/hours/new?with={street['Ben'].member_id}&direction=gave&minutes=60&day=today")
    for _ in range(2):
        assert (await ann.press(look, "/hours")).status_code == 200
    assert len(await hours_of(database, street)) == 1


async def test_each_question_stands_on_a_page_of_its_own(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    so_far = f"/hours/new?with={street['Ben'].member_id}"
    assert "Who was it with?" in (await ann.get("/hours/new")).text
    assert "Who gave the time?" in (await ann.get(so_far)).text
    assert "How long did it take?" in (await ann.get(f"{so_far}&direction=gave")).text
    assert "Which day was it?" in (await ann.get(f"{so_far}&direction=gave&minutes=60")).text
    assert "Is this right?" in (await ann.get(f"{so_far}&direction=gave&minutes=60&day=today")).text


WRONG_ANSWERS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("minutes", {"minutes": "other", "other_minutes": "0"}, "whole minutes"),
    ("minutes", {"minutes": "other", "other_hours": "25"}, "whole minutes"),
    ("minutes", {"minutes": "-5"}, "whole minutes"),
    ("minutes", {"minutes": "1.5"}, "whole minutes"),
    ("minutes", {}, "Choose how long"),
    ("day", {"day": "other", "done_on": "2026-05-13"}, "not come yet"),
    ("day", {"day": "other", "done_on": "2020-01-01"}, "longer ago"),
    ("day", {"day": "other", "done_on": "the other day"}, "Choose the day"),
    ("direction", {"direction": "sideways"}, "Choose who gave"),
)


async def test_a_wrong_answer_gets_a_sentence_beside_its_field(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    good = {"with": str(street["Ben"].member_id), "direction": "gave", "minutes": "60", "day": "today"}
    for asked, wrong, said in WRONG_ANSWERS:
        given = {name: value for name, value in good.items() if name != asked} | wrong
        reply = await ann.client.get("/hours/new", params=given | {"asked": asked})
        assert reply.status_code == 422, wrong
        assert said in reply.text
        assert 'class="summary"' in reply.text
        assert re.search(r'class="error" id="e-', reply.text)


async def test_an_answer_refused_at_the_end_is_asked_again_and_nothing_written_is_lost(
    as_person: Person, street: Any, database: Database
) -> None:
    ann = as_person("Ann")
    look = await ann.get(f"/hours/new?with={street['Ben'].member_id}&direction=gave&minutes=60&day=today")
    written = {"skill": "Roses", "note": "The pink ones", "is_at_home": "yes"}
    asked = await ann.press(look, "/hours", minutes="1500", **written)
    assert asked.status_code == 422
    assert "whole minutes" in asked.text
    assert "pink" not in str(asked.url), "a note is never in an address"
    wrong = await ann.press(asked, "/hours/again", minutes="other", other_hours="25")
    assert wrong.status_code == 422
    again = await ann.press(wrong, "/hours/again", minutes="90")
    assert "Is this right?" in again.text
    assert "The pink ones</textarea>" in again.text
    assert 'name="is_at_home" value="yes" checked' in again.text
    shown = {"note": "The pink ones", "is_at_home": "yes"}
    assert (await ann.press(again, "/hours", **shown)).status_code == 200
    (hours,) = await hours_of(database, street)
    kept = (hours.minutes, hours.skill, hours.note, hours.is_at_home)
    assert kept == (90, "Roses", "The pink ones", True)
    assert re.search(rf'name="id" value="{hours.hours_id}"', look.text), "the id that the form had at first"


async def test_somebody_who_cannot_be_chosen_any_more_loses_nothing_that_was_written(
    as_person: Person, street: Any, database: Database
) -> None:
    ann = as_person("Ann")
    look = await ann.get(f"/hours/new?with={street['Ben'].member_id}&direction=gave&minutes=60&day=today")
    asked = await ann.press(look, "/hours", **{"with": str(street["Ann"].member_id)}, note="The pink ones")
    assert asked.status_code == 422
    await listed(database, street, "Cyd")
    found = await ann.press(asked, "/hours/again", q="cyd")
    again = await ann.press(found, "/hours/again", **{"with": str(street["Cyd"].member_id), "q": ""})
    assert "The pink ones</textarea>" in again.text
    await ann.press(again, "/hours", note="The pink ones")
    (hours,) = await hours_of(database, street)
    assert hours.receiver_id == street["Cyd"].member_id


async def listed(database: Database, street: Any, name: str) -> None:
    async with database.transaction(street.bank_id) as session:
        key = street[name].member_id
        await members.change(session, street[name], key, {"is_listed": True})


async def test_a_number_of_ones_own_is_used_when_its_code_was_typed(
    as_person: Person, street: Any, database: Database
) -> None:
    ann = as_person("Ann")
    page = await ann.get("/settings/contacts")
    new = {"value_1": "07700 900321", "may_write_1": "yes"}
    asked = await ann.press(page, "/settings/contacts", value_0=first_contact(page.text), **new)
    assert "Is it yours?" in asked.text
    prove = str(asked.url.path)
    code = await code_sent(database, street)
    wrong = await ann.press(asked, prove, code="000000" if code != "000000" else "111111")
    assert wrong.status_code == 422
    assert "Type the code we sent there" in (await ann.get("/settings")).text
    assert "Saved." in (await ann.press(wrong, prove, code=code)).text
    assert "Type the code we sent there" not in (await ann.get("/settings")).text


async def test_the_only_number_we_know_is_not_taken_away_for_one_we_do_not(
    as_person: Person, street: Any
) -> None:
    ann = as_person("Ann")
    page = await ann.get("/settings/contacts")
    reply = await ann.press(page, "/settings/contacts", value_0="07700 900322", may_write_0="yes")
    assert reply.status_code == 422
    assert "Keep one that we know" in reply.text


async def test_other_minutes_go_back_to_the_one_who_told(
    as_person: Person, street: Any, database: Database
) -> None:
    ann, ben = as_person("Ann"), as_person("Ben")
    await tell(ann, street, "Ben")
    (hours,) = await hours_of(database, street)
    page = await ben.get(f"/hours/{hours.hours_id}/other")
    action = f"/hours/{hours.hours_id}/confirm"
    wrong = await ben.press(page, action, minutes="other", other_hours="x")
    assert wrong.status_code == 422
    assert 'value="x"' in wrong.text
    await ben.press(page, action, minutes="other", other_hours="1", other_minutes="15")
    assert "Ben gave" not in (await ann.get("/")).text
    assert "You gave Ben 1\xa0h\xa015\xa0min" in (await ann.get("/")).text


async def test_a_reason_for_no_is_never_shown_to_the_other_side(
    as_person: Person, street: Any, database: Database
) -> None:
    ann, ben = as_person("Ann"), as_person("Ben")
    await tell(ann, street, "Ben")
    (hours,) = await hours_of(database, street)
    page = await ben.get(f"/hours/{hours.hours_id}/no")
    await ben.press(page, f"/hours/{hours.hours_id}/decline", reason="She never came")
    seen_by_ann = (await ann.get(f"/hours/{hours.hours_id}")).text
    assert "Ben remembers it differently" in seen_by_ann
    assert "She never came" not in seen_by_ann


async def test_another_banks_hours_are_not_found(as_person: Person, street: Any) -> None:
    reply = await as_person("Ann").get(f"/hours/{UUID(int=7)}")
    assert reply.status_code == 404
    assert "We can&#39;t find that" in reply.text


async def test_contacts_keep_what_is_safe(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    page = await ann.get("/settings/contacts")
    saved = await ann.press(
        page,
        "/settings/contacts",
        value_0=first_contact(page.text),
        is_discreet_0="yes",
        safe_from_0="09:00",
        safe_until_0="17:30",
    )
    assert "Saved." in saved.text
    again = (await ann.get("/settings/contacts")).text
    assert 'name="is_discreet_0" value="yes" checked' in again
    assert re.search(r'name="may_write_0" value="yes"(?! checked)', again)
    assert 'value="09:00"' in again


async def test_safe_hours_as_people_write_them_and_an_address_for_letters(
    as_person: Person, street: Any
) -> None:
    ann = as_person("Ann")
    page = await ann.get("/settings/contacts")
    answers = {"value_0": first_contact(page.text), "value_2": "3 Park Road", "may_post_2": "yes"}
    unread = await ann.press(
        page, "/settings/contacts", **answers, safe_from_0="when he is out", safe_until_0="9pm"
    )
    assert unread.status_code == 422
    assert 'id="e-safe_from_0"' in unread.text
    assert 'value="when he is out"' in unread.text
    await ann.press(page, "/settings/contacts", **answers, safe_from_0="6.30 PM", safe_until_0="9pm")
    kept = (await ann.get("/settings/contacts")).text
    assert 'value="18:30"' in kept
    assert 'value="21:00"' in kept
    assert re.search(r'name="may_post_1" value="yes" checked', kept)


async def test_a_number_that_is_not_one_keeps_the_answers(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    page = await ann.get("/settings/contacts")
    reply = await ann.press(page, "/settings/contacts", value_0="123", is_discreet_0="yes")
    assert reply.status_code == 422
    assert 'value="123"' in reply.text
    assert 'id="e-value_0"' in reply.text


async def test_the_members_language_is_the_pages(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    page = await ann.get("/settings/about")
    await ann.press(page, "/settings/about", name="Ann", language="en", channel="sms")
    assert '<html lang="en"' in (await ann.get("/")).text


async def test_the_parts_of_a_balance_add_up(as_person: Person, street: Any, database: Database) -> None:
    ann, ben = as_person("Ann"), as_person("Ben")
    await tell(ann, street, "Ben", minutes="120")
    (hours,) = await hours_of(database, street)
    await ben.press(await ben.get("/"), f"/hours/{hours.hours_id}/confirm")
    gift = await ann.get(f"/gifts/new?to={street['Ben'].member_id}")
    for _ in range(2):
        await ann.press(gift, "/gifts", minutes="30")
    shown = (await ann.get("/statement")).text.replace("\xa0", " ")
    for part in ("Given 2 h", "Had 0 min", "Gifts −30 min", "Balance 1 h 30 min"):
        assert part in shown


async def test_a_gift_of_more_than_one_has_keeps_the_answer(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    page = await ann.get(f"/gifts/new?to={street['Ben'].member_id}")
    reply = await ann.press(page, "/gifts", minutes="other", other_hours="3", note="Thank you")
    assert reply.status_code == 422
    assert "have that many hours" in reply.text
    assert 'value="Thank you"' in reply.text


async def test_who_speaks_for_an_organisation_tells_its_hours(
    as_person: Person, street: Any, database: Database
) -> None:
    async with database.transaction(street.bank_id) as session:
        await organisations.represent(
            session, street["admin"], street.organisation_id, street["Ann"].member_id
        )
    ann = as_person("Ann")
    await tell(ann, street, "Ben", on_behalf_of="")
    look = await ann.get(f"/hours/new?with={street['Cyd'].member_id}&direction=gave&minutes=30&day=today")
    assert "Whose hour is it?" in look.text
    await ann.press(look, "/hours", on_behalf_of=str(street.organisation_id))
    givers = {hours.minutes: hours.giver_id for hours in await hours_of(database, street)}
    assert givers == {60: street["Ann"].member_id, 30: street.organisation_id}
    theirs = await ann.get(f"/hours?of={street.organisation_id}")
    assert "Cyd" in theirs.text


async def test_nobody_tells_for_an_organisation_that_is_not_theirs(
    as_person: Person, street: Any, database: Database
) -> None:
    ben = as_person("Ben")
    look = await ben.get(f"/hours/new?with={street['Cyd'].member_id}&direction=gave&minutes=30&day=today")
    await ben.press(look, "/hours", on_behalf_of=str(street.organisation_id))
    (hours,) = await hours_of(database, street)
    assert hours.giver_id == street["Ben"].member_id


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("+447700900123", "07700 900123"),
        ("+442079460113", "020 7946 0113"),
        ("+353861234567", "+353 86 123 4567"),
        ("ann@example.org", "ann@example.org"),
        ("12 Lantern Street", "12 Lantern Street"),
    ],
)
def test_numbers_are_shown_as_people_write_them(kept: str, shown: str) -> None:
    assert words.telephone(kept) == shown
