"""Codes as they are typed by tired people, and what nobody can make of them."""

from contextlib import suppress
from datetime import datetime
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.activities import codes
from exchange.activities.codes import ALPHABET, Code
from exchange.activities.errors import BadCode
from tests.small_bank import Small, make

SECRET = b"a secret for tests only"
kinds = st.sampled_from(["poster", "card", "note", "referral"])
made = st.builds(codes.make, kinds, st.binary(min_size=16, max_size=32))


@given(made)
def test_a_code_is_read_as_it_was_made(code: Code) -> None:
    assert codes.read(code.text) == code == codes.read(code.shown)
    assert len(code.text) == 12


@given(made, st.randoms())
def test_case_spaces_dashes_and_lookalikes_do_not_matter(code: Code, dice) -> None:
    lookalikes = {"0": "0oO", "1": "1iIlL", "2": "2zZ", "V": "vVuU"}
    typed = "".join(dice.choice(lookalikes.get(sign, sign + sign.lower())) for sign in code.text)
    spaced = "".join(sign + dice.choice(["", " ", "-", "\N{NO-BREAK SPACE}", " - "]) for sign in typed)
    assert codes.read(f"  {spaced}\n"[:60]) == code


@given(made, st.integers(0, 11), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_always_caught(code: Code, place: int, sign: str) -> None:
    wrong = code.text[:place] + sign + code.text[place + 1 :]
    if wrong != code.text:
        with pytest.raises(BadCode):
            codes.read(wrong)


@given(made)
def test_two_signs_that_changed_places_are_always_caught(code: Code) -> None:
    for one, other in combinations(range(12), 2):
        signs = list(code.text)
        signs[one], signs[other] = signs[other], signs[one]
        if "".join(signs) != code.text:
            with pytest.raises(BadCode):
                codes.read("".join(signs))


@given(made, st.integers(0, 11))
def test_a_truncated_code_is_no_code(code: Code, length: int) -> None:
    with pytest.raises(BadCode):
        codes.read(code.text[:length])


@given(st.text(max_size=80))
def test_anything_else_is_a_bad_code_and_never_a_crash(typed: str) -> None:
    with suppress(BadCode):
        assert len(codes.read(typed).text) == 12


def test_without_weights_two_signs_could_change_places_unseen() -> None:
    """The control: a plain sum does not see it."""
    plain = sum(ALPHABET.index(sign) for sign in "P7K29MQX4TB") % 31
    swapped = sum(ALPHABET.index(sign) for sign in "P7K2M9QX4TB") % 31
    assert plain == swapped
    assert codes.check_sign("P7K29MQX4TB") != codes.check_sign("P7K2M9QX4TB")


async def test_a_code_finds_its_bank_and_its_subject(small: Small) -> None:
    code = await codes.issue(small.session, small.bank_id, "card", small["Ann"].member_id, at=small.at)
    assert await codes.bank_of(small.session, code, secret=SECRET) == small.bank_id
    known = await codes.find(small.session, small.bank_id, code, secret=SECRET)
    assert known is not None
    assert (known.subject_id, known.is_dead) == (small["Ann"].member_id, False)
    again = await codes.issue(small.session, small.bank_id, "card", small["Ann"].member_id, at=small.at)
    assert again == code, "printed again, it is the same"


async def test_a_replaced_code_is_dead_and_still_known(small: Small) -> None:
    ask = (small.session, small.bank_id, "card", small["Ann"].member_id)
    old = await codes.issue(*ask, at=small.at)
    new = await codes.replace(*ask, at=small.at)
    assert new != old
    known = await codes.find(small.session, small.bank_id, old, secret=SECRET)
    assert known is not None
    assert known.is_dead
    assert await codes.of_subject(*ask) == new


async def test_a_code_that_was_never_made_has_no_bank(session: AsyncSession) -> None:
    code = codes.make("poster", bytes(16))
    assert await codes.bank_of(session, code, secret=SECRET) is None


async def test_another_banks_code_is_not_found_in_ours(
    small: Small, database: Database, at: datetime
) -> None:
    other = uuid7()
    async with database.transaction(other) as session:
        theirs = await make(session, other, at)
        code = await codes.issue(session, other, "card", theirs["Ann"].member_id, at=at)
    assert await codes.find(small.session, small.bank_id, code, secret=SECRET) is None
    assert await codes.bank_of(small.session, code, secret=SECRET) == other


async def test_a_notes_code_follows_from_the_secret_and_is_nowhere_kept(small: Small) -> None:
    note_id: UUID = uuid7()
    code = codes.of_note(small.bank_id, note_id, SECRET)
    assert code == codes.of_note(small.bank_id, note_id, SECRET)
    assert code != codes.of_note(small.bank_id, note_id, b"another secret")
    assert code.text not in codes.key_of(code, SECRET).upper()
