"""What becomes of an hour once it is told, and what else happens in a village: one story each.

A story is a generator that yields the next moment at which it goes on. Moments after the village's present
never come, so hours of the last days stay open by themselves, as they would.
"""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta

from api.demo.dice import ZONE
from api.demo.plans import HourPlan
from api.demo.town import Town
from exchange.hours import verbs
from exchange.hours.booking import FloorAnswer
from exchange.hours.tables import Hours

Story = AsyncGenerator[datetime, None]
REMIND_AFTER = timedelta(days=2)


def at_the_desk(after: datetime, *, days: int = 1) -> datetime:
    """Half past ten in the morning, `days` days later: when the desk goes through its queue."""
    morning = after.astimezone(ZONE).replace(hour=10, minute=30, second=0, microsecond=0)
    return (morning + timedelta(days=days)).astimezone(after.tzinfo)


async def _approve(town: Town, plan: HourPlan, hours: Hours, at: datetime) -> Hours:
    """A coordinator who took no part looks, and the pot helps whoever is at the limit."""
    approver = town.coordinator(plan.giver, plan.receiver)
    assert approver is not None, plan
    floor: FloorAnswer = "pot" if await town.pot_minutes() >= plan.minutes else "raise"
    return await verbs.approve(town.session, approver, hours.hours_id, floor=floor, at=at)


async def ordinary(town: Town, plan: HourPlan) -> Story:
    """Told, agreed, looked at where a rule asks."""
    yield plan.told_at
    await town.tell(plan)
    yield plan.answered_at
    hours = await town.agree(plan, at=plan.answered_at)
    if hours.state == "awaiting_approval":
        looked_at = at_the_desk(plan.answered_at)
        yield looked_at
        await _approve(town, plan, hours, looked_at)


async def amended(town: Town, plan: HourPlan) -> Story:
    """The other side remembers other minutes, and the teller says yes to those."""
    yield plan.told_at
    await town.tell(plan)
    yield plan.answered_at
    await town.agree(plan, at=plan.answered_at, minutes=plan.minutes + 15)
    back_at = plan.answered_at + timedelta(hours=3)
    yield back_at
    hours = await town.agree_back(plan, at=back_at)
    if hours.state == "awaiting_approval":
        looked_at = at_the_desk(back_at)
        yield looked_at
        await _approve(town, plan, hours, looked_at)


async def declined(town: Town, plan: HourPlan) -> Story:
    """The other side remembers it differently; the desk talks with both."""
    yield plan.told_at
    await town.tell(plan)
    yield plan.answered_at
    reason = "That was the week before, and we already told of it."
    await town.answer(plan, "decline", plan.other, reason=reason, at=plan.answered_at)
    yield at_the_desk(plan.answered_at, days=3)
    await verbs.settle(town.session, town.viewers["josie"], town.hours_id(plan))


async def withdrawn(town: Town, plan: HourPlan) -> Story:
    """The teller takes it back before anybody answered."""
    yield plan.told_at
    await town.tell(plan)
    taken_back_at = plan.told_at + timedelta(minutes=12)
    yield taken_back_at
    await town.answer(plan, "withdraw", plan.teller, reason="Wrong day.", at=taken_back_at)


async def unanswered(town: Town, plan: HourPlan) -> Story:
    """Nobody answers, not even when reminded; the desk rings and hears a yes."""
    yield plan.told_at
    await town.tell(plan)
    rung_at = at_the_desk(plan.told_at, days=9)
    yield rung_at
    desk = town.desk(plan.giver, plan.receiver)
    heard = f"Rang on {rung_at.astimezone(ZONE):%-d %B}; said yes to {desk.name}"
    hours = await verbs.confirm(town.session, desk, town.hours_id(plan), evidence=heard, at=rung_at)
    town.waiting.pop(hours.hours_id, None)
    if hours.state == "awaiting_approval":
        looked_at = at_the_desk(rung_at)
        yield looked_at
        await _approve(town, plan, hours, looked_at)


