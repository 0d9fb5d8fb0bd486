"""What a coordinator does: decide, write down a spoken yes, act for somebody, welcome, give, set policy."""

from collections.abc import Callable
from datetime import time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

import notifications
from api.database import Database
from exchange.hours import gifts, log, read, steps, verbs
from exchange.hours.tables import Hours
from exchange.membership import banks, contacts, members, organisations
from exchange.membership.contacts import ContactDraft
from exchange.membership.members import NewMember
from notifications import Address, Notice, Policy
from tests.small_bank import gave

Person = Callable[[str], Any]


@pytest.fixture
def cora(as_person: Person) -> Any:
    return as_person("Cora")


async def told(database: Database, street: Any, minutes: int = 60, *, is_confirmed: bool = False) -> UUID:
    """Ann says she gave Ben time; Ben may have said yes."""
    async with database.transaction(street.bank_id) as session:
        hours = await log.log(session, street["Ann"], gave(street["Ben"], minutes), at=street.at)
        if is_confirmed:
            await verbs.confirm(session, street["Ben"], hours.hours_id, at=street.at)
    return hours.hours_id


async def rules(database: Database, street: Any, **kinds: tuple[int, int]) -> None:
    async with database.transaction(street.bank_id) as session:
        await banks.set_approval_rules(session, street["admin"], kinds)


async def state_of(database: Database, street: Any, hours_id: UUID) -> str:
    async with database.transaction(street.bank_id) as session:
        return (await session.get_one(Hours, (street.bank_id, hours_id))).state


async def balance_of(database: Database, street: Any, party_id: UUID) -> int:
    async with database.transaction(street.bank_id) as session:
        return (await read.statement(session, street["admin"], party_id=party_id)).balance_minutes


async def test_hours_that_need_a_look_are_approved_from_the_queue(
    cora: Any, street: Any, database: Database
) -> None:
    await rules(database, street, over_minutes=(30, 30))
    hours_id = await told(database, street, is_confirmed=True)
    queue = await cora.get("/desk")
    assert "Longer than usual" in queue.text
    done = await cora.press(queue, f"/desk/hours/{hours_id}/approve")
    assert "Done" in done.text
    assert await state_of(database, street, hours_id) == "posted"


async def test_help_already_given_is_covered_from_the_pot(cora: Any, street: Any, database: Database) -> None:
    async with database.transaction(street.bank_id) as session:
        hours = await log.log(session, street["Cyd"], gave(street.organisation_id, 600), at=street.at)
        assert hours.state == "awaiting_confirmation"
        await banks.set_policy(session, street["admin"], {"floor_minutes": -600})
    hours_id = await told(database, street, 660, is_confirmed=True)
    page = await cora.get(f"/desk/hours/{hours_id}")
    assert "lacks 1\xa0h" in page.text
    poor = await cora.press(page, f"/desk/hours/{hours_id}/approve", floor="pot")
    assert poor.status_code == 422
    assert "community pot doesn" in poor.text
    await cora.press(page, f"/desk/hours/{hours_id}/approve", floor="raise")
    assert await state_of(database, street, hours_id) == "posted"


async def test_help_that_was_denied_and_was_given_is_counted_below_the_limit_too(
    cora: Any, street: Any, database: Database
) -> None:
    hours_id = await told(database, street, 660)
    async with database.transaction(street.bank_id) as session:
        await verbs.decline(session, street["Ben"], hours_id, at=street.at)
        await verbs.object_to(session, street["Ann"], hours_id, reason="I did", at=street.at)
    page = await cora.get(f"/desk/hours/{hours_id}")
    assert "lacks 1\xa0h" in page.text
    assert f"/desk/hours/{hours_id}/reverse" not in page.text
    await cora.press(page, f"/desk/hours/{hours_id}/approve", floor="raise")
    assert await state_of(database, street, hours_id) == "posted"
    assert f"/desk/hours/{hours_id}/reverse" in (await cora.get(f"/desk/hours/{hours_id}")).text


async def test_a_spoken_yes_is_written_down_with_who_heard_it(
    cora: Any, street: Any, database: Database
) -> None:
    hours_id = await told(database, street)
    page = await cora.get(f"/desk/hours/{hours_id}")
    silent = await cora.press(page, f"/desk/hours/{hours_id}/confirm")
    assert silent.status_code == 422
    assert 'id="e-evidence"' in silent.text
    done = await cora.press(page, f"/desk/hours/{hours_id}/confirm", evidence="On the phone to Cora")
    assert "On the phone to Cora" in done.text
    assert await state_of(database, street, hours_id) == "posted"


