"""A circle that a coordinator accepted becomes appointments, which every member still says yes or no to."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.appointments import records
from exchange.appointments.ask import check_people
from exchange.appointments.errors import PeopleChanged
from exchange.appointments.tables import Appointment, Ask
from exchange.directory import barriers, circle_rounds, turns
from exchange.directory.errors import CircleDecided
from exchange.directory.tables import Circle, CircleLeg, Listing
from exchange.errors import NotFound
from exchange.membership import banks
from exchange.membership.errors import MemberNotActive
from exchange.membership.viewer import Viewer
from exchange.prescribing import homes
from exchange.prescribing.homes import Help


async def accept(session: AsyncSession, viewer: Viewer, circle_id: UUID, *, at: datetime) -> Circle:
    """Ask both sides of every help in the circle; a repeat changes nothing.

    Raises:
        PeopleChanged: somebody or something in it is no longer as it was; nobody has been asked.
        CircleDecided, NotFound, NotAllowed
    """
    circle = await circle_rounds.lock(session, viewer, circle_id)
    if circle.state == "accepted":
        return circle
    if circle.state == "dropped":
        raise CircleDecided
    legs = await circle_rounds.legs_of(session, circle)
    day = banks.today(await banks.get(session, viewer.bank_id), at)
    for leg in legs:
        await _check_still(session, leg)
        if await homes.unfit(session, leg.bank_id, [await _help(session, leg)], day=day):
            raise PeopleChanged
    for leg in legs:
        await _ask_both(session, viewer, circle, leg, at)
    circle.state, circle.decided_by, circle.decided_at = "accepted", viewer.member_id, at
    await session.flush()
    return circle


async def _check_still(session: AsyncSession, leg: CircleLeg) -> None:
    for listing_id in (leg.offer_id, leg.request_id):
        listing = await session.get_one(Listing, (leg.bank_id, listing_id))
        if listing.state != "open" or leg.skill not in listing.skills:
            raise PeopleChanged
    try:
        await check_people(session, leg.bank_id, leg.receiver_id, [leg.giver_id])
    except (NotFound, MemberNotActive) as changed:
        raise PeopleChanged from changed
    if await _is_refused(session, leg):
        raise PeopleChanged


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
