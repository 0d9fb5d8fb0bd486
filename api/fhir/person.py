"""Who a referral is about, as FHIR resources: the Patient, what they agreed, and what keeps them safe."""

from datetime import datetime
from typing import Any

from api.fhir import names
from api.fhir.names import coding, concept
from exchange.derived import derived
from exchange.prescribing.read import ReferralView
from exchange.prescribing.tables import ReferralPerson

Resource = dict[str, Any]


def moment(at: datetime) -> str:
    """An instant, to the second."""
    return at.isoformat(timespec="seconds")


def key(view: ReferralView, what: str) -> str:
    """The id of what belongs to a referral: the same each time."""
    return str(derived(view.referral_id, what))


def to(view: ReferralView, kind: str) -> dict[str, str]:
    """A reference to one of the referral's own resources."""
    own = str(view.referral_id) if kind == "ServiceRequest" else key(view, kind)
    return {"reference": f"{kind}/{own}"}


def patient(view: ReferralView) -> Resource:
    """Who they are and how to reach them; once erased, nobody."""
    made: Resource = {"resourceType": "Patient", "id": key(view, "Patient")}
    if view.who is None:
        return made
    who = view.who
    ids = ((names.NHS_NUMBER, who.nhs_number), (names.CHI_NUMBER, who.chi_number))
    said: Resource = {
        "extension": _said(
            (names.MAY_POST, who.may_post),
            (names.IS_DISCREET, who.is_discreet),
            (names.NOT_TO_SAY, who.not_to_say),
        ),
        "identifier": [{"system": system, "value": value} for system, value in ids if value],
        "name": [{"use": "official", "text": who.name}],
        "telecom": _telecom(who),
        "birthDate": who.born_on.isoformat() if who.born_on else [],
        "address": [{"use": "home", "text": who.address}] if who.address else [],
        "communication": [{"language": concept(names.LANGUAGE, who.language), "preferred": True}],
    }
    return made | {name: value for name, value in said.items() if value != []}


def _said(*told: tuple[str, Any]) -> list[Resource]:
    kinds = {bool: "valueBoolean", str: "valueString"}
    return [{"url": url, kinds[type(value)]: value} for url, value in told if value is not None]


def _telecom(who: ReferralPerson) -> list[Resource]:
    found: list[Resource] = []
    if who.telephone:
        said = _said((names.MAY_TEXT, who.may_text), (names.MAY_LEAVE_VOICEMAIL, who.may_leave_voicemail))
        hours = ((names.SAFE_FROM, who.safe_from), (names.SAFE_UNTIL, who.safe_until))
        said += [{"url": url, "valueTime": clock.strftime("%H:%M:%S")} for url, clock in hours if clock]
        found.append({"extension": said, "system": "phone", "value": who.telephone})
    if who.email:
        found.append({"system": "email", "value": who.email})
    return found


def consent(view: ReferralView) -> Resource:
    """The person's yes, the footing, and what may be told."""
    provision: Resource = {"type": "permit", "code": [concept(names.BACK, view.back or "nothing")]}
    if view.consents.get("may_measure"):
        provision["purpose"] = [coding(names.PURPOSE, "referrer")]
    return {
        "resourceType": "Consent",
        "id": key(view, "Consent"),
        "status": "active",
        "scope": concept(names.CONSENT, "referral"),
        "category": [concept(names.HEARD, view.consents["heard"])],
        "patient": to(view, "Patient"),
        "dateTime": moment(view.made_at),
        "policyRule": concept(names.BASIS, view.basis or "health_care"),
        "provision": provision,
    }


def flags(view: ReferralView) -> list[Resource]:
    """What staff must know to keep them safe."""
    return [
        {
            "resourceType": "Flag",
            "id": key(view, f"Flag:{flag.code}"),
            "status": "active",
            "code": concept(flag.system, flag.code, flag.words),
            "subject": to(view, "Patient"),
        }
        for flag in view.flags
    ]
