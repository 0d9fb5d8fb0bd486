"""Groups: what is on, places at it, and who came; by code, card, roster, or afterwards."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.door import Clock, CreatedId, Visit, Visiting
from api.errors import problem, status_of
from exchange.activities import (
    checking_in,
    coming,
    deciding,
    moments,
    places,
    proposing,
    sheets,
    standing,
    whats_on,
)
from exchange.activities.errors import AskCoordinator, BadCode, NotToday, TooManyTries
from exchange.activities.opening import Tries
from exchange.activities.tables import Activity, ActivitySession, CheckIn, Place
from exchange.activities.troubles import Trouble
from exchange.errors import ExchangeError, NotFound
from exchange.membership import parties

router = APIRouter(tags=["activities"])


class Terms(BaseModel):
    """What may be said of an activity beside what, where and when it begins."""

    repeats: Literal["once", "weekly", "fortnightly", "monthly"] = "once"
    ends_on: date | None = None
    about: str | None = Field(default=None, max_length=2000)
    access: list[str] = Field(default_factory=list, max_length=12)
    lifts: str | None = Field(default=None, max_length=200)
    places: int | None = None
    companions_max: int = 0
    earns_minutes: int = 0
    earns_from: Literal["host", "issuance"] = "issuance"
    costs_minutes: int = 0
    costs_to: Literal["host", "pot"] = "pot"
    leaders_earn_minutes: int = 0
    leader_ids: list[UUID] = Field(default_factory=list, max_length=20)
    has_check_out: bool = False
    is_public: bool = True
    late_hours: int = 0
    late_keeps: bool = False


class NewActivity(Terms):
    """An activity as somebody imagines it; a coordinator who has no part in it approves it."""

    id: UUID | None = None
    host_id: UUID | None = Field(default=None, description="An organisation or a member; else oneself.")
    title: str = Field(max_length=80)
    location: str = Field(max_length=200)
    first_on: date
    starts: Clock = Field(description="On the clocks of the bank's own town.")
    minutes: int = Field(strict=True)


class ActivityOut(BaseModel):
    """An activity, and how far it has come."""

    id: UUID
    title: str
    state: str
    host_id: UUID
    about: str | None
    location: str
    access: list[str]
    lifts: str | None
    repeats: str
    first_on: date
    starts: Clock
    minutes: int
    ends_on: date | None
    places: int | None
    companions_max: int
    earns_minutes: int
    costs_minutes: int
    leaders_earn_minutes: int
    has_check_out: bool
    is_public: bool
    late_hours: int
    late_keeps: bool

    @classmethod
    def of(cls, row: Activity) -> "ActivityOut":
        """The row as the door shows it."""
        names = cls.model_fields.keys() - {"id"}
        return cls(id=row.activity_id, **{name: getattr(row, name) for name in names})


class SessionOut(BaseModel):
    """One session that is on in the next weeks."""

    session_id: UUID
    activity_id: UUID
    title: str
    host: str
    location: str
    starts_at: datetime
    ends_at: datetime
    earns_minutes: int
    costs_minutes: int


class SessionPage(BaseModel):
    """What is on, in order."""

    items: list[SessionOut]
    next_cursor: str | None = None


class Which(BaseModel):
    """Which session is meant; the one that is on, or comes next, when left out."""

    session_id: UUID | None = None


class PlaceWanted(Which):
    """A place for oneself, or by staff for a member; `id` makes a repeat harmless."""

    id: UUID | None = None
    member_id: UUID | None = None
    companions: int = 0
    wants_lift: bool = False


class Leaving(Which):
    """Whose place is given up; one's own when left out."""

    member_id: UUID | None = None


class PlaceOut(BaseModel):
    """A place, or a turn on the waiting list."""

    id: UUID
    session_id: UUID
    member_id: UUID
    state: str
    turn: int
    companions: int
    kept_minutes: int

    @classmethod
    def of(cls, row: Place) -> "PlaceOut":
        """The row as the door shows it."""
        names = cls.model_fields.keys() - {"id"}
        return cls(id=row.place_id, **{name: getattr(row, name) for name in names})


class Coming(Which):
    """Somebody came: by a poster's code for oneself; by a card's code or member ids when one helps there."""

    id: UUID | None = None
    code: str | None = Field(default=None, max_length=60)
    member_ids: list[UUID] = Field(default_factory=list, max_length=1000)
    way: Literal["roster", "afterwards", "day_list"] = "roster"
    reason: str | None = Field(default=None, max_length=2000)
    device_at: str | None = Field(default=None, max_length=40)
    sent_at: str | None = Field(default=None, max_length=40)
    kept: bool = False


