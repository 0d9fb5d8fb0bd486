"""A village with a practice in it: no word about health, no number and no full name leaves its own tables.

Everything that was posted, recorded, sent or logged is read as text and searched; beside it each kind of
leak is planted, and found.
"""

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from api.database import Database
from api.demo import FULL, Size, write_village
from api.demo.referrals import PRACTICE, SENT
from api.demo.village import Village
from api.settings import Settings
from api.worker import Worker, channels
from exchange.membership import viewer
from exchange.prescribing import asking, clearances, concerns, goals
from exchange.prescribing.clearances import NewClearance
from exchange.prescribing.numbers import has_check_digit

PRESENT = datetime(2026, 5, 12, 11, 30, tzinfo=UTC)
HEALTH = re.compile(
    r"\b(surgery|doctor|dr|gp|nurse|patient|prescri\w*|nhs|health\w*|clinic\w*|illness|medic\w*|therap\w*|"
    r"lonel\w*|depress\w*|anxi\w*|bereav\w*|dementia|memory|meddyg\w*|presgrip\w*|iechyd|cleifion|"
    r"larkspur)\b|ডাক্তার|স্বাস্থ্য|রোগী|প্রেসক্রিপশন",
    re.IGNORECASE,
)
TEN_DIGITS = re.compile(r"(?<![\d+])\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")
"""As an NHS number is written; a telephone begins with a plus or a nought."""
SOURCES = {
    "posting": "select t::text from ledger_transfer t",
    "account": "select a::text from ledger_account a",
    "event": "select kind || ' ' || payload::text from event",
    "text": "select template || ' ' || subject || ' ' || body || ' ' || parameters::text from message",
}


def leaks(line: str) -> list[str]:
    """What in a line should not be there."""
    found = [match[0] for match in HEALTH.finditer(line)]
    digits = ["".join(filter(str.isdigit, match[0])) for match in TEN_DIGITS.finditer(line)]
    found += [number for number in digits if has_check_digit(number)]
    return found + [sent.name for sent in SENT if sent.name.lower() in line.lower()]


KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}")
"""Keys and hashes: ten of their digits may look like a number by chance."""


def leaky(lines: Iterable[str]) -> list[tuple[str, list[str]]]:
    return [(line[:120], found) for line in lines if (found := leaks(KEY.sub("", line)))]


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(Size(people=22, weeks=13), id="a season"),
        pytest.param(FULL, id="both years of the demo village", marks=pytest.mark.long),
    ],
)
async def test_nothing_betrays_anybody(
    database: Database, app_settings: Settings, caplog: pytest.LogCaptureFixture, size: Size
) -> None:
    caplog.set_level(logging.DEBUG)
    village = await write_village(database, at=PRESENT, size=size, bank_id=uuid7())
    worker = Worker(database, app_settings, channels(app_settings), lambda: PRESENT)
    await cared_for(database, village)
    while await worker.bank(village.bank_id):
        continue
    seen = {}
    async with database.transaction(village.bank_id) as session:
        for name, statement in SOURCES.items():
            seen[name] = list(await session.scalars(text(statement)))
    sent = [json.loads(line) for line in app_settings.messages_path.read_text().splitlines()]
    seen["sent"] = [f"{m['body']} {m.get('subject', '')}" for m in sent]
    seen["log"] = [record.getMessage() for record in caplog.records]
    assert any("referral.invited" in line for line in seen["event"]), "the village has referrals"
    assert any("referral.came_back" in line for line in seen["event"])
    assert any("neighbours_invited" in line for line in seen["text"])
    assert any("concern.raised" in line for line in seen["event"])
    assert any("clearance.runs_out" in line for line in seen["event"])
    assert any("paper_runs_out" in line for line in seen["text"])
    assert min(len(seen[name]) for name in ("posting", "event", "text", "sent")) > 3
    assert {name: found for name, lines in seen.items() if (found := leaky(lines))} == {}


async def cared_for(database: Database, village: Village) -> None:
    """A concern, a role with its reason, a bleak answer and a goal, all full of health words."""
    said = f"{SENT[0].name} saw the doctor about dementia, NHS 943 476 5919"
    async with database.transaction(village.bank_id) as session:
        (member_key, other_key), cora_key = (
            [person.member_id for person in village.people if person.role == "member"][:2],
            next(person.member_id for person in village.people if person.role == "coordinator"),
        )
        member = await viewer.load(session, village.bank_id, member_key)
        cora = await viewer.load(session, village.bank_id, cora_key)
        assert member
        assert cora
        await concerns.raise_concern(session, member, uuid7(), about_id=other_key, words=said, at=PRESENT)
        role = NewClearance(
            kind="role",
            words=said,
            is_eligible=True,
            level="enhanced",
            reason=said,
            done_on=PRESENT.date(),
            expires_on=PRESENT.date() + timedelta(days=7),
        )
        await clearances.add(session, cora, member_key, uuid7(), role, at=PRESENT)
        await asking.begin(session, member, member_key, at=PRESENT)
        await asking.allow(session, member, member_key, "my_own_use", is_given=True, at=PRESENT)
        await asking.answer(session, member, member_key, "lonely", "start", [5], way="page", at=PRESENT)
        await goals.set_goal(session, member, member_key, said, 1, goal_id=uuid7(), at=PRESENT)


@pytest.mark.parametrize(
    "planted",
    [
        "Hello from Larkspur Surgery: your doctor prescribed an hour",
        "member 943 476 5919 has come",
        f"Welcome, {SENT[0].name}!",
        "See you at the memory café",
        f"event about {PRACTICE}",
        "আপনার ডাক্তার বলেছেন",
        "Eich meddyg a'ch anfonodd",
    ],
)
def test_what_would_betray_somebody_is_found(planted: str) -> None:
    """The control."""
    assert leaks(planted) != []


def test_ordinary_words_are_not() -> None:
    assert leaks("Gardening, 1 h 30 min on 3 May. Ring 020 7946 0010 or +447700900123.") == []
