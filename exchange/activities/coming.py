"""Coming to a session by a code, whoever's code it is; and who has come, as helpers and the desk read it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities import checking_in, opening, roster_people, standing
from exchange.activities.checking_in import Answer
from exchange.activities.moments import CLOSES_AFTER, OPENS_BEFORE, Moment
from exchange.activities.opening import Opened, Tries
from exchange.activities.tables import ActivitySession, CheckIn
from exchange.activities.troubles import Trouble
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

FLAGGED_MAX = 100


async def session_now(
    session: AsyncSession, bank_id: UUID, activity_id: UUID, *, at: datetime
) -> ActivitySession | None:
    """The activity's session that is on, or else the next one."""
    found: ActivitySession | None = await session.scalar(
        select(ActivitySession)
        .where(
            col(ActivitySession.bank_id) == bank_id,
            col(ActivitySession.activity_id) == activity_id,
            col(ActivitySession.state) == "planned",
            col(ActivitySession.ends_at) > at - CLOSES_AFTER,
        )
        .order_by(col(ActivitySession.starts_at))
        .limit(1)
    )
    return found


async def helped_now(session: AsyncSession, viewer: Viewer, *, at: datetime) -> list[standing.Meeting]:
    """The sessions on now at which the viewer may check others in."""
    rows = await session.scalars(
        select(col(ActivitySession.session_id))
        .where(
            col(ActivitySession.bank_id) == viewer.bank_id,
            col(ActivitySession.state) != "called_off",
            col(ActivitySession.starts_at) <= at + OPENS_BEFORE,
            col(ActivitySession.ends_at) >= at - CLOSES_AFTER,
        )
        .order_by(col(ActivitySession.starts_at), col(ActivitySession.session_id))
    )
    found = [await standing.meeting(session, viewer, session_id) for session_id in rows.all()]
    return [meeting for meeting in found if meeting.is_helped_by(viewer)]


async def _the_one_helped(session: AsyncSession, viewer: Viewer, moment: Moment) -> UUID | None:
    """Where somebody helped at the moment of a scan that names no session; None when that is not sure."""
    found = await helped_now(session, viewer, at=moment.came_at)
    return found[0].session.session_id if len(found) == 1 else None


async def by_code(
    session: AsyncSession,
    viewer: Viewer,
    text: str,
    tries: Tries,
    *,
    session_id: UUID | None = None,
    check_in_id: UUID,
    moment: Moment,
    way: str = "typed",
    at: datetime,
) -> Answer | Trouble:
    """A poster's code checks the viewer in; a card's, with a helper at `session_id`, its holder.

    A card scanned without a session is of the only one at which the viewer helped just then.

    Raises:
        NotAllowed: a card, by somebody who does not help there.
    """
    opened = await opening.open_code(session, viewer, text, tries, at=at)
    if isinstance(opened, Trouble):
        return opened
    if opened.code.kind == "card":
        session_id = session_id or await _the_one_helped(session, viewer, moment)
        if session_id is None:
            return opening.refuse(
                session, viewer, "not_theirs", tries, kind="card", subject_id=opened.subject_id, at=at
            )
        return await _by_card(session, viewer, opened, tries, session_id, moment, at)
    if opened.code.kind != "poster":
        return opening.refuse(session, viewer, "bad", tries, kind=opened.code.kind, at=at)
    return await _by_poster(
        session,
        viewer,
        opened,
        tries,
        session_id=session_id,
        check_in_id=check_in_id,
        moment=moment,
        way=way,
        at=at,
    )


async def _by_card(
    session: AsyncSession,
    viewer: Viewer,
    opened: Opened,
    tries: Tries,
    session_id: UUID,
    moment: Moment,
    at: datetime,
) -> Answer:
    """A helper has the card before them; one of somebody who has gone is the coordinator's to hear of."""
    answer = await checking_in.tick(
        session, viewer, session_id, [opened.subject_id], way="card", moment=moment, at=at
    )
    if answer.ask_coordinator:
        opening.refuse(
            session, viewer, "not_a_member", tries, kind="card", subject_id=opened.subject_id, at=at
        )
    return answer


async def _by_poster(
    session: AsyncSession,
    viewer: Viewer,
    opened: Opened,
    tries: Tries,
    *,
    session_id: UUID | None,
    check_in_id: UUID,
    moment: Moment,
    way: str,
    at: datetime,
) -> Answer | Trouble:
    if session_id not in (None, opened.subject_id):
        return opening.refuse(
            session, viewer, "other_session", tries, kind="poster", subject_id=opened.subject_id, at=at
        )
    known = await checking_in.of_member(session, viewer.bank_id, opened.subject_id, viewer.member_id)
    if known is not None:
        return Answer(check_ins=[known])
    found = await opening.poster(session, viewer, opened, tries, moment, at=at)
    if isinstance(found, Trouble):
        return found
    row = await checking_in.arrive(
        session, viewer, opened.subject_id, check_in_id=check_in_id, way=way, moment=moment, at=at
    )
    return Answer(check_ins=[row])


async def check_ins(session: AsyncSession, viewer: Viewer, session_id: UUID) -> list[CheckIn]:
    """Who came to a session, in the order of coming; nobody from behind a helper's wall.

    Raises:
        NotAllowed, NotFound
    """
    await standing.helping(session, viewer, session_id)
    hidden = await roster_people.hidden_from(session, viewer)
    rows = await session.scalars(
        select(CheckIn)
        .where(
            col(CheckIn.bank_id) == viewer.bank_id,
            col(CheckIn.session_id) == session_id,
            col(CheckIn.member_id).not_in(hidden),
        )
        .order_by(col(CheckIn.came_at), col(CheckIn.check_in_id))
    )
    return list(rows.all())


async def flagged(session: AsyncSession, viewer: Viewer) -> list[CheckIn]:
    """Check-ins that are odd and that nobody has looked at yet, oldest first."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    rows = await session.scalars(
        select(CheckIn)
        .where(
            col(CheckIn.bank_id) == viewer.bank_id,
            col(CheckIn.settled_at).is_(None),
            col(CheckIn.flags) != [],
        )
        .order_by(col(CheckIn.told_at), col(CheckIn.check_in_id))
        .limit(FLAGGED_MAX)
    )
    return list(rows.all())
