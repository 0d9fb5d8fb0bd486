"""Every Bundle that leaves is well formed, holds what was agreed and no more; every broken one is found."""

import json
from copy import deepcopy
from itertools import product
from typing import Any

import pytest

from api.fhir import checking, references, taking, writing
from api.fhir.outcome import Issue
from api.fhir.reader import NotTaken
from api.fhir.shapes import BACKBONES, DATATYPES, RESOURCES, Shape, shape
from exchange.prescribing import access, codes
from exchange.prescribing.read import WITH_THEM
from exchange.prescribing.tables import BACKS
from exchange.prescribing.tables import STATES as REFERRAL_STATES
from tests.api.fhir.bundles import ENDINGS, PEOPLE, STATES, hears, of_type, shown, taken_to
from tests.exchange.prescribing.test_clients import signed_in
from tests.small_practice import Surgery

GONE = object()


def wrong_with(bundle: dict[str, Any]) -> list[Issue]:
    return checking.check_bundle(bundle) or references.check(bundle)


ALL, ENDS = (*STATES, *ENDINGS), ("member", "finished")


@pytest.mark.parametrize(("heard", "come_to"), [("notes", ALL), ("codes", ENDS)])
async def test_every_bundle_is_well_formed_and_within_the_consent(
    surgery: Surgery, heard: str, come_to: tuple[str, ...]
) -> None:
    system = await signed_in(surgery)
    await hears(surgery, heard)
    count = 0
    for number, (state, back) in enumerate(product(come_to, BACKS)):
        changes = deepcopy(PEOPLE[number % len(PEOPLE)])
        changes["consent"] = {**changes.get("consent", {}), "back": back}
        key = await taken_to(surgery, state, **changes)
        made = json.loads(json.dumps(await shown(surgery, system, key)))
        assert wrong_with(made) == [], (state, back)
        within(made, state, access.level(back, heard))
        count += 1
    assert count == len(BACKS) * len(come_to)


def within(made: dict[str, Any], state: str, level: str) -> None:
    """What may be told and nothing else."""
    has_ended = state in ("declined", "erased", *ENDINGS)
    kinds = {entry["resource"]["resourceType"] for entry in made["entry"]}
    assert ("Communication" in kinds) == has_ended
    assert ("QuestionnaireResponse" in kinds) == (level == "notes" and state in ENDINGS)
    assert any("urn:evenhour:measure" in str(one) for one in of_type(made, "Observation")) == (
        level != "nothing" and state in ENDINGS
    )
    task = of_type(made, "Task")[0]
    assert ("output" in task) == (level != "nothing")
    assert ("statusReason" in task) == (level != "nothing" and has_ended)
    if level == "nothing":
        assert task["status"] == ("completed" if has_ended else "received")
    for letter in of_type(made, "Communication"):
        assert ("reasonCode" in letter) == (level != "nothing")
        assert ("payload" in letter) == (level == "notes" and state != "erased")


def test_every_state_has_its_status() -> None:
    assert {*writing.TASK_STATUS} == {WITH_THEM, *REFERRAL_STATES}


def test_the_tables_are_readable_and_name_only_what_they_know() -> None:
    known = {"any", "resource", *DATATYPES, *BACKBONES}
    count = 0
    for kind in ("Bundle", *RESOURCES, *DATATYPES, *BACKBONES):
        found = shape(kind)
        assert isinstance(found, Shape)
        for _, inner in found.written.values():
            assert inner in known or inner in checking.PRIMITIVES, (kind, inner)
            count += 1
    assert count > 300


# Mutations: one thing is broken, and the complaint is about that thing.

