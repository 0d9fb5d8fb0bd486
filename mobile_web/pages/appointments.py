"""Agreed help on a phone: ask somebody, say yes or no, another time, call it off, did it happen?

What must never happen: a reason shown to the other side, or a way to reach somebody before both agreed.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.appointments import ask as asking
from exchange.appointments import offer as offering
from exchange.appointments import read, steps
from exchange.appointments.ask import Helper, NewAppointment
from exchange.appointments.offer import NewOffer
from exchange.directory import listings
from exchange.directory.listings import ListingView
from exchange.errors import ExchangeError
from exchange.membership import parties
from mobile_web import answers, help_words, scenes
from mobile_web.answers import Unread
from mobile_web.pages.helping import look_of
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
LATELY = timedelta(days=60)
DEFAULT_MINUTES = 60
QUESTIONS = ("no", "move", "off", "happened", "missed")
"""The pages that ask something before a verb is done."""
FIELDS = ("starts_at", "minutes", "place", "note", "helpers")


def starts_at(seen: Visit, form: Mapping[str, str], *, may_be_open: bool) -> datetime | None:
    """The day and time that were written, by the bank's clock; None when the two will find one.

    Raises:
        Unread: no day or no time.
    """
    if may_be_open and form.get("finds") == "yes":
        return None
    day = (
        answers.day({"day": "other", "done_on": form.get("day", "")}, today=seen.today)
        if form.get("day")
        else None
    )
    at = answers.clock(form.get("time")) or time()
    if day is None or not form.get("time"):
        raise Unread("starts_at", "choose_when")
    return datetime.combine(day, at, ZoneInfo(seen.bank.time_zone)).astimezone(UTC)


@router.get("/listings/{item}/ask")
async def ask(seen: Visiting, item: ItemKey) -> Response:
    """Ask somebody for help (a match of one's own ask, or the owner of an offer), or offer it."""
    asked = seen.request.query_params
    form = {"helper": asked.get("helper", ""), "reasons": asked.get("reasons", "")[:2000]}
    return await _ask(seen, item, uuid7(), form, {})


async def _ask(
    seen: Visit, item: UUID, appointment_id: UUID, form: Mapping[str, str], errors: dict[str, str]
) -> Response:
    view = await listings.get(seen.session, seen.viewer, item)
    helper_id = key(form["helper"]) if view.is_own and form.get("helper") else view.listing.party_id
    if view.is_own and helper_id in seen.viewer.party_ids:
        return go(f"/listings/{item}")
    return await seen.page(
        "help/ask.html",
        here="help",
        status=UNPROCESSABLE if errors else 200,
        id=appointment_id,
        view=view,
        name=await _name(seen, view, helper_id),
        offers=_offers(view),
        minutes=view.listing.minutes or DEFAULT_MINUTES,
        voices=await scenes.voices(seen),
        form=form,
        errors=errors,
    )


def _offers(view: ListingView) -> bool:
    """Whether the reader would help, rather than be helped."""
    return view.listing.kind == "request" and not view.is_own


async def _name(seen: Visit, view: ListingView, party_id: UUID) -> str | None:
    """The name of whoever is asked, when they chose to be in the directory."""
    await parties.get(seen.session, seen.viewer.bank_id, party_id)
    if not view.is_own:
        return view.owner
    found = await listings.owners(seen.session, seen.viewer, {party_id})
    return found.get(party_id)


@router.post("/listings/{item}/ask")
async def send(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Now they are asked, or offered help; sent twice, it is once."""
    view = await listings.get(seen.session, seen.viewer, item)
    appointment_id = key(form.get("id", ""))
    try:
        async with seen.attempt():
            await (_offer if _offers(view) else _want)(seen, view, appointment_id, form)
    except Unread as unread:
        return await _ask(
            seen, item, appointment_id, form, {unread.field: sentence(seen.speaks, unread.code)}
        )
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _ask(seen, item, appointment_id, form, of_rule(seen.speaks, broken, FIELDS))
    return go(f"/appointments/{appointment_id}?done=asked")


async def _offer(seen: Visit, view: ListingView, appointment_id: UUID, form: Mapping[str, str]) -> None:
    offered = NewOffer(
        appointment_id=appointment_id,
        listing_id=view.listing.listing_id,
        minutes=answers.minutes(form),
        starts_at=starts_at(seen, form, may_be_open=True),
        note=form.get("note") or None,
        on_behalf_of=scenes.voice(seen, form.get("on_behalf_of")),
    )
    await offering.offer(seen.session, seen.viewer, offered, at=seen.at)


async def _want(seen: Visit, view: ListingView, appointment_id: UUID, form: Mapping[str, str]) -> None:
    row = view.listing
    helper_id = key(form.get("helper", "")) if view.is_own else row.party_id
    reasons = tuple(form.get("reasons", "").splitlines()) if view.is_own else ()
    receiver_id = row.party_id if view.is_own else scenes.voice(seen, form.get("on_behalf_of"))
    wanted = NewAppointment(
        appointment_id=appointment_id,
        helpers=[Helper(party_id=helper_id, reasons=reasons)],
        minutes=answers.minutes(form),
        starts_at=starts_at(seen, form, may_be_open=True),
        listing_id=row.listing_id,
        skill=row.skills[0] if row.skills else None,
        place=form.get("place") or None,
        is_at_home=form.get("is_at_home") == "yes",
        note=form.get("note") or None,
        on_behalf_of=receiver_id,
    )
    await asking.ask(seen.session, seen.viewer, wanted, at=seen.at)


@router.get("/appointments")
async def mine(seen: Visiting) -> Response:
    """What waits for me, what is coming, what was."""
    look = look_of(seen)
    found = await read.mine(seen.session, seen.viewer, since=seen.at - LATELY)
    cards = [(view, help_words.appointment_card(look, view)) for view in found]
    is_open = ("asked", "agreed", "moved")
    return await seen.page(
        "help/appointments.html",
        here="help",
        waiting=[card for _, card in cards if card.needs_me],
        coming=[c for v, c in cards if not c.needs_me and v.appointment.state in is_open],
        over=[c for v, c in reversed(cards) if not c.needs_me and v.appointment.state not in is_open],
    )


@router.get("/appointments/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item, {})


async def _one(seen: Visit, item: UUID, errors: dict[str, str]) -> Response:
    view = await read.view(seen.session, seen.viewer, item)
    look, row = look_of(seen), view.appointment
    is_side = bool({row.giver_id, row.receiver_id} & seen.viewer.party_ids)
    return await seen.page(
        "help/appointment.html",
        here="help",
        status=UNPROCESSABLE if errors else 200,
        view=view,
        card=help_words.appointment_card(look, view),
        when=help_words.when(seen.speaks, row.starts_at, seen.bank.time_zone, seen.today),
        is_over=help_words.is_over(look, view),
        is_helped=row.receiver_id in seen.viewer.party_ids,
        contacts=await read.shared_contacts(seen.session, seen.viewer, item) if is_side else [],
        clashes=await _clashes(seen, view),
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


async def _clashes(seen: Visit, view: read.AppointmentView) -> list[str]:
    if view.appointment.state not in ("asked", "agreed", "moved"):
        return []
    return await read.clashes(seen.session, seen.viewer, view.appointment.appointment_id)


@router.get("/appointments/{item}/{question}")
async def question(seen: Visiting, item: ItemKey, question: str) -> Response:
    return await _question(seen, item, question, {}, {})


async def _question(
    seen: Visit, item: UUID, question: str, form: Mapping[str, str], errors: dict[str, str]
) -> Response:
    view = await read.view(seen.session, seen.viewer, item)
    if question not in QUESTIONS:
        return go(f"/appointments/{item}")
    local = view.appointment.starts_at and view.appointment.starts_at.astimezone(
        ZoneInfo(seen.bank.time_zone)
    )
    known = {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"} if local else {}
    return await seen.page(
        f"help/{question}.html",
        here="help",
        status=UNPROCESSABLE if errors else 200,
        view=view,
        card=help_words.appointment_card(look_of(seen), view),
        form={**known, **form},
        errors=errors,
    )


Act = Callable[[Visit, UUID, Mapping[str, str]], Awaitable[Any]]


async def _agree(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    del form
    await steps.agree(seen.session, seen.viewer, item, at=seen.at)


async def _decline(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await steps.decline(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)


async def _move(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    wanted = starts_at(seen, form, may_be_open=False)
    assert wanted is not None
    await steps.move(seen.session, seen.viewer, item, starts_at=wanted, at=seen.at)


async def _cancel(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await steps.cancel(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)


async def _happened(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    minutes = answers.minutes(form) if form.get("minutes") else None
    await steps.happened(seen.session, seen.viewer, item, minutes=minutes, at=seen.at)


async def _missed(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await steps.did_not_happen(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)


ACTS: Mapping[str, tuple[Act, str]] = {
    "agree": (_agree, ""),
    "decline": (_decline, "no"),
    "move": (_move, "move"),
    "cancel": (_cancel, "off"),
    "happened": (_happened, "happened"),
    "did-not-happen": (_missed, "missed"),
}
"""verb → what does it, and the page that asks again when it cannot be."""


@router.post("/appointments/{item}/{verb}")
async def act(seen: Visiting, item: ItemKey, verb: str, form: Form) -> Response:
    """Do it; a repeat does nothing more and gets the same page."""
    await read.view(seen.session, seen.viewer, item)
    if verb not in ACTS:
        return go(f"/appointments/{item}")
    do, asks = ACTS[verb]
    try:
        async with seen.attempt():
            await do(seen, item, form)
    except Unread as unread:
        return await _question(seen, item, asks, form, {unread.field: sentence(seen.speaks, unread.code)})
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _one(seen, item, of_rule(seen.speaks, broken, ()))
    return go(f"/appointments/{item}?done={verb}")
