"""What a member is told, how, and how often: service and nudges apart, each topic by its channel and pace.

Nobody can turn off what asks them something or protects them; reminders are a consent of their own. What must
never happen: a channel used that its owner did not call safe, whatever was chosen here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.errors import UnknownChoice
from exchange.membership import members
from exchange.membership.tables import CHANNELS, TopicChoice
from exchange.membership.viewer import Viewer
from exchange.permissions import require

Pace = Literal["at_once", "daily", "never"]
AT_ONCE: Final = ("at_once",)
ANY_PACE: Final = ("at_once", "daily", "never")


@dataclass(frozen=True, slots=True)
class Topic:
    """What may be chosen about one kind of news; a nudge is told only while its owner wishes it."""

    paces: tuple[str, ...]
    is_nudge: bool = False


TOPICS: Final[Mapping[str, Topic]] = {
    "questions": Topic(AT_ONCE),
    "help": Topic(AT_ONCE),
    "groups": Topic(AT_ONCE),
    "hours": Topic(ANY_PACE),
    "reminders": Topic(ANY_PACE, is_nudge=True),
}
"""`questions` are what waits for an answer, and what somebody did in a member's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One topic as a member has it; `channel` None is the usual one."""

    topic: str
    channel: str | None = None
    pace: str = "at_once"


async def choices(session: AsyncSession, viewer: Viewer, member_id: UUID) -> list[Chosen]:
    """Every topic as the member has it, in the order of the table.

    Raises:
        NotFound, NotAllowed
    """
    await members.get(session, viewer, member_id)
    rows = await session.scalars(
        select(TopicChoice).where(
            col(TopicChoice.bank_id) == viewer.bank_id, col(TopicChoice.member_id) == member_id
        )
    )
    known = {row.topic: row for row in rows.all()}
    return [_chosen(topic, known.get(topic)) for topic in TOPICS]


async def choose(
    session: AsyncSession, viewer: Viewer, member_id: UUID, wish: Chosen, *, at: datetime
) -> None:
    """Set one topic's channel and pace; a repeat changes nothing.

    Raises:
        UnknownChoice: no such topic or channel, or a pace that the topic does not have.
        NotFound, NotAllowed
    """
    await members.get(session, viewer, member_id)
    require(viewer.roles, "member.change", viewer.relations_to(member_id))
    if wish.topic not in TOPICS:
        raise UnknownChoice(field="topic")
    if wish.channel is not None and wish.channel not in CHANNELS:
        raise UnknownChoice(field="channel")
    if wish.pace not in TOPICS[wish.topic].paces:
        raise UnknownChoice(field="pace")
    values = {"channel": wish.channel, "pace": wish.pace, "chosen_at": at, "chosen_by": viewer.member_id}
    await session.execute(
        insert(TopicChoice)
        .values(bank_id=viewer.bank_id, member_id=member_id, topic=wish.topic, **values)
        .on_conflict_do_update(constraint="topic_choice_pkey", set_=values)
    )


async def of(session: AsyncSession, bank_id: UUID, member_id: UUID, topic: str) -> Chosen:
    """One topic as the member has it, for whoever is about to tell them."""
    row = await session.get(TopicChoice, (bank_id, member_id, topic), populate_existing=True)
    return _chosen(topic, row)


def _chosen(topic: str, row: TopicChoice | None) -> Chosen:
    if row is None:
        return Chosen(topic=topic)
    return Chosen(topic=topic, channel=row.channel, pace=row.pace)
