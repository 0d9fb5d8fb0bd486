"""A referral as a message of FHIR resources: what its viewer may see, each part only where it was given.

Everything comes from one `ReferralView`, which was cut down to the consent and whose look is in the log.
What must never happen: a read here that goes round it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from api.fhir import names
from api.fhir.names import coding, concept
from api.fhir.person import consent, flags, key, moment, patient, to
from exchange.prescribing import scales
from exchange.prescribing.access import Part
from exchange.prescribing.measure_tables import AnswerSheet
from exchange.prescribing.read import WITH_THEM, ReferralView
from exchange.prescribing.states import REASONS

Resource = dict[str, Any]

REQUEST_STATUS: Mapping[str, str] = {"closed": "completed", "declined": "revoked"}
TASK_STATUS: Mapping[str, str] = {
    "received": "received",
    WITH_THEM: "received",
    "accepted": "accepted",
    "contacted": "in-progress",
    "started": "in-progress",
    "declined": "rejected",
    "closed": "completed",
}
"""State of a referral → what the standard calls it; how it ended stands beside it in our words."""
COUNTS: Mapping[str, str] = {
    "attempts": "Times somebody tried to reach them",
    "gave_minutes": "Minutes given to others",
    "received_minutes": "Minutes received",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who speaks: the bank's name, the address of this door, and the practice it speaks to."""

    bank: str
    base: str
    ods_code: str
    at: datetime


def bundle(view: ReferralView, sender: Sender) -> Resource:
    """The whole referral as a message Bundle."""
    resources = [
        _header(view, sender),
        service_request(view, sender),
        patient(view),
        consent(view),
        *flags(view),
        _task(view),
        *_communication(view, sender),
        *_counts(view),
        *_measures(view),
    ]
    return {
        "resourceType": "Bundle",
        "id": str(view.referral_id),
        "identifier": {"system": names.REFERRAL, "value": str(view.referral_id)},
        "type": "message",
        "timestamp": moment(sender.at),
        "entry": [
            {"fullUrl": f"{sender.base}/{one['resourceType']}/{one['id']}", "resource": one}
            for one in resources
        ],
    }


def _header(view: ReferralView, sender: Sender) -> Resource:
    return {
        "resourceType": "MessageHeader",
        "id": key(view, "MessageHeader"),
        "eventCoding": coding(names.MESSAGE, "referral"),
        "source": {"name": sender.bank, "software": "Evenhour", "endpoint": sender.base},
        "focus": [to(view, "ServiceRequest")],
    }


def service_request(view: ReferralView, sender: Sender) -> Resource:
    """What was asked for, and why."""
    own = {"system": names.REFERRAL, "value": str(view.referral_id)}
    theirs = view.identifier
    made: Resource = {
        "resourceType": "ServiceRequest",
        "id": str(view.referral_id),
        "identifier": [{"system": theirs.system, "value": theirs.value}, own] if theirs else [own],
        "status": REQUEST_STATUS.get(view.state, "active"),
        "intent": "order",
        "code": concept(names.SNOMED, names.REFERRED, names.REFERRED_WORDS),
        "subject": to(view, "Patient"),
        "authoredOn": moment(view.made_at),
        "requester": {"type": "Organization", "identifier": _ods(sender)},
        "orderDetail": [_choice(choice) for choice in view.what or ()],
        "reasonCode": [concept(one.system, one.code, one.words) for one in view.needs],
        "supportingInfo": [{"reference": f"Flag/{flag['id']}"} for flag in flags(view)],
        "note": _notes(view),
    }
    return {name: value for name, value in made.items() if value != []}


def _ods(sender: Sender) -> dict[str, str]:
    return {"system": names.ODS_CODE, "value": sender.ods_code}


def _choice(choice: Any) -> Resource:
    words = f"{choice.words}, {choice.when_words}" if choice.when_words else choice.words
    code = str(choice.suggestion_id) if choice.suggestion_id else choice.kind
    return {**concept(names.CHOICE, code), "text": words}


def _notes(view: ReferralView) -> list[Resource]:
    if view.why is None:
        return []
    own = [{"authorReference": to(view, "Patient"), "text": view.why.aspiration}]
    return [*(own if view.why.aspiration else []), *([{"text": view.why.note}] if view.why.note else [])]


def _task(view: ReferralView) -> Resource:
    """The course: where it stands, each step with its time, and how it ended, where that may be told."""
    task: Resource = {
        "resourceType": "Task",
        "id": key(view, "Task"),
        "status": TASK_STATUS[view.state],
        "intent": "order",
        "focus": to(view, "ServiceRequest"),
        "for": to(view, "Patient"),
        "authoredOn": moment(view.made_at),
    }
    if view.state_at:
        task["lastModified"] = moment(view.state_at)
    if view.course is not None:
        task["businessStatus"] = concept(names.STATE, view.state)
        task["output"] = [
            {"type": concept(names.STEP, step.verb), "valueDateTime": moment(step.done_at)}
            for step in view.course
        ]
    if view.reason:
        reason = REASONS[view.reason]
        task["statusReason"] = concept(reason.system, reason.code, reason.words)
    return task


