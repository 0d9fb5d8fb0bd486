"""Somebody rings: an ask for them, who could help and why, several asked in turn, and their spoken answers.

What must never happen: anybody asked without a person deciding, or an answer without who heard it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.appointments import ask, read, records, steps
from exchange.appointments.ask import Helper, NewAppointment
from exchange.appointments.read import AppointmentView
from exchange.directory import listings, matches, reviews
from exchange.directory.drafts import NewListing
from exchange.errors import ExchangeError
from exchange.membership import parties
from exchange.membership.tables import Member
from exchange.permissions import Relation, may, require
from mobile_web import answers, help_words
from mobile_web.answers import Unread
from mobile_web.because import skill
from mobile_web.help_words import Look, MatchCard
from mobile_web.pages import listing_form
from mobile_web.pages.appointments import starts_at
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
DEFAULT_MINUTES = 30


def _look(seen: Visit) -> Look:
    return Look(speaks=ENGLISH, zone=seen.bank.time_zone, today=seen.today, at=seen.at, mine=frozenset())


@router.get("/desk/help")
async def waiting(seen: Visiting) -> Response:
    """Appointments that need a call, and offers and asks that need a look."""
    must(seen, "queue.read")
    look = _look(seen)
    arranged = await read.desk(seen.session, seen.viewer)
    looked = await reviews.desk(seen.session, seen.viewer, at=seen.at)
    return await desk_page(
        seen,
        "desk/help.html",
        here="queue",
        arranged=[help_words.appointment_card(look, v, link="/desk/appointments") for v in arranged],
        looked=[(v, help_words.listing_card(look, v, link="/desk/help")) for v in looked],
    )


@router.get("/desk/help/for/{item}")
async def new(seen: Visiting, item: ItemKey) -> Response:
    return await _new(seen, item, uuid7(), {}, {})


async def _new(
    seen: Visit, item: UUID, listing_id: UUID, form: Mapping[str, str], errors: dict[str, str]
) -> Response:
    require(seen.viewer.roles, "appointment.ask", [Relation.UNINVOLVED])
    party = await parties.get(seen.session, seen.viewer.bank_id, item)
    status = UNPROCESSABLE if errors else 200
    return await desk_page(
        seen,
        "desk/help_new.html",
        here="find",
        status=status,
        party=party,
        id=listing_id,
        form=form,
        errors=errors,
    )


@router.post("/desk/help/for/{item}")
async def write(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Their ask, in their words; they are told what was written down."""
    listing_id = key(form.get("id", "") or str(item))
    await parties.get(seen.session, seen.viewer.bank_id, item)
    member = await seen.session.get(Member, (seen.viewer.bank_id, item))
    draft = NewListing(
        kind="request",
        description=form.get("words", ""),
        on_behalf_of=item,
        small_area=member.small_area if member else None,
        is_at_home=form.get("is_at_home") == "yes",
    )
    try:
        async with seen.attempt():
            await listings.create(seen.session, seen.viewer, draft, listing_id=listing_id, at=seen.at)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _new(seen, item, listing_id, form, {"words": sentence(ENGLISH, broken.code)})
    return go(f"/desk/help/{listing_id}")


@router.get("/desk/help/{item}")
async def helpers(seen: Visiting, item: ItemKey) -> Response:
    return await _helpers(seen, item, uuid7(), {}, {})


async def _helpers(
    seen: Visit, item: UUID, appointment_id: UUID, form: Mapping[str, str], errors: dict[str, str]
) -> Response:
    must(seen, "queue.read")
    view = await listings.get(seen.session, seen.viewer, item)
    found = await matches.for_listing(seen.session, seen.viewer, item, at=seen.at)
    relations = seen.viewer.relations_to(view.listing.party_id)
    return await desk_page(
        seen,
        "desk/help_who.html",
        here="queue",
        status=UNPROCESSABLE if errors else 200,
        view=view,
        skills=[skill(ENGLISH, code) for code in view.listing.skills],
        found=[help_words.match_card(ENGLISH, match) for match in found],
        may_clear=view.listing.state == "with_coordinator"
        and may(seen.viewer.roles, "listing.clear", relations),
        may_say=may(seen.viewer.roles, "listing.write", relations),
        every_skill=listing_form.every_skill(ENGLISH),
        may_ask=view.listing.kind == "request" and may(seen.viewer.roles, "appointment.ask", relations),
        id=appointment_id,
        minutes=view.listing.minutes or DEFAULT_MINUTES,
        form=form,
        errors=errors,
    )


