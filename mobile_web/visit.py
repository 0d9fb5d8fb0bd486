"""A signed-in page: the transaction it stands in, who looks, their bank, their language, and the hour.

The dependency has function scope: it commits before the reply leaves, so that a page of thanks is true.
What must never happen: a form's error that leaves half a change behind.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.errors import NotFound
from exchange.hours import read, relations
from exchange.membership import banks, organisations, parties, sign_in
from exchange.membership.errors import NotSignedIn
from exchange.membership.sign_in import Token
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer
from mobile_web.door import Door
from mobile_web.forms import SESSION_COOKIE, Answers, read_form, read_visitors_form
from mobile_web.languages import NAMES, Language
from mobile_web.rendering import page, reading

SEE_OTHER = 303
UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Shown:
    """What the frame of a page says about who looks."""

    name: str
    coordinates: bool
    waiting: int
    is_staff: bool = True
    """Else the desk is only its queue."""
    key: str = ""
    """What a phone keeps until there is signal belongs to whom this names, and to nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of somebody who is signed in."""

    request: Request
    session: AsyncSession
    viewer: Viewer
    bank: Bank
    at: datetime
    token: Token

    @property
    def speaks(self) -> Language:
        return reading(self.request)

    @property
    def today(self) -> date:
        return banks.today(self.bank, self.at)

    @property
    def has_desk(self) -> bool:
        """Staff, and the member whom the bank named to decide for its coordinators."""
        return self.viewer.is_staff or relations.is_named(self.bank, self.viewer)

    def shown(self, waiting: int) -> Shown:
        """What the frame says, with `waiting` hours that want this person's answer."""
        viewer = self.viewer
        return Shown(viewer.name, self.has_desk, waiting, viewer.is_staff, str(viewer.member_id))

    def attempt(self) -> AbstractAsyncContextManager[Any]:
        """A savepoint around a verb: when it raises, the page can be shown again and nothing was written."""
        return self.session.begin_nested()

    async def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page of this bank."""
        waiting = await read.waiting_for(self.session, self.viewer)
        self.request.state.viewer = self.shown(len(waiting))
        tongues = {code: NAMES[code] for code in NAMES if code in self.bank.languages}
        shown = {"bank": self.bank, "today": self.today, "tongues": tongues, **context}
        return page(self.request, template, status=status, **shown)

    async def coordinator(self) -> str:
        """Who checks hours here, as members know them: a name when there is one, else the office."""
        holders = await organisations.holders_of(self.session, self.viewer.bank_id, "coordinator")
        if len(holders) == 1:
            return next(iter((await parties.names(self.session, self.viewer.bank_id, holders)).values()))
        return self.speaks.say("a coordinator")


async def visit_if_any(request: Request) -> AsyncIterator[Visit | None]:
    """Open the bank that the session's cookie names, and see who holds it; None for a visitor."""
    token = Token.read(request.cookies.get(SESSION_COOKIE, ""))
    if token is None:
        yield None
        return
    door = Door(request)
    async with door.database.transaction(token.bank_id) as session:
        viewer = await sign_in.viewer_of(session, token, at=door.now())
        if viewer is None:
            yield None
            return
        bank = await banks.get(session, token.bank_id)
        request.state.language, request.state.bank_name = viewer.language, bank.name
        seen = Visit(request=request, session=session, viewer=viewer, bank=bank, at=door.now(), token=token)
        request.state.viewer = seen.shown(0)
        yield seen


PerhapsVisiting = Annotated[Visit | None, Depends(visit_if_any, scope="function")]


def visit(seen: PerhapsVisiting) -> Visit:
    """Who is signed in.

    Raises:
        NotSignedIn: nobody is.
    """
    if seen is None:
        raise NotSignedIn
    return seen


def key(text: str) -> UUID:
    """A record's key from an address.

    Raises:
        NotFound: it is not a key, so there is nothing by it.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _key_in_path(item: Annotated[str, Path()]) -> UUID:
    return key(item)


Visiting = Annotated[Visit, Depends(visit)]
Form = Annotated[Answers, Depends(read_form)]
VisitorsForm = Annotated[Answers, Depends(read_visitors_form)]
OURS = [Depends(read_form)]
"""For a change whose form has no answers: still only from a page of ours."""
ItemKey = Annotated[UUID, Depends(_key_in_path)]


def go(path: str) -> Response:
    """On to another page, after a change: a reload repeats nothing."""
    return RedirectResponse(path, SEE_OTHER)


def inside(path: str | None) -> str:
    """`path` when it is a page of ours, else home: nobody is sent elsewhere by a link to us."""
    is_ours = bool(path) and str(path).startswith("/") and not str(path).startswith(("//", "/\\"))
    return str(path) if is_ours and str(path).isprintable() else "/"