def _communication(view: ReferralView, sender: Sender) -> list[Resource]:
    """The message back: always there once it ended, coded or in words where that was agreed."""
    if view.letter_made_at is None:
        return []
    words = (view.letter or {}).get("words")
    made: Resource = {
        "resourceType": "Communication",
        "id": key(view, "Communication"),
        "status": "completed",
        "subject": to(view, "Patient"),
        "topic": {"text": "The referral is closed."},
        "about": [to(view, "ServiceRequest")],
        "sent": moment(view.letter_made_at),
        "recipient": [{"type": "Organization", "identifier": _ods(sender)}],
        "reasonCode": [concept(one["system"], one["code"], one["words"]) for one in view.coded or ()],
        "payload": [{"contentString": words}] if words else [],
    }
    return [{name: value for name, value in made.items() if value != []}]


def _observation(view: ReferralView, what: str, code: Resource, at: datetime, value: Resource) -> Resource:
    return {
        "resourceType": "Observation",
        "id": key(view, f"Observation:{what}"),
        "status": "final",
        "code": code,
        "subject": to(view, "Patient"),
        "effectiveDateTime": moment(at),
        **value,
    }


def _counts(view: ReferralView) -> list[Resource]:
    letter, at = view.letter or {}, view.letter_made_at
    return [
        _observation(
            view,
            name,
            concept(names.COUNT, name, words),
            at,
            {"valueQuantity": _quantity(name, letter[name])},
        )
        for name, words in COUNTS.items()
        if at is not None and letter.get(name) is not None
    ]


def _quantity(name: str, value: int) -> Resource:
    unit = {"unit": "min", "system": names.MINUTES, "code": "min"} if name.endswith("minutes") else {}
    return {"value": value, **unit}


def _measures(view: ReferralView) -> list[Resource]:
    """Coded figures; the questions with their answers only where words may be told."""
    sheets, has_words = view.sheets or (), Part.WORDS in view.parts
    return [
        one
        for sheet in sheets
        for one in ((_answers(view, sheet), _score(view, sheet)) if has_words else (_score(view, sheet),))
    ]


def _answers(view: ReferralView, sheet: AnswerSheet) -> Resource:
    """The answers; questions of a licensed measure stand by their number, since their words are not ours."""
    asked: Sequence[Any] = scales.SHIPPED.get(sheet.measure, ())
    items: list[Resource] = [
        {"linkId": str(number), "answer": [{"valueInteger": given}]}
        for number, given in enumerate(sheet.answers or (), 1)
    ]
    for item, question in zip(items, asked, strict=False):
        item["text"] = question.words
    return {
        "resourceType": "QuestionnaireResponse",
        "id": key(view, f"Answers:{sheet.measure}:{sheet.round}"),
        "questionnaire": f"{names.MEASURE}:{sheet.measure}",
        "status": "completed",
        "subject": to(view, "Patient"),
        "authored": moment(_answered(view, sheet)),
        "item": items,
    }


def _answered(view: ReferralView, sheet: AnswerSheet) -> datetime:
    return sheet.answered_at or view.made_at


def _score(view: ReferralView, sheet: AnswerSheet) -> Resource:
    """One figure; ONS4 has none, so its four answers stand side by side."""
    answers = sheet.answers or []
    total = scales.score(sheet.measure, answers)
    value: Resource = {"valueQuantity": {"value": total}}
    if total is None:
        value = {
            "component": [
                {"code": concept(names.MEASURE, f"{sheet.measure}-{number}"), "valueInteger": given}
                for number, given in enumerate(answers, 1)
            ]
        }
    what = f"{sheet.measure}:{sheet.round}"
    return _observation(view, what, concept(names.MEASURE, sheet.measure), _answered(view, sheet), value)


def found(view: ReferralView, sender: Sender) -> Resource:
    """One referral in an answer to a search."""
    entry = service_request(view, sender)
    return {
        "fullUrl": f"{sender.base}/ServiceRequest/{entry['id']}",
        "resource": entry,
        "search": {"mode": "match"},
    }


def searchset(entries: Sequence[Resource], at: datetime) -> Resource:
    """What a search found."""
    made = {"resourceType": "Bundle", "type": "searchset", "timestamp": moment(at), "total": len(entries)}
    return {**made, "entry": list(entries)} if entries else made


def is_key(text: str) -> bool:
    """Whether this may be the id of a referral."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
