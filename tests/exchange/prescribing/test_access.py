"""Who sees what under which consent: every cell of the table, tried on a real referral.

Each part of the referral carries a word of its own; a view is searched for them, so that a part that leaks
by any way is found.
"""

from dataclasses import asdict
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from exchange.errors import NotAllowed, NotFound
from exchange.membership import organisations, viewer
from exchange.prescribing import access, asking, joining, lists, practices, read, steps
from exchange.prescribing.access import Part, Standing
from exchange.prescribing.practice_tables import PRACTICE_BACKS
from exchange.prescribing.tables import BACKS, ReferralPerson, ReferralRead
from mobile_web import referral_words
from tests.small_bank import Small
from tests.small_practice import Surgery

LATER = timedelta(days=1)
MARKS = {
    Part.WHO: "MARK-address",
    Part.WHY: "MARK-aspiration",
    Part.WHAT: "Garden group",
    Part.COURSE: "'become_member'",
    Part.CODED: "871731000000106",
    Part.WORDS: "MARK-words",
    Part.NOTES: "MARK-note",
    Part.MEASURES: "'lonely'",
}
"""Part → a word that stands in it and nowhere else. The letter in words lists what was chosen too."""

VIEWERS = {
    Standing.CLINICIAN: "Gita",
    Standing.RECEPTION: "Rex",
    Standing.COORDINATOR: "Cora",
    Standing.ADMINISTRATOR: "Ada",
    Standing.ASSISTANT: "Dan",
    Standing.PERSON: "patient",
}


async def the_course(surgery: Surgery, back: str, hears: str, **changes: Any) -> Any:
    """A referral that went all the way, with a mark in every part; returns its key."""
    small = surgery.small
    await practices.change(small.session, small["Cora"], surgery.practice_id, {"hears": hears})
    sent = await surgery.send(
        who={"address": MARKS[Part.WHO]},
        why={"aspiration": MARKS[Part.WHY]},
        consent={"back": back},
        **changes,
    )
    key = sent.referral_id
    session, cora = small.session, small["Cora"]
    await steps.accept(session, cora, key, tier="activity", at=small.at)
    await steps.contact(session, cora, key, has_answered=True, note=MARKS[Part.NOTES], at=small.at)
    member = await joining.become_member(session, cora, key, evidence="said so", at=small.at)
    found = await viewer.load(session, small.bank_id, member.member_id)
    assert found
    small.people["patient"] = found
    await asking.allow(session, cora, member.member_id, "referrer", is_given=True, at=small.at)
    await asking.answer(session, cora, member.member_id, "lonely", "start", [2], way="paper", at=small.at)
    await steps.start(session, cora, key, at=small.at)
    await steps.close(session, cora, key, reason="finished", words=MARKS[Part.WORDS], at=small.at)
    return key


async def staff(small: Small) -> None:
    for name, role in (("Dan", "assistant"), ("Ada", "administrator")):
        await small.add(name)
        await organisations.grant(small.session, small["admin"], small[name].member_id, role)
        await small.reload(name)


def shown(view: read.ReferralView) -> str:
    """All that a view holds, as text."""
    rows = [view.who, view.why, *(view.what or ()), *(view.course or ()), *(view.notes or ())]
    told = {**asdict(view), "rows": [row.model_dump() for row in rows if row is not None]}
    told.pop("letter")
    letter = {k: v for k, v in (view.letter or {}).items() if k != "what"}
    return f"{told} {letter}"


@pytest.mark.parametrize(("back", "hears"), list(product(BACKS, PRACTICE_BACKS)))
async def test_each_standing_sees_its_parts_and_no_other(surgery: Surgery, back: str, hears: str) -> None:
    small = surgery.small
    await staff(small)
    key = await the_course(surgery, back, hears)
    for standing, name in VIEWERS.items():
        view = await read.view(small.session, small[name], key, at=small.at + LATER)
        told = access.level(back, hears)
        expected = access.parts(standing, told if standing in OF_PRACTICE else back)
        found = {part for part, mark in MARKS.items() if mark in shown(view)}
        words_written = told == "notes"
        possible = expected - {Part.LOG} - (frozenset() if words_written else {Part.WORDS})
        possible -= frozenset() if told != "nothing" else {Part.CODED, Part.MEASURES}
        assert view.standing is standing
        assert found == possible, f"{standing} {back} {hears}"


OF_PRACTICE = (Standing.CLINICIAN, Standing.RECEPTION)

TABLE = """
             who  why  what course coded words notes log  measures
person       ncx  ncx  ncx  ncx    ncx   ncx   -     ncx  ncx
clinician    ncx  ncx  ncx  nc     nc    n     -     -    nc
system       ncx  ncx  ncx  nc     nc    n     -     -    nc
reception    ncx  -    ncx  nc     nc    -     -     -    -
referrer     ncx  -    ncx  nc     -     n     -     -    n
coordinator  ncx  ncx  ncx  ncx    ncx   ncx   ncx   ncx  ncx
administrator -   -    -    ncx    -     -     -     ncx  -
assistant    ncx  -    ncx  ncx    -     -     -     -    -
nobody       -    -    -    -      -     -     -     -    -
"""
LETTERS = {"n": "notes", "c": "codes", "x": "nothing"}


