"""A made-up town of any size for the benches: seeded, written straight into the tables by their owner.

What must never happen: this run against a database that somebody lives in; the bench makes one of its own.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.directory import index, taxonomy
from exchange.hours.tables import Hours
from exchange.membership import banks

NOON = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
AREAS = 40
TIMES_KINDS = (0, 0, 0, 0b111, 0b111000, 0b111111 << 15)
SKILL_POWER = 0.8
"""How uneven skills are: the most wanted one is about this often wanted to the power of its rank."""


@dataclass(frozen=True, slots=True)
class BuiltTown:
    """The bank that was made, and some of its asks."""

    bank_id: UUID
    admin_id: UUID
    requests: Sequence[UUID]


async def build(
    database: Database, owner: asyncpg.Connection, *, members: int, listings: int, seed: int
) -> BuiltTown:
    """Write a bank with so many members and so many open listings, half of them asks."""
    chance = random.Random(seed)  # noqa: S311  # a made-up town, the same each time
    async with database.transaction(None) as session:
        made = await banks.create(session, "Bench town", admin="bench@example.org", at=NOON)
    bank_id = made.bank_id
    people = [uuid7() for _ in range(members)]
    await _people(owner, bank_id, people, chance)
    rows = [_listing(bank_id, people[n % members], n, chance) for n in range(listings)]
    await _listings(owner, rows, made.admin_id)
    await _history(database, owner, bank_id, people, chance)
    # As the server itself leaves it some minutes after so much was written.
    await owner.execute("vacuum analyze")
    requests = [row["listing_id"] for row in rows if row["kind"] == "request"]
    return BuiltTown(bank_id, made.admin_id, requests)


async def _people(
    owner: asyncpg.Connection, bank_id: UUID, people: Sequence[UUID], chance: random.Random
) -> None:
    accounts = [uuid7() for _ in people]
    await owner.execute(
        "insert into ledger_account (bank_id, account_id, currency, lowest, highest, opened_at, booked_at) "
        "select a.bank_id, fresh.account_id, a.currency, a.lowest, a.highest, a.opened_at, a.booked_at "
        "from ledger_account a join party p using (bank_id, account_id) "
        "cross join unnest($2::uuid[]) fresh(account_id) "
        "where a.bank_id = $1 and p.kind = 'pot'",
        bank_id,
        accounts,
    )
    await owner.copy_records_to_table(
        "party",
        columns=["bank_id", "party_id", "kind", "name", "account_id", "is_active"],
        records=[
            (bank_id, key, "member", f"Member {n}", account, True)
            for n, (key, account) in enumerate(zip(people, accounts, strict=True))
        ],
    )
    columns = ["bank_id", "member_id", "full_name", "language", "preferred_channel", "status", "source"]
    await owner.copy_records_to_table(
        "member",
        columns=[*columns, "is_adult", "small_area", "is_listed", "joined_on"],
        records=[
            (
                bank_id,
                key,
                f"Member {n}",
                "en",
                "sms",
                "active",
                "self",
                True,
                _area(chance),
                n % 2 == 0,
                _day(chance),
            )
            for n, key in enumerate(people)
        ],
    )


def _area(chance: random.Random) -> str:
    return f"Area {chance.randrange(AREAS):02d}"


def _day(chance: random.Random) -> date:
    return NOON.date() - timedelta(days=chance.randrange(1, 900))


@cache
def _skills() -> tuple[list[str], list[float]]:
    """The skills that may be offered, and how often each is, added up."""
    codes = [skill.code for skill in taxonomy.load().skills.values() if skill.safety != "never"]
    return codes, list(accumulate((n + 1) ** -SKILL_POWER for n in range(len(codes))))


def _some_skills(chance: random.Random, count: int) -> list[str]:
    codes, weights = _skills()
    return sorted(set(chance.choices(codes, cum_weights=weights, k=count)))


def _listing(bank_id: UUID, party_id: UUID, n: int, chance: random.Random) -> dict[str, Any]:
    skills = _some_skills(chance, 1)
    said = " and ".join(chance.choice(taxonomy.get(skill).words) for skill in skills)
    return {
        "bank_id": bank_id,
        "listing_id": uuid7(),
        "party_id": party_id,
        "kind": "request" if chance.random() < 0.5 else "offer",  # noqa: PLR2004  # even chances
        "description": f"{said}, {chance.choice(FILLERS)}",
        "skills": skills,
        "small_area": _area(chance),
        "times": chance.choice(TIMES_KINDS),
        "languages": [],
        "access": [],
        "setting": "either",
        "is_at_home": n % 3 == 0,
        "minutes": chance.choice((60, 60, 120)),
    }


FILLERS = (
    "any time",
    "please ring first",
    "on most days",
    "happy to chat",
    "with a cup of tea",
    "at short notice",
)


async def _listings(owner: asyncpg.Connection, rows: Sequence[dict[str, Any]], made_by: UUID) -> None:
    same: dict[str, Any] = {
        "state": "open",
        "is_unsure": False,
        "proposes_activity": False,
        "review_on": NOON.date() + timedelta(days=90),
        "made_by": made_by,
        "made_at": NOON,
        "changed_at": NOON,
        "fingerprint": "",
    }
    columns = [*rows[0], *same]
    records = [(*row.values(), *same.values()) for row in rows]
    await owner.copy_records_to_table("listing", columns=columns, records=records)
    short = ["bank_id", "kind", "listing_id", "party_id", "small_area", "times", "setting", "is_at_home"]
    await owner.copy_records_to_table(
        "listing_skill",
        columns=[*short, "skill"],
        records=[(*(row[c] for c in short), skill) for row in rows for skill in row["skills"]],
    )
    await _words(owner, rows, [*short, "languages", "access"])


async def _words(owner: asyncpg.Connection, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Through a table of texts, since a `tsvector` cannot be copied in."""
    listed = ", ".join(columns)
    await owner.execute(
        f"create temp table spoken as select {listed}, ''::text as document from listing_words where false"  # noqa: S608  # our own names
    )
    records = [
        (*(row[c] for c in columns), index.document(row["description"], row["skills"])) for row in rows
    ]
    await owner.copy_records_to_table("spoken", columns=[*columns, "document"], records=records)
    await owner.execute(
        f"insert into listing_words ({listed}, document) select {listed}, document::tsvector from spoken"  # noqa: S608
    )
    await owner.execute("drop table spoken")