R = "ServiceRequest"
MUTATIONS: tuple[tuple[str, str, Any, str], ...] = (
    ("Bundle", "resourceType", "Parameters", "resourceType"),
    ("Bundle", "type", GONE, "type"),
    ("Bundle", "type", "parcel", "type"),
    ("Bundle", "type", ["message"], "type"),
    ("Bundle", "timestamp", "2026-05-12", "timestamp"),
    ("Bundle", "timestamp", "2026-13-12T10:00:00Z", "timestamp"),
    ("Bundle", "total", -1, "total"),
    ("Bundle", "entry", {}, "entry"),
    ("Bundle", "entry", [], "entry"),
    ("Bundle", "extra", "x", "extra"),
    ("Bundle", "implicitRules", "urn:other", "implicitRules"),
    ("Bundle", "id", "not an id", "id"),
    (R, "resourceType", GONE, "resourceType"),
    (R, "resourceType", "Bundle", "resourceType"),
    (R, "resourceType", 7, "resourceType"),
    (R, "status", GONE, "status"),
    (R, "status", "sent", "status"),
    (R, "status", "Active", "status"),
    (R, "status", None, "status"),
    (R, "status", True, "status"),
    (R, "intent", GONE, "intent"),
    (R, "intent", "wish", "intent"),
    (R, "priority", "soon", "priority"),
    (R, "subject", GONE, "subject"),
    (R, "subject", [], "subject"),
    (R, "subject", {}, "subject"),
    (R, "subject", {"reference": "Patient/none"}, "subject.reference"),
    (R, "subject", {"reference": "urn:uuid:00000000-0000-0000-0000-000000000000"}, "subject.reference"),
    (R, "subject", {"reference": "nowhere"}, "subject.reference"),
    (R, "subject", {"type": "Patient"}, "subject.reference"),
    (R, "requester", {"type": "Patent", "display": "x"}, "requester.reference"),
    (R, "authoredOn", "yesterday", "authoredOn"),
    (R, "authoredOn", "2026-05-12T10:00:00", "authoredOn"),
    (R, "doNotPerform", "no", "doNotPerform"),
    (R, "code", "871731000000106", "code"),
    (R, "code", {"coding": {}}, "code.coding"),
    (R, "code", {"coding": [{"code": " padded "}]}, "code.coding[0].code"),
    (R, "code", {"coding": [{"code": "x", "system": "a b"}]}, "code.coding[0].system"),
    (R, "code", {"coding": [{"code": "x", "colour": "red"}]}, "code.coding[0].colour"),
    (R, "code", GONE, "orderDetail"),
    (R, "identifier", {"value": "x"}, "identifier"),
    (R, "identifier", [{"use": "main"}], "identifier[0].use"),
    (R, "note", [{"authorString": "x"}], "note[0].text"),
    (
        R,
        "note",
        [{"text": "x", "authorString": "a", "authorReference": {"display": "b"}}],
        "note[0].author[x]",
    ),
    (R, "note", [{"text": ""}], "note[0].text"),
    (R, "occurrencePeriod", {"start": "2026-05-02", "end": "2026-05-01"}, "occurrencePeriod"),
    (R, "contained", [{"resourceType": "Patient"}], "contained"),
    (R, "modifierExtension", [{"url": "urn:x", "valueBoolean": True}], "modifierExtension"),
    (R, "extension", [{"valueBoolean": True}], "extension[0].url"),
    (R, "extension", [{"url": "urn:x"}], "extension[0]"),
    (R, "extension", [{"url": "urn:x", "valueNothing": 1}], "extension[0].valueNothing"),
    (R, "_status", "x", "_status"),
    (R, "meta", {"lastUpdated": "now"}, "meta.lastUpdated"),
    ("Patient", "gender", "lady", "gender"),
    ("Patient", "birthDate", "12/05/1950", "birthDate"),
    ("Patient", "birthDate", "1950-02-31T", "birthDate"),
    ("Patient", "birthDate", "1950-02-31", "birthDate"),
    ("Patient", "birthDate", 1950, "birthDate"),
    ("Patient", "name", {"text": "x"}, "name"),
    ("Patient", "name", [{"use": "pet", "text": "x"}], "name[0].use"),
    ("Patient", "name", [{"given": "Ann"}], "name[0].given"),
    ("Patient", "telecom", [{"value": "020"}], "telecom[0].system"),
    ("Patient", "telecom", [{"system": "pigeon", "value": "x"}], "telecom[0].system"),
    ("Patient", "telecom", [{"system": "phone", "value": "x", "rank": 0}], "telecom[0].rank"),
    ("Patient", "address", [{"use": "castle", "text": "x"}], "address[0].use"),
    ("Patient", "address", [{"line": "1 Row"}], "address[0].line"),
    ("Patient", "active", "yes", "active"),
    ("Patient", "deceasedBoolean", 0, "deceasedBoolean"),
    ("Patient", "multipleBirthInteger", 1.5, "multipleBirthInteger"),
    ("Patient", "communication", [{"preferred": True}], "communication[0].language"),
    ("Patient", "link", [{"other": {"display": "x"}, "type": "twin"}], "link[0].type"),
    ("Consent", "status", "given", "status"),
    ("Consent", "scope", GONE, "scope"),
    ("Consent", "category", GONE, "category"),
    ("Consent", "category", [], "category"),
    ("Consent", "policyRule", GONE, "policyRule"),
    ("Consent", "provision", [{}], "provision"),
    ("Consent", "provision", {"type": "perhaps"}, "provision.type"),
    ("Consent", "patient", {"reference": "Consent/x"}, "patient.reference"),
    ("Flag", "status", "red", "status"),
    ("Flag", "code", GONE, "code"),
    ("Flag", "subject", GONE, "subject"),
    ("Task", "status", "closed", "status"),
    ("Task", "intent", GONE, "intent"),
    ("Task", "lastModified", "2020-01-01", "lastModified"),
    ("Task", "output", [{"type": {"text": "x"}}], "output[0].value[x]"),
    ("Communication", "status", "sent", "status"),
    ("Communication", "payload", [{}], "payload[0]"),
    (
        "Communication",
        "payload",
        [{"contentString": "x", "contentReference": {"display": "y"}}],
        "payload[0].content[x]",
    ),
    ("Observation", "status", "done", "status"),
    ("Observation", "code", GONE, "code"),
    ("Observation", "valueQuantity", {"value": "7"}, "valueQuantity.value"),
    ("Observation", "valueQuantity", {"value": 7, "comparator": "~"}, "valueQuantity.comparator"),
    ("Observation", "valueString", "seven", "value[x]"),
    ("Observation", "dataAbsentReason", {"text": "x"}, "dataAbsentReason"),
    ("QuestionnaireResponse", "status", "final", "status"),
    ("QuestionnaireResponse", "item", [{"text": "x"}], "item[0].linkId"),
    (
        "QuestionnaireResponse",
        "item",
        [{"linkId": "1", "answer": [{"valueInteger": "5"}]}],
        "item[0].answer[0].valueInteger",
    ),
    ("MessageHeader", "source", GONE, "source"),
    ("MessageHeader", "source", {"name": "x"}, "source.endpoint"),
    ("MessageHeader", "eventCoding", GONE, "event[x]"),
    ("MessageHeader", "focus", [{"reference": "ServiceRequest/none"}], "focus[0].reference"),
)
"""Resource, element, what it becomes, and the path that the complaint must name."""


