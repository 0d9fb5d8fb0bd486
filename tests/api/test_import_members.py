"""Members from a spreadsheet: judged line by line, written whole or not at all, and told nothing."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from api.database import Database
from api.files import Report, import_members
from exchange.membership import banks
from exchange.membership.tables import Characteristics, Contact, Member, Party
from exchange.outbox import Event

GOOD = """Member ID,Display name,Surname,First name,Mobile,Home phone,E-mail,Over 18,Preferred language,Joined
17,Ann,Archer,Ann,07700 900201,020 7946 0201,,yes,Welsh,31/05/2024
18,,Bell,Ben,,,Ben@Example.org,Y,,
"""


@pytest.fixture
async def bank(database: Database, bank_id: UUID, at: datetime) -> UUID:
    async with database.transaction(bank_id) as session:
        made = await banks.create(session, "Import Bank", admin="07700900001", bank_id=bank_id, at=at)
        admin = await banks_admin(session, bank_id, made.admin_id)
        await banks.set_policy(session, admin, {"languages": ["en", "cy", "bn"]})
    return bank_id


async def banks_admin(session, bank_id: UUID, admin_id: UUID):
    from exchange.membership import viewer

    seen = await viewer.load(session, bank_id, admin_id)
    assert seen is not None
    return seen


async def give(database: Database, bank: UUID, text: str | bytes, at: datetime, **more: Any) -> Report:
    data = text if isinstance(text, bytes) else text.encode()
    return await import_members(database, bank, data, file_name="people.csv", at=at, **more)


async def names(database: Database, bank: UUID) -> set[str]:
    async with database.transaction(bank) as session:
        rows = await session.scalars(
            select(col(Party.name)).where(col(Party.bank_id) == bank, col(Party.kind) == "member")
        )
        return set(rows.all()) - {"Administrator"}


async def test_columns_are_known_by_what_people_call_them(
    database: Database, bank: UUID, at: datetime
) -> None:
    report = await give(database, bank, GOOD, at)
    assert (report.problems, report.written, report.is_written) == ([], 2, True)
    async with database.transaction(bank) as session:
        people = {m.full_name: m for m in (await session.scalars(select(Member))).all()}
        contacts = {c.value: c for c in (await session.scalars(select(Contact))).all()}
    ann, ben = people["Ann Archer"], people["Ben Bell"]
    assert (ann.language, ann.joined_on, ann.preferred_channel) == ("cy", date(2024, 5, 31), "sms")
    assert (ben.language, ben.preferred_channel, ben.source) == ("en", "email", "import")
    assert {contacts[c].kind for c in ("+447700900201", "+442079460201")} == {"mobile", "landline"}
    assert contacts["ben@example.org"].member_id == ben.member_id


async def test_nobody_is_told_of_an_import(database: Database, bank: UUID, at: datetime) -> None:
    await give(database, bank, GOOD, at)
    async with database.transaction(bank) as session:
        alive = await session.scalar(
            select(func.count()).select_from(Event).where(col(Event.handled_at).is_(None))
        )
    assert alive == 0


async def test_a_second_import_writes_nothing_new(database: Database, bank: UUID, at: datetime) -> None:
    without_ids = "name,phone,adult\nCyd,07700 900203,yes\n"
    for text, people in ((GOOD, 2), (without_ids, 1)):
        await give(database, bank, text, at)
        again = await give(database, bank, text, at)
        assert (again.problems, again.written, again.unchanged) == ([], 0, people)
    assert await names(database, bank) == {"Ann", "Ben Bell", "Cyd"}


async def test_somebody_signed_up_by_hand_is_not_written_twice(
    database: Database, bank: UUID, at: datetime
) -> None:
    await give(database, bank, "name,phone,adult\nCyd,07700 900203,yes\n", at)
    report = await give(database, bank, "id,name,phone,adult\n9,CYD,+44 7700 900203,yes\n", at)
    assert (report.written, report.unchanged) == (0, 1)


async def test_one_bad_line_stops_everything_and_all_of_them_are_told(
    database: Database, bank: UUID, at: datetime
) -> None:
    bad = GOOD + "19,Cyd,Case,Cyd,12,,,yes,,\n20,Dee,Dart,Dee,07700 900204,,,no,,\n"
    report = await give(database, bank, bad, at)
    told = [(p.line, p.field, p.code) for p in report.problems]
    assert told == [(4, "telephone", "bad_telephone"), (5, "is_adult", "adults_only")]
    assert not report.is_written
    assert await names(database, bank) == set()
    assert report.sentences()[-1].startswith("2 lines are bad, so nothing was written.")


async def test_skipping_bad_lines_writes_the_others(database: Database, bank: UUID, at: datetime) -> None:
    report = await give(database, bank, GOOD + "19,Cyd,Case,Cyd,12,,,yes,,\n", at, skip_bad=True)
    assert (report.is_written, report.written, len(report.problems)) == (True, 2, 1)
    assert await names(database, bank) == {"Ann", "Ben Bell"}


async def test_a_dry_run_tells_the_same_and_writes_nothing(
    database: Database, bank: UUID, at: datetime
) -> None:
    dry = await give(database, bank, GOOD, at, is_dry_run=True)
    assert (dry.written, dry.is_written) == (2, False)
    assert await names(database, bank) == set()


@pytest.mark.parametrize(
    ("text", "line", "field", "code"),
    [
        ("name,phone\nAnn,07700900201\n", 2, "is_adult", "age_not_asked"),
        ("name,phone,dob\nAnn,07700900201,12/05/2010\n", 2, "is_adult", "adults_only"),
        ("name,phone,dob\nAnn,07700900201,2010-13-40\n", 2, "date_of_birth", "not_a_day"),
        ("name,phone,adult\nAnn,07700900201,perhaps\n", 2, "is_adult", "not_yes_or_no"),
        ("name,phone,adult\n,07700900201,yes\n", 2, "name", "text_missing"),
        ("name,phone,adult\nAnn,,yes\n", 2, "telephone", "contact_missing"),
        ("name,e-mail,adult\nAnn,ann@,yes\n", 2, "email", "bad_email"),
        ("name,phone,adult,language\nAnn,07700900201,yes,Klingon\n", 2, "language", "not_a_choice"),
        ("name,phone,adult,joined\nAnn,07700900201,yes,2030-01-01\n", 2, "joined_on", "not_a_day"),
        ("name,phone,adult,safe from\nAnn,07700900201,yes,noonish\n", 2, "safe_from", "not_a_time"),
        ("phone,adult\n07700900201,yes\n", 1, "name", "column_missing"),
        ("name,nickname,adult\nAnn,A,yes\n", 1, "name", "column_twice"),
        ("name,phone,adult\nAnn,07700900201,yes,more\n", 2, "line", "too_many_cells"),
        (
            "name,phone,adult\nAnn,07700900201,yes\nAnn,07700900201,yes\n",
            3,
            "line",
            "twice_in_file",
        ),
        ('name,phone,adult\n"Ann,07700900201,yes\n', 2, "line", "bad_quotes"),
        (f"name,phone,adult\n{'a' * 81},07700900201,yes\n", 2, "name", "text_too_long"),
        ("", 1, "file", "file_empty"),
        (b"PK\x03\x04\x00\x00", 1, "file", "not_text"),
        (b"name\n" + b"a" * 10_000_001, 1, "file", "file_too_large"),
    ],
)
async def test_each_bad_line_says_where_and_why(
    database: Database, bank: UUID, at: datetime, text: str, line: int, field: str, code: str
) -> None:
    report = await give(database, bank, text, at)
    assert (line, field, code) in [(p.line, p.field, p.code) for p in report.problems]
    assert all(p.reason.endswith(".") for p in report.problems)
    assert not report.is_written
    assert await names(database, bank) == set()


async def test_the_operator_may_say_that_age_was_asked(database: Database, bank: UUID, at: datetime) -> None:
    report = await give(database, bank, "name,phone\nAnn,07700900201\n", at, all_are_adults=True)
    assert report.is_written


async def test_a_date_of_birth_is_judged_and_not_kept(database: Database, bank: UUID, at: datetime) -> None:
    report = await give(database, bank, "name,phone,dob\nAnn,07700900201,12/05/2008\n", at)
    assert report.is_written, "eighteen today"
    async with database.transaction(bank) as session:
        ann = (await session.scalars(select(Member).where(col(Member.full_name) == "Ann"))).one()
    assert "2008" not in str(ann.model_dump())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
async def test_spreadsheets_of_every_age_are_read(
    database: Database, bank: UUID, at: datetime, encoding: str
) -> None:
    text = "Name;Phone;18+\nSiân Prûst;07700 900205;yes\n"
    report = await give(database, bank, text.encode(encoding), at)
    assert report.is_written
    assert await names(database, bank) == {"Siân Prûst"}


async def test_what_is_safe_comes_with_the_contact(database: Database, bank: UUID, at: datetime) -> None:
    text = (
        "name,mobile,adult,safe to text,discreet,safe from,safe until,age group\n"
        "Nell,07700 900206,yes,no,yes,9:30,2pm,65-74\n"
    )
    await give(database, bank, text, at)
    async with database.transaction(bank) as session:
        contact = (await session.scalars(select(Contact).where(col(Contact.value) == "+447700900206"))).one()
        said = (await session.scalars(select(Characteristics))).one()
    assert (contact.may_write, contact.is_discreet) == (False, True)
    assert (str(contact.safe_from), str(contact.safe_until)) == ("09:30:00", "14:00:00")
    assert said.age_band == "65-74"


async def test_unused_columns_are_named(database: Database, bank: UUID, at: datetime) -> None:
    report = await give(database, bank, "name,phone,adult,shoe size\nAnn,07700900201,yes,5\n", at)
    assert report.ignored_columns == ["shoe size"]
    assert report.as_dict()["is_good"] is True


async def test_a_line_number_is_that_of_the_file(database: Database, bank: UUID, at: datetime) -> None:
    text = 'name,address,phone,adult\n"Ann","1 Mill Lane\nTown",07700900201,yes\n\nBen,,x,yes\n'
    report = await give(database, bank, text, at)
    assert [p.line for p in report.problems] == [5]