class Going(Which):
    """Somebody goes home."""

    member_id: UUID | None = None
    device_at: str | None = Field(default=None, max_length=40)
    sent_at: str | None = Field(default=None, max_length=40)
    kept: bool = False


class CheckInOut(BaseModel):
    """That somebody came, and whether it counts yet."""

    id: UUID
    session_id: UUID
    member_id: UUID
    state: str
    way: str
    came_at: datetime
    left_at: datetime | None
    minutes: int
    flags: list[str]

    @classmethod
    def of(cls, row: CheckIn) -> "CheckInOut":
        """The row as the door shows it."""
        names = cls.model_fields.keys() - {"id"}
        return cls(id=row.check_in_id, **{name: getattr(row, name) for name in names})


class CheckInPage(BaseModel):
    """Who came; and those for whom the coordinator must be asked."""

    items: list[CheckInOut]
    ask_coordinator: list[UUID] = Field(default_factory=list)
    next_cursor: str | None = None


class Reason(BaseModel):
    """A reason, for coordinators."""

    reason: str | None = Field(default=None, max_length=2000)


class Approval(BaseModel):
    """A yes; `is_trusted` lets the poster count without a helper's nod."""

    is_trusted: bool = False


def tries(request: Request, visit: Visit) -> Tries:
    """Whom wrong codes are counted against here: the member, and the network they come from."""
    network = request.client.host if request.client else None
    return Tries.of(request.app.state.secret, member=visit.viewer.member_id, network=network)


TROUBLES: dict[str, type[ExchangeError]] = {
    "too_many": TooManyTries,
    "early": NotToday,
    "over": NotToday,
    "called_off": NotToday,
    "not_theirs": AskCoordinator,
}


def told_of(trouble: Trouble) -> Response:
    """A code that did not open, answered so that its count is committed."""
    rule = TROUBLES.get(trouble.trouble, BadCode)
    return problem(status_of(rule()), rule.code, str(rule()), field="code", more={"trouble": trouble.trouble})


async def session_of(visit: Visit, activity_id: UUID, session_id: UUID | None) -> ActivitySession:
    """The session that is meant, of just this activity; when none is named, the one on now or next.

    Raises:
        NotFound
    """
    await standing.activity_of(visit.session, visit.viewer, activity_id)
    if session_id is None:
        found = await coming.session_now(visit.session, visit.viewer.bank_id, activity_id, at=visit.at)
    else:
        found = (await standing.meeting(visit.session, visit.viewer, session_id)).session
    if found is None or found.activity_id != activity_id:
        raise NotFound(field="session_id")
    return found


@router.get("/activities")
async def list_activities(
    visit: Visiting, days: Annotated[int, Query(ge=1, le=62)] = sheets.AHEAD_DAYS
) -> SessionPage:
    """What is on in the next days, session by session."""
    found = await sheets.whats_on(
        visit.session, visit.viewer.bank_id, viewer=visit.viewer, at=visit.at, days=days
    )
    return SessionPage(
        items=[
            SessionOut(**{name: getattr(line, name) for name in SessionOut.model_fields})
            for line in found.lines
        ]
    )


@router.post("/activities", status_code=201)
async def propose(visit: Visiting, wanted: NewActivity, new_id: CreatedId) -> ActivityOut:
    """Propose an activity; the same id again returns the first."""
    plain = wanted.model_dump(exclude={"id", "host_id"})
    proposal = proposing.Proposal(
        activity_id=wanted.id or new_id, host_id=wanted.host_id or visit.viewer.member_id, **plain
    )
    return ActivityOut.of(await proposing.propose(visit.session, visit.viewer, proposal, at=visit.at))


@router.get("/activities/{activity_id}")
async def get_activity(visit: Visiting, activity_id: UUID) -> ActivityOut:
    """One activity."""
    return ActivityOut.of(await whats_on.one(visit.session, visit.viewer, activity_id))


@router.post("/activities/{activity_id}/approve")
async def approve(visit: Visiting, activity_id: UUID, said: Approval | None = None) -> ActivityOut:
    """A coordinator who has no part in it says yes."""
    is_trusted = bool(said and said.is_trusted)
    return ActivityOut.of(
        await proposing.approve(visit.session, visit.viewer, activity_id, is_trusted=is_trusted, at=visit.at)
    )


@router.post("/activities/{activity_id}/places", status_code=201)
async def book(visit: Visiting, activity_id: UUID, wanted: PlaceWanted, new_id: CreatedId) -> PlaceOut:
    """A place, or a turn on the waiting list when it is full."""
    meeting = await session_of(visit, activity_id, wanted.session_id)
    if wanted.member_id:
        await parties.get(visit.session, visit.viewer.bank_id, wanted.member_id)
    made = await places.book(
        visit.session,
        visit.viewer,
        meeting.session_id,
        place_id=wanted.id or new_id,
        member_id=wanted.member_id,
        companions=wanted.companions,
        wants_lift=wanted.wants_lift,
        at=visit.at,
    )
    return PlaceOut.of(made)


