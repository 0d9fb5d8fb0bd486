"""Asking to join, on a page that anybody may read: a few questions, then a person rings.

What must never happen: a page that says whether somebody is a member.
"""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError
from exchange.membership import banks, members
from exchange.membership.contacts import ContactDraft
from exchange.membership.members import NewMember
from exchange.membership.tables import Bank
from mobile_web.door import Door
from mobile_web.forms import Answers
from mobile_web.languages import NAMES
from mobile_web.rendering import page, reading
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, key

router = APIRouter()


@router.get("/join/{item}")
async def ask(request: Request, item: ItemKey) -> Response:
    bank = await _bank(request, item)
    return _questions(request, bank, uuid7(), {}, {})


def _questions(
    request: Request, bank: Bank, member_id: UUID, answers: Answers, errors: dict[str, str]
) -> Response:
    return page(
        request,
        "join.html",
        status=UNPROCESSABLE if errors else 200,
        bank=bank,
        bank_name=bank.name,
        spoken=[(code, NAMES[code]) for code in bank.languages],
        id=member_id,
        answers=answers,
        errors=errors,
    )


@router.post("/join/{item}")
async def asked(request: Request, form: Form, item: ItemKey) -> Response:
    door, bank, member_id = Door(request), await _bank(request, item), key(form.get("id", ""))
    try:
        async with door.database.transaction(item) as session:
            await members.ask_to_join(session, item, person(form), member_id=member_id, at=door.now())
    except ExchangeError as broken:
        return _questions(request, bank, member_id, form, of_rule(reading(request), broken))
    return page(request, "joined.html", bank_name=bank.name, name=form["name"])


async def _bank(request: Request, bank_id: UUID) -> Bank:
    async with Door(request).database.transaction(bank_id) as session:
        return await banks.get(session, bank_id)


def person(form: Answers) -> NewMember:
    """Somebody as the form tells of them."""
    contacts = [
        ContactDraft(value=form.get(name, ""), may_write=form.get("may_write") == "yes")
        for name in ("contact", "contact_2")
    ]
    return NewMember(
        name=form.get("name", ""),
        contacts=contacts,
        is_adult=form.get("is_adult") == "yes",
        language=form.get("language") or "en",
        preferred_channel=form.get("channel") or None,
        source=form.get("source") or "self",
        address=form.get("address") or None,
        small_area=form.get("small_area") or None,
        access_needs=form.get("access_needs") or None,
        is_listed=form.get("is_listed") == "yes",
        characteristics={
            name: form[name] for name in ("age_band", "ethnicity", "disability") if form.get(name)
        },
    )
