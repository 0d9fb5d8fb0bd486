"""The same person referred again: linked where one may know, one member, and each course for itself."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from exchange.membership import organisations
from exchange.membership.tables import Member
from exchange.prescribing import joining, read, steps
from exchange.prescribing.tables import Referral
from tests.small_practice import SECRET_NAME, Surgery

LATER = timedelta(days=7)


async def send(surgery: Surgery, by: str, **who: object) -> Referral:
    practice_id = surgery.other_id if by == "Omar" else surgery.practice_id
    return await surgery.send(by, referrer_id=practice_id, who=who)


async def seen_beside(surgery: Surgery, name: str, referral: Referral) -> list[object]:
    small = surgery.small
    view = await read.view(small.session, small[name], referral.referral_id, at=small.at + LATER)
    return [one.referral_id for one in view.beside]


async def test_a_practice_sees_its_own_and_the_desk_sees_all(surgery: Surgery) -> None:
    small = surgery.small
    for name, role in (("Dan", "assistant"), ("Ada", "administrator")):
        await small.add(name)
        await organisations.grant(small.session, small["admin"], small[name].member_id, role)
        await small.reload(name)
    first, second = await send(surgery, "Gita"), await send(surgery, "Gita")
    elsewhere = await send(surgery, "Omar")
    other = await send(surgery, "Gita", nhs_number="450 557 7104", name="Ida Alder")
    for name in ("Gita", "Rex"):
        assert await seen_beside(surgery, name, first) == [second.referral_id]
        assert await seen_beside(surgery, name, other) == []
    assert await seen_beside(surgery, "Omar", elsewhere) == [], "another practice learns nothing"
    for name in ("Cora", "Dan"):
        found = await seen_beside(surgery, name, first)
        assert set(found) == {second.referral_id, elsewhere.referral_id}
    assert await seen_beside(surgery, "Ada", first) == [], "who may not know the person knows no others"


async def test_whoever_is_a_member_already_stays_one_and_each_course_is_its_own(surgery: Surgery) -> None:
    small, cora = surgery.small, surgery.small["Cora"]
    first = await send(surgery, "Gita")
    again = await send(surgery, "Omar")
    stranger = await send(surgery, "Omar", born_on=date(1971, 1, 2), telephone="07700 900778")
    members = []
    for one in (first, again, stranger):
        await steps.accept(small.session, cora, one.referral_id, at=small.at)
        made = await joining.become_member(
            small.session, cora, one.referral_id, evidence="said so", at=small.at
        )
        members.append(made.member_id)
    assert members[0] == members[1]
    assert members[2] != members[0], "the same number with another birth date may be a slip of the finger"
    count = await small.session.scalar(
        select(func.count()).where(col(Member.bank_id) == small.bank_id, col(Member.full_name) == SECRET_NAME)
    )
    assert count == 2
    await steps.close(small.session, cora, first.referral_id, reason="person_said_no", at=small.at)
    open_one = await small.session.get_one(Referral, (small.bank_id, again.referral_id))
    assert open_one.state == "accepted"
    assert open_one.reason is None


@pytest.mark.parametrize("chi", ["0101011113", None])
async def test_a_chi_number_links_as_well(surgery: Surgery, chi: str | None) -> None:
    who = {"nhs_number": None, "chi_number": chi}
    first, second = await send(surgery, "Gita", **who), await send(surgery, "Gita", **who)
    expected = [second.referral_id] if chi else []
    assert await seen_beside(surgery, "Gita", first) == expected