@router.post("/activities/{activity_id}/places/leave")
async def leave(visit: Visiting, activity_id: UUID, leaving: Leaving | None = None) -> PlaceOut:
    """Give a place up; whoever waits longest has it."""
    leaving = leaving or Leaving()
    meeting = await session_of(visit, activity_id, leaving.session_id)
    left = await places.leave(
        visit.session, visit.viewer, meeting.session_id, member_id=leaving.member_id, at=visit.at
    )
    return PlaceOut.of(left)


@router.get("/activities/{activity_id}/check-ins")
async def list_check_ins(visit: Visiting, activity_id: UUID, session_id: UUID | None = None) -> CheckInPage:
    """Who came, for those who help there."""
    meeting = await session_of(visit, activity_id, session_id)
    rows = await coming.check_ins(visit.session, visit.viewer, meeting.session_id)
    return _page(rows)


def _page(rows: Sequence[CheckIn], ask: Sequence[UUID] = ()) -> CheckInPage:
    return CheckInPage(items=[CheckInOut.of(row) for row in rows], ask_coordinator=list(ask))


@router.post("/activities/{activity_id}/check-ins", status_code=201, response_model=CheckInPage)
async def check_in(
    request: Request, visit: Visiting, activity_id: UUID, told: Coming, new_id: CreatedId
) -> CheckInPage | Response:
    """By a code, or by a helper for members; told twice, by whatever way, it gives the same answer."""
    meeting = await session_of(visit, activity_id, told.session_id)
    moment = moments.read(told.device_at, is_kept=told.kept, at=visit.at, sent_at=told.sent_at)
    if told.code is None:
        answer = await checking_in.tick(
            visit.session,
            visit.viewer,
            meeting.session_id,
            told.member_ids,
            way=told.way,
            moment=moment,
            reason=told.reason,
            at=visit.at,
        )
        return _page(answer.check_ins, answer.ask_coordinator)
    found = await coming.by_code(
        visit.session,
        visit.viewer,
        told.code,
        tries(request, visit),
        session_id=meeting.session_id,
        check_in_id=told.id or new_id,
        moment=moment,
        at=visit.at,
    )
    if isinstance(found, Trouble):
        return told_of(found)
    return _page(found.check_ins, found.ask_coordinator)


@router.post("/activities/{activity_id}/check-ins/{check_in_id}/{verb}")
async def decide(
    visit: Visiting, activity_id: UUID, check_in_id: UUID, verb: Literal["nod", "refuse"]
) -> CheckInOut:
    """A helper says whether they are really here."""
    await standing.activity_of(visit.session, visit.viewer, activity_id)
    act = deciding.nod if verb == "nod" else deciding.refuse
    return CheckInOut.of(await act(visit.session, visit.viewer, check_in_id, at=visit.at))


@router.post("/activities/{activity_id}/check-ins/{check_in_id}/undo")
async def undo(
    visit: Visiting, activity_id: UUID, check_in_id: UUID, said: Reason | None = None
) -> CheckInOut:
    """A coordinator takes a check-in back, with a reason, by opposite transfers."""
    await standing.activity_of(visit.session, visit.viewer, activity_id)
    reason = said.reason if said else None
    return CheckInOut.of(
        await deciding.undo(visit.session, visit.viewer, check_in_id, reason=reason, at=visit.at)
    )


@router.post("/activities/{activity_id}/check-outs")
async def check_out(visit: Visiting, activity_id: UUID, going: Going | None = None) -> CheckInOut:
    """Somebody goes home; where it matters, they earn by the minute."""
    going = going or Going()
    meeting = await session_of(visit, activity_id, going.session_id)
    moment = moments.read(going.device_at, is_kept=going.kept, at=visit.at, sent_at=going.sent_at)
    row = await checking_in.check_out(
        visit.session,
        visit.viewer,
        meeting.session_id,
        member_id=going.member_id,
        moment=moment,
        at=visit.at,
    )
    return CheckInOut.of(row)


ENDINGS = {"decline": proposing.decline, "end": proposing.end}


@router.post("/activities/{activity_id}/{verb}")
async def end(
    visit: Visiting, activity_id: UUID, verb: Literal["decline", "end"], said: Reason | None = None
) -> ActivityOut:
    """A coordinator says no; or whoever holds it ends it, and everybody booked is told."""
    reason = said.reason if said else None
    return ActivityOut.of(
        await ENDINGS[verb](visit.session, visit.viewer, activity_id, reason=reason, at=visit.at)
    )