async def a_rich_one(surgery: Surgery) -> dict[str, Any]:
    key = await taken_to(surgery, "finished", **PEOPLE[0])
    return await shown(surgery, await signed_in(surgery), key)


def broken(made: dict[str, Any], kind: str, element: str, value: Any) -> tuple[dict[str, Any], str]:
    """The Bundle with one element changed, and the path of the resource that was changed."""
    made = deepcopy(made)
    target, path = made, "Bundle"
    if kind != "Bundle":
        number = [entry["resource"]["resourceType"] for entry in made["entry"]].index(kind)
        target, path = made["entry"][number]["resource"], f"Bundle.entry[{number}].resource"
    if value is GONE:
        del target[element]
    else:
        target[element] = value
    return made, path


async def test_each_mutation_is_refused_at_its_element(surgery: Surgery) -> None:
    made = await a_rich_one(surgery)
    assert wrong_with(made) == [], "the control: what was not broken passes"
    missed = []
    for kind, element, value, expected in MUTATIONS:
        changed, path = broken(made, kind, element, value)
        found = [issue.path for issue in wrong_with(changed)]
        if f"{path}.{expected}" not in found:
            missed.append(f"{kind}.{element} = {value!r}: {found}")
    assert missed == [], "\n".join(missed)
    assert len(MUTATIONS) >= 60


