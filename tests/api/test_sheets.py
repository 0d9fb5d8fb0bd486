"""Printed sheets: each square leads where its typed code says, each is one page, every script is shaped."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from uuid_utils.compat import uuid7

from api.paper import printing, sheets
from api.paper.sheets import Reader, Receipt
from exchange.activities import codes
from exchange.activities.sheets import (
    Card,
    DayLine,
    DaySheet,
    Poster,
    PrintedNote,
    PrintedNotes,
    Roster,
    RosterLine,
    WhatsOn,
    WhatsOnLine,
)

URL = "https://timebank.example.org"
TEN = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
NAMES = (
    "Grace Okafor",
    "রফিকুল ইসলাম",
    "فاطمہ بیگم",
    "محمد الأمين",
    "Siân Pritchard-Llewellyn",
    "ক্ষেত্রমোহিনী দেবী",
)
LANGUAGES = ("en", "cy", "bn")
QR = zxingcpp.barcode_formats_from_str("QRCode")


def code_of(kind: codes.Kind, number: int) -> codes.Code:
    return codes.make(kind, number.to_bytes(16, "big") * 2)


def squares(pdf: bytes, *, scale: float = 4) -> list[list[str]]:
    """What the squares of each page say when the page is printed and scanned."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.render(scale=scale, grayscale=True).to_pil() for page in document]
    document.close()
    return [[found.text for found in zxingcpp.read_barcodes(page, formats=QR)] for page in pages]


def text_of(pdf: bytes) -> str:
    from io import BytesIO

    from pypdf import PdfReader

    reader = PdfReader(BytesIO(pdf))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    return "\n".join(page.extract_text() for page in reader.pages)


def a_poster(**more: Any) -> Poster:
    code = code_of("poster", 7)
    shown: dict[str, Any] = {
        "bank": "Lantern Street",
        "title": "Gentle yoga on chairs",
        "host": "Holm Road Day Centre",
        "location": "The garden room",
        "starts_at": TEN,
        "ends_at": TEN + timedelta(hours=1),
        "time_zone": "Europe/London",
        "code": code.shown,
        "path": code.path,
    }
    return Poster(**shown | more)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("title", ["Yoga", "A very long name for a morning of music, cake and company " * 2])
def test_a_poster_is_one_page_whose_square_and_typed_code_agree(language: str, title: str) -> None:
    sheet = a_poster(title=title)
    pdf = sheets.poster_pdf(sheet, public_url=URL, language=language)
    assert squares(pdf, scale=2) == [[URL + sheet.path]]
    words = text_of(pdf)
    assert sheet.code in words
    assert codes.read(sheet.code).path == sheet.path
    assert "10:00" in words, "the bank's own clock"


def some_cards(number: int) -> list[Card]:
    made = [code_of("card", key) for key in range(1, number + 1)]
    return [
        Card(
            bank="Lantern Street",
            telephone="+442079460010",
            name=NAMES[key % len(NAMES)],
            language=LANGUAGES[key % 3],
            code=code.shown,
            path=code.path,
        )
        for key, code in enumerate(made)
    ]


@pytest.mark.parametrize(("number", "pages"), [(1, 1), (10, 1), (11, 2)])
def test_ten_cards_to_a_page_and_each_square_is_its_owners(number: int, pages: int) -> None:
    cards = some_cards(number)
    found = squares(sheets.cards_pdf(cards, public_url=URL, language="en"))
    assert len(found) == pages
    assert sorted(text for page in found for text in page) == sorted(URL + card.path for card in cards)
    assert all(len(page) <= 10 for page in found)


def test_time_notes_are_ten_to_a_page_and_all_different() -> None:
    made = [code_of("note", key) for key in range(1, 13)]
    sheet = PrintedNotes(
        bank="Lantern Street",
        payer="The community pot",
        minutes=90,
        purpose=None,
        expires_on=date(2026, 12, 31),
        notes=tuple(PrintedNote(number=n, code=c.shown, path=c.path) for n, c in enumerate(made, 1)),
    )
    pdf = sheets.notes_pdf(sheet, public_url=URL, language="en")
    found = squares(pdf)
    assert [len(page) for page in found] == [10, 2]
    assert {text for page in found for text in page} == {URL + code.path for code in made}
    words = text_of(pdf)
    assert all(code.shown in words for code in made)
    assert "1 h 30 min" in words


