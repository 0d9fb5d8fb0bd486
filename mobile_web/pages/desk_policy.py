"""How this bank works: its limits, when a coordinator looks, its languages; the administrator's to change."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from exchange.errors import ExchangeError
from exchange.hours import relations
from exchange.membership import banks, find, parties
from exchange.membership.errors import BadPolicy
from exchange.membership.tables import ApprovalRule
from exchange.permissions import Relation, may
from mobile_web import answers
from mobile_web.answers import whole
from mobile_web.languages import NAMES
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, Visit, Visiting, go, key

router = APIRouter()
RULES = {
    "first_exchange": "somebody's first exchange",
    "over_minutes": "an exchange longer than this",
    "at_home": "an exchange at somebody's home",
    "same_pair": "the same two people more often than this",
}
DEPUTIES = (
    ("coordinator", "Another coordinator"),
    ("administrator", "The administrator"),
    ("named", "The person named below"),
)


@router.get("/desk/policy")
async def policy(seen: Visiting) -> Response:
    must(seen, "policy.read")
    rules = await banks.approval_rules(seen.session, seen.viewer.bank_id)
    return await _policy(seen, _as_form(seen, rules), {})


def _as_form(seen: Visit, rules: Mapping[str, ApprovalRule]) -> dict[str, str]:
    bank = seen.bank
    over = rules.get("over_minutes")
    pair = rules.get("same_pair")
    return {
        "name": bank.name,
        "telephone": bank.telephone or "",
        "time_zone": bank.time_zone,
        "floor_hours": answers.as_length(-bank.floor_minutes),
        "ceiling_hours": answers.as_length(bank.ceiling_minutes),
        "hours_age_days_max": str(bank.hours_age_days_max),
        "objection_days": str(bank.objection_days),
        "coordinator_after_days": str(bank.coordinator_after_days),
        "reminder_days": ", ".join(map(str, bank.reminder_days)),
        "deputy": bank.deputy,
        "named_approver_id": str(bank.named_approver_id or ""),
        "over_hours": answers.as_length(over.threshold if over else 240),
        "pair_times": str(pair.threshold if pair else 8),
        "pair_days": str(pair.period_days if pair else PERIOD_DAYS),
        **{f"language_{code}": "yes" for code in bank.languages},
        **{f"rule_{kind}": "yes" for kind in rules},
    }


async def _policy(seen: Visit, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    everybody = await find.find(seen.session, seen.viewer, "", limit=PEOPLE_MAX)
    names = {one.party_id: one.name for one in everybody if one.kind == "member" and one.status == "active"}
    if (named := seen.bank.named_approver_id) and named not in names:
        names |= await parties.names(seen.session, seen.viewer.bank_id, [named])
    return await desk_page(
        seen,
        "desk/policy.html",
        here="policy",
        status=UNPROCESSABLE if errors else 200,
        form=form,
        rules=RULES,
        deputies=DEPUTIES,
        people=[("", "Nobody"), *((str(one), name) for one, name in names.items())],
        spoken=list(NAMES.items()),
        may_change=may(seen.viewer.roles, "policy.change", [Relation.BANK]),
        may_appoint=may(seen.viewer.roles, "policy.change", [Relation.BANK]),
        alone=await relations.has_nobody_else(seen.session, seen.bank),
        join=f"/join/{seen.viewer.bank_id}",
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


@router.post("/desk/policy")
async def change(seen: Visiting, form: Form) -> Response:
    try:
        async with seen.attempt():
            await banks.set_policy(seen.session, seen.viewer, _changes(form))
            await banks.set_approval_rules(seen.session, seen.viewer, _rules(form))
    except ExchangeError as broken:
        if broken.code == "not_allowed":
            raise
        shown = {FIELDS.get(field, field): said for field, said in of_rule(ENGLISH, broken).items()}
        await seen.session.refresh(seen.bank)
        return await _policy(seen, form, shown)
    return go("/desk/policy?done=saved")


FIELDS = {
    "floor_minutes": "floor_hours",
    "ceiling_minutes": "ceiling_hours",
    "contact": "telephone",
    "languages": "language_en",
    "over_minutes": "over_hours",
    "same_pair": "pair_times",
}
PERIOD_DAYS = 30
PEOPLE_MAX = 1000
"""A column of the bank → the field of the form."""


def _number(form: Mapping[str, str], field: str) -> int:
    found = whole(form.get(field))
    if found is None:
        raise BadPolicy(field=field)
    return found


def _length(form: Mapping[str, str], field: str) -> int:
    found = answers.length(form.get(field))
    if found is None:
        raise BadPolicy(field=field)
    return found


def _changes(form: Mapping[str, str]) -> dict[str, Any]:
    reminders = [whole(part) for part in form.get("reminder_days", "").replace(",", " ").split()]
    named = form.get("named_approver_id")
    return {
        "name": form.get("name", ""),
        "telephone": form.get("telephone") or None,
        "time_zone": form.get("time_zone", "").strip(),
        "floor_minutes": -_length(form, "floor_hours"),
        "ceiling_minutes": _length(form, "ceiling_hours"),
        "hours_age_days_max": _number(form, "hours_age_days_max"),
        "objection_days": _number(form, "objection_days"),
        "coordinator_after_days": _number(form, "coordinator_after_days"),
        "reminder_days": [day or 0 for day in reminders],
        "deputy": form.get("deputy", ""),
        "named_approver_id": key(named) if named else None,
        "languages": [code for code in NAMES if form.get(f"language_{code}") == "yes"],
    }


def _rules(form: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """The rules that are ticked; what stands beside the others is not looked at."""
    return {kind: _rule(form, kind) for kind in RULES if form.get(f"rule_{kind}") == "yes"}


def _rule(form: Mapping[str, str], kind: str) -> tuple[int, int]:
    match kind:
        case "over_minutes":
            return _length(form, "over_hours"), PERIOD_DAYS
        case "same_pair":
            return _number(form, "pair_times"), _number(form, "pair_days")
        case _:
            return 0, PERIOD_DAYS
