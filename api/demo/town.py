"""Speaking for the villagers: each verb is called by the person who would call it.

Those without a telephone that texts are spoken for by the desk, with a reason and evidence, as in a real
bank. What must never happen: a row written here; everything goes through the verbs.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import ledger
from api.demo.dice import ZONE, key_of
from api.demo.people import Villager
from api.demo.places import PLACES
from api.demo.plans import HourPlan
from exchange.hours import gifts, log, verbs
from exchange.hours.log import Telling
from exchange.hours.tables import Hours
from exchange.membership import parties, viewer
from exchange.membership.members import get as get_member
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer

VOICE_OF = {place.key: place.voice for place in PLACES}
POT = "pot"
DESK = ("marcus", "josie", "ruth")


@dataclass(slots=True)
class Town:
    """One open transaction in the village, and who is there."""

    session: AsyncSession
    bank: Bank
    ids: dict[str, UUID] = field(default_factory=dict)
    """A villager's or place's key → its party."""
    viewers: dict[str, Viewer] = field(default_factory=dict)
    villagers: dict[str, Villager] = field(default_factory=dict)
    waiting: dict[UUID, datetime] = field(default_factory=dict)
    """Hours told and not answered → when they were told."""
    kept: list[Any] = field(default_factory=list)
    """Rows held on to, so that the session need not read them again for every hour."""

    @property
    def bank_id(self) -> UUID:
        return self.bank.bank_id

    async def meet(self, key: str, party_id: UUID) -> None:
        """Somebody or some place is now there."""
        self.ids[key] = party_id
        self.kept.append(await parties.get(self.session, self.bank_id, party_id))
        if key not in VOICE_OF:
            self.kept.append(await get_member(self.session, self.viewers["ruth"], party_id))
            await self.look_again(key)

    async def look_again(self, key: str) -> None:
        """Somebody has another role now."""
        seen = await viewer.load(self.session, self.bank_id, self.ids[key])
        if seen is not None:
            self.viewers[key] = seen

    def desk(self, *involved: str) -> Viewer:
        """Somebody at the desk who takes no part."""
        return next(self.viewers[key] for key in DESK if key in self.viewers and key not in involved)

    def coordinator(self, *involved: str) -> Viewer | None:
        """A coordinator who takes no part, or none."""
        return next((self.viewers[key] for key in ("josie", "ruth") if key not in involved), None)

    def speaker(self, key: str, *involved: str) -> Viewer:
        """Who speaks for a party: themselves, the place's voice, or the desk for those told by voice."""
        if key in VOICE_OF:
            return self.viewers[VOICE_OF[key]]
        return self.desk(*involved) if self.is_spoken_for(key) else self.viewers[key]

    def is_spoken_for(self, key: str) -> bool:
        return key in self.villagers and self.villagers[key].says_it_by_voice

    def place_id(self, key: str) -> UUID:
        return key_of(self.bank_id, "place", key)

    def hours_id(self, plan: HourPlan) -> UUID:
        return key_of(self.bank_id, plan.key)

    async def tell(self, plan: HourPlan) -> None:
        """The teller, or the desk for them, tells of the hour."""
        pair = (plan.giver, plan.receiver)
        is_desk = self.is_spoken_for(plan.teller)
        is_own = plan.teller not in VOICE_OF and not is_desk
        telling = Telling(
            hours_id=self.hours_id(plan),
            direction="gave" if plan.is_told_by_giver else "received",
            with_id=self.ids[plan.other],
            minutes=plan.minutes,
            done_on=plan.told_at.astimezone(ZONE).date(),
            skill=plan.skill,
            note=plan.note,
            is_at_home=plan.is_at_home,
            on_behalf_of=None if is_own else self.ids[plan.teller],
            reason="Asked us to write it down" if is_desk else None,
            evidence="Signed slip in the box at the desk" if is_desk else None,
        )
        await log.log(self.session, self.speaker(plan.teller, *pair), telling, at=plan.told_at)
        self.waiting[telling.hours_id] = plan.told_at

    async def agree(self, plan: HourPlan, *, at: datetime, **more: Any) -> Hours:
        """The other side says yes; the desk writes down a yes said by voice."""
        return await self._agree(plan, plan.other, at=at, **more)

    async def agree_back(self, plan: HourPlan, *, at: datetime) -> Hours:
        """The teller says yes to the other side's minutes."""
        return await self._agree(plan, plan.teller, at=at)

    async def _agree(self, plan: HourPlan, side: str, *, at: datetime, minutes: int | None = None) -> Hours:
        heard = "Said yes on the telephone to the desk" if self.is_spoken_for(side) else None
        speaker = self.speaker(side, plan.giver, plan.receiver)
        hours = await verbs.confirm(
            self.session, speaker, self.hours_id(plan), minutes=minutes, evidence=heard, at=at
        )
        self._answered(hours)
        return hours

    def _answered(self, hours: Hours) -> None:
        if hours.state != "awaiting_confirmation":
            self.waiting.pop(hours.hours_id, None)

    async def answer(self, plan: HourPlan, verb: str, side: str, *, reason: str, at: datetime) -> None:
        """One side declines, withdraws or objects, for a reason that only the desk reads."""
        speaker = self.speaker(side, plan.giver, plan.receiver)
        if verb == "object":
            await self._object(plan, side, speaker, reason, at)
            return
        act = {"decline": verbs.decline, "withdraw": verbs.withdraw}[verb]
        self._answered(await act(self.session, speaker, self.hours_id(plan), reason=reason, at=at))

    async def _object(self, plan: HourPlan, side: str, speaker: Viewer, reason: str, at: datetime) -> None:
        for_id = self.ids[side] if self.is_spoken_for(side) else None
        await verbs.object_to(
            self.session, speaker, self.hours_id(plan), reason=reason, on_behalf_of=for_id, at=at
        )

    async def available(self, key: str) -> int:
        """The minutes that a party could give away now."""
        party = await parties.get(self.session, self.bank_id, self.ids[key])
        return (await ledger.balance(self.session, self.bank_id, party.account_id)).available

    async def pot_minutes(self) -> int:
        """What the community pot holds."""
        return await self.available(POT)

    async def gift(self, key: str, giver: str, to: str, minutes: int, note: str, at: datetime) -> None:
        """One party passes minutes on; from the pot, a coordinator does who gets none of it."""
        steward = "ruth" if to == "josie" else "josie"
        speaker = steward if giver == POT else VOICE_OF.get(giver, giver)
        await gifts.give(
            self.session,
            self.viewers[speaker],
            key_of(self.bank_id, key),
            from_id=self.ids[giver],
            to_id=self.ids[to],
            minutes=minutes,
            note=note,
            at=at,
        )
