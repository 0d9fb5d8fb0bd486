"""A room of the house as the web sees it: its routes, and which addresses it is asked about.

FastAPI tries every route of every room in turn, and once more on the way in; with four hundred routes that
was a third of a page's processor time. What must never happen: a room that is not asked about an address of
its own.
"""

from collections.abc import Sequence
from functools import cached_property

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Scope


class Room(APIRouter):
    """Routes that are only tried where the first word of one of them stands somewhere in the address."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        super().__init__(routes=list(routes))

    @cached_property
    def first_words(self) -> frozenset[str]:
        """The first words of its addresses, without whatever the room is mounted under."""
        return frozenset(str(getattr(route, "path", "/{any}")).split("/")[1] for route in self.routes)

    @cached_property
    def is_always_asked(self) -> bool:
        """Whether an address of it may begin with any word."""
        return any(word.startswith("{") for word in self.first_words)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of its routes is asked for, as the router says it."""
        if self.is_always_asked or not self.first_words.isdisjoint(scope["path"].split("/")[1:]):
            return super().matches(scope)
        return Match.NONE, {}
