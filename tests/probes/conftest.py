"""Two whole banks for trying to reach from one into the other; and the service of `tests/api`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from api.database import Database
from api.settings import Settings
from exchange.activities import (
    bookings,
    checking_in,
    notes,
    opening,
    places,
    proposing,
    resources,
    sessions,
    sheets,
)
from exchange.appointments.ask import Helper, NewAppointment, ask
from exchange.directory import circle_rounds, circle_views, listings
from exchange.directory.drafts import NewListing
from exchange.hours import gifts, log, verbs
from exchange.membership import banks, members, organisations, viewer
from exchange.membership.passkey_tables import Passkey
from exchange.prescribing import (
    clearances,
    clients,
    concerns,
    feeds,
    linking,
    practices,
    sending,
    signposts,
    suggestions,
    visits,
)
from exchange.prescribing.checking import Consent, NewReferral, Who, Why
from exchange.prescribing.clearances import NewClearance
from exchange.prescribing.practices import NewStaff
from exchange.prescribing.visits import NewVisit
from tests.api.conftest import Clock, Service, _remember, another, app_settings, new_service, service
from tests.apps import service_lent
from tests.exchange.activities.group import lunch
from tests.small_bank import Small, gave, make

__all__ = ["another", "app_settings", "new_service", "service"]

AT = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
MARK = "Zanzibar"
"""Stands in every word that the other bank's people wrote; it must never be read anywhere else."""

ROLES = {
    "member": "Ann",
    "coordinator": "Cora",
    "assistant": "Dan",
    "representative": "Ben",
    "auditor": "Eve",
    "administrator": "admin",
    "practice": "Pia",
}


@dataclass(frozen=True, slots=True)
class TwoBanks:
    """`ours`, where somebody of each role is signed in, and `theirs`, whose keys they try."""

    ours: Service
    theirs: Service
    keys: dict[str, UUID]
    """What is theirs: kind → key."""
    own: dict[str, UUID]
    """The same kinds of things of our own."""


@pytest.fixture(scope="module")
async def two_banks(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoBanks]:
    folder = tmp_path_factory.mktemp("banks")
    async with _service(database, folder) as ours, _service(database, folder) as theirs:
        own, keys = await _people_and_doings(ours, "Lantern"), await _people_and_doings(theirs, MARK)
        yield TwoBanks(ours, theirs, keys, own)


@asynccontextmanager
async def _service(database: Database, folder: Path) -> AsyncIterator[Service]:
    settings = Settings(_env_file=None, data_dir=folder, secret_key="s" * 40, quiet_hours="off")
    clock = Clock(AT)
    with service_lent(settings, database, clock) as app:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://evenhour.test") as client:
            yield Service(app, client, database, uuid7(), clock)


async def _people_and_doings(made: Service, mark: str) -> dict[str, UUID]:
    async with made.database.transaction(made.bank_id) as session:
        small = await make(session, made.bank_id, AT)
        made.organisation_id = small.organisation_id
        await _people(small, mark)
        keys = await _doings(small, mark)
        await _remember(made, small)
    await made.work()
    return keys


async def _people(small: Small, mark: str) -> None:
    for name in ("Dan", "Eve", "Fay"):
        await small.add(name)
    grants = {"Cora": "coordinator", "Dan": "assistant", "Eve": "auditor"}
    for name, role in grants.items():
        await organisations.grant(small.session, small["admin"], small[name].member_id, role)
    centre = await organisations.add(
        small.session, small["admin"], f"{mark} centre", description=f"{mark} baths", at=AT
    )
    small.organisation_id = centre.organisation_id
    await organisations.represent(
        small.session, small["admin"], small.organisation_id, small["Ben"].member_id
    )
    for name in list(small.people):
        await small.reload(name)
        changes = {"name": f"{mark} {name}", "address": f"1 {mark} Street", "is_listed": True}
        await members.change(small.session, small["admin"], small[name].member_id, changes)
    await banks.set_policy(small.session, small["admin"], {"name": f"{mark} Time Bank"})


