"""What members chose to be told: reminders apart from service, once a day, by another way; unsafe at once."""

from datetime import time
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

import notifications
from notifications.tables import DigestLine, Message
from tests.api.conftest import Service
from tests.api.test_texts import deliver, told


async def choose(service: Service, who: str, topic: str, **wish: Any) -> int:
    path = f"/members/{service.ids[who]}/topics/{topic}"
    return (await service.call(who, "PUT", path, json=wish)).status_code


async def post_an_hour(service: Service, minutes: int = 60) -> None:
    hours = await told(service, minutes)
    await service.call("Ben", "POST", f"/hours/{hours['id']}/confirm")


def to(service: Service, who: str, sent: list[dict[str, Any]]) -> list[str]:
    return [m["body"] for m in sent if m["to"] == service.phones[who]]


async def test_no_to_reminders_is_no_to_nothing_else(service: Service) -> None:
    assert await choose(service, "Ben", "reminders", pace="never") == 200
    await service.log("Ann", "gave", "Ben")
    assert len(to(service, "Ben", await service.work())) == 1, "what asks is service, and always told"
    for _ in range(8):
        service.clock.forward(days=1)
        assert to(service, "Ben", await service.work()) == []


@pytest.mark.parametrize(
    ("topic", "wish"),
    [
        ("questions", {"pace": "never"}),
        ("help", {"pace": "daily"}),
        ("groups", {"pace": "never"}),
        ("hours", {"pace": "hourly"}),
        ("hours", {"channel": "fax"}),
        ("everything", {}),
    ],
)
async def test_what_protects_cannot_be_turned_off(service: Service, topic: str, wish: dict[str, str]) -> None:
    assert await choose(service, "Ben", topic, **wish) == 422
    items = (await service.call("Ben", "GET", f"/members/{service.ids['Ben']}/topics")).json()["items"]
    assert {item["topic"]: (item["channel"], item["pace"]) for item in items} == dict.fromkeys(
        ("questions", "help", "groups", "hours", "reminders"), (None, "at_once")
    )
    assert [item["topic"] for item in items if item["is_nudge"]] == ["reminders"]


async def test_nobody_elses_topics_are_changed(service: Service) -> None:
    path = f"/members/{service.ids['Ben']}/topics/hours"
    assert (await service.call("Ann", "PUT", path, json={"pace": "never"})).status_code in (403, 404)
    assert (await service.call("Cora", "PUT", path, json={"pace": "daily"})).status_code == 200


async def test_a_day_is_told_in_one_message(service: Service) -> None:
    assert await choose(service, "Ann", "hours", pace="daily") == 200
    await post_an_hour(service, 60)
    await post_an_hour(service, 90)
    assert to(service, "Ann", await service.work()) == []
    service.clock.forward(hours=6)
    [digest] = to(service, "Ann", await service.work())
    assert digest == "Your news today (2): 1 h you gave Ben, 1 h 30 min you gave Ben."
    assert to(service, "Ann", await service.work()) == []
    service.clock.forward(days=1)
    assert to(service, "Ann", await service.work()) == [], "a digest of nothing is not told"
    async with service.database.transaction(service.bank_id) as session:
        lines = (await session.scalars(select(DigestLine))).all()
        assert [(line.line, line.address) for line in lines] == [("", "")] * 2, "words are erased after use"


async def test_stop_and_a_pause_hold_for_a_digest_too(service: Service) -> None:
    for who in ("Ann", "Ben"):
        await choose(service, who, "hours", pace="daily")
    await post_an_hour(service)
    await service.work()
    await deliver(service, service.phones["Ann"], "STOP")
    path = f"/members/{service.ids['Ben']}/status"
    assert (await service.call("Cora", "POST", path, json={"status": "paused"})).status_code < 300
    service.clock.forward(hours=6)
    assert await service.work() == []


async def reach(service: Service, who: str, *ways: dict[str, Any]) -> None:
    path = f"/members/{service.ids[who]}/contacts"
    answer = await service.call("Cora", "PUT", path, json=list(ways))
    assert answer.status_code == 200, answer.text


async def queued(service: Service) -> list[Message]:
    async with service.database.transaction(service.bank_id) as session:
        rows = await session.scalars(
            select(Message).where(
                col(Message.recipient_id) == service.ids["Ben"], col(Message.state) != "accepted"
            )
        )
        return [row for row in rows.all() if row.template.startswith("hours_logged")]


async def held_for_ben(service: Service) -> None:
    """A question that waits for the morning."""
    settings = service.app.state.settings
    settings.quiet_hours = "00:00-23:59"
    await service.log("Ann", "gave", "Ben")
    await service.work()
    assert [row.state for row in await queued(service)] == ["pending"]


@pytest.mark.parametrize("unsafe", [{"may_text": False}, {"is_discreet": True}])
async def test_what_is_queued_stops_at_once_when_its_way_is_unsafe(
    service: Service, unsafe: dict[str, bool]
) -> None:
    await held_for_ben(service)
    await reach(service, "Ben", {"value": service.phones["Ben"], **unsafe})
    [row] = await queued(service)
    assert (row.state, row.reason) == ("cancelled", "unsafe")


async def test_what_is_queued_keeps_to_new_hours_and_other_changes_leave_it(service: Service) -> None:
    await held_for_ben(service)
    mine = {"value": service.phones["Ben"], "safe_from": "10:00", "safe_until": "12:00"}
    await reach(service, "Ben", mine, {"value": "ben@example.org"})
    [row] = await queued(service)
    assert (row.state, row.safe_from, row.safe_until) == ("pending", time(10), time(12))


async def test_news_by_another_way_where_that_is_safe(service: Service) -> None:
    await choose(service, "Ann", "hours", channel="email")
    await post_an_hour(service)
    assert len(to(service, "Ann", await service.work())) == 1, "no safe e-mail yet: the usual way"
    await reach(service, "Ann", {"value": service.phones["Ann"]}, {"value": "ann@example.org"})
    await service.work()
    await post_an_hour(service, 30)
    sent = [m for m in await service.work() if "Ben" in m["body"]]
    assert [(m["channel"], m["to"]) for m in sent] == [("email", "ann@example.org")]


async def test_words_are_erased_once_nobody_needs_them_and_what_waits_is_kept(service: Service) -> None:
    await told(service)
    await deliver(service, service.phones["Cyd"], "who shall I ask about the hall")
    await service.work()
    service.clock.forward(days=91)
    await service.log("Ann", "gave", "Cyd", 30, done_on="2026-08-10")
    await service.work()
    await service.work()
    async with service.database.transaction(service.bank_id) as session:
        rows = (await session.scalars(select(Message).order_by(col(Message.queued_at)))).all()
        assert (rows[0].body, rows[0].address) == ("", "forgotten")
        assert "Ann" in rows[-1].body, "the control: news of today is kept"
        unread = await notifications.unread_texts(session, service.bank_id)
    assert [text.body for text in unread] == ["who shall I ask about the hall"]
