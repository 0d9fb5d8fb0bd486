"""Words on the desk: what texts cost, who has an alert, where we do not write, and the bank's own wording."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

import notifications
from api.database import Database
from notifications import Address, DutyPerson, Notice, Policy
from notifications.pauses import record_bounce
from notifications.tables import Message

POLICY = Policy(bank_name="Lantern Street", contact="020 7946 0000")


@pytest.fixture
def admin(as_person: Any) -> Any:
    return as_person("admin")


async def an_alert(database: Database, street: Any) -> UUID:
    alert_id, cora = uuid7(), street["Cora"].member_id
    on_duty = DutyPerson(recipient_id=cora, address=Address(channel="sms", to="+447700900111"), language="en")
    async with database.transaction(street.bank_id) as session:
        await notifications.raise_alert(
            session,
            street.bank_id,
            alert_id=alert_id,
            template="safety_concern",
            parameters={"reference": "412"},
            people=[on_duty],
            policy=POLICY,
            at=street.at - timedelta(minutes=5),
        )
    return alert_id


async def test_an_alert_is_somebodys_once_they_say_so(admin: Any, street: Any, database: Database) -> None:
    alert_id = await an_alert(database, street)
    page = await admin.get("/desk/words")
    assert "Somebody must know" in page.text
    taken = await admin.press(page, f"/desk/words/alerts/{alert_id}")
    assert "Somebody must know" not in taken.text
    assert (await admin.press(page, f"/desk/words/alerts/{alert_id}")).status_code == 200


async def test_an_address_that_bounced_is_shown_and_put_right(
    admin: Any, street: Any, database: Database
) -> None:
    async with database.transaction(street.bank_id) as session:
        for _ in range(2):
            await record_bounce(session, street.bank_id, "email", "ann@example.org", at=street.at)
        await notifications.record_stop(session, street.bank_id, "+447700900112", at=street.at)
    page = await admin.get("/desk/words")
    assert "twice it did not arrive" in page.text
    assert page.text.count("It is right now") == 1, "a STOP is its owner's to lift"
    again = await admin.press(page, "/desk/words/addresses", channel="email", address="ann@example.org")
    assert "twice it did not arrive" not in again.text
    forced = await admin.press(page, "/desk/words/addresses", channel="sms", address="+447700900112")
    assert "texted STOP" in forced.text


async def test_what_texts_cost_is_shown_in_pounds(admin: Any, street: Any, database: Database) -> None:
    assert "No text has been sent this month" in (await admin.get("/desk/words")).text
    notice = Notice(
        event_id=uuid7(),
        recipient_id=street["Ann"].member_id,
        template="gift_received",
        parameters={"giver": "Ben", "duration": "1 h"},
        address=Address(channel="sms", to="+447700900113"),
        language="en",
    )
    async with database.transaction(street.bank_id) as session:
        await notifications.queue(session, street.bank_id, notice, policy=POLICY, at=street.at)
    page = await admin.get("/desk/words")
    assert "£0.04, 1 segment<" in page.text
    assert '<svg class="bars"' in page.text


async def test_a_bank_says_it_its_own_way_and_sees_what_that_costs(admin: Any, street: Any) -> None:
    address = "/desk/words/en/hours_posted_gave"
    page = await admin.get(address)
    dear = await admin.press(page, address, act="look", body="Diolch! ((duration)) ŵ")
    assert re.search(r"Dearer because of</dt><dd>ŵ", dear.text)
    saved = await admin.press(page, address, act="keep", body="Lovely: ((duration)) with ((other)).")
    assert "(yours)" in saved.text
    back = await admin.press(await admin.get(address), address, act="standard")
    assert "(yours)" not in back.text


@pytest.mark.parametrize(
    ("template", "body"),
    [
        ("hours_posted_gave", "For ((password))"),
        ("hours_reminder", "Please answer us."),
        ("hours_posted_gave", "x" * 900),
    ],
)
async def test_a_wording_that_could_not_be_sent_is_not_saved(admin: Any, template: str, body: str) -> None:
    address = f"/desk/words/en/{template}"
    refused = await admin.press(await admin.get(address), address, act="keep", body=body)
    assert refused.status_code == 422
    assert body in refused.text
    assert "(yours)" not in (await admin.get("/desk/words/en")).text


async def test_wording_is_the_administrators_and_numbers_are_nobody_elses(
    admin: Any, as_person: Any, street: Any
) -> None:
    assert admin
    ann = as_person("Ann")
    for path in ("/desk/words", "/desk/words/en", "/desk/words/en/hours_posted_gave"):
        assert (await ann.get(path)).status_code == 403
    cora = as_person("Cora")
    page = await cora.get("/desk/words/en/hours_posted_gave")
    refused = await cora.press(page, "/desk/words/en/hours_posted_gave", act="keep", body="Mine")
    assert refused.status_code == 403
    assert (await cora.get("/desk/words/xx")).status_code == 404
    assert (await cora.get("/desk/words/en/no_such_text")).status_code == 404


async def test_a_message_that_did_not_arrive_says_why_in_words_and_is_seen_to_once(
    admin: Any, street: Any, database: Database
) -> None:
    ids = {}
    async with database.transaction(street.bank_id) as session:
        await notifications.record_stop(session, street.bank_id, "+447700900114", at=street.at)
        for number in ("+447700900114", "+447700900115"):
            notice = Notice(
                event_id=uuid7(),
                recipient_id=street["Ann"].member_id,
                template="gift_received",
                parameters={"giver": "Ben", "duration": "1 h"},
                address=Address(channel="sms", to=number),
                language="en",
            )
            await notifications.queue(session, street.bank_id, notice, policy=POLICY, at=street.at)
            ids[number] = notifications.message_id(notice.event_id, notice.recipient_id)
        sent = await session.get_one(Message, (street.bank_id, ids["+447700900115"]))
        sent.state, sent.provider_id = "accepted", "SM1"
    assert "that we cannot read" not in (await admin.get("/desk")).text, "the control"
    async with database.transaction(street.bank_id) as session:
        for said in ("sent", "teleported", "x" * 5000, "nul\x00"):
            await notifications.record_status(
                session, street.bank_id, ids["+447700900115"], "SM1", said, at=street.at
            )
    first = page = await admin.get("/desk")
    assert "They texted STOP." in page.text
    assert "The provider said something of it that we cannot read." in page.text
    for key in ids.values():
        page = await admin.press(page, f"/desk/problems/{key}")
    assert "Messages that did not arrive" not in page.text
    assert (await admin.press(first, f"/desk/problems/{key}")).status_code == 200, "twice is once"


async def test_who_asks_to_be_rung_and_who_is_in_danger_stand_out(
    admin: Any, street: Any, database: Database
) -> None:
    async with database.transaction(street.bank_id) as session:
        for minute, body in enumerate(("CALL ME", "my husband hits me", "zxcvb")):
            await notifications.record_inbound(
                session,
                street.bank_id,
                inbound_id=uuid7(),
                sender="+447700900116",
                body=body,
                at=street.at + timedelta(minutes=minute),
                needs_person=True,
            )
    page = (await admin.get("/desk")).text
    assert page.count("Read this first") == page.count("Asks to be rung") == 1
    assert "Somebody may be in danger" in page
    shown = [page.index(f'dir="auto">{body}</p>') for body in ("my husband hits me", "CALL ME", "zxcvb")]
    assert shown == sorted(shown), "what alarms comes first, then the longest waiting"


async def test_what_was_said_on_a_call_is_kept_with_it(admin: Any, street: Any, database: Database) -> None:
    notice = Notice(
        event_id=uuid7(),
        recipient_id=street["Ann"].member_id,
        template="gift_received",
        parameters={"giver": "Ben", "duration": "1 h"},
        address=Address(channel="call", to="+441632960117"),
        language="en",
    )
    async with database.transaction(street.bank_id) as session:
        key = await notifications.queue(session, street.bank_id, notice, policy=POLICY, at=street.at)
    page = await admin.get("/desk")
    assert "What was said" in page.text
    await admin.press(page, f"/desk/calls/{street['Ann'].member_id}", outcome="spoke", said="She was glad.")
    async with database.transaction(street.bank_id) as session:
        called = await session.get_one(Message, (street.bank_id, key))
        assert (called.state, called.said) == ("delivered", "She was glad.")
