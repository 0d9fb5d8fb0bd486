"""Nothing is lost and nothing is sent twice, whatever the provider does and whoever dies in between."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from notifications import (
    Notice,
    Policy,
    banks_with_messages,
    cancel_queued,
    claims,
    deliver_due,
    problems,
    queue,
    queue_many,
    record_status,
    record_stop,
)
from notifications.channels import Channel
from notifications.channels.console import ConsoleChannel
from notifications.channels.standin import Faults, StandIn, serve
from notifications.channels.twilio import TwilioChannel
from notifications.tables import Message

Make = Callable[..., Notice]
ACCOUNT = "AC" + "0" * 32
LEASE = timedelta(seconds=60)


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with serve(StandIn(keeps_requests=True)) as running:
        yield running


@pytest.fixture
async def twilio(standin: StandIn) -> AsyncIterator[TwilioChannel]:
    async with TwilioChannel(
        account_sid=ACCOUNT,
        auth_token="token",
        sender="+447700900999",
        callback_url="https://example.org/api/v1/webhooks/twilio/status",
        api_url=standin.url,
        timeout_seconds=0.3,
    ) as channel:
        yield channel


class Desk:
    """One bank's queue with a real provider's twin behind it, and a clock of its own."""

    def __init__(self, database: Database, bank_id: UUID, channel: Channel, policy: Policy) -> None:
        self.database, self.bank_id, self.channel, self.policy = database, bank_id, channel, policy
        self.now = datetime(2026, 6, 3, 12, tzinfo=UTC)

    async def queue(self, *notices: Notice) -> None:
        async with self.database.transaction(self.bank_id) as session:
            await queue_many(session, self.bank_id, notices, policy=self.policy, at=self.now)

    async def work(self) -> int:
        return await deliver_due(
            self.database.transaction, self.bank_id, {"sms": self.channel}, at=self.now, lease=LEASE
        )

    async def claim(self) -> int:
        """A worker that dies right after its claim."""
        async with self.database.transaction(self.bank_id) as session:
            taken = await claims.claim(
                session, self.bank_id, frozenset({"sms"}), at=self.now, limit=50, lease=LEASE, policy=None
            )
            return len(taken)

    async def work_until_quiet(self) -> None:
        for _ in range(40):
            await self.work()
            self.now += timedelta(seconds=61)
            if not {row.state for row in await self.rows()} & {"pending", "sending", "maybe_sent"}:
                return

    async def rows(self) -> list[Message]:
        async with self.database.transaction(self.bank_id) as session:
            return list(await session.scalars(select(Message).where(col(Message.bank_id) == self.bank_id)))

    async def row(self) -> Message:
        [only] = await self.rows()
        return only

    async def say(self, row: Message, status: str, provider_id: str | None = None) -> None:
        async with self.database.transaction(self.bank_id) as session:
            await record_status(
                session, self.bank_id, row.id, provider_id or row.provider_id or "SM1", status, at=self.now
            )


@pytest.fixture
def desk(database: Database, bank_id: UUID, twilio: TwilioChannel, standin: StandIn, policy: Policy) -> Desk:
    desk = Desk(database, bank_id, twilio, replace(policy, quiet=None, sms_budget_number_day=10_000))
    standin.clock = lambda: desk.now
    return desk


async def test_a_message_goes_out_once_and_carries_our_id(desk: Desk, standin: StandIn, gift: Make) -> None:
    await desk.queue(gift())
    assert await desk.work() == 1
    assert await desk.work() == 0
    row = await desk.row()
    [taken] = standin.messages
    assert (row.state, row.provider_id, taken["body"]) == ("accepted", taken["sid"], row.body)
    assert standin.callbacks[taken["sid"]].endswith(f"?bank={desk.bank_id}&message={row.id}")


async def test_the_request_fits_what_the_provider_describes(desk: Desk, standin: StandIn, gift: Make) -> None:
    await desk.queue(gift())
    await desk.work()
    [request] = standin.requests
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert request.form.keys() == {"To", "From", "Body", "StatusCallback"}
    assert request.headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "fault", ["error_after_accept", "hang_after_accept", "nonsense_after_accept", "error_before_accept"]
)
async def test_an_unsure_answer_is_looked_up_and_never_sent_again_blindly(
    desk: Desk, standin: StandIn, gift: Make, fault: str
) -> None:
    standin.faults = Faults(**{fault: 1.0})
    await desk.queue(gift())
    await desk.work()
    assert (await desk.row()).state == "maybe_sent"
    assert await desk.work() == 0, "the lease runs on"
    standin.faults = Faults()
    await desk.work_until_quiet()
    row = await desk.row()
    assert row.state == "accepted"
    assert [m["sid"] for m in standin.messages] == [row.provider_id]


async def test_a_blind_resend_would_have_sent_it_twice(desk: Desk, standin: StandIn, gift: Make) -> None:
    """The control: without looking up, the same fault reaches the same person twice."""
    desk.channel.can_look_up = False
    standin.faults = Faults(error_after_accept=1.0)
    await desk.queue(gift())
    await desk.work()
    standin.faults = Faults()
    await desk.work_until_quiet()
    assert len(standin.messages) == 2


async def test_a_refusal_to_take_more_is_tried_again_and_a_dead_provider_loses_nothing(
    desk: Desk, standin: StandIn, gift: Make, policy: Policy
) -> None:
    standin.faults = Faults(too_many_requests=1.0)
    await desk.queue(gift())
    await desk.work()
    row = await desk.row()
    assert (row.state, row.reason) == ("pending", "too_many_requests")
    standin.faults = Faults()
    nowhere = TwilioChannel(
        account_sid=ACCOUNT, auth_token="t", sender="+447700900999", callback_url=None,
        api_url="http://127.0.0.1:9", timeout_seconds=0.3,
    )  # fmt: skip
    alive, desk.channel = desk.channel, nowhere
    desk.now += timedelta(minutes=1)
    await desk.work()
    row = await desk.row()
    assert (row.state, row.reason, row.attempts) == ("pending", "not_connected", 2)
    await nowhere.close()
    desk.channel = alive
    await desk.work_until_quiet()
    assert (await desk.row()).state == "accepted"
    assert len(standin.messages) == 1


async def test_a_provider_that_cannot_be_asked_is_asked_again_later(
    desk: Desk, standin: StandIn, gift: Make
) -> None:
    standin.faults = Faults(error_after_accept=1.0, look_up_error=1.0)
    await desk.queue(gift())
    await desk.work()
    desk.now += timedelta(seconds=61)
    await desk.work()
    assert (await desk.row()).state == "maybe_sent"
    standin.faults = Faults()
    await desk.work_until_quiet()
    assert (await desk.row()).state == "accepted"
    assert len(standin.messages) == 1


async def test_a_provider_that_was_stuck_must_say_twice_that_it_has_nothing(
    desk: Desk, standin: StandIn, gift: Make
) -> None:
    standin.faults = Faults(error_before_accept=1.0, look_up_error=1.0)
    await desk.queue(gift())
    await desk.work()
    desk.now += timedelta(seconds=61)
    await desk.work()
    standin.faults = Faults()
    desk.now += timedelta(seconds=61)
    await desk.work()
    assert standin.messages == [], "it may yet take what it received while it was stuck"
    await desk.work_until_quiet()
    assert len(standin.messages) == 1


async def test_after_the_horizon_it_is_given_up_and_shown(desk: Desk, standin: StandIn, gift: Make) -> None:
    standin.faults = Faults(too_many_requests=1.0)
    await desk.queue(gift())
    for _ in range(30):
        await desk.work()
        desk.now += timedelta(hours=3)
    row = await desk.row()
    assert (row.state, row.reason) == ("failed", "too_many_requests")
    async with desk.database.transaction(desk.bank_id) as session:
        assert [p.id for p in await problems(session, desk.bank_id)] == [row.id]


async def test_two_with_the_same_words_are_two_messages_even_when_both_are_unsure(
    desk: Desk, standin: StandIn, gift: Make
) -> None:
    standin.faults = Faults(error_after_accept=0.5, error_before_accept=0.5)
    await desk.queue(*(gift() for _ in range(8)))
    await desk.work()
    assert {row.state for row in await desk.rows()} == {"maybe_sent"}
    assert 0 < len(standin.messages) < 8
    standin.faults = Faults()
    await desk.work_until_quiet()
    assert sorted(m["sid"] for m in standin.messages) == sorted(
        row.provider_id or "" for row in await desk.rows()
    )
    assert len(standin.messages) == 8


async def test_a_report_proves_which_of_two_equal_messages_was_taken_and_the_other_is_sent(
    desk: Desk, standin: StandIn, gift: Make
) -> None:
    await desk.queue(gift())
    standin.faults = Faults(error_before_accept=1.0)
    await desk.work()
    absent = await desk.row()
    await desk.queue(gift())
    standin.faults = Faults(error_after_accept=1.0)
    await desk.work()
    [taken] = [row for row in await desk.rows() if row.id != absent.id]
    standin.faults = Faults()
    async with desk.database.transaction(desk.bank_id) as session:
        wrong = await session.get_one(Message, (desk.bank_id, absent.id))
        wrong.state, wrong.lease_until, wrong.provider_id = "accepted", None, standin.messages[0]["sid"]
    await desk.say(taken, "delivered", standin.messages[0]["sid"])
    await desk.work_until_quiet()
    found = {row.id: (row.state, row.provider_id) for row in await desk.rows()}
    assert found[taken.id] == ("delivered", standin.messages[0]["sid"])
    assert found[absent.id] == ("accepted", standin.messages[1]["sid"])
    assert len(standin.messages) == 2


async def test_two_equal_messages_that_were_taken_for_each_other_are_put_right(
    desk: Desk, standin: StandIn, gift: Make
) -> None:
    await desk.queue(gift(), gift())
    await desk.work()
    first, second = await desk.rows()
    await desk.say(first, "sent", second.provider_id)
    await desk.say(second, "delivered", first.provider_id)
    found = {row.id: (row.state, row.provider_id) for row in await desk.rows()}
    assert found == {
        first.id: ("accepted", second.provider_id), second.id: ("delivered", first.provider_id),
    }  # fmt: skip


async def test_a_look_up_reads_every_page(desk: Desk, standin: StandIn, gift: Make) -> None:
    await desk.queue(gift())
    standin.faults = Faults(error_after_accept=1.0)
    await desk.work()
    standin.faults = Faults()
    await desk.queue(*(gift(parameters={"giver": f"Ann {n}", "duration": "1 h"}) for n in range(130)))
    for _ in range(5):
        await desk.work()
    await desk.work_until_quiet()
    assert len(standin.messages) == 131
    assert {row.state for row in await desk.rows()} == {"accepted"}


async def test_stop_is_honoured_before_the_next_send(desk: Desk, standin: StandIn, gift: Make) -> None:
    await desk.queue(gift())
    async with desk.database.transaction(desk.bank_id) as session:
        await record_stop(session, desk.bank_id, (await desk.row()).address, at=desk.now)
    assert await desk.work() == 0
    assert (await desk.row()).reason == "stopped"
    assert standin.messages == []


async def test_what_was_on_its_way_when_somebody_died_is_never_tried_again(
    desk: Desk, standin: StandIn, gift: Make
) -> None:
    notice = gift()
    await desk.queue(notice, gift())
    standin.faults = Faults(too_many_requests=1.0)
    claimed = await desk.claim()
    assert claimed == 2
    async with desk.database.transaction(desk.bank_id) as session:
        assert await cancel_queued(session, desk.bank_id, notice.recipient_id, at=desk.now) == 0
    standin.faults = Faults()
    await desk.work_until_quiet()
    states = {row.recipient_id == notice.recipient_id: row.state for row in await desk.rows()}
    assert states == {True: "failed", False: "accepted"}
    assert len(standin.messages) == 1


async def test_a_code_is_erased_once_the_provider_has_it(desk: Desk, standin: StandIn, gift: Make) -> None:
    await desk.queue(gift(template="sign_in_code", parameters={"code": "123456"}, kind="code"))
    await desk.work()
    row = await desk.row()
    assert "123456" in standin.messages[0]["body"]
    assert (row.state, row.body, row.parameters) == ("accepted", "", {})


async def test_a_code_that_could_not_be_sent_in_time_is_worth_nothing(
    desk: Desk, standin: StandIn, gift: Make
) -> None:
    await desk.queue(gift(template="sign_in_code", parameters={"code": "123456"}, kind="code"))
    desk.now += timedelta(minutes=16)
    assert await desk.work() == 0
    row = await desk.row()
    assert (row.state, row.reason, row.body) == ("failed", "too_late", "")


async def test_callbacks_never_move_a_message_backwards(desk: Desk, standin: StandIn, gift: Make) -> None:
    await desk.queue(gift())
    await desk.work()
    row = await desk.row()
    for status in ("delivered", "sent", "queued", "failed", "undelivered", "no such status"):
        await desk.say(row, status)
    assert (await desk.row()).state == "delivered"


async def test_a_callback_proves_what_a_look_up_would_have_asked(
    desk: Desk, standin: StandIn, gift: Make
) -> None:
    standin.faults = Faults(hang_after_accept=1.0)
    await desk.queue(gift())
    await desk.work()
    await desk.say(await desk.row(), "sent", standin.messages[0]["sid"])
    row = await desk.row()
    assert (row.state, row.provider_id) == ("accepted", standin.messages[0]["sid"])
    standin.faults = Faults()
    await desk.work_until_quiet()
    assert len(standin.messages) == 1


async def test_an_address_that_bounces_is_paused_and_not_hammered(
    desk: Desk, standin: StandIn, gift: Make
) -> None:
    await desk.queue(gift(), gift())
    await desk.work()
    for row in await desk.rows():
        await desk.say(row, "undelivered")
    await desk.queue(gift())
    assert await desk.work() == 0
    assert sorted(row.reason or "" for row in await desk.rows()) == ["bounced", "provider", "provider"]


async def test_the_console_writes_a_line_and_finds_it_again(desk: Desk, gift: Make, tmp_path: Path) -> None:
    desk.channel = ConsoleChannel(tmp_path / "messages.jsonl")
    await desk.queue(gift())
    await desk.work()
    line = json.loads((tmp_path / "messages.jsonl").read_text())
    row = await desk.row()
    assert line == {
        "to": row.address, "channel": "sms", "language": "en", "body": row.body, "reference": str(row.id),
    }  # fmt: skip
    assert row.state == "delivered"
    async with desk.database.transaction(desk.bank_id) as session:
        again = await session.get_one(Message, (desk.bank_id, row.id))
        again.state, again.lease_until = "sending", desk.now
    await desk.work_until_quiet()
    assert len((tmp_path / "messages.jsonl").read_text().splitlines()) == 1
    assert (await desk.row()).state == "delivered"


async def test_the_worker_is_told_which_banks_have_work(desk: Desk, gift: Make) -> None:
    await desk.queue(gift())
    async with desk.database.transaction(None) as session:
        assert desk.bank_id in await banks_with_messages(session, at=desk.now)
        assert desk.bank_id not in await banks_with_messages(session, at=desk.now - timedelta(days=1))
    await desk.work()
    async with desk.database.transaction(None) as session:
        assert desk.bank_id not in await banks_with_messages(session, at=desk.now)


async def test_another_bank_cannot_see_or_settle_a_message(desk: Desk, gift: Make) -> None:
    await desk.queue(gift())
    row = await desk.row()
    other = uuid7()
    async with desk.database.transaction(other) as session:
        assert not await record_status(session, desk.bank_id, row.id, "SM1", "delivered", at=desk.now)
        assert (await session.scalars(select(Message))).all() == []
    assert (await desk.row()).state == "pending"


class Regretted(Exception):
    pass


async def test_a_cause_that_does_not_commit_leaves_no_message(desk: Desk, gift: Make) -> None:
    async def cause() -> None:
        async with desk.database.transaction(desk.bank_id) as session:
            await queue(session, desk.bank_id, gift(), policy=desk.policy, at=desk.now)
            raise Regretted

    with pytest.raises(Regretted):
        await cause()
    assert await desk.rows() == []
