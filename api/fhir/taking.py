"""From a Bundle that is well formed to a referral that the exchange's own verbs will judge.

What cannot be understood is said with the path of its element. What must never happen: a yes that the Bundle
does not give, or a code that is not in the bank's list.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api.fhir import names
from api.fhir.outcome import Issue
from api.fhir.reader import NotTaken, Reader, Resource, codings, ours
from api.fhir.references import addresses, entries
from api.fhir.taking_person import who
from exchange.errors import ExchangeError
from exchange.membership.viewer import Viewer
from exchange.prescribing import linking
from exchange.prescribing.checking import Consent, NewReferral, Why
from exchange.prescribing.codes import Code

ONE_OF_EACH = ("ServiceRequest", "Patient", "Consent")


def read(
    bundle: Mapping[str, Any], viewer: Viewer, lists: Mapping[str, Sequence[Code]]
) -> tuple[NewReferral, Reader]:
    """The referral that a Bundle asks for, and where each of its fields stands.

    Raises:
        NotTaken
    """
    reader = Reader()
    _find(reader, bundle)
    if reader.issues:
        raise NotTaken(reader.issues)
    identifier = _request(reader)
    _links(reader, bundle)
    person, consent = who(reader), _consent(reader)
    why = _why(reader, bundle, lists)
    what, talks, lift = _what(reader)
    if reader.issues or identifier is None:
        raise NotTaken(reader.issues)
    practice_id = next(iter(viewer.practice_ids))
    new = NewReferral(
        referral_id=linking.key_of(practice_id, *identifier),
        route="practice",
        referrer_id=practice_id,
        who=person,
        why=why,
        what=what,
        talks=talks,
        lift=lift,
        consent=consent,
        identifier=identifier,
    )
    return new, reader


def _find(reader: Reader, bundle: Mapping[str, Any]) -> None:
    if bundle.get("type") not in ("message", "collection"):
        reader.wrong("not-supported", "Bundle.type", "Send a message, or a collection.")
    for path, _, resource in entries(bundle):
        kind = resource["resourceType"]
        if kind in ONE_OF_EACH and kind in reader.parts:
            reader.wrong("duplicate", f"{path}.resource", f"One {kind} at a time.")
        elif kind in ONE_OF_EACH:
            reader.parts[kind] = (f"{path}.resource", resource)
    for kind in ONE_OF_EACH:
        reader.must(kind in reader.parts, "required", "Bundle.entry", f"A {kind} is missing.")


def _request(reader: Reader) -> tuple[str, str] | None:
    """What was asked for must be active, an order, and for a service like this one; and have a name."""
    path, request = reader.parts["ServiceRequest"]
    reader.must(request["status"] == "active", "value", f"{path}.status", "Only an active request is taken.")
    reader.must(request["intent"] == "order", "value", f"{path}.intent", "Only an order is taken.")
    reader.must(not request.get("doNotPerform"), "value", f"{path}.doNotPerform", "This asks for nothing.")
    codes = codings([request.get("code") or {}], f"{path}.code")
    is_known = any((s, code) == (names.SNOMED, names.REFERRED) for _, s, code in codes)
    said = f"Say what is asked for: {names.REFERRED} of SNOMED CT."
    reader.must(is_known, "code-invalid", f"{path}.code", said)
    for number, each in enumerate(request.get("identifier") or ()):
        if each.get("system") and each.get("value"):
            reader.paths |= {"id": f"{path}.identifier[{number}]"}
            return each["system"][:200], each["value"][:200]
    reader.wrong("required", f"{path}.identifier", "Give it a name of your own: a system and a value.")
    return None


def _links(reader: Reader, bundle: Mapping[str, Any]) -> None:
    known = addresses(bundle)
    patient = reader.parts["Patient"][1]
    for kind, element in (("ServiceRequest", "subject"), ("Consent", "patient")):
        reference = reader.parts[kind][1].get(element) or {}
        found = known.get(reference.get("reference", ""))
        is_theirs = found is not None and found[1] is patient
        where = reader.path(kind, f"{element}.reference")
        reader.must(is_theirs, "not-found", where, "It must lead to the Patient of this Bundle.")


def _consent(reader: Reader) -> Consent:
    path, consent = reader.parts["Consent"]
    reader.must(
        consent["status"] == "active", "business-rule", f"{path}.status", "Without a yes nothing is sent."
    )
    provision = consent.get("provision") or {}
    is_yes = provision.get("type", "permit") == "permit"
    reader.must(is_yes, "business-rule", f"{path}.provision.type", "Without a yes nothing is sent.")
    reader.paths |= {
        "heard": f"{path}.category",
        "basis": f"{path}.policyRule",
        "back": f"{path}.provision.code",
        "consents": f"{path}.status",
    }
    purposes = [(one.get("system"), one.get("code")) for one in provision.get("purpose") or ()]
    return Consent(
        consents=True,
        heard=ours(names.HEARD, consent.get("category")),
        basis=ours(names.BASIS, [consent.get("policyRule") or {}]),
        back=ours(names.BACK, provision.get("code")),
        may_measure=(names.PURPOSE, "referrer") in purposes,
    )


def _why(reader: Reader, bundle: Mapping[str, Any], lists: Mapping[str, Sequence[Code]]) -> Why:
    path, request = reader.parts["ServiceRequest"]
    reader.paths |= {"needs": f"{path}.reasonCode", "aspiration": f"{path}.note", "note": f"{path}.note"}
    needs = _listed(reader, lists["need"], request.get("reasonCode") or (), f"{path}.reasonCode")
    flags: list[str] = []
    for place, _, resource in entries(bundle):
        if resource["resourceType"] == "Flag" and resource["status"] == "active":
            where = f"{place}.resource.code"
            flags += _listed(reader, lists["flag"], [resource["code"]], where, is_list=False)
    own = _ways_to(bundle, reader.parts["Patient"][1])
    said = [(_author(each) in own, each["text"]) for each in request.get("note") or ()]
    hopes = [text for is_own, text in said if is_own]
    notes = [text for is_own, text in said if not is_own]
    return Why(needs=needs, flags=flags, aspiration="\n".join(hopes) or None, note="\n".join(notes) or None)


def _ways_to(bundle: Mapping[str, Any], resource: Resource) -> set[str]:
    """The addresses by which a reference may lead to this resource."""
    return {name for name, (_, found) in addresses(bundle).items() if found is resource}


def _author(note: Resource) -> str | None:
    reference: str | None = (note.get("authorReference") or {}).get("reference")
    return reference


def _listed(
    reader: Reader, known: Sequence[Code], concepts: Sequence[Resource], path: str, *, is_list: bool = True
) -> list[str]:
    """The codes of the bank's list; each concept must have one of them."""
    list_of = {(one.system, one.code) for one in known}
    found = []
    for number, each in enumerate(concepts):
        where = f"{path}[{number}]" if is_list else path
        codes = [(one.get("system", ""), one.get("code", "")) for one in each.get("coding") or ()]
        right = [code for code in codes if code in list_of]
        if right:
            found.append(right[0][1])
        else:
            reader.wrong("code-invalid", f"{where}.coding", "None of these codes is in this bank's list.")
    return found


