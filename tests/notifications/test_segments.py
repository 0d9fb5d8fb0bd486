"""Segments counted as they are billed: against a packer that splits letter by letter, and at every edge."""

import random

import pytest

from notifications.segments import GSM7_ESCAPED, GSM7_LETTERS, measure

BASIC = sorted(GSM7_LETTERS)
ESCAPED = sorted(GSM7_ESCAPED)
OTHERS = list("ŵŷâêîôûáíóúÁŴ’“—…অআহ্যাঁ১২😀👍🏽🏴\u200d")


def brute_force(body: str) -> int:
    """Fill envelopes one letter at a time, as TS 23.040 says a sender must."""
    is_gsm = all(letter in GSM7_LETTERS or letter in GSM7_ESCAPED for letter in body)
    units = [
        (["esc", letter] if letter in GSM7_ESCAPED else [letter])
        if is_gsm
        else list(memoryview(letter.encode("utf-16-be")).cast("H"))
        for letter in body
    ]
    single, shared = (160, 153) if is_gsm else (70, 67)
    if sum(map(len, units)) <= single:
        return 1
    envelopes: list[list[object]] = [[]]
    for letter in units:
        if len(envelopes[-1]) + len(letter) > shared:
            envelopes.append([])
        envelopes[-1].extend(letter)
    return len(envelopes)


def random_text(dice: random.Random) -> str:
    letters = dice.choice([BASIC, BASIC + ESCAPED, ESCAPED, BASIC + OTHERS, OTHERS])
    return "".join(dice.choices(letters, k=dice.choice([dice.randint(0, 40), dice.randint(60, 330)])))


def test_random_texts_are_counted_as_a_packer_would_fill_them() -> None:
    dice = random.Random(412)
    for _ in range(4_000):
        body = random_text(dice)
        assert measure(body).segments == brute_force(body), body


@pytest.mark.long
def test_a_hundred_thousand_random_texts() -> None:
    dice = random.Random(7)
    for _ in range(100_000):
        body = random_text(dice)
        assert measure(body).segments == brute_force(body), body


@pytest.mark.parametrize("letter", ["a", "€", "ŵ", "😀"])
def test_every_boundary_length(letter: str) -> None:
    for length in range(640):
        assert measure(letter * length).segments == brute_force(letter * length), length


def test_a_pair_is_never_split_between_two_envelopes() -> None:
    """A counter that only divides by the envelope's size is the control: it would be one too low."""
    body = "a" * 152 + "€" + "a" * 152
    assert measure(body).units == 306
    assert -(-measure(body).units // 153) == 2
    assert measure(body).segments == 3
    assert measure("ŵ" * 66 + "😀" + "ŵ" * 66).segments == 3


def test_the_alphabet_is_the_standards() -> None:
    assert len(GSM7_LETTERS) == 127
    assert len(GSM7_ESCAPED) == 10
    assert measure("Siân").encoding == "ucs2"
    assert measure("Gwên, àèéìòù £").encoding == "ucs2"
    assert measure("àèéìòù £ @ Ñ ß").encoding == "gsm7"
