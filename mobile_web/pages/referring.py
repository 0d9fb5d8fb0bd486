"""Three screens from a person to a referral: who, why, what. Each answer is kept as it is typed.

A practice, an organisation, a coordinator for either, and a person for themselves walk the same way; those
who are no practice are asked less. What must never happen: an answer lost because another one was wrong, or
reasons shown to reception.
"""

from collections.abc import Mapping
from datetime import date, time
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError, NotFound
from exchange.membership import organisations
from exchange.membership.tables import Organisation
from exchange.prescribing import checking, codes, drafts, faults, funds, practices, sending, suggestions
from exchange.prescribing.checking import Consent, NewReferral, Who, Why
from exchange.prescribing.errors import BadBirthDate
from exchange.prescribing.tables import ReferralDraft
from mobile_web import answers, referral_words
from mobile_web.languages import NAMES, language
from mobile_web.sentences import sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
ENGLISH = language("en")
WHO_TICKS = ("may_text", "may_leave_voicemail", "may_post", "is_open")
"""Ticks are absent when they are off, so a screen that is sent again says so of each."""
WHAT_TICKS = ("talks", "consents", "may_measure", "invites")
SHORT_YEAR = 100
A_DAY = "1970-01-01"
CARRIED = (60, 120, 180, 240, 360, 600)
"""The hours that a prescription may carry, in minutes."""
FIELDS: Mapping[str, str] = {"contact": "telephone"}
"""A rule's field → the field of the page."""
ROUTE_OF_KIND = {"practice": "practice", "care home": "care_home", "council": "council"}
"""An organisation's kind → how a referral of its comes; any other is a project's."""


def area_of(seen: Visit) -> str:
    """Which frame the pages stand in: the practice's, the desk's, or a member's own."""
    if seen.viewer.practice_ids:
        return "practice"
    return "desk" if seen.viewer.is_staff else ""


@router.get("/refer/new")
async def begin(seen: Visiting) -> Response:
    """The first screen, empty; for whom it is made is chosen first where there is a choice."""
    asked = seen.request.query_params.get("for")
    sides = await _sides(seen)
    if asked is None and len(sides) > 1:
        return await seen.page("refer_for.html", area=area_of(seen), here="refer", sides=sides)
    side = asked if asked is not None else sides[0][0]
    return await _who(seen, uuid7(), side, {}, {})


async def _sides(seen: Visit) -> list[tuple[str, str]]:
    """For whom the viewer may refer: practices and organisations by key, or `""` for the person."""
    viewer = seen.viewer
    if viewer.practice_ids or not viewer.is_staff:
        mine = viewer.practice_ids or viewer.organisation_ids
        known = [
            (str(o.organisation_id), n) for o, n in await _organisations(seen) if o.organisation_id in mine
        ]
        return known if viewer.practice_ids else [("", seen.speaks.say("Myself")), *known]
    return [
        *[(str(o.organisation_id), n) for o, n in await _organisations(seen)],
        ("", "The person themselves"),
    ]


async def _organisations(seen: Visit) -> list[tuple[Organisation, str]]:
    found = await organisations.every(seen.session, seen.viewer)
    return sorted(found, key=lambda pair: (pair[0].kind != "practice", pair[1].casefold()))


async def _who(
    seen: Visit, draft_id: UUID, side: str, given: Mapping[str, str], errors: dict[str, str]
) -> Response:
    return await seen.page(
        _template(seen, side, "who"),
        area=area_of(seen),
        here="refer",
        status=UNPROCESSABLE if errors else 200,
        id=draft_id,
        side=side,
        is_practice=await _route(seen, side) == "practice",
        given=given,
        spoken=[(code, NAMES[code]) for code in seen.bank.languages],
        errors=errors,
    )


async def _route(seen: Visit, side: str) -> str:
    if not side:
        return "self"
    found = await seen.session.get(Organisation, (seen.viewer.bank_id, key(side)))
    if found is None:
        raise NotFound
    return ROUTE_OF_KIND.get(found.kind, "project")


@router.post("/refer/new")
async def keep_who(seen: Visiting, form: Form) -> Response:
    draft_id, side = key(form.get("id", "")), form.get("side", "")
    draft = await drafts.begin(
        seen.session,
        seen.viewer,
        draft_id,
        route=await _route(seen, side),
        referrer_id=key(side) if side else None,
        at=seen.at,
    )
    given = {name: form.get(name, "") for name in WHO_TICKS} | _answers(form)
    await drafts.keep(seen.session, seen.viewer, draft_id, given, at=seen.at)
    wrong = _wrong_in_who(seen, draft, given)
    if wrong:
        return await _who(seen, draft_id, side, given, _said(seen, *wrong))
    is_hidden = not await drafts.may_see_why(seen.session, seen.viewer, draft)
    return go(f"/refer/{draft_id}/{'what' if is_hidden else 'why'}")


