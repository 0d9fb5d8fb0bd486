"""Everything of one bank as files: complete, private, and good to import again."""

import csv
import io
import json
import stat
import zipfile
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from api.database import Database
from api.files import TargetExists, export_bank, import_hours, import_listings, import_members
from exchange.membership import banks, organisations, viewer

PEOPLE = (
    "id,name,phone,adult,address,may text,status\n"
    "1,Ann,07700 900201,yes,1 Mill Lane,yes,\n"
    "2,Ben,07700 900202,yes,,no,\n3,Old Cyd,07700 900203,yes,,yes,left\n"
)
HOURS = "from,to,hours,date,skill\nAnn,Ben,1,2025-06-01,=1+1\nBen,Day centre,2,2025-06-02,Buying milk\n"
LISTINGS = "type,description,member\noffer,Gardening,Ann\n"


async def a_bank(database: Database, bank_id: UUID, at: datetime) -> UUID:
    async with database.transaction(bank_id) as session:
        made = await banks.create(session, "Export Bank", admin="07700900001", bank_id=bank_id, at=at)
        admin = await viewer.load(session, bank_id, made.admin_id)
        assert admin is not None
        await organisations.add(session, admin, "Day centre", at=at)
    return bank_id


@pytest.fixture
async def bank(database: Database, bank_id: UUID, at: datetime) -> UUID:
    await a_bank(database, bank_id, at)
    for importing, text in ((import_members, PEOPLE), (import_hours, HOURS), (import_listings, LISTINGS)):
        report = await importing(database, bank_id, text.encode(), file_name="x.csv", at=at)
        assert report.is_written, report.problems
    return bank_id


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


async def test_an_export_holds_everything_and_only_its_owner_may_read_it(
    database: Database, bank: UUID, at: datetime, tmp_path: Path
) -> None:
    written = await export_bank(database, bank, tmp_path / "out", at=at)
    assert (written["members.csv"], written["hours.csv"], written["listings.csv"]) == (4, 2, 1)
    assert written["statement_lines.csv"] == 4, "each hour stands in two statements"
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "out").iterdir()} == {0o600}
    told = [json.loads(line) for line in (tmp_path / "out" / "hours.jsonl").read_text().splitlines()]
    assert {line["skill"] for line in told} == {"=1+1", "Buying milk"}


async def test_a_spreadsheet_runs_nothing(
    database: Database, bank: UUID, at: datetime, tmp_path: Path
) -> None:
    await export_bank(database, bank, tmp_path / "out", at=at)
    assert {line["skill"] for line in rows(tmp_path / "out" / "hours.csv")} == {"'=1+1", "Buying milk"}


async def test_what_was_exported_is_known_when_imported_again(
    database: Database, bank: UUID, at: datetime, tmp_path: Path
) -> None:
    await export_bank(database, bank, tmp_path / "out", at=at)
    for importing, name, lines in ((import_members, "members.csv", 4), (import_hours, "hours.csv", 2)):
        data = (tmp_path / "out" / name).read_bytes()
        report = await importing(database, bank, data, file_name=name, at=at)
        assert (report.problems, report.written, report.unchanged) == ([], 0, lines)


async def test_another_bank_can_be_made_from_an_export(
    database: Database, bank: UUID, at: datetime, tmp_path: Path
) -> None:
    await export_bank(database, bank, tmp_path / "out", at=at)
    other = await a_bank(database, uuid7(), at)
    for importing, name in ((import_members, "members.csv"), (import_hours, "hours.csv")):
        data = (tmp_path / "out" / name).read_bytes()
        report = await importing(database, other, data, file_name=name, at=at)
        assert report.problems == []
    await export_bank(database, other, tmp_path / "again", at=at)
    for name, wanted in (
        ("members.csv", ("name", "status", "mobile", "may text", "address", "joined on", "may post")),
        ("hours.csv", ("giver", "receiver", "minutes", "date", "skill")),
    ):
        first, second = (
            sorted([line[key] for key in wanted] for line in rows(tmp_path / folder / name))
            for folder in ("out", "again")
        )
        assert [line for line in second if line in first] == first


async def test_nothing_is_overwritten(database: Database, bank: UUID, at: datetime, tmp_path: Path) -> None:
    await export_bank(database, bank, tmp_path / "out.zip", at=at)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert {"members.csv", "members.jsonl", "bank.csv"} <= set(archive.namelist())
    with pytest.raises(TargetExists):
        await export_bank(database, bank, tmp_path / "out.zip", at=at)