async def test_an_objection_is_looked_into_and_decided(cora: Any, street: Any, database: Database) -> None:
    hours_id = await told(database, street, is_confirmed=True)
    async with database.transaction(street.bank_id) as session:
        await verbs.object_to(session, street["Ben"], hours_id, reason="Monday", at=street.at)
    assert "Monday" in (await cora.get("/desk")).text
    page = await cora.get(f"/desk/hours/{hours_id}")
    await cora.press(page, f"/desk/hours/{hours_id}/reverse", reason="It was Monday")
    assert await state_of(database, street, hours_id) == "reversed"


async def test_acting_for_a_member_needs_a_reason_and_how_one_knows(
    cora: Any, street: Any, database: Database
) -> None:
    page = await cora.get(f"/desk/act?for={street['Ann'].member_id}&with={street['Ben'].member_id}")
    answers = {"direction": "gave", "minutes": "other", "other_hours": "1", "done_on": "2026-05-11"}
    missing = await cora.press(page, "/desk/act", **answers)
    assert missing.status_code == 422
    assert 'id="e-reason"' in missing.text
    answers |= {"reason": "No phone", "evidence": "Signed slip", "has_said_yes": "yes", "heard": "At lunch"}
    for _ in range(2):
        done = await cora.press(page, "/desk/act", **answers)
        assert "Both are told" in done.text
    async with database.transaction(street.bank_id) as session:
        (hours,) = (await session.scalars(select(Hours))).all()
        said = [step.evidence for step in await steps.of_hours(session, hours)]
    assert (hours.state, hours.minutes, said) == ("posted", 60, ["Signed slip", "At lunch"])


async def test_somebody_is_signed_up_at_a_kitchen_table(cora: Any, street: Any, database: Database) -> None:
    page = await cora.get("/desk/sign-up")
    answers = {"name": "Dot", "contact": "020 7946 0999", "channel": "call", "language": "en"}
    young = await cora.press(page, "/desk/sign-up", **answers)
    assert young.status_code == 422
    assert 'value="020 7946 0999"' in young.text
    done = await cora.press(page, "/desk/sign-up", **answers, is_adult="yes")
    assert "Dot is a member now" in done.text
    assert "landline" in done.text


async def test_who_is_rung_is_rung_when_it_is_safe(cora: Any, street: Any, database: Database) -> None:
    """Noon is not between ten and eleven; who named no hours is the control."""
    async with database.transaction(street.bank_id) as session:
        for name, safe in (("Ann", {"safe_from": time(10), "safe_until": time(11)}), ("Ben", {})):
            notice = Notice(
                event_id=uuid7(),
                recipient_id=street[name].member_id,
                template="join_received",
                address=Address(channel="call", to="+442079460999", **safe),
                language="en",
            )
            policy = Policy(bank_name="Lantern Street", contact="020 7946 0123")
            await notifications.queue(session, street.bank_id, notice, policy=policy, at=street.at)
    queue = (await cora.get("/desk")).text
    assert queue.count("It is safe to ring from 10:00 until 11:00") == queue.count("Not now.") == 1


async def test_hours_from_the_pot_reach_a_member(cora: Any, street: Any, database: Database) -> None:
    ann = street["Ann"].member_id
    await told(database, street, 120, is_confirmed=True)
    giver = cora
    page = await giver.get(f"/desk/members/{ann}/gift")
    empty = await giver.press(page, f"/desk/members/{ann}/gift", minutes="60")
    assert "community pot doesn" in empty.text
    async with database.transaction(street.bank_id) as session:
        bank = await banks.get(session, street.bank_id)
        await gifts.give(
            session, street["Ann"], uuid7(), from_id=ann, to_id=bank.pot_id, minutes=90, at=street.at
        )
    for _ in range(2):
        await giver.press(page, f"/desk/members/{ann}/gift", minutes="60")
    assert await balance_of(database, street, ann) == 120 - 90 + 60


async def test_somebody_who_asked_is_welcomed(cora: Any, street: Any, database: Database) -> None:
    async with database.transaction(street.bank_id) as session:
        draft = NewMember(name="Eve", contacts=[ContactDraft(value="07700 900777")], is_adult=True)
        asked = await members.ask_to_join(session, street.bank_id, draft, at=street.at)
        way = (await contacts.of_member(session, street.bank_id, asked.member_id))[0].contact_id
    queue = await cora.get("/desk")
    assert "07700 900777" in queue.text
    unsaid = await cora.press(queue, f"/desk/join/{asked.member_id}/accept")
    assert "tick the number or address" in unsaid.text
    done = await cora.press(queue, f"/desk/join/{asked.member_id}/accept", **{f"reached_{way}": "yes"})
    assert "Eve is a member now" in done.text


