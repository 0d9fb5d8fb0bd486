"""A bank on the other side of the world: its today is not the books' tomorrow."""

from datetime import date

from uuid_utils.compat import uuid7

from exchange.hours import gifts, log, verbs
from exchange.membership import banks
from tests.small_bank import Small, gave


async def test_an_hour_of_today_is_posted_where_today_has_come_already(small: Small) -> None:
    await banks.set_policy(small.session, small["admin"], {"time_zone": "Pacific/Auckland"})
    day = banks.today(await banks.get(small.session, small.bank_id), small.at)
    assert day == date(2026, 5, 13), "at noon in Greenwich"
    ann, ben = small["Ann"], small["Ben"]
    hours = await log.log(small.session, ann, gave(ben, done_on=day), at=small.at)
    await verbs.confirm(small.session, ben, hours.hours_id, at=small.at)
    between = {"from_id": ann.member_id, "to_id": ben.member_id, "minutes": 5}
    await gifts.give(small.session, ann, uuid7(), at=small.at, **between)
    await verbs.reverse(small.session, small["Cora"], hours.hours_id, at=small.at)
    assert hours.state == "reversed"
