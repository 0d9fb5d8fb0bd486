"""Hours from another system: confirmed history, with the file and line as evidence."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

import ledger
from api.database import Database
from api.files import Report, import_hours, import_members
from exchange.hours import read
from exchange.hours.tables import Hours, Step
from exchange.membership import banks, organisations, viewer
from exchange.outbox import Event

PEOPLE = """id,name,full name,phone,adult
1,Ann,Ann Archer,07700 900201,yes
2,Ben,Ben Bell,07700 900202,yes
3,Cyd,Cyd Case,07700 900209,yes
4,Dee,Dee Case,07700 900209,yes
"""
LEDGER = """Ref,Date,Given by,To,Hours,Service
A1,31/05/2019,Ann,Day centre,2,Setting the table
A2,2019-06-01,ben,Ann Archer,1:30,Gardening
A3,02.06.2019,Ann,Ben,45 min,Form filling
"""


@pytest.fixture
async def bank(database: Database, bank_id: UUID, at: datetime) -> UUID:
    async with database.transaction(bank_id) as session:
        made = await banks.create(session, "Import Bank", admin="07700900001", bank_id=bank_id, at=at)
        admin = await viewer.load(session, bank_id, made.admin_id)
        assert admin is not None
        await organisations.add(session, admin, "Day centre", at=at)
    report = await import_members(database, bank_id, PEOPLE.encode(), file_name="p.csv", at=at)
    assert report.is_written
    return bank_id


async def give(database: Database, bank: UUID, text: str, at: datetime, **more: Any) -> Report:
    return await import_hours(database, bank, text.encode(), file_name="old.csv", at=at, **more)


async def all_hours(database: Database, bank: UUID) -> list[Hours]:
    async with database.transaction(bank) as session:
        return list((await session.scalars(select(Hours).order_by(col(Hours.done_on)))).all())


async def test_history_is_posted_with_its_line_as_evidence(
    database: Database, bank: UUID, at: datetime
) -> None:
    report = await give(database, bank, LEDGER, at)
    assert (report.problems, report.written) == ([], 3)
    found = await all_hours(database, bank)
    assert [(h.state, h.minutes, h.skill) for h in found] == [
        ("posted", 120, "Setting the table"),
        ("posted", 90, "Gardening"),
        ("posted", 45, "Form filling"),
    ]
    assert found[0].done_on == date(2019, 5, 31), "years before the bank would look back"
    assert {h.posted_at for h in found} == {at}, "booked when it was written"
    async with database.transaction(bank) as session:
        steps = (await session.scalars(select(Step).where(col(Step.verb) == "log"))).all()
        assert {(s.reason, s.evidence) for s in steps} == {("imported", f"old.csv:{n}") for n in (2, 3, 4)}
        assert (await ledger.audit(session, bank)).is_clean
        alive = await session.scalar(
            select(func.count()).select_from(Event).where(col(Event.handled_at).is_(None))
        )
    assert alive == 0, "nobody is told of hours of 2019"


async def test_what_excel_writes_is_read(database: Database, bank: UUID, at: datetime) -> None:
    """Its own first line, days kept as moments, lengths as times of day, whole numbers as fractions."""
    lines = ("31-May-2019;1:30:00;", "2019-06-01 00:00:00;0:45;", "02/06/2019 14:30;;60.0", "3 Jun 2019;2,5;")
    text = "sep=;\nDate;Hours;Minutes;Giver;Receiver\n" + "".join(f"{line};Ann;Ben\n" for line in lines)
    report = await give(database, bank, text, at)
    assert (report.problems, report.ignored_columns) == ([], [])
    told = [(h.done_on.isoformat(), h.minutes) for h in await all_hours(database, bank)]
    assert told == [("2019-05-31", 90), ("2019-06-01", 45), ("2019-06-02", 60), ("2019-06-03", 150)]
    bad = await give(database, bank, text + "3 Jun 2019;1:75;;Ann;Ben\n", at)
    assert [(p.line, p.code) for p in bad.problems] == [(7, "not_a_length")]


async def test_progress_is_told_line_by_line(database: Database, bank: UUID, at: datetime) -> None:
    told: list[tuple[int, int]] = []
    await give(database, bank, LEDGER, at, progress=lambda done, lines: told.append((done, lines)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


async def test_a_second_import_pays_nothing_twice(database: Database, bank: UUID, at: datetime) -> None:
    await give(database, bank, LEDGER, at)
    again = await give(database, bank, LEDGER, at)
    assert (again.problems, again.written, again.unchanged) == ([], 0, 3)
    assert len(await all_hours(database, bank)) == 3


async def test_an_id_with_other_contents_stops_the_file(database: Database, bank: UUID, at: datetime) -> None:
    """Twice in one file, or corrected since: neither is lost in silence. A repeat is the control."""
    twice = "id,giver,receiver,minutes,date\n5,Ann,Ben,60,2019-06-01\n5,Ann,Ben,90,2019-06-02\n"
    report = await give(database, bank, twice, at)
    assert [(p.line, p.code) for p in report.problems] == [(3, "imported_otherwise")]
    assert await all_hours(database, bank) == []
    assert (await give(database, bank, twice, at, skip_bad=True)).written == 1
    corrected = twice.splitlines()[0] + "\n5,Ann,Ben,45,2019-06-01\n"
    assert [p.code for p in (await give(database, bank, corrected, at)).problems] == ["imported_otherwise"]
    assert (await give(database, bank, twice, at, skip_bad=True)).unchanged == 1
    assert [h.minutes for h in await all_hours(database, bank)] == [60]


async def test_two_equal_lines_are_two_exchanges_however_often_imported(
    database: Database, bank: UUID, at: datetime
) -> None:
    twice = "giver,receiver,minutes,date\n" + "Ann,Ben,60,2019-06-01\n" * 2
    await give(database, bank, twice, at)
    await give(database, bank, twice, at)
    assert len(await all_hours(database, bank)) == 2


async def test_history_below_the_limit_raises_it(database: Database, bank: UUID, at: datetime) -> None:
    lines = "".join(f"Ann,Ben,23,2019-06-0{day}\n" for day in range(1, 3))
    report = await give(database, bank, "giver,receiver,hours,date\n" + lines, at)
    assert report.written == 2
    assert report.notes == ["1 people had received more than the bank's limit; theirs was raised."]


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        ("Zed,Ben,60,2019-06-01", "giver", "nobody_by_that_name"),
        ("Ann,,60,2019-06-01", "receiver", "who_missing"),
        ("Ann,Ann Archer,60,2019-06-01", "receiver", "with_oneself"),
        ("Ann,Ben,0,2019-06-01", "minutes", "minutes_out_of_range"),
        ("Ann,Ben,1500,2019-06-01", "minutes", "minutes_out_of_range"),
        ("Ann,Ben,1.5,2019-06-01", "minutes", "not_a_length"),
        ("Ann,Ben,-60,2019-06-01", "minutes", "not_a_length"),
        ("Ann,Ben,,2019-06-01", "minutes", "not_a_length"),
        ("Ann,Ben,60,2026-05-13", "done_on", "day_in_future"),
        ("Ann,Ben,60,06/31/2019", "done_on", "not_a_day"),
        ("Ann,Ben,60,0001-01-01", "done_on", "not_a_day"),
        ("Ann,Administrator,60,2019-06-01", "line", "nobody_free"),
    ],
)
async def test_a_bad_line_stops_the_file(
    database: Database, bank: UUID, at: datetime, line: str, field: str, code: str
) -> None:
    good = "giver,receiver,minutes,date\nAnn,Ben,60,2019-06-01\n"
    report = await give(database, bank, good + line + "\n", at)
    assert [(p.line, p.field, p.code) for p in report.problems] == [(3, field, code)]
    assert await all_hours(database, bank) == []
    skipped = await give(database, bank, good + line + "\n", at, skip_bad=True)
    assert skipped.is_written
    assert len(await all_hours(database, bank)) == 1


async def test_hours_that_come_to_no_whole_minute_are_not_rounded(
    database: Database, bank: UUID, at: datetime
) -> None:
    header = "giver,receiver,hours,date\n"
    report = await give(database, bank, header + "Ann,Ben,0.33,2019-06-01\n", at)
    assert [p.code for p in report.problems] == ["not_a_length"]
    endless = await give(database, bank, header + "Ann,Ben,1e999999,2019-06-01\n", at)
    assert [p.code for p in endless.problems] == ["not_a_length"]
    assert (await give(database, bank, header + "Ann,Ben,1h 5,2019-06-01\n", at)).is_written
    assert [h.minutes for h in await all_hours(database, bank)] == [65]


async def test_people_are_found_by_number_telephone_and_name(
    database: Database, bank: UUID, at: datetime
) -> None:
    by_number = "from id,to phone,minutes,date\n1,+44 7700 900202,60,2019-06-01\n"
    assert (await give(database, bank, by_number, at)).is_written
    shared = "from,to phone,minutes,date\nAnn,07700900209,60,2019-06-01\n"
    assert [p.code for p in (await give(database, bank, shared, at)).problems] == ["several_by_that_name"]
    told_apart = "from,to phone,to,minutes,date\nAnn,07700900209,Dee,60,2019-06-02\n"
    assert (await give(database, bank, told_apart, at)).is_written


async def test_an_imported_hour_reads_like_any_other(database: Database, bank: UUID, at: datetime) -> None:
    await give(database, bank, LEDGER, at)
    found = await all_hours(database, bank)
    async with database.transaction(bank) as session:
        ben = await viewer.load(session, bank, found[1].giver_id)
        assert ben is not None
        page = await read.statement(session, ben)
    assert [(line.minutes, line.skill) for line in page.lines] == [(-45, "Form filling"), (90, "Gardening")]