@router.post("/desk/help/{item}/skills")
async def put(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """A person says which kind of help it is, where the words were understood as another or not at all."""
    chosen = [form["skill"]] if form.get("skill") else []
    await listings.change(seen.session, seen.viewer, item, {"skills": chosen}, at=seen.at)
    return go(f"/desk/help/{item}")


@router.post("/desk/help/{item}/clear")
async def clear(seen: Visiting, item: ItemKey, form: Form) -> Response:
    await listings.clear(seen.session, seen.viewer, item, note=form.get("note") or None, at=seen.at)
    return go(f"/desk/help/{item}")


@router.post("/desk/help/{item}/ask")
async def send(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Ask those who were ticked; the first yes wins and the others are thanked."""
    row = (await listings.get(seen.session, seen.viewer, item)).listing
    appointment_id = key(form.get("id", "") or str(item))
    try:
        wanted = NewAppointment(
            appointment_id=appointment_id,
            helpers=_ticked(form),
            minutes=answers.minutes(form),
            starts_at=_starts_at(seen, form),
            listing_id=item,
            skill=row.skills[0] if row.skills else None,
            is_at_home=row.is_at_home,
            on_behalf_of=row.party_id,
        )
        async with seen.attempt():
            await ask.ask(seen.session, seen.viewer, wanted, at=seen.at)
    except Unread as unread:
        errors = {unread.field: sentence(ENGLISH, unread.code)}
        return await _helpers(seen, item, appointment_id, form, errors)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _helpers(seen, item, appointment_id, form, of_rule(ENGLISH, broken, ("minutes",)))
    return go(f"/desk/appointments/{appointment_id}")


def _ticked(form: Mapping[str, str]) -> list[Helper]:
    """Those who were ticked, each with the reasons that the page showed."""
    return [
        Helper(party_id=key(name.removeprefix("helper_")), reasons=tuple(said.splitlines()))
        for name, said in form.items()
        if name.startswith("helper_")
    ]


def _starts_at(seen: Visit, form: Mapping[str, str]) -> datetime | None:
    if not form.get("day") and not form.get("time"):
        return None
    at = answers.clock(form.get("time"))
    if at is None:
        raise Unread("time", "choose_when")
    day = answers.day({"day": "other", "done_on": form.get("day", "")}, today=seen.today)
    return datetime.combine(day, at, ZoneInfo(seen.bank.time_zone)).astimezone(UTC)


@router.get("/desk/appointments/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item, {})


async def _one(seen: Visit, item: UUID, errors: dict[str, str]) -> Response:
    must(seen, "queue.read")
    view = await read.view(seen.session, seen.viewer, item)
    asks = await records.asks_of(seen.session, view.appointment)
    names = await parties.names(seen.session, seen.viewer.bank_id, {a.party_id for a in asks})
    look = _look(seen)
    return await desk_page(
        seen,
        "desk/appointment.html",
        here="queue",
        status=UNPROCESSABLE if errors else 200,
        view=view,
        card=help_words.appointment_card(look, view),
        is_over=help_words.is_over(look, view),
        asks=[(a, names.get(a.party_id, "Somebody")) for a in asks],
        sides=_sides(view),
        others=await _others(seen, view, {a.party_id for a in asks}),
        errors=errors,
    )


def _sides(view: AppointmentView) -> list[tuple[UUID, str, bool]]:
    """The two who agreed: key, name, and whether a yes of theirs to another time is waited for."""
    row = view.appointment
    if row.state not in read.SHARING or row.giver_id is None or view.giver is None:
        return []
    named = ((row.giver_id, view.giver), (row.receiver_id, view.receiver))
    return [(key_, name, row.state == "moved" and key_ != row.moved_by) for key_, name in named]


async def _others(seen: Visit, view: AppointmentView, asked: set[UUID]) -> list[MatchCard]:
    """Further people who could be asked, while nobody has said yes."""
    listing_id = view.appointment.listing_id
    if "ask" not in view.verbs or listing_id is None:
        return []
    found = await matches.for_listing(seen.session, seen.viewer, listing_id, at=seen.at)
    return [help_words.match_card(ENGLISH, match) for match in found if match.party_id not in asked]


async def _act(seen: Visit, item: UUID, verb: str, form: Mapping[str, str]) -> None:
    session, viewer, at = seen.session, seen.viewer, seen.at
    heard, reason = form.get("evidence") or None, form.get("reason") or None
    party_id = key(form["party"]) if form.get("party") else None
    match verb:
        case "ask":
            await ask.ask_more(session, viewer, item, _ticked(form), at=at)
        case "agree":
            await steps.agree(session, viewer, item, party_id=party_id, evidence=heard, at=at)
        case "decline":
            await steps.decline(session, viewer, item, party_id=party_id, evidence=heard, at=at)
        case "move":
            wanted = starts_at(seen, form, may_be_open=False)
            assert wanted is not None
            await steps.move(session, viewer, item, starts_at=wanted, party_id=party_id, at=at)
        case "happened":
            minutes = answers.minutes(form)
            why = "Told by telephone"
            await steps.happened(session, viewer, item, minutes=minutes, reason=why, evidence=heard, at=at)
        case "did-not-happen":
            await steps.did_not_happen(session, viewer, item, reason=reason, at=at)
        case "cancel":
            await steps.cancel(session, viewer, item, reason=reason, at=at)
        case "settle":
            await read.settle(session, viewer, item)


@router.post("/desk/appointments/{item}/{verb}")
async def act(seen: Visiting, item: ItemKey, verb: str, form: Form) -> Response:
    """What somebody said on the telephone, written down with who heard it; a repeat changes nothing."""
    await read.view(seen.session, seen.viewer, item)
    try:
        async with seen.attempt():
            await _act(seen, item, verb, form)
    except Unread as unread:
        return await _one(seen, item, {unread.field: sentence(ENGLISH, unread.code)})
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _one(seen, item, of_rule(ENGLISH, broken, ("minutes", "starts_at")))
    return go(f"/desk/appointments/{item}")
