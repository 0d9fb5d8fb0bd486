"""Sending a referral: what is wrong is said beside its field, and nothing is written; a repeat sends once."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.errors import ExchangeError, NotAllowed, NotFound, SameIdOtherContents
from exchange.membership import banks, contacts, organisations
from exchange.membership.contacts import ContactDraft
from exchange.membership.errors import OwnMobile
from exchange.prescribing import codes, drafts, faults, practices, sending, suggestions
from exchange.prescribing.checking import Consent
from exchange.prescribing.codes import Code
from exchange.prescribing.errors import BadOdsCode, DraftSent, OdsCodeTaken, UnknownNeed
from exchange.prescribing.practices import NewStaff
from exchange.prescribing.tables import Referral, ReferralDraft
from tests.small_bank import make
from tests.small_practice import Surgery, open_surgery

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"who": {"name": " "}}, "text_missing", "name"),
    ({"who": {"born_on": None}}, "bad_birth_date", "born_on"),
    ({"who": {"born_on": date(2026, 5, 13)}}, "bad_birth_date", "born_on"),
    ({"who": {"born_on": date(1890, 5, 13)}}, "bad_birth_date", "born_on"),
    ({"who": {"born_on": date(2010, 5, 13)}}, "adults_only", "born_on"),
    ({"who": {"address": ""}}, "text_missing", "address"),
    ({"who": {"nhs_number": "943 476 5918"}}, "bad_nhs_number", "nhs_number"),
    ({"who": {"chi_number": "123"}}, "bad_chi_number", "chi_number"),
    ({"who": {"telephone": "12"}}, "bad_telephone", "contact"),
    ({"who": {"telephone": ""}}, "no_way_to_reach", "telephone"),
    ({"who": {"language": "tlh"}}, "unknown_language", "language"),
    ({"why": {"needs": [], "aspiration": ""}}, "reason_not_chosen", "needs"),
    ({"why": {"needs": ["made-up"]}}, "unknown_need", "needs"),
    ({"why": {"flags": ["made-up"]}}, "unknown_need", "flags"),
    ({"why": {"note": "x" * 2001}}, "text_too_long", "note"),
    ({"what": []}, "nothing_chosen", "what"),
    ({"what": [uuid7()]}, "unknown_suggestion", "what"),
    ({"consent": {"consents": False}}, "consent_missing", "consents"),
    ({"consent": {"basis": ""}}, "basis_missing", "basis"),
    ({"consent": {"back": ""}}, "back_not_chosen", "back"),
    ({"consent": {"heard": "whispered"}}, "unknown_reason", "heard"),
    ({"route": "pigeon"}, "unknown_reason", "route"),
]


async def test_what_is_wrong_is_named_and_nothing_is_written(surgery: Surgery) -> None:
    for changes, code, field in WRONG:
        with pytest.raises(ExchangeError) as refused:
            await surgery.send(**changes)
        assert (refused.value.code, refused.value.field) == (code, field), changes
    assert await surgery.small.session.scalar(select(func.count()).select_from(Referral)) == 0


async def test_something_full_or_over_is_not_chosen(surgery: Surgery) -> None:
    small = surgery.small
    await suggestions.shut(small.session, small["Cora"], surgery.suggestion_id, is_open=False)
    with pytest.raises(ExchangeError) as refused:
        await surgery.send()
    assert refused.value.code == "unknown_suggestion"
    assert await suggestions.offered(small.session, small["Gita"], surgery.practice_id, at=small.at) == []


async def test_the_same_press_twice_sends_once(surgery: Surgery) -> None:
    small, new = surgery.small, surgery.referral()
    one = await sending.send(small.session, small["Gita"], new, at=small.at)
    two = await sending.send(small.session, small["Gita"], new, at=small.at + timedelta(minutes=1))
    assert one.referral_id == two.referral_id
    assert one.steps == 1
    other = surgery.referral(referral_id=new.referral_id, talks=True)
    with pytest.raises(SameIdOtherContents):
        await sending.send(small.session, small["Gita"], other, at=small.at)


async def test_nobody_prescribes_for_another_practice(surgery: Surgery) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        await surgery.send("Omar")
    with pytest.raises((NotAllowed, NotFound)):
        await surgery.send("Ann")


async def test_a_coordinator_writes_down_what_came_by_telephone(surgery: Surgery) -> None:
    sent = await surgery.send("Cora", consent={"heard": "telephone"})
    assert (sent.entered_by, sent.referrer_id) == (surgery["Cora"].member_id, surgery.practice_id)


async def test_somebody_refers_themselves_with_fewer_answers(surgery: Surgery) -> None:
    who = {"born_on": None, "address": None, "nhs_number": None}
    why = {"needs": [], "flags": [], "aspiration": None}
    sent = await surgery.send("Ann", route="self", referrer_id=None, who=who, why=why, what=[])
    assert (sent.member_id, sent.referrer_id) == (surgery["Ann"].member_id, None)


@pytest.mark.parametrize("route", ["care_home", "council", "project"])
async def test_an_organisation_refers_by_whoever_speaks_for_it(surgery: Surgery, route: str) -> None:
    small = surgery.small
    await organisations.represent(small.session, small["Cora"], small.organisation_id, small["Ben"].member_id)
    await small.reload("Ben")
    who = {"born_on": None, "address": None, "nhs_number": None}
    sent = await surgery.send("Ben", route=route, referrer_id=small.organisation_id, who=who, what=[])
    assert (sent.route, sent.referrer_id) == (route, small.organisation_id)
    with pytest.raises((NotAllowed, NotFound)):
        await surgery.send("Ann", route=route, referrer_id=small.organisation_id)


async def test_reception_finishes_what_a_doctor_began_and_reads_no_reasons(surgery: Surgery) -> None:
    small, key = surgery.small, uuid7()
    gita, rex = small["Gita"], small["Rex"]
    begun = await drafts.begin(
        small.session, gita, key, route="practice", referrer_id=surgery.practice_id, at=small.at
    )
    await drafts.keep(small.session, gita, key, {"name": "Wil", "nhs_number": "wrong"}, at=small.at)
    assert (await drafts.open_ones(small.session, rex))[0].draft_id == key
    assert not await drafts.may_see_why(small.session, rex, begun)
    assert await drafts.may_see_why(small.session, small["Nora"], begun)
    found = await drafts.get(small.session, rex, key)
    assert found.answers == {"name": "Wil", "nhs_number": "wrong"}, "kept as it was typed, right or wrong"
    with pytest.raises(NotFound):
        await drafts.get(small.session, small["Omar"], key)
    sent = await surgery.send("Rex", referral_id=key)
    assert sent.made_by == rex.member_id
    assert await small.session.get(ReferralDraft, (small.bank_id, key)) is None
    with pytest.raises(DraftSent):
        await drafts.begin(
            small.session, rex, key, route="practice", referrer_id=surgery.practice_id, at=small.at
        )


async def test_a_draft_is_forgotten_after_two_weeks(surgery: Surgery) -> None:
    small = surgery.small
    await drafts.begin(
        small.session, small["Gita"], uuid7(), route="practice", referrer_id=surgery.practice_id, at=small.at
    )
    assert await drafts.forget(small.session, small.bank_id, at=small.at + timedelta(days=13)) == 0
    assert await drafts.forget(small.session, small.bank_id, at=small.at + timedelta(days=14)) == 1
    assert await drafts.open_ones(small.session, small["Gita"]) == []


async def test_practices_have_codes_of_their_own(surgery: Surgery) -> None:
    small, cora = surgery.small, surgery.small["Cora"]
    with pytest.raises(BadOdsCode):
        await practices.add(small.session, cora, "Ash Surgery", ods_code="no!", at=small.at)
    with pytest.raises(OdsCodeTaken):
        await practices.add(small.session, cora, "Ash Surgery", ods_code="G85123", at=small.at)
    with pytest.raises(NotAllowed):
        await practices.add(small.session, small["Ann"], "Ash Surgery", ods_code="G85125", at=small.at)


async def test_practice_staff_have_no_telephone_of_their_own(surgery: Surgery) -> None:
    small = surgery.small
    new = NewStaff(name="Di", email="07700 900123", job="gp")
    with pytest.raises(OwnMobile):
        await practices.add_staff(small.session, small["Cora"], surgery.practice_id, new, at=small.at)
    number = [ContactDraft(value="07700 900123")]
    with pytest.raises(OwnMobile):
        await contacts.change(small.session, small["Gita"], small["Gita"].member_id, number, at=small.at)
    assert await contacts.change(small.session, small["Cora"], small["Ann"].member_id, number, at=small.at)


async def test_whoever_left_a_practice_prescribes_no_more(surgery: Surgery) -> None:
    small = surgery.small
    await practices.remove_staff(small.session, small["Cora"], surgery.practice_id, small["Nora"].member_id)
    await small.reload("Nora")
    with pytest.raises((NotAllowed, NotFound)):
        await surgery.send("Nora")


async def test_working_at_a_practice_is_not_speaking_for_its_hours(surgery: Surgery) -> None:
    gita = surgery["Gita"]
    assert gita.practice_ids == {surgery.practice_id}
    assert surgery.practice_id not in gita.party_ids


async def test_an_imported_list_takes_the_place_of_ours(surgery: Surgery) -> None:
    small = surgery.small
    assert "company" in [code.code for code in await codes.offered(small.session, small["Gita"], "need")]
    lines = [
        Code("229819007", "Social isolation", "http://snomed.info/sct"),
        Code("x1", "Stairs", "local", "flag"),
    ]
    assert await codes.replace(small.session, small["admin"], lines) == 2
    assert [c.code for c in await codes.offered(small.session, small["Gita"], "need")] == ["229819007"]
    with pytest.raises(UnknownNeed):
        await surgery.send()
    sent = await surgery.send(why={"needs": ["229819007"], "flags": ["x1"]})
    assert sent.state == "received"
    with pytest.raises(NotAllowed):
        await codes.replace(small.session, small["Cora"], lines)


async def test_what_a_practice_likes_stands_first(surgery: Surgery) -> None:
    small = surgery.small
    new = suggestions.NewSuggestion(words="A walk")
    walk = await suggestions.add(small.session, small["Cora"], new)
    first = await suggestions.offered(small.session, small["Gita"], surgery.practice_id, at=small.at)
    assert [one.words for one in first] == ["A walk", "Garden group"]
    await suggestions.like(
        small.session, small["Gita"], surgery.practice_id, surgery.suggestion_id, is_liked=True
    )
    liked = await suggestions.offered(small.session, small["Gita"], surgery.practice_id, at=small.at)
    assert [one.words for one in liked] == ["Garden group", "A walk"]
    with pytest.raises(NotAllowed):
        await suggestions.like(
            small.session, small["Omar"], surgery.practice_id, walk.suggestion_id, is_liked=True
        )


async def test_two_presses_at_once_send_one(database: Database, at: Any) -> None:
    bank_id = uuid7()
    async with database.transaction(bank_id) as session:
        surgery = await open_surgery(await make(session, bank_id, at))
        new = surgery.referral()
        gita = surgery["Gita"]
    async with database.transaction(bank_id) as session:
        await sending.send(session, gita, new, at=at)
    async with database.transaction(bank_id) as session:
        await sending.send(session, gita, new, at=at)
        count = select(func.count()).select_from(Referral).where(col(Referral.bank_id) == bank_id)
        assert await session.scalar(count) == 1


async def test_everything_wrong_on_a_screen_is_found_at_once(surgery: Surgery) -> None:
    small = surgery.small
    bank = await banks.get(small.session, small.bank_id)
    right = surgery.referral()
    wrong = replace(
        right.who,
        name="",
        born_on=date(2050, 5, 3),
        address="",
        nhs_number="943 476 5918",
        telephone="",
        email="x@",
    )
    found = faults.in_who(bank, "practice", right.referral_id, wrong, at=small.at)
    assert {one.field for one in found} == {"name", "born_on", "address", "nhs_number", "email", "telephone"}
    assert faults.in_who(bank, "practice", right.referral_id, right.who, at=small.at) == []
    new = replace(right, what=[], consent=Consent(consents=False, heard="by owl", basis="", back=""))
    found = await faults.at_the_end(small.session, small["Gita"], new, at=small.at)
    assert {one.field for one in found} == {"what", "consents", "heard", "basis", "back"}
    assert await faults.at_the_end(small.session, small["Gita"], right, at=small.at) == []
