"""Offering help to somebody who asks for it: the helper has said yes, and the one who asks says yes or no."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.appointments import records
from exchange.appointments.ask import check_people, insert_once
from exchange.appointments.tables import Appointment, Ask
from exchange.directory import listings
from exchange.directory.errors import ListingInWrongState
from exchange.directory.tables import Listing
from exchange.errors import SameIdOtherContents
from exchange.hours.log import check_minutes
from exchange.membership import parties
from exchange.membership.errors import MemberNotActive, WithOneself
from exchange.membership.viewer import Viewer
from exchange.permissions import require
from exchange.words import NOTE_CHARACTERS_MAX, clean


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOffer:
    """Help for somebody's ask. `starts_at` None: the two will find a time."""

    appointment_id: UUID
    listing_id: UUID
    minutes: int
    starts_at: datetime | None = None
    note: str | None = None
    on_behalf_of: UUID | None = None
    """Who would help, when a coordinator or representative offers it for them."""

    def fingerprint(self, giver_id: UUID) -> str:
        """The same for a repeat, another for another offer."""
        return f"offer/{self.listing_id}/{self.minutes}/{self.starts_at}/{self.note}/{giver_id}"


async def offer(session: AsyncSession, viewer: Viewer, wanted: NewOffer, *, at: datetime) -> Appointment:
    """Say that one could help; the one who asks is told, and decides. A repeat returns the first.

    Raises:
        NotFound, NotAllowed, WithOneself, ListingInWrongState, MemberNotActive, PeopleChanged, StartsInPast,
        StartsTooFar, MinutesOutOfRange, SameIdOtherContents
    """
    giver_id = wanted.on_behalf_of or viewer.member_id
    giver = await parties.exchanging(session, viewer.bank_id, giver_id, field="on_behalf_of")
    require(viewer.roles, "appointment.offer", viewer.relations_to(giver_id))
    known = await session.get(Appointment, (viewer.bank_id, wanted.appointment_id))
    if known is not None:
        return _repeat(known, wanted, giver_id)
    listing = (await listings.get(session, viewer, wanted.listing_id)).listing
    if not await parties.is_present(session, giver):
        raise MemberNotActive(field="on_behalf_of")
    await _check(session, wanted, listing, giver_id, at)
    fresh = _row(viewer, wanted, listing, giver_id, at)
    if not await insert_once(session, fresh):
        known = await session.get_one(Appointment, (viewer.bank_id, wanted.appointment_id))
        return _repeat(known, wanted, giver_id)
    made = await session.get_one(Appointment, (viewer.bank_id, wanted.appointment_id))
    _ask(session, viewer, made, giver_id, "yes", at)
    _ask(session, viewer, made, listing.party_id, "waiting", at)
    records.plan(made, at)
    await session.flush()
    records.tell(session, made, "appointment.offered", by=viewer, to=[listing.party_id], at=at)
    return made


def _repeat(known: Appointment, wanted: NewOffer, giver_id: UUID) -> Appointment:
    if known.fingerprint != wanted.fingerprint(giver_id):
        raise SameIdOtherContents
    return known


async def _check(
    session: AsyncSession, wanted: NewOffer, listing: Listing, giver_id: UUID, at: datetime
) -> None:
    check_minutes(wanted.minutes)
    records.check_time(wanted.starts_at, at=at)
    if listing.party_id == giver_id:
        raise WithOneself(field="listing_id")
    if listing.kind != "request" or listing.state != "open":
        raise ListingInWrongState
    await check_people(session, listing.bank_id, giver_id, [listing.party_id])


def _row(viewer: Viewer, wanted: NewOffer, listing: Listing, giver_id: UUID, at: datetime) -> Appointment:
    return Appointment(
        bank_id=viewer.bank_id,
        appointment_id=wanted.appointment_id,
        state="asked",
        receiver_id=listing.party_id,
        giver_id=giver_id,
        listing_id=listing.listing_id,
        skill=listing.skills[0] if listing.skills else None,
        starts_at=wanted.starts_at,
        minutes=wanted.minutes,
        is_at_home=listing.is_at_home,
        note=clean(wanted.note, field="note", characters_max=NOTE_CHARACTERS_MAX),
        arranged_by=viewer.member_id,
        made_at=at,
        fingerprint=wanted.fingerprint(giver_id),
    )


def _ask(
    session: AsyncSession, viewer: Viewer, made: Appointment, party_id: UUID, answer: str, at: datetime
) -> None:
    session.add(
        Ask(
            bank_id=made.bank_id,
            appointment_id=made.appointment_id,
            party_id=party_id,
            answer=answer,
            asked_at=at,
            answered_at=at if answer == "yes" else None,
            decided_by=viewer.member_id,
        )
    )
