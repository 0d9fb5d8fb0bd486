"""Every sentence that a member may read is there in each language, whole, with the same blanks to fill."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import mobile_web
from exchange.errors import ExchangeError
from mobile_web.languages import LOCALES, NAMES, language
from mobile_web.sentences import SENTENCES
from mobile_web.words import STATES

ROOM = Path(mobile_web.__file__).parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "say": None, "count": (1, 2)}
BLANK = re.compile(r"%\(\w+\)s")


def spoken() -> set[str]:
    """Every sentence in the templates and the code; the first form of those that count."""
    found = extract_from_dir(
        ROOM,
        [("**.py", "python"), ("templates/**.html", "jinja2")],
        {"templates/**.html": {"newstyle_gettext": "true", "extensions": "jinja2.ext.do"}},
        keywords=KEYWORDS,
    )
    return {ids if isinstance(ids, str) else ids[0] for _, _, ids, _, _ in found}


def catalogue(code: str) -> dict[str, tuple[str, ...]]:
    with (LOCALES / code / "LC_MESSAGES" / "messages.po").open("rb") as opened:
        return {
            message.id if isinstance(message.id, str) else message.id[0]: (
                (message.string,) if isinstance(message.string, str) else tuple(message.string)
            )
            for message in read_po(opened, locale=code)
            if message.id
        }


def kinds_of(rule: type[ExchangeError]) -> Iterator[type[ExchangeError]]:
    yield rule
    for narrower in rule.__subclasses__():
        yield from kinds_of(narrower)


TRANSLATED = [code for code in NAMES if code != "en"]


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_translated(code: str) -> None:
    known = catalogue(code)
    assert spoken() - set(known) == set()
    assert [message for message, forms in known.items() if not all(forms)] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_translated_that_nobody_says(code: str) -> None:
    assert set(catalogue(code)) - spoken() == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_have_the_same_blanks(code: str) -> None:
    wrong = [
        message
        for message, forms in catalogue(code).items()
        for form in forms
        if not set(BLANK.findall(form)) <= set(BLANK.findall(message)) | {"%(num)s"}
        or not set(BLANK.findall(message)) - {"%(num)s"} <= set(BLANK.findall(form))
    ]
    assert wrong == []


def test_every_rule_of_the_field_has_its_own_sentence() -> None:
    import exchange.hours.errors
    import exchange.membership.errors  # noqa: F401

    codes = {rule.code for rule in kinds_of(ExchangeError) if rule.__module__ in OWN_ROOMS}
    assert codes - set(SENTENCES) == set()


OWN_ROOMS = {"exchange.errors", "exchange.hours.errors", "exchange.membership.errors"}


def test_every_state_of_an_hour_has_words() -> None:
    from exchange.hours.tables import STATES as IN_TABLES

    assert set(IN_TABLES) - set(STATES) == set()


def test_welsh_counts_in_five_ways() -> None:
    assert language("cy").long_minutes(2) == "2 funud"
    assert language("cy").long_minutes(180) == "3 awr"
    assert language("bn").long_minutes(90) == "1 ঘণ্টা 30 মিনিট"
