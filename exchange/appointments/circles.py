"""A circle that a coordinator accepted becomes appointments, which every member still says yes or no to."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.appointments import records
from exchange.appointments.ask import check_people
from exchange.appointments.errors import PeopleChanged
from exchange.appointments.tables import Appointment, Ask
from exchange.directory import barriers, circle_rounds, circle_views, taxonomy, turns
from exchange.directory.circle_views import CircleView
from exchange.directory.errors import CircleDecided
from exchange.directory.tables import Circle, CircleLeg, Listing
from exchange.errors import NotFound
from exchange.membership import banks, parties
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import homes
from exchange.prescribing.homes import Help


async def accept(session: AsyncSession, viewer: Viewer, circle_id: UUID, *, at: datetime) -> Circle:
    """Ask both sides of every help in the circle; a repeat changes nothing.

    Raises:
        PeopleChanged: somebody or something in it is no longer as it was, and which; nobody has been asked.
        CircleDecided, NotFound, NotAllowed
    """
    circle = await circle_rounds.lock(session, viewer, circle_id)
    if circle.state == "accepted":
        return circle
    if circle.state == "dropped":
        raise CircleDecided
    legs = await circle_views.legs_of(session, circle)
    day = banks.today(await banks.get(session, viewer.bank_id), at)
    for leg in legs:
        await _check_still(session, viewer, leg, day=day)
    for leg in legs:
        await _ask_both(session, viewer, circle, leg, at)
    circle.state, circle.decided_by, circle.decided_at = "accepted", viewer.member_id, at
    await session.flush()
    return circle


async def _check_still(session: AsyncSession, viewer: Viewer, leg: CircleLeg, *, day: date) -> None:
    """Everything that kept these two together in the suggestion, once more.

    Raises:
        PeopleChanged: with a sentence for the coordinator that says who or what is no longer as it was.
    """
    names = await parties.names(session, leg.bank_id, [leg.giver_id, leg.receiver_id])
    giver, receiver = names[leg.giver_id], names[leg.receiver_id]
    for listing_id, whose in ((leg.offer_id, f"{giver}'s offer"), (leg.request_id, f"{receiver}'s ask")):
        listing = await session.get_one(Listing, (leg.bank_id, listing_id))
        if listing.state != "open" or leg.skill not in listing.skills:
            raise PeopleChanged(f"{whose} ({taxonomy.get(leg.skill).name}) was taken down or changed.")
    for party_id, name in ((leg.giver_id, giver), (leg.receiver_id, receiver)):
        if not await parties.is_present(session, await parties.get(session, leg.bank_id, party_id)):
            raise PeopleChanged(f"{name} is away or has left.")
    if await _is_apart(session, leg, day):
        # A coordinator who is one of the two learns of no wall by this.
        is_theirs = bool(viewer.party_ids & {leg.giver_id, leg.receiver_id})
        said = f"{giver} and {receiver} can no longer be put together for this."
        raise PeopleChanged(None if is_theirs else said)


async def _is_apart(session: AsyncSession, leg: CircleLeg, day: date) -> bool:
    """Whether a wall, a hold, a rule about homes or driving, or a word of either keeps them apart now."""
    try:
        await check_people(session, leg.bank_id, leg.receiver_id, [leg.giver_id])
    except (NotFound, PeopleChanged):
        return True
    return await _is_refused(session, leg) or bool(
        await homes.unfit(session, leg.bank_id, [await _help(session, leg)], day=day)
    )


async def _help(session: AsyncSession, leg: CircleLeg) -> Help:
    """The help of one leg; at home when either side wishes it there."""
    listings = [await session.get_one(Listing, (leg.bank_id, key)) for key in (leg.offer_id, leg.request_id)]
    return Help(
        giver_id=leg.giver_id,
        receiver_id=leg.receiver_id,
        skill=leg.skill,
        is_at_home=any(listing.is_at_home for listing in listings),
    )


async def _is_refused(session: AsyncSession, leg: CircleLeg) -> bool:
    """Whether one of the two has said 'not me, thanks' since."""
    pair = {leg.giver_id: leg.request_id, leg.receiver_id: leg.offer_id}
    said = await barriers.refusals(session, leg.bank_id, list(pair))
    return any(
        refusal.party_id in pair
        and (
            (refusal.other_id in pair)
            or refusal.listing_id == pair[refusal.party_id]
            or refusal.skill == leg.skill
        )
        for refusal in said
    )


async def standing(
    session: AsyncSession, viewer: Viewer, views: Sequence[CircleView]
) -> dict[UUID, Literal["waits", "stands", "broken"]]:
    """How each help of accepted circles stands, by its appointment: a broken one needs somebody else."""
    require(viewer.roles, "circle.read", [Relation.BANK])
    keys = [item.leg.appointment_id for view in views for item in view.legs if item.leg.appointment_id]
    rows = await session.scalars(
        select(Appointment).where(
            col(Appointment.bank_id) == viewer.bank_id, col(Appointment.appointment_id).in_(keys)
        )
    )
    return {row.appointment_id: _stands(row) for row in rows.all()}


def _stands(row: Appointment) -> Literal["waits", "stands", "broken"]:
    if row.is_with_coordinator or row.state in ("cancelled", "did_not_happen"):
        return "broken"
    return "waits" if row.state == "asked" else "stands"


async def _ask_both(
    session: AsyncSession, viewer: Viewer, circle: Circle, leg: CircleLeg, at: datetime
) -> None:
    appointment = Appointment(
        bank_id=circle.bank_id,
        appointment_id=uuid5(circle.circle_id, str(leg.place)),
        state="asked",
        receiver_id=leg.receiver_id,
        listing_id=leg.request_id,
        skill=leg.skill,
        minutes=circle.minutes,
        is_at_home=(await _help(session, leg)).is_at_home,
        arranged_by=viewer.member_id,
        made_at=at,
        fingerprint=str(circle.circle_id),
    )
    session.add(appointment)
    await session.flush()
    leg.appointment_id = appointment.appointment_id
    sides = (leg.giver_id, leg.receiver_id)
    session.add_all(
        Ask(
            bank_id=circle.bank_id,
            appointment_id=appointment.appointment_id,
            party_id=party_id,
            answer="waiting",
            asked_at=at,
            decided_by=viewer.member_id,
        )
        for party_id in sides
    )
    records.plan(appointment, at)
    await turns.take(session, circle.bank_id, leg.giver_id, at=at)
    await session.flush()
    records.tell(session, appointment, "appointment.asked", by=viewer, to=[leg.giver_id], at=at)
    records.tell(
        session,
        appointment,
        "appointment.offered",
        by=viewer,
        to=[leg.receiver_id],
        helper_id=leg.giver_id,
        at=at,
    )