def _what(reader: Reader) -> tuple[list[UUID], bool, str | None]:
    """What was chosen: suggestions by their key, a lift in words, else a talk."""
    path, request = reader.parts["ServiceRequest"]
    reader.paths |= {"what": f"{path}.orderDetail", "lift": f"{path}.orderDetail"}
    chosen: list[UUID] = []
    lifts: list[str] = []
    talks = not request.get("orderDetail")
    for number, each in enumerate(request.get("orderDetail") or ()):
        code = ours(names.CHOICE, [each])
        if code == "talk":
            talks = True
        elif code == "lift":
            lifts.append(each.get("text", ""))
        else:
            key = _uuid(code)
            where = f"{path}.orderDetail[{number}].coding"
            reader.must(key, "code-invalid", where, "Not one of the things that may be chosen here.")
            chosen += [key] if key else []
    return chosen, talks, "\n".join(lifts) or None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def placed(error: ExchangeError, reader: Reader) -> Issue:
    """A rule of the exchange, beside the element that broke it."""
    default = reader.parts["ServiceRequest"][0]
    where = FIELDS.get(error.code) or error.field or ""
    return Issue("business-rule", reader.paths.get(where, default), str(error))


FIELDS = {"bad_telephone": "telephone", "bad_email": "email", "adults_only": "born_on"}
"""Rules that have another field's name, or none, where people type."""