async def _doings(small: Small, mark: str) -> dict[str, UUID]:
    """Hours in several states, a gift, a wall, a listing: something of every kind."""
    session, ann, ben = small.session, small["Ann"], small["Ben"]
    told = {"skill": f"{mark} gardening", "note": f"{mark} hedge"}
    posted = await log.log(session, ann, gave(ben, 90, **told), at=AT)
    await verbs.confirm(session, ben, posted.hours_id, at=AT)
    waiting = await log.log(session, ann, gave(ben, 30, **told), at=AT)
    objected = await log.log(session, ann, gave(ben, 20, **told), at=AT)
    await verbs.confirm(session, ben, objected.hours_id, at=AT)
    await verbs.object_to(session, ben, objected.hours_id, reason=f"{mark} reason", at=AT)
    gift = await gifts.give(
        session, ann, uuid7(), from_id=ann.member_id, to_id=ben.member_id, minutes=10, note=mark, at=AT
    )
    await members.block(session, small["Fay"], small["Fay"].member_id, ben.member_id, at=AT)
    offer = NewListing(kind="offer", description=f"{mark} light bulbs", minutes=30)
    listing = await listings.create(session, ann, offer, at=AT)
    helped = await _helping(small, mark)
    sent = await _practice(small, mark)
    garden = suggestions.NewSuggestion(words=f"{mark} garden")
    made = await suggestions.add(session, small["Cora"], garden)
    return {
        **helped,
        **await _care(small, mark),
        "suggestion": made.suggestion_id,
        "practice": min(small["Pia"].practice_ids),
        "system": await _system(small, mark),
        "passkey": await _passkey(small, mark),
        "feed": feeds.key_of(small.bank_id, f"https://{mark}.example/services"),
        "referral": sent,
        **await _groups(small, mark),
        "member": ann.member_id,
        "other": ben.member_id,
        "fay": small["Fay"].member_id,
        "hours": waiting.hours_id,
        "posted": posted.hours_id,
        "objected": objected.hours_id,
        "gift": gift.gift_id,
        "organisation": small.organisation_id,
        "listing": listing.listing_id,
    }


async def _helping(small: Small, mark: str) -> dict[str, UUID]:
    """An ask, somebody asked for it, and a circle of two."""
    session, ann, ben = small.session, small["Ann"], small["Ben"]
    said = {"guitar": (ben, ann), "baking": (ann, ben)}
    for skill, (giver, receiver) in said.items():
        for kind, who in (("offer", giver), ("request", receiver)):
            draft = NewListing(kind=kind, description=f"{mark} {skill}", skills=[skill])  # type: ignore[arg-type]
            request = await listings.create(session, who, draft, at=AT)
    wanted = NewAppointment(
        appointment_id=uuid7(),
        helpers=[Helper(party_id=ann.member_id)],
        minutes=30,
        starts_at=AT + timedelta(days=7),
        listing_id=request.listing_id,
        note=f"{mark} at the back door",
    )
    made = await ask(session, ben, wanted, at=AT)
    await circle_rounds.propose(session, small["Cora"], at=AT)
    found = await circle_views.newest(session, small["Cora"])
    assert found
    return {
        "request": request.listing_id,
        "appointment": made.appointment_id,
        "circle": found[1][0].circle.circle_id,
    }


async def _practice(small: Small, mark: str) -> UUID:
    """A practice, somebody who works there, and a referral of theirs with the mark in every word."""
    session, cora = small.session, small["Cora"]
    made = await practices.add(session, cora, f"{mark} Surgery", ods_code="G85123", at=AT)
    new = NewStaff(name=f"{mark} Pia", email=f"pia.{uuid7().hex}@example.org", job="gp")
    staff = await practices.add_staff(session, cora, made.practice_id, new, at=AT)
    pia = await viewer.load(session, small.bank_id, staff.member_id)
    assert pia
    small.people["Pia"] = pia
    who = Who(name=f"{mark} Quince", born_on=date(1950, 5, 3), address=mark, telephone="07700 900123")
    new_one = NewReferral(
        referral_id=uuid7(),
        route="practice",
        referrer_id=made.practice_id,
        who=who,
        why=Why(needs=["company"], aspiration=mark, note=mark),
        talks=True,
        consent=Consent(consents=True, basis="health_care", back="notes"),
    )
    return (await sending.send(session, pia, new_one, at=AT)).referral_id


