"""From words to PDF: templates beside this file, data as JSON, no markup that anybody typed is ever run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import qrcode
import typst
from qrcode.image.svg import SvgPathImage

HERE = Path(__file__).parent
LATIN = "Libertinus Serif"
"""Comes with the typesetter."""
FONTS_BY_SCRIPT: Mapping[str, tuple[str, ...]] = {
    "Bengali": ("Noto Serif Bengali", "Noto Sans Bengali", "Lohit Bengali", "FreeSerif"),
    "Arabic": ("Noto Naskh Arabic", "Noto Sans Arabic", "DejaVu Sans", "FreeSerif"),
}
BLOCKS: Mapping[str, tuple[int, int]] = {"Bengali": (0x0980, 0x09FF), "Arabic": (0x0600, 0x06FF)}
PDF_STANDARD: Final = "ua-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter; `sender` is empty where safe contact wants no name of the service on it."""

    address: Sequence[str]
    sender: str
    date: str
    subject: str
    paragraphs: Sequence[str]
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of hours in words; `lines` are rows of four cells."""

    name: str
    title: str
    date: str
    balance: str
    headings: Sequence[str]
    lines: Sequence[Sequence[str]]
    nothing: str
    closing: str
    language: str


@cache
def _families() -> frozenset[str]:
    return frozenset(typst.Fonts().families())


def missing_scripts(text: str) -> list[str]:
    """The scripts of `text` for which this machine has no font; say so beside the print."""
    return [
        script
        for script, (first, last) in BLOCKS.items()
        if any(first <= ord(character) <= last for character in text)
        and not _families() & set(FONTS_BY_SCRIPT[script])
    ]


def _fonts() -> list[str]:
    wanted = [font for fonts in FONTS_BY_SCRIPT.values() for font in fonts]
    return [LATIN, *(font for font in wanted if font in _families())]


def statements_pdf(statements: Sequence[Statement], *, bank: str, title: str, language: str) -> bytes:
    """Statements of hours as tagged PDF, each beginning on a page of its own."""
    data = {
        "bank": bank,
        "title": title,
        "language": language,
        "statements": [asdict(each) for each in statements],
    }
    return typeset("statement.typ", data)


def letters_pdf(letters: Sequence[Letter], *, bank: str, title: str) -> bytes:
    """Letters to post, in one PDF, each on a page of its own."""
    return typeset(
        "letters.typ", {"bank": bank, "title": title, "letters": [asdict(each) for each in letters]}
    )


def letter_back_pdf(**words: Any) -> bytes:
    """The message back to whoever referred; the words are those that `letter_back.typ` names."""
    return typeset("letter_back.typ", words)


def slip_pdf(*, link: str, **words: Any) -> bytes:
    """A slip on A5 with a code for `link`; the other words are those that `slip.typ` names."""
    address = link.rpartition("/")[0].partition("//")[2]
    return typeset("slip.typ", {**words, "qr": qr_svg(link), "address": address})


def qr_svg(link: str) -> str:
    """A link as a drawing that a camera reads."""
    drawn = BytesIO()
    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2)
    made.add_data(link)
    made.make_image(image_factory=SvgPathImage).save(drawn)
    return drawn.getvalue().decode()


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """A tagged PDF of a template beside this file; `data` is set as it is and never read as markup."""
    inputs = {"data": json.dumps({**data, "fonts": _fonts()}, ensure_ascii=False)}
    made = typst.compile(HERE / template, format="pdf", sys_inputs=inputs, pdf_standards=[PDF_STANDARD])
    assert isinstance(made, bytes)
    return made
