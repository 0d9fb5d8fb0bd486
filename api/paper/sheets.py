"""Sheets for groups: from the plain values of `exchange.activities.sheets` to what is typeset.

Pure: values and a language in, a PDF out. Times are the bank's own clock. What must never happen: a sheet
whose square leads anywhere but to the code that is printed beneath it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from api import formats
from api.paper import sheet_words as table
from api.paper.codes import svg
from api.paper.printing import typeset
from api.paper.sheet_words import Words, words
from exchange.activities.sheets import Card, DayLine, DaySheet, Poster, PrintedNotes, Roster, WhatsOn
from mobile_web.languages import language as speaks
from mobile_web.words import account_name

MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<path d="M15 3a12 12 0 0 0 0 24z" fill="#f6b743"/>'
    '<path d="M17 6a12 12 0 0 1 0 24z" fill="#6d2450"/></svg>'
)
COLUMN_LINES = 30
COLUMNS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who gets a what's-on letter: an address, or none for a sheet to hang up."""

    address: tuple[str, ...] = ()
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An hour that was added, as one side is told of it."""

    bank: str
    telephone: str | None
    address: tuple[str, ...]
    language: str
    other: str
    is_giver: bool
    minutes: int
    done_on: date
    posted_on: date
    skill: str | None
    number: str


def _set(template: str, title: str, bank: str, language: str, data: dict[str, Any]) -> bytes:
    shared = {"title": title, "bank": bank, "language": language, "mark": MARK}
    return typeset(template, {**data, **shared})


def long_day(day: date, language: str) -> str:
    """`Tuesday 12 May 2026`, in the reader's language."""
    return format_date(day, "EEEE d MMMM y", locale=language)