def _wrong_in_who(seen: Visit, draft: ReferralDraft, given: Mapping[str, str]) -> list[ExchangeError]:
    """Everything at once; a birth date that is no day is looked past to see the rest."""
    unread: list[ExchangeError] = []
    try:
        who = who_of(given)
    except BadBirthDate as broken:
        unread, who = [broken], who_of({**given, "born_on": A_DAY})
    return unread + faults.in_who(seen.bank, draft.route, draft.draft_id, who, at=seen.at)


def _answers(form: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if name not in ("id", "side")}


def _said(seen: Visit, *wrong: ExchangeError) -> dict[str, str]:
    """Each sentence under its field's name; the first where a field has two."""
    speaks = ENGLISH if area_of(seen) else seen.speaks
    found: dict[str, str] = {}
    for broken in wrong:
        found.setdefault(FIELDS.get(broken.field or "", broken.field or ""), sentence(speaks, broken.code))
    return found


def _template(seen: Visit, side: object, screen: str) -> str:
    """The screen for oneself, for an organisation's people in their language, or for practices and staff."""
    if is_own(seen, side):
        return f"refer_me_{screen}.html"
    return f"refer_{screen}.html" if area_of(seen) else f"refer_them_{screen}.html"


def is_own(seen: Visit, side: object) -> bool:
    """Whether somebody walks the way for themselves: in their language, and asked less."""
    return not side and not area_of(seen)


@router.get("/refer/{item}")
async def again(seen: Visiting, item: ItemKey) -> Response:
    """A draft that somebody began, from its first screen."""
    draft = await drafts.get(seen.session, seen.viewer, item)
    side = str(draft.referrer_id) if draft.referrer_id else ""
    return await _who(seen, item, side, draft.answers, {})


@router.post("/refer/{item}/discard", dependencies=OURS)
async def discard(seen: Visiting, item: ItemKey) -> Response:
    await drafts.discard(seen.session, seen.viewer, item)
    return go("/practice" if seen.viewer.practice_ids else "/referrals")


@router.get("/refer/{item}/why")
async def ask_why(seen: Visiting, item: ItemKey) -> Response:
    return await _why(seen, await _draft_with_why(seen, item), {})


async def _draft_with_why(seen: Visit, item: UUID) -> ReferralDraft:
    draft = await drafts.get(seen.session, seen.viewer, item)
    if not await drafts.may_see_why(seen.session, seen.viewer, draft):
        raise NotFound
    return draft


async def _why(seen: Visit, draft: ReferralDraft, errors: dict[str, str]) -> Response:
    return await seen.page(
        _template(seen, draft.referrer_id, "why"),
        area=area_of(seen),
        here="refer",
        status=UNPROCESSABLE if errors else 200,
        id=draft.draft_id,
        is_practice=draft.route == "practice",
        name=draft.answers.get("name", "").split(" ")[0],
        needs=await codes.offered(seen.session, seen.viewer, "need"),
        need=partial(referral_words.need, seen.speaks),
        flags=await codes.offered(seen.session, seen.viewer, "flag"),
        given=draft.answers,
        errors=errors,
    )


@router.post("/refer/{item}/why")
async def keep_why(seen: Visiting, item: ItemKey, form: Form) -> Response:
    draft = await _draft_with_why(seen, item)
    offered = [*await codes.offered(seen.session, seen.viewer, "need")]
    flags = await codes.offered(seen.session, seen.viewer, "flag")
    blank = {f"need_{c.code}": "" for c in offered} | {f"flag_{c.code}": "" for c in flags}
    draft = await drafts.keep(seen.session, seen.viewer, item, blank | _answers(form), at=seen.at)
    try:
        await checking.check_why(seen.session, seen.viewer, new_of(draft))
    except ExchangeError as broken:
        return await _why(seen, draft, _said(seen, broken))
    return go(f"/refer/{item}/what")


@router.get("/refer/{item}/what")
async def ask_what(seen: Visiting, item: ItemKey) -> Response:
    return await _what(seen, await drafts.get(seen.session, seen.viewer, item), {})


async def _what(seen: Visit, draft: ReferralDraft, errors: dict[str, str]) -> Response:
    practice_id = draft.referrer_id if draft.route == "practice" else None
    hears = None
    if practice_id:
        hears = (await practices.get(seen.session, seen.viewer.bank_id, practice_id)).hears
    return await seen.page(
        _template(seen, draft.referrer_id, "what"),
        area=area_of(seen),
        here="refer",
        status=UNPROCESSABLE if errors else 200,
        id=draft.draft_id,
        route=draft.route,
        hears=hears,
        name=draft.answers.get("name", "").split(" ")[0],
        may_see_why=await drafts.may_see_why(seen.session, seen.viewer, draft),
        may_invite=draft.answers.get("may_text") == "yes",
        offered=await suggestions.offered(seen.session, seen.viewer, practice_id, at=seen.at),
        fund=_hours(await funds.left_of(seen.session, seen.viewer, practice_id)) if practice_id else [],
        given=draft.answers,
        errors=errors,
    )


