"""Everything of one bank as files that other programs read, and that this one imports again.

CSV for people and spreadsheets, JSON lines for programs; the books' own journals are another command's.
Sign-in secrets and sent messages stay behind. What must never happen: a cell that a spreadsheet would run
as a formula, or a file of people that others on the machine may read.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from api.database import Database
from api.files.reading import GUARDED
from api.files.writing import sit_down
from api.refusals import OperatorRefused
from exchange.directory.tables import Listing
from exchange.hours import read
from exchange.hours.tables import Gift, Hours, Step
from exchange.membership.tables import (
    ApprovalRule,
    Bank,
    Block,
    Characteristics,
    Contact,
    Member,
    Organisation,
    Party,
    RoleGrant,
)
from exchange.membership.viewer import Viewer

FOLDER_MODE = 0o700
FILE_MODE = 0o600
PAGE_LINES = 1_000
AS_THEY_ARE: Mapping[str, type[SQLModel]] = {
    "bank": Bank,
    "approval_rules": ApprovalRule,
    "parties": Party,
    "organisations": Organisation,
    "contacts": Contact,
    "roles": RoleGrant,
    "walls": Block,
    "steps": Step,
    "gifts": Gift,
    "listings": Listing,
}
"""File → table whose rows it holds; `members` and `hours` are written so that they can be imported."""

IMPORTABLE_STATUSES = ("active", "paused", "left", "deceased")

Lines = list[dict[str, Any]]


class TargetExists(OperatorRefused):
    """There is something at that place already; name a new folder or a new .zip file."""


async def export_bank(database: Database, bank_id: UUID, target: Path, *, at: datetime) -> dict[str, int]:
    """Write everything of one bank to `target`, a new folder or a new `.zip`; returns lines per file.

    Raises:
        TargetExists: nothing is ever overwritten.
        NoAdministrator: the bank has nobody in whose name to read it.
    """
    _refuse_to_overwrite(target)
    async with database.transaction(bank_id) as session:
        viewer = (await sit_down(session, bank_id, at)).administrator
        sheets = await _sheets(session, viewer)
    files = {
        name: content
        for sheet, lines in sheets.items()
        for name, content in ((f"{sheet}.csv", _csv(lines)), (f"{sheet}.jsonl", _json_lines(lines)))
    }
    _write(files, target)
    return {f"{sheet}.csv": len(lines) for sheet, lines in sheets.items()}


def _refuse_to_overwrite(target: Path) -> None:
    if target.exists():
        raise TargetExists(f"{TargetExists.__doc__} ({target})")


async def _sheets(session: AsyncSession, viewer: Viewer) -> dict[str, Lines]:
    found = {name: await _rows(session, viewer.bank_id, table) for name, table in AS_THEY_ARE.items()}
    names = {line["party_id"]: line["name"] for line in found["parties"]}
    people = await _rows(session, viewer.bank_id, Member)
    said = {line["member_id"]: line for line in await _rows(session, viewer.bank_id, Characteristics)}
    hours = [_with_names(line, names) for line in await _rows(session, viewer.bank_id, Hours)]
    members = [_member(line, names, found["contacts"], said.get(line["member_id"], {})) for line in people]
    return {
        "members": [line for line in members if line["status"] in IMPORTABLE_STATUSES],
        "asking_to_join": [line for line in members if line["status"] not in IMPORTABLE_STATUSES],
        "hours": [line for line in hours if line["state"] == "posted"],
        "hours_not_posted": [line for line in hours if line["state"] != "posted"],
        "statement_lines": await _statement_lines(session, viewer, names),
        **found,
    }


async def _rows(session: AsyncSession, bank_id: UUID, table: type[SQLModel]) -> Lines:
    """Every row of a table in the order of its key, as JSON would hold it."""
    columns = table.__table__.columns  # type: ignore[attr-defined]
    keys = [column for column in columns if column.primary_key]
    rows = await session.scalars(select(table).where(columns["bank_id"] == bank_id).order_by(*keys))
    return [row.model_dump(mode="json") for row in rows]


def _with_names(line: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Hours with the columns that an import knows first."""
    first = {
        "id": line["hours_id"],
        "date": line["done_on"],
        "giver_id": line["giver_id"],
        "giver": names[line["giver_id"]],
        "receiver_id": line["receiver_id"],
        "receiver": names[line["receiver_id"]],
        "minutes": line["minutes"],
        "skill": line["skill"],
        "note": line["note"],
    }
    left_out = {"hours_id", "done_on", "fingerprint", "reference"}
    return first | {key: value for key, value in line.items() if key not in left_out | first.keys()}