LONG = "Bermondsey and Rotherhithe Community Time Bank and Mutual Aid Society, Southwark"
TOP_MM, HIGH_MM, WIDE_MM, POINTS_MM = 13, 54, 86, 72 / 25.4


def where_codes_stand(pdf: bytes, shown: list[str]) -> list[tuple[int, int]]:
    """The row and column, ten to a page, in which each typed code stands whole."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    words, found = page.get_textpage(), []
    for code in shown:
        first, count = words.search(code).get_next()
        boxes = [words.get_charbox(index) for index in range(first, first + count)]
        edges = (page.get_height() - max(b[3] for b in boxes), page.get_height() - min(b[1] for b in boxes))
        rows = {int((edge / POINTS_MM - TOP_MM) // HIGH_MM) for edge in edges}
        assert len(rows) == 1, (code, edges)
        found.append((rows.pop(), int(boxes[0][0] / POINTS_MM > TOP_MM + 6 + WIDE_MM)))
    document.close()
    return found


def test_however_long_the_names_each_typed_code_stands_on_its_own_card_and_note() -> None:
    places = [(row, column) for row in range(5) for column in range(2)]
    cards = [Card(**(asdict(card) | {"name": LONG, "bank": LONG})) for card in some_cards(10)]
    printed = sheets.cards_pdf(cards, public_url=URL, language="en")
    assert where_codes_stand(printed, [card.code for card in cards]) == places
    made = [code_of("note", key) for key in range(1, 11)]
    sheet = PrintedNotes(
        bank=LONG,
        payer=LONG,
        minutes=1439,
        purpose=None,
        expires_on=date(2026, 12, 31),
        notes=tuple(PrintedNote(number=n, code=c.shown, path=c.path) for n, c in enumerate(made, 1)),
    )
    printed = sheets.notes_pdf(sheet, public_url=URL, language="bn")
    assert where_codes_stand(printed, [code.shown for code in made]) == places


def a_roster(number: int) -> Roster:
    lines = tuple(
        RosterLine(
            name=f"{NAMES[key % len(NAMES)]} {key}",
            is_leader=key == 0,
            is_waiting=key == number - 1,
            companions=key % 3,
            wants_lift=key % 4 == 2,
            has_come=key == 1,
        )
        for key in range(number)
    )
    return Roster(**asdict(a_poster()), lines=lines, hidden=1)


@pytest.mark.parametrize("number", [0, 1, 20, 40, 70, 100])
def test_a_roster_is_one_page_for_up_to_a_hundred(number: int) -> None:
    sheet = a_roster(number)
    pdf = sheets.roster_pdf(sheet, public_url=URL, language="en")
    assert squares(pdf) == [[URL + sheet.path]]
    words = text_of(pdf)
    assert all(line.name.rpartition(" ")[2] in words for line in sheet.lines)
    assert sum("Grace Okafor" in line.name for line in sheet.lines) == words.count("Grace Okafor")


@pytest.mark.parametrize(("things", "people"), [(0, 0), (3, 4), (8, 8), (10, 12), (20, 1)])
def test_a_tills_day_is_one_page(things: int, people: int) -> None:
    lines = tuple(
        DayLine(
            starts_at=TEN + timedelta(minutes=30 * n),
            ends_at=TEN + timedelta(minutes=30 * n + 30),
            title=f"Lane {n}",
            location="Pool 2",
            names=NAMES[:1] * people,
        )
        for n in range(things)
    )
    sheet = DaySheet(
        bank="Lantern Street", host="Quayside", day=TEN.date(), time_zone="Europe/London", lines=lines
    )
    pdf = sheets.day_pdf(sheet, language="en")
    assert len(squares(pdf, scale=1)) == 1
    assert text_of(pdf).count("Grace Okafor") == things * people


def whats_on(number: int) -> WhatsOn:
    lines = tuple(
        WhatsOnLine(
            session_id=uuid7(),
            activity_id=uuid7(),
            title=f"Session {n}.",
            about=None,
            host="Holm Road",
            location="The garden room",
            starts_at=TEN + timedelta(hours=19 * n),
            ends_at=TEN + timedelta(hours=19 * n + 1),
            access=("step-free",),
            lifts=None,
            earns_minutes=60,
            costs_minutes=0,
        )
        for n in range(number)
    )
    return WhatsOn(
        bank="Lantern Street",
        telephone="+442079460010",
        time_zone="Europe/London",
        from_day=TEN.date(),
        until_day=TEN.date() + timedelta(days=28),
        lines=lines,
    )


@pytest.mark.parametrize("number", [0, 5, 15, 34])
def test_whats_on_is_one_page_for_each_reader_in_their_language(number: int) -> None:
    readers = [Reader(language="en", address=("Wyn Rees", "1 Lantern Street")), Reader(language="cy")]
    pdf = sheets.whats_on_pdf(whats_on(number), readers, language="en")
    assert len(squares(pdf, scale=1)) == 2
    words = text_of(pdf)
    assert "Wyn Rees" in words
    assert "What's on" in words.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    assert "Beth sydd ymlaen" in words
    assert all(words.count(f"Session {n}.") == 2 for n in range(number))


def test_a_receipt_says_what_was_added_on_a_page_of_its_own() -> None:
    receipts = [
        Receipt(
            bank="Lantern Street",
            telephone=None,
            address=(),
            language=language,
            other="Amara",
            is_giver=True,
            minutes=90,
            done_on=date(2026, 5, 11),
            posted_on=date(2026, 5, 12),
            skill="Gardening",
            number="x",
        )
        for language in LANGUAGES
    ]
    pdf = sheets.receipts_pdf(receipts, bank="Lantern Street", language="en")
    assert len(squares(pdf, scale=1)) == 3
    assert "You gave Amara 1 h 30 min" in text_of(pdf)


# Scripts.

SHAPED = {"Bengali": "ক্ষেত্রমোহিনী", "Arabic": "فاطمہ"}
"""Names whose letters join: drawn one by one they would have more shapes than they have."""


def glyphs_of(pdf: bytes) -> set[str]:
    """The fonts that a page is set in."""
    from io import BytesIO

    from pypdf import PdfReader

    fonts = PdfReader(BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()
    return {str(font.get_object()["/BaseFont"]) for font in fonts}


def width_of_name(pdf: bytes) -> int:
    """How wide the name on the first card is, in dots."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0].render(scale=4).to_pil().convert("L")
    document.close()
    millimetre = page.width / 210
    name = page.crop(tuple(round(edge * millimetre) for edge in (22, 25.5, 70, 38)))
    found = name.point(lambda shade: 255 * (shade < 160)).getbbox()
    assert found
    return found[2] - found[0]


