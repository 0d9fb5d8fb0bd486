"""What else happens in a village: people come, go and wait, pass hours on, and are reminded each morning."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from api.demo.cast import BUDDIES
from api.demo.people import Villager
from api.demo.places import PLACES
from api.demo.stories import Story, at_the_desk
from api.demo.town import VOICE_OF, Town
from exchange.hours import chase
from exchange.hours import leaving as endings
from exchange.hours.errors import OverCeiling
from exchange.membership import banks, contacts, members, organisations
from exchange.membership.members import NewMember

REMIND_AFTER = timedelta(days=2)
GRANTED = ("coordinator", "assistant", "auditor")


async def joining(town: Town, who: Villager) -> Story:
    """Signed up at a kitchen table by the desk, or first asking on the public page; then welcomed."""
    yield who.joins_at
    draft = replace(who.draft, buddy_id=_buddy(town, who))
    if who.asks_first:
        await members.ask_to_join(town.session, town.bank_id, draft, member_id=who.member_id, at=who.joins_at)
        accepted_at = at_the_desk(who.joins_at)
        yield accepted_at
        typed = await contacts.of_member(town.session, town.bank_id, who.member_id)
        reached = [contact.contact_id for contact in typed]
        await members.accept(town.session, town.desk(), who.member_id, reached=reached, at=accepted_at)
    else:
        await members.sign_up(town.session, town.desk(), draft, member_id=who.member_id, at=who.joins_at)
    town.villagers[who.key] = who
    await town.meet(who.key, who.member_id)
    if who.role in GRANTED:
        await organisations.grant(town.session, town.viewers["ruth"], who.member_id, who.role)
        await town.look_again(who.key)


def _buddy(town: Town, who: Villager) -> UUID | None:
    """One in three newcomers is shown around by somebody who knows the village."""
    if who.role or who.member_id.int % 3:
        return None
    return town.ids.get(BUDDIES[who.member_id.int % len(BUDDIES)])


async def opening(town: Town, at: datetime) -> Story:
    """Once the first members are there, organisations join and the bank names who decides for its staff."""
    yield at
    for place in PLACES:
        added = await organisations.add(
            town.session,
            town.viewers["josie"],
            place.name,
            kind=place.kind,
            description=place.description,
            text_name=place.text_name,
            organisation_id=town.place_id(place.key),
            at=at,
        )
        await town.meet(place.key, added.organisation_id)
        await organisations.represent(
            town.session, town.viewers["josie"], added.organisation_id, town.ids[place.voice]
        )
        await town.look_again(place.voice)
    named = {"deputy": "named", "named_approver_id": town.ids["winston"]}
    await banks.set_policy(town.session, town.viewers["ruth"], named)
    await members.block(town.session, town.viewers["nell"], town.ids["nell"], town.ids["derek"], at=at)


async def asking_to_join(town: Town, at: datetime, member_id: UUID, draft: NewMember) -> Story:
    """Somebody asks on the public page and waits for the coordinator."""
    yield at
    await members.ask_to_join(town.session, town.bank_id, draft, member_id=member_id, at=at)


async def leaving(town: Town, who: Villager) -> Story:
    """The coordinator marks somebody as paused, departed or deceased; what they leave goes to the pot."""
    assert who.leaves_at is not None
    yield who.leaves_at
    josie = town.viewers["josie"]
    if who.leaves_as == "paused":
        await members.set_status(town.session, josie, who.member_id, who.leaves_as)
    else:
        await endings.end(town.session, josie, who.member_id, who.leaves_as, at=who.leaves_at)


async def giving(town: Town, at: datetime, key: str, giver: str, to: str, minutes: int, note: str) -> Story:
    """A gift out of what somebody has; who has not enough keeps it."""
    yield at
    has_enough = giver in VOICE_OF or await town.available(giver) >= minutes
    if has_enough:
        with suppress(OverCeiling):  # they have plenty already
            await town.gift(key, giver, to, minutes, note, at)


async def reminding(town: Town, at: datetime, until: datetime) -> Story:
    """Each morning, what waits too long is reminded of or handed to the coordinator."""
    while True:
        yield at
        if any(told_at + REMIND_AFTER <= at for told_at in town.waiting.values()):
            await chase.chase(town.session, town.bank_id, at=at)
        if at >= until:
            return
        at = min(at + timedelta(days=1), until)