def _member(
    line: dict[str, Any], names: Mapping[str, str], contacts: Lines, said: Mapping[str, Any]
) -> dict[str, Any]:
    """One person in one line, with the columns that an import knows.

    Where contacts differ in what is safe, the line says the most careful of it; `contacts` has each.
    """
    own = [contact for contact in contacts if contact["member_id"] == line["member_id"]]
    by_kind = {
        kind: [c["value"] for c in own if c["kind"] == kind] for kind in ("mobile", "landline", "email")
    }
    mobiles = [contact for contact in own if contact["kind"] == "mobile"]
    emails = [contact for contact in own if contact["kind"] == "email"]
    letters = [contact for contact in own if contact["kind"] == "post"]
    return {
        "id": line["member_id"],
        "name": names[line["member_id"]],
        "full name": line["full_name"],
        "status": line["status"],
        "mobile": next(iter(by_kind["mobile"]), None),
        "landline": next(iter(by_kind["landline"]), None),
        "email": next(iter(by_kind["email"]), None),
        "address": letters[0]["value"] if letters else line["address"],
        "language": line["language"],
        "preferred channel": line["preferred_channel"],
        "over 18": _yes(is_so=line["is_adult"]),
        "joined on": line["joined_on"],
        "small area": line["small_area"],
        "access needs": line["access_needs"],
        "source": line["source"],
        "listed": _yes(is_so=line["is_listed"]),
        "may text": _yes(is_so=bool(mobiles) and all(c["may_write"] for c in mobiles)),
        "may email": _yes(is_so=bool(emails) and all(c["may_write"] for c in emails)),
        "may leave voicemail": _yes(is_so=bool(own) and all(c["may_leave_voicemail"] for c in own)),
        "may post": _yes(is_so=bool(letters) and all(c["may_post"] for c in letters)),
        "discreet": _yes(is_so=any(c["is_discreet"] for c in own)),
        "safe from": max((c["safe_from"] for c in own if c["safe_from"]), default=None),
        "safe until": min((c["safe_until"] for c in own if c["safe_until"]), default=None),
        "age band": said.get("age_band"),
        "ethnicity": said.get("ethnicity"),
        "disability": said.get("disability"),
    }


def _yes(*, is_so: bool) -> str:
    return "yes" if is_so else "no"


async def _statement_lines(session: AsyncSession, viewer: Viewer, names: Mapping[str, str]) -> Lines:
    """Every party's statement, newest first, as its owner would read it."""
    found: Lines = []
    for party_id, name in names.items():
        cursor = None
        while True:
            page = await read.statement(
                session, viewer, party_id=UUID(party_id), cursor=cursor, limit=PAGE_LINES
            )
            found += [_statement_line(party_id, name, line) for line in page.lines]
            cursor = page.next_cursor
            if cursor is None:
                break
    return found


def _statement_line(party_id: str, name: str, line: read.StatementLine) -> dict[str, Any]:
    told = {key: getattr(line, key) for key in read.StatementLine.__dataclass_fields__}
    return {"party_id": party_id, "party": name, **told}


def _csv(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """A table with a header; Excel sees UTF-8 by its mark."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(lines[0]) if lines else ["empty"])
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in line.items()} for line in lines)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(str(each) for each in value)
    if isinstance(value, str) and f"'{value[:1]}" in GUARDED and not value[1:].isdigit():
        return f"'{value}"
    return value


def _json_lines(lines: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False, default=str) + "\n" for line in lines).encode()


def _write(files: Mapping[str, bytes], target: Path) -> None:
    """All files into a folder or an archive that only their owner may read."""
    if target.suffix == ".zip":
        target.touch(mode=FILE_MODE)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return
    target.mkdir(mode=FOLDER_MODE)
    for name, content in files.items():
        path = target / name
        path.touch(mode=FILE_MODE)
        path.write_bytes(content)