async def refused(town: Town, plan: HourPlan) -> Story:
    """Agreed by both, and the coordinator says no to it."""
    yield plan.told_at
    await town.tell(plan)
    yield plan.answered_at
    hours = await town.agree(plan, at=plan.answered_at)
    if hours.state == "awaiting_approval":
        looked_at = at_the_desk(plan.answered_at)
        yield looked_at
        approver = town.coordinator(plan.giver, plan.receiver)
        assert approver is not None
        await verbs.decline(
            town.session, approver, hours.hours_id, reason="Told twice: see the day before.", at=looked_at
        )


async def disputed(town: Town, plan: HourPlan) -> Story:
    """Posted, and somebody asks the coordinator to look again."""
    async for moment in ordinary(town, plan):
        yield moment
    objected_at = at_the_desk(plan.answered_at, days=3) + timedelta(hours=5)
    yield objected_at
    reason = "We finished an hour sooner than it says."
    await town.answer(plan, "object", plan.receiver, reason=reason, at=objected_at)


async def dismissed(town: Town, plan: HourPlan) -> Story:
    """Somebody objects; the coordinator looks into it, and it stays."""
    async for moment in disputed(town, plan):
        yield moment
    looked_at = at_the_desk(plan.answered_at, days=6)
    yield looked_at
    coordinator = town.coordinator(plan.giver, plan.receiver)
    assert coordinator is not None
    await verbs.dismiss(
        town.session, coordinator, town.hours_id(plan), reason="Both agree now.", at=looked_at
    )


async def upheld(town: Town, plan: HourPlan) -> Story:
    """Somebody objects, rightly: the coordinator undoes it."""
    async for moment in disputed(town, plan):
        yield moment
    looked_at = at_the_desk(plan.answered_at, days=6)
    yield looked_at
    await _reverse(town, plan, "Told again with the right time.", looked_at)


async def reversed_later(town: Town, plan: HourPlan) -> Story:
    """Added twice by mistake: the coordinator undoes one."""
    async for moment in ordinary(town, plan):
        yield moment
    looked_at = at_the_desk(plan.answered_at, days=4)
    yield looked_at
    await _reverse(town, plan, "Added twice.", looked_at)


async def _reverse(town: Town, plan: HourPlan, reason: str, at: datetime) -> None:
    coordinator = town.coordinator(plan.giver, plan.receiver)
    assert coordinator is not None
    floor: FloorAnswer = "pot" if await town.pot_minutes() >= plan.minutes else "raise"
    await verbs.reverse(town.session, coordinator, town.hours_id(plan), floor=floor, reason=reason, at=at)


async def unlooked(town: Town, plan: HourPlan) -> Story:
    """Agreed by both, and still on the desk of whoever shall look."""
    yield plan.told_at
    await town.tell(plan)
    yield plan.answered_at
    await town.agree(plan, at=plan.answered_at)


async def silent(town: Town, plan: HourPlan) -> Story:
    """Told, and nobody has answered yet."""
    yield plan.told_at
    await town.tell(plan)


async def contested(town: Town, plan: HourPlan) -> Story:
    """Declined, and the desk has not talked with both yet."""
    yield plan.told_at
    await town.tell(plan)
    yield plan.answered_at
    reason = "I was away that week. I think she means my sister."
    await town.answer(plan, "decline", plan.other, reason=reason, at=plan.answered_at)


BY_FATE: dict[str, Callable[[Town, HourPlan], Story]] = {
    "ordinary": ordinary,
    "amended": amended,
    "declined": declined,
    "withdrawn": withdrawn,
    "unanswered": unanswered,
    "dismissed": dismissed,
    "upheld": upheld,
    "reversed": reversed_later,
    "refused": refused,
    "unlooked": unlooked,
    "silent": silent,
    "contested": contested,
    "disputed": disputed,
}