async def test_entries_hang_together(surgery: Surgery) -> None:
    made = await a_rich_one(surgery)
    twice, late, empty = deepcopy(made), deepcopy(made), deepcopy(made)
    twice["entry"][2]["fullUrl"] = twice["entry"][1]["fullUrl"]
    late["entry"] = late["entry"][1:] + late["entry"][:1]
    del empty["entry"][1]["resource"]
    assert "Bundle.entry[2].fullUrl" in [i.path for i in wrong_with(twice)]
    assert "Bundle.entry[0].resource" in [i.path for i in wrong_with(late)]
    assert "Bundle.entry[1].resource" in [i.path for i in wrong_with(empty)]


# A Bundle that asks for a referral.

UNTAKEN: tuple[tuple[str, str, Any, str], ...] = (
    ("Bundle", "type", "transaction", "type"),
    (R, "status", "draft", "status"),
    (R, "intent", "plan", "intent"),
    (R, "doNotPerform", True, "doNotPerform"),
    (R, "code", {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}, "code"),
    (R, "identifier", [{"value": "no system"}], "identifier"),
    (R, "reasonCode", [{"text": "words alone"}], "reasonCode[0].coding"),
    (R, "reasonCode", [{"coding": [{"system": "urn:evenhour:need", "code": "x"}]}], "reasonCode[0].coding"),
    (R, "orderDetail", [{"text": "garden"}], "orderDetail[0].coding"),
    (R, "subject", {"display": "somebody"}, "subject.reference"),
    ("Patient", "deceasedBoolean", True, "deceased[x]"),
    ("Consent", "status", "rejected", "status"),
    ("Consent", "provision", {"type": "deny"}, "provision.type"),
    ("Flag", "code", {"text": "biting dog"}, "code.coding"),
)


async def test_what_is_no_referral_is_said_at_its_element(surgery: Surgery) -> None:
    system = await signed_in(surgery)
    key = await taken_to(surgery, "received", **PEOPLE[0])
    made = await shown(surgery, system, key)
    session = surgery.small.session
    lists = {kind: await codes.offered(session, system, kind) for kind in codes.KINDS}
    new, _ = taking.read(made, system, lists)
    assert new.identifier == ("urn:evenhour:referral", str(key)), "the control: unbroken it is understood"
    for kind, element, value, expected in UNTAKEN:
        changed, path = broken(made, kind, element, value)
        with pytest.raises(NotTaken) as refused:
            taking.read(changed, system, lists)
        assert f"{path}.{expected}" in [issue.path for issue in refused.value.issues], (kind, element)


async def test_what_left_comes_back_the_same(surgery: Surgery) -> None:
    """A referral that is written as a Bundle and read again asks for the same thing."""
    system = await signed_in(surgery)
    session = surgery.small.session
    lists = {kind: await codes.offered(session, system, kind) for kind in codes.KINDS}
    for changes in PEOPLE:
        asked = surgery.referral(**changes)
        key = await taken_to(surgery, "received", referral_id=asked.referral_id, **changes)
        new, _ = taking.read(await shown(surgery, system, key), system, lists)
        assert (new.why.aspiration, new.why.note) == (asked.why.aspiration, asked.why.note)
        assert (list(new.why.needs), list(new.why.flags)) == (list(asked.why.needs), list(asked.why.flags))
        assert (new.what, new.talks, new.lift) == (list(asked.what), asked.talks, asked.lift)
        assert new.consent == asked.consent
        assert (new.who.name, new.who.born_on, new.who.address) == (
            asked.who.name,
            asked.who.born_on,
            asked.who.address,
        )
        assert (new.who.may_text, new.who.not_to_say) == (
            asked.who.may_text and asked.who.telephone == "07700 900777",
            asked.who.not_to_say,
        )
