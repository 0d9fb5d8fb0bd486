"""A list of needs and concerns from a spreadsheet, in place of the one that there was."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from api.database import Database
from api.files import Report, import_codes
from exchange.membership import banks, viewer
from exchange.membership.viewer import Viewer
from exchange.prescribing import codes

FILE = """SNOMED code,Term,Code system,Type
390893007,Referral to physical activity programme,SNOMED CT,need
garden,Wants a garden,,
836881000000105,Safeguarding concern,http://snomed.info/sct,flag
"""


@pytest.fixture
async def admin(database: Database, bank_id: UUID, at: datetime) -> Viewer:
    async with database.transaction(bank_id) as session:
        made = await banks.create(session, "Import Bank", admin="07700900001", bank_id=bank_id, at=at)
        found = await viewer.load(session, bank_id, made.admin_id)
    assert found is not None
    return found


async def give(database: Database, admin: Viewer, text: str, at: datetime, **more: Any) -> Report:
    return await import_codes(database, admin.bank_id, text.encode(), file_name="c.csv", at=at, **more)


async def offered(database: Database, admin: Viewer, kind: str = "need") -> list[tuple[str, str]]:
    async with database.transaction(admin.bank_id) as session:
        return [(one.code, one.system) for one in await codes.offered(session, admin, kind)]


async def test_a_list_takes_the_place_of_the_old_one_and_twice_is_once(
    database: Database, admin: Viewer, at: datetime
) -> None:
    shipped = await offered(database, admin)
    dry = await give(database, admin, FILE, at, is_dry_run=True)
    assert (dry.written, dry.is_written, await offered(database, admin)) == (3, False, shipped)
    report = await give(database, admin, FILE, at)
    assert (report.written, report.problems, report.ignored_columns) == (3, [], [])
    assert await offered(database, admin) == [
        ("390893007", "http://snomed.info/sct"),
        ("garden", "urn:evenhour:need"),
    ]
    assert await offered(database, admin, "flag") == [("836881000000105", "http://snomed.info/sct")]
    again = await give(database, admin, FILE, at)
    assert (again.written, again.unchanged) == (0, 3)
    shorter = await give(database, admin, "code,words\ngarden,Wants a garden\n", at)
    assert "2 codes that the file does not have" in shorter.notes[0]
    assert await offered(database, admin) == [("garden", "urn:evenhour:need")]


BAD = """code,words,system,kind
a,,,
,No code,,
b,Twice,,
b,Twice,,
c,Colour,,colour
d,System,somewhere,
e,Fine,,
"""


async def test_each_bad_line_says_why_and_nothing_is_written(
    database: Database, admin: Viewer, at: datetime
) -> None:
    shipped = await offered(database, admin)
    report = await give(database, admin, BAD, at)
    assert [(p.line, p.field) for p in report.problems] == [
        (2, "words"),
        (3, "code"),
        (5, "code"),
        (6, "kind"),
        (7, "system"),
    ]
    assert (report.is_written, await offered(database, admin)) == (False, shipped)
    skipping = await give(database, admin, BAD, at, skip_bad=True)
    assert (skipping.is_written, [code for code, _ in await offered(database, admin)]) == (True, ["b", "e"])


async def test_a_file_without_one_good_line_changes_nothing(
    database: Database, admin: Viewer, at: datetime
) -> None:
    await give(database, admin, FILE, at)
    before = await offered(database, admin)
    empty = await give(database, admin, "code,words\n", at, skip_bad=True)
    assert (empty.written, await offered(database, admin)) == (0, before)