async def _passkey(small: Small, mark: str) -> UUID:
    """A passkey of the one who works at the practice."""
    key = Passkey(
        bank_id=small.bank_id,
        passkey_id=uuid7(),
        member_id=small["Pia"].member_id,
        credential_id=mark,
        public_key=b"",
        sign_count=0,
        name=f"{mark} desk",
        made_at=AT,
    )
    small.session.add(key)
    await small.session.flush()
    return key.passkey_id


async def _system(small: Small, mark: str) -> UUID:
    """A system of the practice, with a token, and a name of its own for a referral that it sent."""
    session, practice_id, key = small.session, min(small["Pia"].practice_ids), uuid7()
    made = await clients.make(session, small["admin"], practice_id, f"{mark} records", client_id=key, at=AT)
    token = await clients.open_token(session, small.bank_id, key, made.secret or "", at=AT)
    assert token
    seen = await clients.viewer_of(session, token, at=AT)
    assert seen
    name = (f"urn:{mark}", f"{mark} R-1")
    new = NewReferral(
        referral_id=linking.key_of(practice_id, *name),
        route="practice",
        referrer_id=practice_id,
        who=Who(name=f"{mark} Rowan", born_on=date(1950, 5, 3), address=mark, telephone="07700 900124"),
        why=Why(needs=["company"]),
        talks=True,
        consent=Consent(consents=True, basis="health_care", back="notes"),
        identifier=name,
    )
    await sending.send(session, seen, new, at=AT)
    service = signposts.Entry(external_id="1", name=f"{mark} advice")
    await signposts.keep(session, small["admin"], "feed.json", service, at=AT)
    await feeds.note(session, small["admin"], f"https://{mark}.example/services", at=AT)
    return key


async def _care(small: Small, mark: str) -> dict[str, UUID]:
    """A concern, a visit and a reference."""
    session, cora, ann = small.session, small["Cora"], small["Ann"]
    about = small["Eve"].member_id
    concern = await concerns.raise_concern(session, cora, uuid7(), about_id=about, words=mark, at=AT)
    new = NewVisit(
        visit_id=uuid7(),
        visitor_id=ann.member_id,
        host_id=small["Ben"].member_id,
        starts_at=AT,
        minutes=30,
        company_id=cora.member_id,
    )
    seen = NewClearance(kind="reference", words=mark, done_on=AT.date())
    known = await clearances.add(session, cora, ann.member_id, uuid7(), seen, at=AT)
    return {
        "concern": concern.concern_id,
        "visit": (await visits.plan(session, ann, new)).visit_id,
        "clearance": known.clearance_id,
    }


async def _groups(small: Small, mark: str) -> dict[str, UUID]:
    """A session with a place and a check-in, a room with a booking, a sheet of notes."""
    session, ann = small.session, small["Ann"]
    proposal = lunch(small, host_id=small.organisation_id, title=f"{mark} lunch", location=f"{mark} hall")
    activity = await proposing.propose(session, small["admin"], proposal, at=AT)
    await proposing.approve(session, small["Cora"], activity.activity_id, at=AT)
    meeting = sessions.key(activity.activity_id, proposal.first_on)
    await places.book(session, ann, meeting, place_id=uuid7(), at=AT)
    said = await checking_in.arrive(
        session, ann, meeting, check_in_id=uuid7(), way="poster", moment=opening.now(AT), at=AT
    )
    room = await resources.offer(
        session,
        small["Cora"],
        resources.Offer(
            resource_id=uuid7(),
            owner_id=small.organisation_id,
            kind="room",
            title=f"{mark} room",
            location=f"{mark} hall",
        ),
        at=AT,
    )
    booked = await bookings.book(
        session, ann, room.resource_id, booking_id=uuid7(), day=AT.date() + timedelta(days=2), at=AT
    )
    sheet = await notes.issue(
        session,
        small["Cora"],
        sheet_id=uuid7(),
        payer_id=small.organisation_id,
        minutes=60,
        notes=2,
        expires_on=AT.date() + timedelta(days=30),
        purpose=mark,
        secret=b"s" * 40,
        at=AT,
    )
    await sheets.poster(session, small["Cora"], meeting, at=AT)
    return {
        "activity": activity.activity_id,
        "meeting": meeting,
        "check_in": said.check_in_id,
        "resource": room.resource_id,
        "booking": booked.booking_id,
        "sheet": sheet.sheet_id,
    }
