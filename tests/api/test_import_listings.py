"""Offers and asks from a spreadsheet."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from api.files import Report, import_listings, import_members
from exchange.directory import reviews
from exchange.directory.tables import Listing
from exchange.errors import NotFound
from exchange.membership import banks, organisations, viewer
from exchange.outbox import Event

CIRCLE = UUID("019e0000-0000-7000-8000-000000000012")
FILE = """bank,type,description,categories
bank1,offer,Gardening and weeding,Help at home
bank1,request,Someone to walk the dog,Companionship
bank1,offer,"Singing, for beginners","Arts, crafts and music; Education"
"""


@pytest.fixture
async def bank(database: Database, bank_id: UUID, at: datetime) -> UUID:
    async with database.transaction(bank_id) as session:
        made = await banks.create(session, "Import Bank", admin="07700900001", bank_id=bank_id, at=at)
        admin = await viewer.load(session, bank_id, made.admin_id)
        assert admin is not None
        await organisations.add(session, admin, "Neighbours", organisation_id=CIRCLE, at=at)
    people = b"id,name,phone,adult\n1,Ann,07700 900201,yes\n"
    assert (await import_members(database, bank_id, people, file_name="p.csv", at=at)).is_written
    return bank_id


async def give(database: Database, bank: UUID, text: str, at: datetime, **more: Any) -> Report:
    return await import_listings(database, bank, text.encode(), file_name="listings.csv", at=at, **more)


async def all_listings(database: Database, bank: UUID) -> list[Listing]:
    async with database.transaction(bank) as session:
        return list((await session.scalars(select(Listing).order_by(col(Listing.description)))).all())


async def test_listings_without_a_member_belong_to_whom_the_operator_names(
    database: Database, bank: UUID, at: datetime
) -> None:
    report = await give(database, bank, FILE, at, owner_id=CIRCLE)
    assert (report.problems, report.written) == ([], 3)
    assert report.ignored_columns == ["bank", "categories"]
    found = await all_listings(database, bank)
    assert [(x.kind, x.description, x.party_id) for x in found] == [
        ("offer", "Gardening and weeding", CIRCLE),
        ("offer", "Singing, for beginners", CIRCLE),
        ("request", "Someone to walk the dog", CIRCLE),
    ]
    async with database.transaction(bank) as session:
        alive = await session.scalar(
            select(func.count()).select_from(Event).where(col(Event.handled_at).is_(None))
        )
    assert alive == 0


async def test_a_second_import_writes_nothing_new(database: Database, bank: UUID, at: datetime) -> None:
    await give(database, bank, FILE, at, owner_id=CIRCLE)
    again = await give(database, bank, FILE, at, owner_id=CIRCLE)
    assert (again.written, again.unchanged) == (0, 3)
    assert len(await all_listings(database, bank)) == 3


async def test_words_become_skills_and_what_is_unsure_or_delicate_waits_for_a_person(
    database: Database, bank: UUID, at: datetime
) -> None:
    lines = ("Dog walking", "Something with ferrets", "A lift to the hospital", "Service my gas boiler")
    text = "type,description,member\n" + "".join(f"offer,{line},Ann\n" for line in lines)
    report = await give(database, bank, text, at)
    assert report.notes == [
        "2 wait on the desk: their kind of help needs a coordinator first.",
        "1 were not surely understood: the desk shows them for a look.",
    ]
    found = {row.description: row for row in await all_listings(database, bank)}
    dogs, ferrets, lift, gas = (found[line] for line in lines)
    assert (dogs.skills, dogs.is_unsure, dogs.state) == (["dog_walking"], False, "open")
    assert (ferrets.is_unsure, ferrets.state) == (True, "open")
    assert ("lifts_to_health" in lift.skills, lift.state) == (True, "with_coordinator")
    assert ("gas_work" in gas.skills, gas.state) == (True, "with_coordinator")
    async with database.transaction(bank) as session:
        [member_id] = await organisations.holders_of(session, bank, "administrator")
        admin = await viewer.load(session, bank, member_id)
        assert admin
        shown = {view.listing.description for view in await reviews.desk(session, admin, at=at)}
    assert shown == set(lines[1:]), "and what was surely understood needs nobody"


async def test_a_line_twice_is_two_and_both_are_known_the_next_time(
    database: Database, bank: UUID, at: datetime
) -> None:
    text = "type,description,member\noffer,Bread,Ann\noffer, bread ,Ann\n"
    assert (await give(database, bank, text, at)).written == 2
    again = await give(database, bank, text + "offer,Bread,Ann\n", at)
    assert (again.written, again.unchanged) == (1, 2)


async def test_a_listing_is_its_members(database: Database, bank: UUID, at: datetime) -> None:
    text = "Offer or request,Title,Details,Member\nWanted,Lift to choir,Tuesdays at six,Ann\n"
    report = await give(database, bank, text, at)
    assert report.problems == []
    found = (await all_listings(database, bank))[0]
    assert (found.kind, found.description) == ("request", "Lift to choir: Tuesdays at six")


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        ("barter,Cakes,Ann", "kind", "not_a_choice"),
        (",Cakes,Ann", "kind", "text_missing"),
        ("offer,,Ann", "description", "text_missing"),
        ("offer,Cakes,Zed", "owner", "nobody_by_that_name"),
        ("offer,Cakes,", "owner", "who_missing"),
    ],
)
async def test_a_bad_line_stops_the_file(
    database: Database, bank: UUID, at: datetime, line: str, field: str, code: str
) -> None:
    report = await give(database, bank, f"type,description,member\noffer,Bread,Ann\n{line}\n", at)
    assert [(p.line, p.field, p.code) for p in report.problems] == [(3, field, code)]
    assert await all_listings(database, bank) == []


async def test_another_banks_party_owns_nothing_here(database: Database, bank: UUID, at: datetime) -> None:
    with pytest.raises(NotFound):
        await give(database, bank, FILE, at, owner_id=uuid7())
