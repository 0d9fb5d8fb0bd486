"""What a member is told, how, and how often."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.door import Visiting
from exchange.membership import topics
from exchange.membership.topics import TOPICS, Chosen

router = APIRouter(tags=["members"], prefix="/members/{member_id}/topics")


class TopicOut(BaseModel):
    """One topic as the member has it; `channel` null is their usual one."""

    topic: str
    channel: str | None
    pace: str
    paces: list[str]
    is_nudge: bool


class TopicPage(BaseModel):
    """Every topic."""

    items: list[TopicOut]
    next_cursor: str | None = None


class TopicIn(BaseModel):
    """A channel (`sms`, `email`, `call`, `letter`, or null) and a pace (`at_once`, `daily`, `never`)."""

    channel: str | None = Field(default=None, max_length=20)
    pace: str = Field(default="at_once", max_length=20)


@router.get("")
async def read(visit: Visiting, member_id: UUID) -> TopicPage:
    """What one is told, how, and how often; staff see a member's."""
    found = await topics.choices(visit.session, visit.viewer, member_id)
    return TopicPage(items=[_shown(chosen) for chosen in found])


@router.put("/{topic}")
async def choose(visit: Visiting, member_id: UUID, topic: str, given: TopicIn) -> TopicOut:
    """Choose for one topic; what asks something or protects is always told, at once."""
    wish = Chosen(topic=topic, channel=given.channel, pace=given.pace)
    await topics.choose(visit.session, visit.viewer, member_id, wish, at=visit.at)
    return _shown(wish)


def _shown(chosen: Chosen) -> TopicOut:
    known = TOPICS[chosen.topic]
    return TopicOut(
        topic=chosen.topic,
        channel=chosen.channel,
        pace=chosen.pace,
        paces=list(known.paces),
        is_nudge=known.is_nudge,
    )