def _hours(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    first, last = (moment.astimezone(ZoneInfo(zone)) for moment in (starts_at, ends_at))
    return f"{first:%H:%M}\N{EN DASH}{last:%H:%M}"


def _when(sheet: Poster | Roster, language: str) -> str:
    day = sheet.starts_at.astimezone(ZoneInfo(sheet.time_zone)).date()
    return f"{long_day(day, language)}, {_hours(sheet.starts_at, sheet.ends_at, sheet.time_zone)}"


def _where(location: str, host: str) -> str:
    return location if host in location else " · ".join(part for part in (location, host) if part)


def _columns(parts: Sequence[Any], heights: Sequence[int], lines_max: int) -> list[list[Any]]:
    """The parts in one, two or three columns of about the same height, in their order."""
    total, count = sum(heights), 0
    columns = min(COLUMNS_MAX, -(-total // lines_max), len(parts))
    found: list[list[Any]] = [[] for _ in range(columns)]
    for part, height in zip(parts, heights, strict=True):
        found[min(columns - 1, (count + height // 2) * columns // total)].append(part)
        count += height
    return [column for column in found if column]


def poster_pdf(sheet: Poster, *, public_url: str, language: str) -> bytes:
    """A session's poster: one A4 page, its square and its typed code."""
    data = {
        "when": _when(sheet, language),
        "where": _where(sheet.location, sheet.host),
        "qr": svg(public_url + sheet.path),
        "code": sheet.code,
        "words": words(table.POSTER, language),
    }
    return _set("poster.typ", sheet.title, sheet.bank, language, data)


def cards_pdf(cards: Sequence[Card], *, public_url: str, language: str) -> bytes:
    """Wallet cards, ten to an A4 page, each in its owner's language."""
    said = words(table.CARD, language)
    bank = cards[0].bank if cards else ""
    data = {"cards": [_card(card, public_url) for card in cards]}
    return _set("cards.typ", said["title"], bank, language, data)


def _card(card: Card, public_url: str) -> dict[str, Any]:
    said = words(table.CARD, card.language)
    found = said["found"].format(formats.telephone(card.telephone)) if card.telephone else ""
    return {
        "bank": card.bank,
        "name": card.name,
        "language": card.language,
        "how": said["how"],
        "found": found,
        "alt": said["alt"].format(card.name),
        "code": card.code,
        "qr": svg(public_url + card.path),
    }


def roster_pdf(sheet: Roster, *, public_url: str, language: str) -> bytes:
    """Who is expected, with a box for each: one page for up to a hundred people."""
    said = words(table.ROSTER, language)
    lines = [
        {
            "name": line.name,
            "came": line.has_come,
            "note": ", ".join(
                part
                for part in (
                    said["leader"] if line.is_leader else "",
                    said["waiting"] if line.is_waiting else "",
                    said["companions"].format(line.companions) if line.companions else "",
                    said["lift"] if line.wants_lift else "",
                )
                if part
            ),
        }
        for line in sheet.lines
    ]
    data = {
        "when": _when(sheet, language),
        "where": _where(sheet.location, sheet.host),
        "qr": svg(public_url + sheet.path),
        "code": sheet.code,
        "lines": lines,
        "hidden": said["hidden"].format(sheet.hidden) if sheet.hidden else "",
        "words": said,
    }
    return _set("roster.typ", sheet.title, sheet.bank, language, data)


def day_pdf(sheet: DaySheet, *, language: str) -> bytes:
    """A till's day on one page."""
    said = words(table.DAY, language)
    lines = [_day_line(line, sheet.time_zone) for line in sheet.lines]
    data = {
        "host": sheet.host,
        "day": long_day(sheet.day, language),
        "columns": _columns(lines, [len(line["names"]) + 2 for line in lines], COLUMN_LINES),
        "words": said,
    }
    return _set("day.typ", f"{said['title']}: {sheet.host}", sheet.bank, language, data)


def _day_line(line: DayLine, zone: str) -> dict[str, Any]:
    return {
        "time": _hours(line.starts_at, line.ends_at, zone),
        "title": line.title,
        "where": line.location,
        "names": list(line.names),
    }


def notes_pdf(sheet: PrintedNotes, *, public_url: str, language: str) -> bytes:
    """The notes of a sheet that are still out, ten to an A4 page."""
    said = words(table.NOTE, language)
    data = {
        "amount": formats.duration(sheet.minutes, language),
        "from": said["from"].format(account_name(speaks(language), sheet.payer_kind, sheet.payer)),
        "until": said["until"].format(format_date(sheet.expires_on, "d MMM y", locale=language)),
        "notes": [
            {"number": f"№ {note.number}", "code": note.code, "qr": svg(public_url + note.path)}
            for note in sheet.notes
        ],
        "words": said,
    }
    return _set("notes.typ", said["title"], sheet.bank, language, data)


def whats_on_pdf(sheet: WhatsOn, readers: Sequence[Reader], *, language: str) -> bytes:
    """What is on: a page for each reader, in their language, with their address where it goes by post."""
    title = words(table.WHATS_ON, language)["title"]
    data = {"letters": [_programme(sheet, reader) for reader in readers]}
    return _set("whats_on.typ", title, sheet.bank, language, data)


def _programme(sheet: WhatsOn, reader: Reader) -> dict[str, Any]:
    said, language = words(table.WHATS_ON, reader.language), reader.language
    ring = said["ring"].format(formats.telephone(sheet.telephone)) if sheet.telephone else ""
    days = _days(sheet, said, language)
    return {
        "address": list(reader.address),
        "language": language,
        "title": said["title"],
        "nothing": said["nothing"],
        "closing": said["closing"].format(ring),
        "period": said["period"].format(
            long_day(sheet.from_day, language), long_day(sheet.until_day, language)
        ),
        "columns": _columns(days, [3 * len(day["lines"]) + 2 for day in days], COLUMN_LINES),
    }


def _days(sheet: WhatsOn, said: Words, language: str) -> list[dict[str, Any]]:
    zone = ZoneInfo(sheet.time_zone)
    found = []
    for day, lines in groupby(sheet.lines, key=lambda line: line.starts_at.astimezone(zone).date()):
        shown = [
            {
                "time": _hours(line.starts_at, line.ends_at, sheet.time_zone),
                "title": line.title,
                "where": _where(line.location, line.host),
                "more": " · ".join(
                    part
                    for part in (
                        said["earns"].format(formats.duration(line.earns_minutes, language))
                        if line.earns_minutes
                        else "",
                        said["costs"].format(formats.duration(line.costs_minutes, language))
                        if line.costs_minutes
                        else "",
                        *line.access,
                        line.lifts or "",
                    )
                    if part
                ),
            }
            for line in lines
        ]
        found.append({"day": format_date(day, "EEEE d MMMM", locale=language), "lines": shown})
    return found


def receipts_pdf(receipts: Sequence[Receipt], *, bank: str, language: str) -> bytes:
    """Receipts for hours that were added, each on a page of its own, in the reader's language."""
    title = words(table.RECEIPT, language)["title"]
    data = {"receipts": [_receipt(each) for each in receipts]}
    return _set("receipts.typ", title, bank, language, data)


def _receipt(each: Receipt) -> dict[str, Any]:
    said, language = words(table.RECEIPT, each.language), each.language
    closing = words(table.WHATS_ON, language)["ring"]
    time = formats.duration(each.minutes, language)
    return {
        "language": language,
        "address": list(each.address),
        "date": long_day(each.posted_on, language),
        "what": said["gave" if each.is_giver else "received"].format(other=each.other, time=time),
        "day": long_day(each.done_on, language),
        "skill": each.skill or "",
        "state": said["state"],
        "number": each.number,
        "words": said,
        "closing": closing.format(formats.telephone(each.telephone)).strip() if each.telephone else "",
    }