async def test_a_text_that_nobody_could_read_is_dealt_with_once(
    cora: Any, street: Any, database: Database
) -> None:
    text_id = uuid7()
    async with database.transaction(street.bank_id) as session:
        await notifications.record_inbound(
            session,
            street.bank_id,
            inbound_id=text_id,
            sender="+447700900123",
            body="Later on Tuesday?",
            at=street.at,
            member_id=street["Ann"].member_id,
            needs_person=True,
        )
    queue = await cora.get("/desk")
    assert "Later on Tuesday?" in queue.text
    for _ in range(2):
        done = await cora.press(queue, f"/desk/texts/{text_id}")
        assert done.status_code == 200
    assert "Later on Tuesday?" not in done.text


async def test_the_call_list_keeps_who_did_not_answer(cora: Any, street: Any, database: Database) -> None:
    await told(database, street)
    await a_call_to(database, street, "Ben")
    ben = f"/desk/calls/{street['Ben'].member_id}"
    queue = await cora.get("/desk")
    assert "Write down their yes or no" in queue.text
    for nothing in ("", "foo"):
        unsaid = await cora.press(queue, ben, outcome=nothing)
        assert "it is still here" in unsaid.text
    again = await cora.press(queue, ben, outcome="no_answer")
    assert "tried 1×" in again.text
    for _ in range(2):
        done = await cora.press(again, ben, outcome="spoke", said="She will come")
        assert "People to ring" not in done.text


async def test_who_is_rung_has_one_card_and_each_thing_is_ticked_for_itself(
    cora: Any, street: Any, database: Database
) -> None:
    calls = [await a_call_to(database, street, "Ben", other=other) for other in ("Ann", "Cyd")]
    await a_call_to(database, street, "Ann")
    ben = f"/desk/calls/{street['Ben'].member_id}"
    queue = await cora.get("/desk")
    assert queue.text.count(f'action="{ben}"') == 1
    assert "2 things to tell them" in queue.text
    assert "tick what you told them" in (await cora.press(queue, ben, outcome="spoke")).text
    told_one = await cora.press(queue, ben, outcome="spoke", **{f"say_{calls[0]}": "yes"})
    assert f"say_{calls[0]}" not in told_one.text
    assert f"say_{calls[1]}" in told_one.text, "what was not said waits"
    nobody = await cora.press(queue, ben, outcome="no_answer")
    assert "tried 1×" in nobody.text
    over = await cora.press(queue, ben, outcome="spoke", **{f"say_{key}": "yes" for key in calls})
    assert f'action="{ben}"' not in over.text
    assert "People to ring" in over.text, "Ann's own call is nobody else's"


async def test_no_message_is_left_where_that_is_not_safe(cora: Any, street: Any, database: Database) -> None:
    await a_call_to(database, street, "Ben", may_leave_message=False)
    queue = await cora.get("/desk")
    assert "Left a message" not in queue.text
    refused = await cora.press(queue, f"/desk/calls/{street['Ben'].member_id}", outcome="left_message")
    assert "no message may be left" in refused.text
    assert "People to ring" in refused.text


async def a_call_to(
    database: Database, street: Any, name: str, *, other: str = "Ann", **safety: bool
) -> UUID:
    person = street[name].member_id
    notice = Notice(
        event_id=uuid7(),
        recipient_id=person,
        template="hours_objected",
        parameters={"other": other, "day": "11 May"},
        address=Address(channel="call", to="+442079460123", **safety),
        language="en",
    )
    policy = Policy(bank_name="Lantern Street", contact="020 7946 0000")
    async with database.transaction(street.bank_id) as session:
        key = await notifications.queue(session, street.bank_id, notice, policy=policy, at=street.at)
    assert key is not None
    return key


