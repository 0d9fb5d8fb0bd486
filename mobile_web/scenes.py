"""What several pages show: a balance with its sentence, hours as cards, people one was lately with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import col

from exchange.hours import read, steps
from exchange.hours.read import HoursView
from exchange.hours.tables import Hours
from exchange.membership import parties
from mobile_web import words
from mobile_web.visit import Visit
from mobile_web.words import Card, Scene

COUNTED = ("posted", "objected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A balance in words, with the two halves it is made of."""

    sentence: str
    signed: str
    given: int
    received: int
    gifts: str
    """What gifts and the pot's help came to, with its sign; empty when nothing: the parts add up."""
    given_share: int
    has_plenty: bool = False
    """More than the bank's ceiling: a friendly nudge to ask for something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Somebody one was lately with, and the address that fills the form in as last time."""

    name: str
    key: UUID
    same: str
    href: str


async def scene_of(seen: Visit) -> Scene:
    return Scene(
        speaks=seen.speaks,
        today=seen.today,
        coordinator=await seen.coordinator(),
        mine=seen.viewer.party_ids,
    )


async def balance_of(seen: Visit, party_id: UUID) -> Balance:
    """A party's balance, and what they gave and received in all."""
    page = await read.statement(seen.session, seen.viewer, party_id=party_id, limit=1)
    given = await _sum(seen, col(Hours.giver_id) == party_id)
    received = await _sum(seen, col(Hours.receiver_id) == party_id)
    return Balance(
        sentence=words.balance_sentence(seen.speaks, page.balance_minutes),
        signed=words.signed(seen.speaks, page.balance_minutes),
        given=given,
        received=received,
        gifts=_gifts(seen, page.balance_minutes - given + received),
        given_share=round(100 * given / (given + received)) if given + received else 0,
        has_plenty=page.balance_minutes > seen.bank.ceiling_minutes,
    )


def _gifts(seen: Visit, minutes: int) -> str:
    return words.change(seen.speaks, minutes) if minutes else ""


async def _sum(seen: Visit, side: object) -> int:
    total = await seen.session.scalar(
        select(func.coalesce(func.sum(col(Hours.minutes)), 0)).where(
            col(Hours.bank_id) == seen.viewer.bank_id,
            side,  # type: ignore[arg-type]
            col(Hours.posted_at).is_not(None),
            col(Hours.state).in_(COUNTED),
        )
    )
    return int(total or 0)


async def pot_of(seen: Visit) -> str:
    """What the community pot has."""
    page = await read.statement(seen.session, seen.viewer, party_id=seen.bank.pot_id, limit=1)
    return seen.speaks.minutes(page.balance_minutes)


async def cards(seen: Visit, scene: Scene, views: Sequence[HoursView], *, link: str = "/hours") -> list[Card]:
    return [
        words.hour_card(scene, view, undone_on=await _undone_on(seen, view.hours), link=link)
        for view in views
    ]


async def _undone_on(seen: Visit, hours: Hours) -> date | None:
    if hours.state != "reversed":
        return None
    last = (await steps.of_hours(seen.session, hours))[-1]
    return last.done_at.astimezone(ZoneInfo(seen.bank.time_zone)).date()


async def again(seen: Visit, *, limit: int = 6) -> list[Again]:
    """People to choose with one tap, each with what it was last time."""
    found = await read.companions(seen.session, seen.viewer, limit=limit)
    return [_again(seen, view) for view in found]


def _again(seen: Visit, view: HoursView) -> Again:
    hours = view.hours
    asked = {
        "with": str(view.other_id),
        "direction": "gave" if view.is_giver else "received",
        "minutes": str(hours.minutes),
        "day": "today",
        **({"skill": hours.skill} if hours.skill else {}),
    }
    time = seen.speaks.minutes(hours.minutes)
    said = _last_time(seen, hours.skill, time, is_giver=view.is_giver)
    return Again(name=view.other, key=view.other_id, same=said, href=f"/hours/new?{urlencode(asked)}")


def _last_time(seen: Visit, skill: str | None, time: str, *, is_giver: bool) -> str:
    say = seen.speaks.say
    if skill:
        gave = say("Same as last time: you gave %(time)s, %(what)s", time=time, what=skill)
        had = say("Same as last time: you had %(time)s, %(what)s", time=time, what=skill)
    else:
        gave = say("Same as last time: you gave %(time)s", time=time)
        had = say("Same as last time: you had %(time)s", time=time)
    return gave if is_giver else had


async def voices(seen: Visit) -> list[tuple[UUID, str]]:
    """Whom the viewer speaks for: themselves, and organisations by name."""
    known = await parties.names(seen.session, seen.viewer.bank_id, seen.viewer.organisation_ids)
    others = sorted(known.items(), key=lambda pair: pair[1].casefold())
    return [(seen.viewer.member_id, seen.viewer.name), *others]


def voice(seen: Visit, asked: str | None) -> UUID:
    """The party that was asked about, when it is one the viewer speaks for; else the viewer."""
    mine = {str(party_id): party_id for party_id in seen.viewer.party_ids}
    return mine.get(asked or "", seen.viewer.member_id)
