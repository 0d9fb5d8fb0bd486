"""Nobody helps themselves: no paying oneself, no step up, no last administrator shown out."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from exchange.derived import derived
from exchange.errors import NotAllowed, NotFound, ReservedId, SameIdOtherContents
from exchange.hours import gifts, leaving, log, read, relations, verbs
from exchange.hours.errors import NotEnoughHours, WrongState
from exchange.membership import banks, contacts, members, organisations
from exchange.membership.contacts import ContactDraft
from exchange.membership.errors import BadPolicy, LastAdministrator
from exchange.outbox import Event
from tests.small_bank import Small, a_number, gave


async def test_a_coordinator_does_not_pay_themselves_on_anothers_behalf(small: Small) -> None:
    told = gave(small["Cora"], on_behalf_of=small["Ann"].member_id, reason="x", evidence="y")
    with pytest.raises(NotAllowed):
        await log.log(small.session, small["Cora"], told, at=small.at)


async def test_an_hour_is_between_people_never_out_of_the_banks_own_accounts(small: Small) -> None:
    bank = await banks.get(small.session, small.bank_id)
    spoken = {"direction": "received", "reason": "x", "evidence": "y"}
    for account in (bank.issuance_id, bank.pot_id):
        told = gave(small["Ann"], on_behalf_of=account, **spoken)
        with pytest.raises(NotFound):
            await log.log(small.session, small["Cora"], told, at=small.at)
    control = gave(small["Ann"], on_behalf_of=small.organisation_id, **spoken)
    await log.log(small.session, small["Cora"], control, at=small.at)


async def test_who_went_with_more_power_is_not_reached_or_woken_by_staff(small: Small) -> None:
    await organisations.grant(small.session, small["admin"], small["Ben"].member_id, "administrator")
    await leaving.end(small.session, small["admin"], small["Ben"].member_id, "left", at=small.at)
    await leaving.end(small.session, small["admin"], small["Cyd"].member_id, "left", at=small.at)
    draft = [ContactDraft(value="07700 900777")]
    with pytest.raises(NotAllowed):
        await contacts.change(small.session, small["Cora"], small["Ben"].member_id, draft, at=small.at)
    with pytest.raises(NotAllowed):
        await members.set_status(small.session, small["Cora"], small["Ben"].member_id, "active")
    await contacts.change(small.session, small["Cora"], small["Cyd"].member_id, draft, at=small.at)
    await members.set_status(small.session, small["Cora"], small["Cyd"].member_id, "active")


async def test_who_is_paused_has_their_own_account_and_no_desk(small: Small) -> None:
    named = {"deputy": "named", "named_approver_id": small["Cyd"].member_id}
    bank = await banks.set_policy(small.session, small["admin"], named)
    assert relations.is_named(bank, small["Cyd"])
    for name in ("Cora", "Cyd"):
        await members.set_status(small.session, small["admin"], small[name].member_id, "paused")
    cora = await small.reload("Cora")
    assert await read.statement(small.session, cora)
    for refused in (read.desk(small.session, cora), members.asking(small.session, cora)):
        with pytest.raises(NotAllowed):
            await refused
    assert not relations.is_named(bank, await small.reload("Cyd"))
    await members.set_status(small.session, small["admin"], cora.member_id, "active")
    assert (await small.reload("Cora")).is_staff


async def test_a_contact_of_somebody_with_more_power_is_not_staffs_to_change(small: Small) -> None:
    draft = [ContactDraft(value="07700 900777")]
    with pytest.raises(NotAllowed):
        await contacts.change(small.session, small["Cora"], small["admin"].member_id, draft, at=small.at)
    await contacts.change(small.session, small["Cora"], small["Ann"].member_id, draft, at=small.at)


async def test_an_organisation_gives_what_it_has_and_not_to_its_own_voice(small: Small) -> None:
    with pytest.raises(NotAllowed):
        await organisations.represent(
            small.session, small["Cora"], small.organisation_id, small["Cora"].member_id
        )
    await organisations.represent(small.session, small["Cora"], small.organisation_id, small["Ann"].member_id)
    ann = await small.reload("Ann")
    for to_id, rule in ((ann.member_id, NotAllowed), (small["Ben"].member_id, NotEnoughHours)):
        with pytest.raises(rule):
            await gifts.give(
                small.session,
                ann,
                uuid7(),
                from_id=small.organisation_id,
                to_id=to_id,
                minutes=60,
                at=small.at,
            )


async def test_the_last_administrator_stays_and_only_one_of_them_may_end_another(small: Small) -> None:
    admin = small["admin"].member_id
    with pytest.raises(NotAllowed):
        await members.set_status(small.session, small["Cora"], admin, "left")
    await organisations.grant(small.session, small["admin"], small["Ben"].member_id, "administrator")
    ben = await small.reload("Ben")
    await members.set_status(small.session, ben, admin, "left")
    with pytest.raises((LastAdministrator, NotAllowed)):
        await members.set_status(small.session, small["Cora"], ben.member_id, "left")


async def test_an_id_used_for_a_gift_is_not_an_hours(small: Small) -> None:
    hours = await log.log(small.session, small["Ann"], gave(small["Ben"], 60), at=small.at)
    await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)
    gift_id = uuid7()
    await gifts.give(
        small.session,
        small["Ann"],
        gift_id,
        from_id=small["Ann"].member_id,
        to_id=small["Ben"].member_id,
        minutes=7,
        at=small.at,
    )
    with pytest.raises(SameIdOtherContents):
        await log.log(
            small.session, small["Ann"], replace(gave(small["Ben"], 7), hours_id=gift_id), at=small.at
        )


async def test_nobody_takes_the_id_that_a_reversal_will_need(small: Small) -> None:
    hours = await log.log(small.session, small["Ann"], gave(small["Ben"]), at=small.at)
    await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)
    ann, taken = small["Ann"], derived(hours.hours_id, "reverse")
    bank = await banks.get(small.session, small.bank_id)
    with pytest.raises(ReservedId):
        await gifts.give(
            small.session, ann, taken, from_id=ann.member_id, to_id=bank.pot_id, minutes=1, at=small.at
        )
    with pytest.raises(ReservedId):
        await log.log(small.session, ann, gave(small["Cyd"], hours_id=taken), at=small.at)
    undone = await verbs.reverse(small.session, small["Cora"], hours.hours_id, at=small.at)
    assert undone.state == "reversed"


async def test_a_coordinator_gives_themselves_nothing_from_the_pot_and_inherits_nothing(small: Small) -> None:
    cora, ann = small["Cora"], small["Ann"]
    hours = await log.log(small.session, ann, gave(small["Ben"], 120), at=small.at)
    await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)
    pot = (await banks.get(small.session, small.bank_id)).pot_id
    await gifts.give(small.session, ann, uuid7(), from_id=ann.member_id, to_id=pot, minutes=60, at=small.at)
    with pytest.raises(NotAllowed):
        await gifts.give(
            small.session, cora, uuid7(), from_id=pot, to_id=cora.member_id, minutes=30, at=small.at
        )
    with pytest.raises(NotAllowed):
        await leaving.end(small.session, cora, ann.member_id, "left", heir_id=cora.member_id, at=small.at)
    cyd = small["Cyd"].member_id
    await gifts.give(small.session, cora, uuid7(), from_id=pot, to_id=cyd, minutes=30, at=small.at)


async def test_who_decides_for_coordinators_is_not_reached_by_a_coordinators_number(small: Small) -> None:
    named = {"deputy": "named", "named_approver_id": small["Cyd"].member_id}
    await banks.set_policy(small.session, small["admin"], named)
    draft = [ContactDraft(value=a_number())]
    with pytest.raises(NotAllowed):
        await contacts.change(small.session, small["Cora"], small["Cyd"].member_id, draft, at=small.at)
    await contacts.change(small.session, small["admin"], small["Cyd"].member_id, draft, at=small.at)


async def test_an_assistant_does_not_become_an_organisations_voice_by_its_number(small: Small) -> None:
    await organisations.grant(small.session, small["admin"], small["Ben"].member_id, "assistant")
    ben = await small.reload("Ben")
    await organisations.represent(small.session, small["Cora"], small.organisation_id, small["Ann"].member_id)
    draft = [ContactDraft(value=a_number())]
    with pytest.raises(NotAllowed):
        await contacts.change(small.session, ben, small["Ann"].member_id, draft, at=small.at)
    await contacts.change(small.session, ben, small["Cyd"].member_id, draft, at=small.at)
    kinds = {e.kind: e.payload for e in await small.session.scalars(select(Event))}
    assert kinds["contact.changed"]["by_id"] == str(ben.member_id), "a trace of who changed it stays"


async def test_what_waits_is_not_settled_away(small: Small) -> None:
    hours = await log.log(small.session, small["Ann"], gave(small["Ben"]), at=small.at)
    with pytest.raises(WrongState):
        await verbs.settle(small.session, small["Cora"], hours.hours_id)


async def test_a_bank_that_names_who_decides_names_somebody(small: Small) -> None:
    with pytest.raises(BadPolicy):
        await banks.set_policy(small.session, small["admin"], {"deputy": "named"})