async def test_the_policy_is_the_administrators(
    cora: Any, as_person: Person, street: Any, database: Database
) -> None:
    assert "Only the administrator changes this" in (await cora.get("/desk/policy")).text
    admin = as_person("admin")
    page = await admin.get("/desk/policy")
    answers = {
        "name": "Lantern Street",
        "time_zone": "Europe/London",
        "floor_hours": "12:30",
        "ceiling_hours": "40",
        "hours_age_days_max": "60",
        "objection_days": "14",
        "coordinator_after_days": "7",
        "reminder_days": "3, 6",
        "deputy": "administrator",
        "language_en": "yes",
        "language_cy": "yes",
        "rule_over_minutes": "yes",
        "over_hours": "3",
        "rule_same_pair": "yes",
        "pair_times": "8",
        "pair_days": "45",
    }
    for field, bad in (
        ("time_zone", "Europe/Atlantis"),
        ("floor_hours", "12:75"),
        ("pair_days", "often"),
        ("reminder_days", "3, 7"),
    ):
        refused = await admin.press(page, "/desk/policy", **answers | {field: bad})
        assert refused.status_code == 422
        assert f'id="e-{field}"' in refused.text
    wrong = await admin.press(page, "/desk/policy", **answers | {"objection_days": "9999"})
    assert wrong.status_code == 422
    assert 'id="e-objection_days"' in wrong.text
    await admin.press(page, "/desk/policy", **answers)
    async with database.transaction(street.bank_id) as session:
        bank = await banks.get(session, street.bank_id)
        known = await banks.approval_rules(session, street.bank_id)
    assert (bank.floor_minutes, bank.languages, bank.reminder_days) == (-750, ["en", "cy"], [3, 6])
    assert {kind: (rule.threshold, rule.period_days) for kind, rule in known.items()} == {
        "over_minutes": (180, 30),
        "same_pair": (8, 45),
    }
    again = (await admin.get("/desk/policy")).text
    assert 'value="12:30"' in again, "what was set is shown as it was set"


async def test_an_organisations_page_says_who_speaks_for_it(cora: Any, street: Any) -> None:
    page = f"/desk/members/{street.organisation_id}"
    found = await cora.get(f"{page}?q=ann")
    speakers = f"/desk/organisations/{street.organisation_id}/speakers"
    given = await cora.press(found, speakers)
    assert "No longer" in given.text
    assert "No longer" not in (await cora.press(given, speakers)).text


async def test_who_was_marked_by_mistake_comes_back(cora: Any, street: Any) -> None:
    path = f"/desk/members/{street['Ann'].member_id}"
    gone = await cora.press(await cora.get(path), f"{path}/status", status="deceased")
    assert "Has died" in gone.text
    back = await cora.press(gone, f"{path}/status", status="active")
    assert "Member since" in back.text


async def test_a_coordinator_sends_the_policy_form_in_vain(cora: Any, street: Any) -> None:
    page = await cora.get("/desk/policy")
    assert (await cora.press(page, "/desk/policy", name="Mine now")).status_code in {403, 422}
    assert "Mine now" not in (await cora.get("/")).text


async def test_a_newcomer_gets_a_buddy_on_their_page(cora: Any, street: Any) -> None:
    page = f"/desk/members/{street['Ann'].member_id}"
    found = await cora.get(f"{page}?q=Be")
    kept = await cora.press(found, f"{page}/buddy", buddy_id=str(street["Ben"].member_id))
    assert "<dt>Buddy</dt>" in kept.text
    assert "<dt>Buddy</dt>" not in (await cora.press(kept, f"{page}/buddy")).text


async def test_a_contact_has_a_language_of_its_own(cora: Any, street: Any, database: Database) -> None:
    page = f"/desk/members/{street['Ann'].member_id}/contacts"
    async with database.transaction(street.bank_id) as session:
        await banks.set_policy(session, street["admin"], {"languages": ["en", "cy"]})
        (known,) = await contacts.of_member(session, street.bank_id, street["Ann"].member_id)
    await cora.press(await cora.get(page), page, value_0=known.value, may_write_0="yes", language_0="cy")
    assert '<option value="cy" selected>' in (await cora.get(page)).text


async def test_who_has_plenty_is_asked_what_they_would_like(
    as_person: Person, street: Any, database: Database
) -> None:
    await told(database, street, 90, is_confirmed=True)
    ann = as_person("Ann")
    assert "plenty of hours" not in (await ann.get("/")).text
    async with database.transaction(street.bank_id) as session:
        await banks.set_policy(session, street["admin"], {"ceiling_minutes": 60})
    assert "plenty of hours" in (await ann.get("/")).text


async def test_the_desk_says_that_a_second_person_must_be_named_to_check(
    cora: Any, as_person: Person, street: Any, database: Database
) -> None:
    assert "Name somebody else" not in (await cora.get("/desk")).text
    async with database.transaction(street.bank_id) as session:
        await banks.set_policy(session, street["admin"], {"deputy": "coordinator"})
        await members.set_status(session, street["admin"], street["Cora"].member_id, "paused")
    admin = as_person("admin")
    for path in ("/desk", "/desk/policy"):
        assert "Name somebody else" in (await admin.get(path)).text


