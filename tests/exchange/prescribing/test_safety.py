"""Concerns read by those named and nobody else; visits that somebody knows of when they are not over."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.directory import barriers, listings, matches
from exchange.directory.drafts import NewListing
from exchange.errors import NotAllowed, NotFound
from exchange.hours import log, verbs
from exchange.membership import viewer
from exchange.outbox import Event
from exchange.prescribing import clearances, concerns, joining, steps, visits
from exchange.prescribing.clearances import NewClearance
from exchange.prescribing.errors import BadClearance, CompanyNeeded, VisitInWrongState
from exchange.prescribing.visits import NewVisit
from tests.api.conftest import app_settings, new_service, service
from tests.small_bank import Small, gave
from tests.small_practice import Surgery

__all__ = ["app_settings", "new_service", "service"]
WORDS = "He shouts at her"
MINUTE = timedelta(minutes=1)


async def raised(small: Small) -> Any:
    await concerns.set_leads(small.session, small["admin"], [small["Cora"].member_id])
    return await concerns.raise_concern(
        small.session, small["Ann"], uuid7(), about_id=small["Ben"].member_id, words=WORDS, at=small.at
    )


async def test_a_concern_is_read_by_those_named_and_each_read_is_kept(small: Small) -> None:
    concern = await raised(small)
    assert (await concerns.read(small.session, small["Cora"], concern.concern_id, at=small.at)).words == WORDS
    for name in ("admin", "Ann", "Ben", "Cyd"):
        with pytest.raises(NotFound):
            await concerns.read(small.session, small[name], concern.concern_id, at=small.at)
    await concerns.name_reader(
        small.session, small["Cora"], concern.concern_id, small["admin"].member_id, at=small.at
    )
    await concerns.read(small.session, small["admin"], concern.concern_id, at=small.at + MINUTE)
    reads = await concerns.reads_of(small.session, small["Cora"], concern.concern_id)
    assert [row.by_id for row in reads] == [small["admin"].member_id, small["Cora"].member_id]


async def test_matching_is_blocked_at_once_and_no_word_leaves_the_record(small: Small) -> None:
    ben = small["Ben"].member_id
    assert await barriers.held(small.session, small.bank_id, [ben]) == set()
    concern = await raised(small)
    assert await barriers.held(small.session, small.bank_id, [ben]) == {ben}
    rows = await small.session.scalars(select(Event).where(col(Event.kind) == "concern.raised"))
    (event,) = [row for row in rows if row.bank_id == small.bank_id]
    assert event.payload == {"concern_id": str(concern.concern_id)}
    await concerns.close(small.session, small["Cora"], concern.concern_id, outcome="Safe now", at=small.at)
    assert await concerns.mine_to_read(small.session, small["Cora"]) == []
    assert await barriers.held(small.session, small.bank_id, [ben]) == {ben}, "a person lifts it by hand"


async def test_nobody_reads_a_concern_about_themselves(small: Small) -> None:
    await concerns.set_leads(small.session, small["admin"], [small["Cora"].member_id])
    concern = await concerns.raise_concern(
        small.session, small["Ann"], uuid7(), about_id=small["Cora"].member_id, words=WORDS, at=small.at
    )
    assert await concerns.mine_to_read(small.session, small["Cora"]) == []
    with pytest.raises(NotFound):
        await concerns.read(small.session, small["Cora"], concern.concern_id, at=small.at)


def visit(small: Small, visitor: str, host: str, company: str | None = None) -> NewVisit:
    return NewVisit(
        visit_id=uuid7(),
        visitor_id=small[visitor].member_id,
        host_id=small[host].member_id,
        starts_at=small.at,
        minutes=60,
        company_id=small[company].member_id if company else None,
    )


async def test_the_first_visit_has_company_and_later_ones_need_none(small: Small) -> None:
    with pytest.raises(CompanyNeeded):
        await visits.plan(small.session, small["Ann"], visit(small, "Ann", "Ben"))
    first = await visits.plan(small.session, small["Ann"], visit(small, "Ann", "Ben", "Cyd"))
    await visits.check_in(small.session, small["Ann"], first.visit_id, at=small.at)
    await visits.check_out(small.session, small["Cyd"], first.visit_id, at=small.at + 50 * MINUTE)
    again = await visits.plan(small.session, small["Ann"], visit(small, "Ann", "Ben"))
    assert again.company_id is None


async def test_with_somebody_referred_one_of_the_staff_goes_along(surgery: Surgery) -> None:
    small = surgery.small
    key = (await surgery.send()).referral_id
    await steps.accept(small.session, small["Cora"], key, at=small.at)
    member = await joining.become_member(small.session, small["Cora"], key, evidence="rang", at=small.at)
    new = visit(small, "Ann", "Ben", "Cyd")
    for company, is_enough in (("Cyd", False), ("Cora", True)):
        wanted = NewVisit(
            visit_id=uuid7(),
            visitor_id=new.visitor_id,
            host_id=member.member_id,
            starts_at=small.at,
            minutes=60,
            company_id=small[company].member_id,
        )
        if is_enough:
            assert (await visits.plan(small.session, small["Ann"], wanted)).state == "planned"
        else:
            with pytest.raises(CompanyNeeded):
                await visits.plan(small.session, small["Ann"], wanted)


async def test_a_concern_stops_a_visit_and_strangers_do_not_plan_it(small: Small) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        await visits.plan(small.session, small["Cyd"], visit(small, "Ann", "Ben", "Cyd"))
    await raised(small)
    with pytest.raises(NotFound):
        await visits.plan(small.session, small["Ann"], visit(small, "Ann", "Ben", "Cyd"))


async def test_out_before_in_is_no_visit(small: Small) -> None:
    made = await visits.plan(small.session, small["Ann"], visit(small, "Ann", "Ben", "Cyd"))
    with pytest.raises(VisitInWrongState):
        await visits.check_out(small.session, small["Ann"], made.visit_id, at=small.at)


async def test_when_out_does_not_come_one_after_the_other_is_told(service: Any) -> None:
    """The duty person at once, the next after ten minutes, and nobody more once it is over."""
    async with service.database.transaction(service.bank_id) as session:
        small = Small(session, service.bank_id, service.clock.at)
        for name, key in service.ids.items():
            small.people[name] = await viewer.load(session, service.bank_id, key)
        await concerns.set_leads(session, small["admin"], [service.ids["Cora"], service.ids["Cyd"]])
        made = await visits.plan(session, small["Ann"], visit(small, "Ann", "Ben", "Cyd"))
        await visits.check_in(session, small["Ann"], made.visit_id, at=small.at)
    service.clock.forward(minutes=74)
    assert await service.work() == [], "the control: within its time nobody is told"
    service.clock.forward(minutes=2)
    (first,) = await service.work()
    assert first["to"] == service.phones["Cora"]
    service.clock.forward(minutes=11)
    (second,) = await service.work()
    assert second["to"] == service.phones["Cyd"]
    for message in (first, second):
        assert "Ann" not in message["body"]
        assert "Ben" not in message["body"]


DAY = timedelta(days=1)


async def cleared(small: Small, who: str, kind: str, **more: Any) -> Any:
    new = NewClearance(kind=kind, words=more.pop("words", "seen"), done_on=small.at.date(), **more)
    return await clearances.add(small.session, small["Cora"], small[who].member_id, uuid7(), new, at=small.at)


async def referred(surgery: Surgery) -> Any:
    """Somebody whom a practice sent, a member now."""
    small = surgery.small
    key = (await surgery.send()).referral_id
    await steps.accept(small.session, small["Cora"], key, at=small.at)
    member = await joining.become_member(small.session, small["Cora"], key, evidence="rang", at=small.at)
    found = await viewer.load(small.session, small.bank_id, member.member_id)
    assert found
    small.people["patient"] = found
    return found


async def matched(small: Small, who: str, **more: Any) -> set[Any]:
    """Whom an ask of theirs, at home, would be matched with."""
    ask = NewListing(kind="request", description="light bulbs", skills=["light_bulbs"], **more)
    made = await listings.create(small.session, small[who], ask, at=small.at)
    found = await matches.for_listing(small.session, small["Cora"], made.listing_id, at=small.at)
    return {match.party_id for match in found}


async def test_at_home_with_somebody_referred_only_those_with_references_are_matched(
    surgery: Surgery,
) -> None:
    small = surgery.small
    await referred(surgery)
    offer = NewListing(kind="offer", description="light bulbs", skills=["light_bulbs"])
    await listings.create(small.session, small["Ann"], offer, at=small.at)
    ann = small["Ann"].member_id
    assert ann not in await matched(small, "patient", is_at_home=True)
    assert ann in await matched(small, "patient"), "the control: elsewhere nothing is asked of her"
    assert ann in await matched(small, "Ben", is_at_home=True), "the control: nobody referred him"
    for kind in ("reference", "reference", "conduct"):
        await cleared(small, "Ann", kind)
    assert ann in await matched(small, "patient", is_at_home=True)


async def test_an_hour_at_home_without_company_waits_for_a_coordinator(surgery: Surgery) -> None:
    small = surgery.small
    await referred(surgery)

    async def told(to: str) -> Any:
        hours = await log.log(small.session, small["Ann"], gave(small[to], is_at_home=True), at=small.at)
        return await verbs.confirm(small.session, small[to], hours.hours_id, at=small.at)

    first = await told("Ben")
    assert (first.state, first.approval_reasons) == ("awaiting_approval", ["unaccompanied"])
    await verbs.approve(small.session, small["Cora"], first.hours_id, at=small.at)
    assert (await told("Ben")).state == "posted", "the control: they have met at home before"
    assert (await told("patient")).approval_reasons == ["unaccompanied"]
    new = visit(small, "Ann", "patient", "Cora")
    made = await visits.plan(small.session, small["Ann"], new)
    await visits.check_in(small.session, small["Ann"], made.visit_id, at=small.at - DAY)
    assert (await told("patient")).state == "posted", "with one of the staff along that day"


async def test_a_paper_with_a_last_day_reminds_and_grounds_a_driver(small: Small) -> None:
    last = small.at.date() + timedelta(days=40)
    await cleared(small, "Ann", "mot", expires_on=last)
    session, bank_id = small.session, small.bank_id
    assert await clearances.chase(session, bank_id, at=small.at) == 0, "the control: not yet"
    assert await clearances.chase(session, bank_id, at=small.at + 11 * DAY) == 1
    assert await clearances.chase(session, bank_id, at=small.at + 12 * DAY) == 0
    soon = await clearances.running_out(session, small["Cora"], at=small.at + 11 * DAY)
    assert [name for _, name in soon] == ["Ann"]
    assert await clearances.may_not_drive(session, bank_id, day=last) == set()
    assert await clearances.may_not_drive(session, bank_id, day=last + DAY) == {small["Ann"].member_id}
    assert await clearances.chase(session, bank_id, at=small.at + 41 * DAY) == 1
    assert await clearances.chase(session, bank_id, at=small.at + 60 * DAY) == 0


async def test_a_role_says_whether_it_is_eligible_and_why(small: Small) -> None:
    right = {"words": "Drives to the clinic", "is_eligible": True, "level": "enhanced", "reason": "regulated"}
    for wrong in ({"reason": ""}, {"level": None}, {"is_eligible": None}, {"is_eligible": False}):
        with pytest.raises(BadClearance):
            await cleared(small, "Ann", "role", **{**right, **wrong})
    with pytest.raises(BadClearance):
        await cleared(small, "Ann", "licence")
    made = await cleared(small, "Ann", "role", **right)
    for name in ("Ben", "Cyd"):
        with pytest.raises(NotFound):
            await clearances.of_member(small.session, small[name], small["Ann"].member_id)
    (mine,) = await clearances.of_member(small.session, small["Ann"], small["Ann"].member_id)
    assert mine.clearance_id == made.clearance_id