@pytest.mark.parametrize("script", SHAPED)
def test_a_name_in_another_script_is_set_in_a_font_that_has_it(script: str) -> None:
    name = SHAPED[script]
    if printing.missing_scripts(name):
        pytest.fail(f"No {script} font here. Type:  make fonts")
    used = glyphs_of(card_of(name))
    wanted = {family.replace(" ", "") for family in printing.FONTS_BY_SCRIPT[script]}
    assert any(family in font for font in used for family in wanted), used


@pytest.mark.parametrize("script", SHAPED)
def test_letters_that_join_are_joined(script: str) -> None:
    """Joined, a name is narrower than with its letters kept apart."""
    name = SHAPED[script]
    apart = "\N{ZERO WIDTH NON-JOINER}".join(name)
    assert width_of_name(card_of(name)) < 0.95 * width_of_name(card_of(apart))


def card_of(name: str) -> bytes:
    card = some_cards(1)[0]
    shown = asdict(card) | {"name": name, "language": "en"}
    return sheets.cards_pdf([Card(**shown)], public_url=URL, language="en")


def test_the_service_says_which_script_it_has_no_font_for(monkeypatch: pytest.MonkeyPatch) -> None:
    empty: Callable[[], frozenset[str]] = lambda: frozenset({printing.LATIN})  # noqa: E731
    monkeypatch.setattr(printing, "_families", empty)
    assert printing.missing_scripts("Siân, রফিক") == ["Bengali"]
    assert printing.missing_scripts("فاطمہ রফিক") == ["Bengali", "Arabic"]
    assert printing.missing_scripts("Siân") == []


def test_a_square_that_leads_elsewhere_would_be_seen() -> None:
    """The control: the same check on a poster whose square and code disagree."""
    sheet = a_poster(path=code_of("poster", 8).path)
    (found,) = squares(sheets.poster_pdf(sheet, public_url=URL, language="en"), scale=2)
    assert found != [URL + codes.read(sheet.code).path]
