"""Nobody helps themselves: no paying oneself, no step up, no last administrator shown out."""

from dataclasses import replace

import pytest
from uuid_utils.compat import uuid7

from exchange.errors import NotAllowed, SameIdOtherContents
from exchange.hours import gifts, log, verbs
from exchange.hours.errors import NotEnoughHours
from exchange.membership import contacts, members, organisations
from exchange.membership.contacts import ContactDraft
from exchange.membership.errors import LastAdministrator
from tests.small_bank import Small, gave


async def test_a_coordinator_does_not_pay_themselves_on_anothers_behalf(small: Small) -> None:
    told = gave(small["Cora"], on_behalf_of=small["Ann"].member_id, reason="x", evidence="y")
    with pytest.raises(NotAllowed):
        await log.log(small.session, small["Cora"], told, at=small.at)


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