def _hours(left_minutes: int) -> list[tuple[str, str]]:
    """What a prescription may carry from a fund that holds so much."""
    lengths = [minutes for minutes in CARRIED if minutes <= left_minutes]
    return [("", "None"), *((str(m), ENGLISH.minutes(m)) for m in lengths)] if lengths else []


@router.post("/refer/{item}/what")
async def finish(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """The last screen: what is wrong anywhere is shown where it can be put right; else it is sent."""
    draft = await drafts.get(seen.session, seen.viewer, item)
    offered = await suggestions.offered(seen.session, seen.viewer, None, at=seen.at)
    blank = {f"what_{one.suggestion_id}": "" for one in offered} | dict.fromkeys(WHAT_TICKS, "")
    draft = await drafts.keep(seen.session, seen.viewer, item, blank | _answers(form), at=seen.at)
    new = new_of(draft)
    if wrong := await faults.at_the_end(seen.session, seen.viewer, new, at=seen.at):
        return await _what(seen, draft, _said(seen, *wrong))
    try:
        async with seen.attempt():
            await sending.send(seen.session, seen.viewer, new, at=seen.at)
    except ExchangeError as broken:
        return await _what(seen, draft, _said(seen, broken))
    return go(f"/referrals/{item}?sent")


def new_of(draft: ReferralDraft) -> NewReferral:
    """A draft's answers as a referral; what cannot be read is left for `checking` to refuse."""
    given = draft.answers
    return NewReferral(
        referral_id=draft.draft_id,
        route=draft.route,
        referrer_id=draft.referrer_id,
        who=who_of(given),
        why=Why(
            needs=_ticked(given, "need_"),
            flags=_ticked(given, "flag_"),
            aspiration=given.get("aspiration"),
            note=given.get("note"),
        ),
        what=[found for found in map(_key, _ticked(given, "what_")) if found],
        talks=given.get("talks") == "yes",
        lift=given.get("lift"),
        consent=_consent(draft.route, given),
        carries_minutes=answers.whole(given.get("carries_minutes")) or 0,
        pledge_minutes=answers.whole(given.get("pledge_minutes")) or 0,
        invites=given.get("invites") == "yes",
    )


def _consent(route: str, given: Mapping[str, Any]) -> Consent:
    is_practice = route == "practice"
    return Consent(
        consents=given.get("consents") == "yes",
        heard=given.get("heard") or ("in_writing" if route == "self" else "in_person"),
        basis=given.get("basis") or ("" if is_practice else "explicit_consent"),
        back=given.get("back") or ("nothing" if route == "self" else ""),
        may_measure=given.get("may_measure") == "yes",
    )


def _ticked(given: Mapping[str, str], prefix: str) -> list[str]:
    return [n.removeprefix(prefix) for n, value in given.items() if n.startswith(prefix) and value == "yes"]


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def who_of(given: Mapping[str, str]) -> Who:
    """The first screen's answers.

    Raises:
        BadBirthDate: something was written that is no day.
    """
    return Who(
        name=given.get("name", ""),
        born_on=birthday(given.get("born_on", "")),
        address=given.get("address"),
        nhs_number=given.get("nhs_number"),
        chi_number=given.get("chi_number"),
        telephone=given.get("telephone"),
        email=given.get("email"),
        language=given.get("language") or "en",
        may_text=given.get("may_text") == "yes",
        may_leave_voicemail=given.get("may_leave_voicemail") == "yes",
        may_post=given.get("may_post") == "yes",
        safe_from=_clock(given, "safe_from"),
        safe_until=_clock(given, "safe_until"),
        is_discreet=given.get("is_open") != "yes",
        not_to_say=given.get("not_to_say"),
    )


def _clock(given: Mapping[str, str], name: str) -> time | None:
    return answers.clock(given.get(name))


def birthday(typed: str) -> date | None:
    """A birth date as a date field sends it, or as people write it: `3/5/1950`, `3.5.50`; None when empty.

    Raises:
        BadBirthDate: it is no day.
    """
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        found = answers.DAY.fullmatch(typed.strip())
    try:
        assert found is not None
        year = int(found[3])
        return date(year + 1900 if year < SHORT_YEAR else year, int(found[2]), int(found[1]))
    except (AssertionError, TypeError, ValueError):
        raise BadBirthDate from None
