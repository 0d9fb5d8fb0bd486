"""The desk's lists, ticked off by a program: calls made, letters posted, texts answered by a person.

What was ticked off before is not on a list any more, and is not found.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

import notifications
from api.door import Visiting
from exchange.errors import NotFound, UnknownChoice
from exchange.permissions import Relation, require
from exchange.words import clean
from notifications.errors import NoMessageMayBeLeft, NotOnTheDesk, UnknownMessage

router = APIRouter(tags=["desk"])
SAID_MAX = 500


class Called(BaseModel):
    """What came of a call, and what was said."""

    outcome: Literal["spoke", "no_answer", "wrong_number", "left_message"]
    said: str | None = Field(default=None, max_length=SAID_MAX)


@asynccontextmanager
async def _on_the_desk(visit: Visiting) -> AsyncIterator[None]:
    require(visit.viewer.roles, "queue.read", [Relation.BANK])
    try:
        yield
    except (NotOnTheDesk, UnknownMessage) as broken:
        raise NotFound from broken


@router.post("/queue/calls/{call_id}", status_code=204)
async def called(visit: Visiting, call_id: UUID, given: Called) -> None:
    """Write down what came of a call; one that nobody answered stays on the list."""
    async with _on_the_desk(visit):
        try:
            await notifications.mark_called(
                visit.session,
                visit.viewer.bank_id,
                call_id,
                given.outcome,
                visit.viewer.member_id,
                visit.at,
                said=clean(given.said, field="said", characters_max=SAID_MAX),
            )
        except NoMessageMayBeLeft as broken:
            raise UnknownChoice(field="outcome") from broken


@router.post("/queue/letters/{letter_id}", status_code=204)
async def posted(visit: Visiting, letter_id: UUID) -> None:
    """A letter is in the post."""
    async with _on_the_desk(visit):
        await notifications.mark_printed(
            visit.session, visit.viewer.bank_id, letter_id, visit.viewer.member_id, visit.at
        )


@router.post("/queue/texts/{text_id}", status_code=204)
async def answered(visit: Visiting, text_id: UUID) -> None:
    """A person has dealt with a text."""
    async with _on_the_desk(visit):
        await notifications.settle_text(
            visit.session, visit.viewer.bank_id, text_id, visit.viewer.member_id, visit.at
        )
