"""From the bytes of a spreadsheet to rows with known fields: encodings, separators, headers, limits."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from api.files.headers import SEVERAL, fields_of, plain
from api.files.report import Report

BYTES_MAX = 10_000_000
LINES_MAX = 20_000
CELL_CHARACTERS_MAX = 4_000
SEPARATORS = ",;\t|"
EXCELS_OWN = "sep="
"""A first line by which Excel is told the separator, cut at that very sign: no header, and no person."""
SAYS_SEPARATOR = re.compile(rf"{EXCELS_OWN}([{re.escape(SEPARATORS)}])")
GUARDED = ("'=", "'+", "'-", "'@")
"""How exports write words that a spreadsheet would take for a formula; the quote is taken off again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: where it stands, and what it says in each known field."""

    line: int
    values: Mapping[str, str]
    several: Mapping[str, list[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


def decode(data: bytes) -> tuple[str, str] | None:
    """The text and the name of its encoding; None for what is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else (text, encoding)
    return None


def read(data: bytes, table: Mapping[str, str], report: Report) -> list[Row]:
    """The rows of a file by the known fields of `table`; what cannot be read goes into the report."""
    if len(data) > BYTES_MAX:
        report.add(1, "file", f"The file is larger than {BYTES_MAX // 1_000_000} MB.", "file_too_large")
        return []
    decoded = decode(data)
    if decoded is None:
        reason = "This is not a CSV file. Save the spreadsheet as CSV (UTF-8)."
        report.add(1, "file", reason, "not_text")
        return []
    text, report.encoding = decoded
    lines = _lines(text, report)
    header = next(lines, None)
    if header is None:
        report.add(1, "file", "The file is empty.", "file_empty")
        return []
    return list(_rows(lines, _columns(header[1], table, report), report))


def _lines(text: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Every line with something in it, with the number of the line where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    starts_at = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            reason = "This line's quotation marks do not match, and nothing after it can be read."
            report.add(starts_at, "line", reason, "bad_quotes")
            return
        if any(cell.strip() for cell in cells) and cells[0] != EXCELS_OWN:
            yield starts_at, cells
        starts_at = reader.line_num + 1


def _separator(text: str) -> str:
    header = text.lstrip().splitlines()[0] if text.strip() else ""
    named = SAYS_SEPARATOR.fullmatch(header.strip('"'))
    return named[1] if named else max(SEPARATORS, key=header.count)


def _columns(header: list[str], table: Mapping[str, str], report: Report) -> list[str | None]:
    """The field that each column says, or None; two columns for one field are a problem."""
    known = fields_of(table)
    found: list[str | None] = []
    for title in header:
        name = known.get(plain(title))
        if name is not None and name in found and name not in SEVERAL:
            reason = f"Two columns both say this: keep one, '{title.strip()}' or the one before it."
            report.add(1, name, reason, "column_twice")
        elif name is None and title.strip():
            report.ignored_columns.append(title.strip())
        found.append(name)
    return found


def _rows(lines: Iterator[tuple[int, list[str]]], columns: list[str | None], report: Report) -> Iterator[Row]:
    for line, cells in lines:
        report.lines += 1
        if report.lines > LINES_MAX:
            reason = f"A file may have {LINES_MAX:,} lines. Cut it into several."
            report.add(line, "file", reason, "too_many_lines")
            return
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            reason = "This line has more cells than the header: put words with commas in quotation marks."
            report.add(line, "line", reason, "too_many_cells")
        elif any(len(cell) > CELL_CHARACTERS_MAX for cell in cells):
            report.add(line, "line", "A cell of this line is too long.", "cell_too_long")
        else:
            yield _row(line, cells, columns)


def _row(line: int, cells: list[str], columns: list[str | None]) -> Row:
    several: dict[str, list[str]] = {}
    for name, cell in zip(columns, cells, strict=False):
        if name is not None and cell.strip():
            several.setdefault(name, []).append(_unguarded(cell.strip()))
    return Row(line, {name: words[0] for name, words in several.items()}, several)


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(GUARDED) else cell