async def _history(
    database: Database,
    owner: asyncpg.Connection,
    bank_id: UUID,
    people: Sequence[UUID],
    chance: random.Random,
) -> None:
    """Hours given lately by about two in three, and some people asked lately."""
    one = _hours(bank_id, people[0], people[-1], NOON.date()).model_dump()
    told = []
    for _ in people:
        giver, receiver = chance.choice(people), chance.choice(people)
        if giver != receiver:
            day = NOON.date() - timedelta(days=chance.randrange(1, 60))
            sides = {"giver_id": giver, "receiver_id": receiver, "logger_id": giver, "awaited_id": receiver}
            told.append(one | sides | {"hours_id": uuid7(), "done_on": day})
    async with database.transaction(bank_id) as session:
        for first in range(0, len(told), 1000):
            await session.execute(insert(Hours), told[first : first + 1000])
    asked = chance.sample(people, len(people) // 5)
    await owner.copy_records_to_table(
        "turn",
        columns=["bank_id", "party_id", "last_asked_at", "counted_from", "asked_times"],
        records=[(bank_id, key, NOON, NOON, chance.randrange(1, 5)) for key in asked],
    )


def _hours(bank_id: UUID, giver_id: UUID, receiver_id: UUID, day: date) -> Hours:
    return Hours(
        bank_id=bank_id,
        hours_id=uuid7(),
        giver_id=giver_id,
        receiver_id=receiver_id,
        logger_id=giver_id,
        awaited_id=receiver_id,
        minutes=60,
        done_on=day,
        state="posted",
        reference="123",
        fingerprint="",
        logged_at=NOON,
    )