def written_down() -> dict[tuple[str, str], set[str]]:
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return {
        (row[0], part): {LETTERS[c] for c in cell if c != "-"}
        for row in rows
        for part, cell in zip(head, row[1:], strict=True)
    }


def test_the_table_is_as_it_was_written_down_a_second_time() -> None:
    expected = written_down()
    assert len(expected) == len(Standing) * len(Part)
    for (standing, part), consents in expected.items():
        for back in BACKS:
            is_shown = part in access.parts(Standing(standing), back)
            assert is_shown == (back in consents), (standing, part, back)


@pytest.mark.parametrize("name", ["Omar", "Ann", "Ben"])
async def test_another_practice_and_other_members_find_nothing(surgery: Surgery, name: str) -> None:
    small = surgery.small
    sent = await surgery.send()
    with pytest.raises(NotFound):
        await read.view(small.session, small[name], sent.referral_id, at=small.at)
    with pytest.raises(NotFound):
        await read.log_of(small.session, small[name], sent.referral_id)
    for verb in (steps.accept, steps.start):
        with pytest.raises(NotFound):
            await verb(small.session, small[name], sent.referral_id, at=small.at)


async def test_a_practice_lists_its_own_patients_only(surgery: Surgery) -> None:
    small = surgery.small
    sent = await surgery.send()
    mine = await lists.referred(small.session, small["Gita"], at=small.at)
    assert [line.referral_id for line in mine] == [sent.referral_id]
    assert await lists.referred(small.session, small["Omar"], at=small.at) == []
    with pytest.raises(NotAllowed):
        await lists.desk(small.session, small["Gita"], at=small.at)


async def test_where_nothing_may_be_told_the_practice_learns_the_end_alone(surgery: Surgery) -> None:
    small = surgery.small
    sent = await surgery.send(consent={"back": "nothing"})
    key = sent.referral_id
    for verb in ("accept", "contact"):
        more = {"has_answered": True} if verb == "contact" else {}
        await getattr(steps, verb)(small.session, small["Cora"], key, at=small.at, **more)
        line = (await lists.referred(small.session, small["Gita"], at=small.at))[0]
        assert (line.state, line.reason, line.state_at) == (read.WITH_THEM, None, sent.made_at)
    await steps.close(small.session, small["Cora"], key, reason="person_said_no", at=small.at)
    view = await read.view(small.session, small["Gita"], key, at=small.at)
    assert (view.state, view.reason, view.letter, view.coded) == ("closed", None, None, None)
    assert view.letter_made_at is not None


async def test_every_look_is_in_the_log_and_the_person_has_it(surgery: Surgery) -> None:
    small = surgery.small
    key = await the_course(surgery, "notes", "notes")
    before = len(await read.log_of(small.session, small["patient"], key))
    await read.view(small.session, small["Gita"], key, at=small.at + LATER)
    await lists.referred(small.session, small["Rex"], at=small.at + 2 * LATER)
    looks = await read.log_of(small.session, small["patient"], key)
    assert len(looks) == before + 2
    assert (looks[0].who, looks[0].standing) == ("Rex", "reception")
    assert "why" in looks[1].parts
    for name in ("Gita", "Rex"):
        with pytest.raises(NotAllowed):
            await read.log_of(small.session, small[name], key)


async def test_a_look_that_found_nothing_is_not_in_the_log(surgery: Surgery) -> None:
    """The control: the log counts looks, not knocks."""
    small = surgery.small
    sent = await surgery.send()
    with pytest.raises(NotFound):
        await read.view(small.session, small["Omar"], sent.referral_id, at=small.at)
    rows = await small.session.scalars(
        select(ReferralRead).where(col(ReferralRead.referral_id) == sent.referral_id)
    )
    assert rows.all() == []
    assert await small.session.get(ReferralPerson, (small.bank_id, sent.referral_id)) is not None


async def test_who_is_referred_decides_nothing_about_it(surgery: Surgery) -> None:
    small = surgery.small
    key = (await surgery.send()).referral_id
    await steps.accept(small.session, small["Cora"], key, at=small.at)
    member = await joining.become_member(small.session, small["Cora"], key, evidence="asked", at=small.at)
    await organisations.grant(small.session, small["admin"], member.member_id, "coordinator")
    patient = await viewer.load(small.session, small.bank_id, member.member_id)
    assert patient
    with pytest.raises(NotAllowed):
        await steps.close(small.session, patient, key, reason="finished", at=small.at)
    view = await read.view(small.session, patient, key, at=small.at)
    assert (view.standing, view.notes) == (Standing.PERSON, None)


def test_the_list_of_looks_names_every_part() -> None:
    assert set(referral_words.PARTS) == {part.value for part in Part}