async def test_the_desk_is_not_a_members(as_person: Person, street: Any) -> None:
    ann = as_person("Ann")
    for path in ("", "/members", "/sign-up", "/policy", "/organisations/new", "/act", "/letters.pdf"):
        assert (await ann.get(f"/desk{path}")).status_code in {403, 404}, path


async def test_another_members_page_is_not_a_members(as_person: Person, street: Any) -> None:
    ben = street["Ben"].member_id
    for path in (f"/desk/members/{ben}", f"/desk/members/{ben}/contacts", f"/desk/members/{ben}/gift"):
        assert (await as_person("Ann").get(path)).status_code in {403, 404}


async def test_an_assistant_looks_and_does_not_approve(
    as_person: Person, street: Any, database: Database
) -> None:
    await rules(database, street, over_minutes=(30, 30))
    async with database.transaction(street.bank_id) as session:
        await organisations.grant(session, street["admin"], street["Cyd"].member_id, "assistant")
    hours_id = await told(database, street, is_confirmed=True)
    page = await as_person("Cyd").get(f"/desk/hours/{hours_id}")
    assert page.status_code == 200
    assert f"/desk/hours/{hours_id}/approve" not in page.text


async def test_pausing_stops_what_was_queued(cora: Any, street: Any, database: Database) -> None:
    await a_call_to(database, street, "Ben")
    ben = street["Ben"].member_id
    page = await cora.get(f"/desk/members/{ben}")
    done = await cora.press(page, f"/desk/members/{ben}/status", status="paused")
    assert "Paused since" in done.text
    async with database.transaction(street.bank_id) as session:
        assert await notifications.call_list(session, street.bank_id) == []


async def test_a_coordinators_own_hours_are_not_on_their_desk(
    cora: Any, street: Any, database: Database
) -> None:
    await rules(database, street, over_minutes=(30, 30))
    async with database.transaction(street.bank_id) as session:
        hours = await log.log(session, street["Cora"], gave(street["Ben"], 60), at=street.at)
        await verbs.confirm(session, street["Ben"], hours.hours_id, at=street.at)
    assert str(hours.hours_id) not in (await cora.get("/desk")).text
    own = await cora.get(f"/desk/hours/{hours.hours_id}")
    assert str(own.url).endswith(f"/hours/{hours.hours_id}")
    assert "/approve" not in own.text


async def test_the_person_named_decides_when_every_coordinator_took_part(
    as_person: Person, street: Any, database: Database
) -> None:
    await rules(database, street, over_minutes=(30, 30))
    async with database.transaction(street.bank_id) as session:
        policy = {"deputy": "named", "named_approver_id": street["Cyd"].member_id}
        await banks.set_policy(session, street["admin"], policy)
        theirs = await log.log(session, street["Cora"], gave(street["admin"], 90), at=street.at)
        await verbs.confirm(session, street["admin"], theirs.hours_id, at=street.at)
    others = await told(database, street, 60, is_confirmed=True)
    cyd = as_person("Cyd")
    assert "Coordinator's desk" in (await cyd.get("/")).text
    queue = await cyd.get("/desk")
    assert str(theirs.hours_id) in queue.text
    assert str(others) not in queue.text
    page = await cyd.get(f"/desk/hours/{theirs.hours_id}")
    await cyd.press(page, f"/desk/hours/{theirs.hours_id}/approve")
    assert await state_of(database, street, theirs.hours_id) == "posted"


NONSENSE = (
    "/hours?cursor=nonsense",
    "/statement?cursor=nonsense",
    "/statement?of=nonsense",
    "/desk/members?after=nonsense",
    "/desk/members?q=%00%27",
    "/hours/new?with=%00&q=%25",
    "/desk/hours/nonsense",
    "/desk/act?for=nonsense&with=x",
    "/gifts/new?to=nonsense",
)


async def test_nonsense_in_an_address_gets_a_page(cora: Any, street: Any) -> None:
    for path in NONSENSE:
        assert (await cora.get(path)).status_code in {200, 404, 422}, path


async def test_a_file_or_too_much_in_a_form_gets_a_page(cora: Any, street: Any) -> None:
    page = await cora.get("/settings/about")
    long = await cora.press(page, "/settings/about", name="x" * 100_000)
    assert long.status_code == 413
    assert "more than we can take" in long.text
    sent = await cora.client.post("/settings/about", files={"name": ("a.txt", b"x")})
    assert sent.status_code in {400, 403}
