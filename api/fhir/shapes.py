"""The parts of FHIR R4 that this door speaks, as tables: element, how often, of what kind, from which codes.

A line reads `name low..high kind`, with `=codes` where the standard binds a code to a required list and
`>Type|Type` where a reference may point to those only; `[x]` stands for a choice of kinds. `0..0` marks what
would change the meaning of the rest and is not understood here, so that it is refused and not passed over.
Written from the R4 specification (4.0.1).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

MANY = 1_000

REQUIRED_CODES: Mapping[str, str] = {
    "identifier-use": "usual official temp secondary old",
    "name-use": "usual official temp nickname anonymous old maiden",
    "address-use": "home work temp old billing",
    "address-type": "postal physical both",
    "contact-system": "phone fax email pager url sms other",
    "contact-use": "home work temp old mobile",
    "comparator": "< <= >= >",
    "narrative": "generated extensions additional empty",
    "bundle": "document message transaction transaction-response batch batch-response history searchset "
    "collection",
    "response": "ok transient-error fatal-error",
    "request-status": "draft active on-hold revoked completed entered-in-error unknown",
    "request-intent": "proposal plan directive order original-order reflex-order filler-order instance-order "
    "option",
    "priority": "routine urgent asap stat",
    "gender": "male female other unknown",
    "link-type": "replaced-by replaces refer seealso",
    "consent-status": "draft proposed active rejected inactive entered-in-error",
    "provision": "deny permit",
    "data-meaning": "instance related dependents authoredby",
    "task-status": "draft requested received accepted rejected ready cancelled in-progress on-hold failed "
    "completed entered-in-error",
    "task-intent": "unknown proposal plan order original-order reflex-order filler-order instance-order "
    "option",
    "event-status": "preparation in-progress not-done on-hold stopped completed entered-in-error unknown",
    "observation-status": "registered preliminary final amended corrected cancelled entered-in-error unknown",
    "answers-status": "in-progress completed amended entered-in-error stopped",
    "flag-status": "active inactive entered-in-error",
}

YEAR = r"([1-9]\d{3}|0\d{2}[1-9]|0\d[1-9]0|0[1-9]00)"
DAY = rf"{YEAR}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
CLOCK = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?"
ZONE = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"

TEXTS: Mapping[str, str] = {
    "string": r"[\s\S]+",
    "markdown": r"[\s\S]+",
    "xhtml": r"[\s\S]+",
    "code": r"[^\s]+( [^\s]+)*",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "uri": r"\S+",
    "url": r"\S+",
    "canonical": r"\S+",
    "base64Binary": r"[\s0-9A-Za-z+/=]+",
    "date": DAY,
    "dateTime": rf"{YEAR}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T{CLOCK}{ZONE})?)?)?",
    "instant": rf"{YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T{CLOCK}{ZONE}",
    "time": CLOCK,
}
"""Kinds that are written as text → what the text looks like."""
NUMBERS: Mapping[str, tuple[float, float]] = {
    "integer": (-(2**31), 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
    "decimal": (-1e18, 1e18),
}
PRIMITIVES = frozenset({*TEXTS, *NUMBERS, "boolean"})
VALUES = (
    "boolean|integer|decimal|string|code|uri|date|dateTime|instant|time|Coding|CodeableConcept|Quantity|"
    "Identifier|Period|Reference"
)

ELEMENT = "id 0..1 string\nextension 0..* Extension"
BACKBONE = f"{ELEMENT}\nmodifierExtension 0..0 Extension"
RESOURCE = "resourceType 1..1 string\nid 0..1 id\nmeta 0..1 Meta\nimplicitRules 0..0 uri\nlanguage 0..1 code"
DOMAIN = (
    f"{RESOURCE}\ntext 0..1 Narrative\ncontained 0..0 any\nextension 0..* Extension\n"
    "modifierExtension 0..0 Extension"
)

DATATYPES: Mapping[str, str] = {
    "Extension": f"url 1..1 uri\nvalue[x] 0..1 {VALUES}",
    "Identifier": "use 0..1 code =identifier-use\ntype 0..1 CodeableConcept\nsystem 0..1 uri\n"
    "value 0..1 string\nperiod 0..1 Period\nassigner 0..1 Reference",
    "HumanName": "use 0..1 code =name-use\ntext 0..1 string\nfamily 0..1 string\ngiven 0..* string\n"
    "prefix 0..* string\nsuffix 0..* string\nperiod 0..1 Period",
    "Address": "use 0..1 code =address-use\ntype 0..1 code =address-type\ntext 0..1 string\n"
    "line 0..* string\ncity 0..1 string\ndistrict 0..1 string\nstate 0..1 string\npostalCode 0..1 string\n"
    "country 0..1 string\nperiod 0..1 Period",
    "ContactPoint": "system 0..1 code =contact-system\nvalue 0..1 string\nuse 0..1 code =contact-use\n"
    "rank 0..1 positiveInt\nperiod 0..1 Period",
    "CodeableConcept": "coding 0..* Coding\ntext 0..1 string",
    "Coding": "system 0..1 uri\nversion 0..1 string\ncode 0..1 code\ndisplay 0..1 string\n"
    "userSelected 0..1 boolean",
    "Reference": "reference 0..1 string\ntype 0..1 uri\nidentifier 0..1 Identifier\ndisplay 0..1 string",
    "Period": "start 0..1 dateTime\nend 0..1 dateTime",
    "Quantity": "value 0..1 decimal\ncomparator 0..1 code =comparator\nunit 0..1 string\nsystem 0..1 uri\n"
    "code 0..1 code",
    "Annotation": "author[x] 0..1 Reference|string\ntime 0..1 dateTime\ntext 1..1 markdown",
    "Meta": "versionId 0..1 id\nlastUpdated 0..1 instant\nsource 0..1 uri\nprofile 0..* canonical\n"
    "security 0..* Coding\ntag 0..* Coding",
    "Narrative": "status 1..1 code =narrative\ndiv 1..1 xhtml",
}

BACKBONES: Mapping[str, str] = {
    "Bundle.link": "relation 1..1 string\nurl 1..1 uri",
    "Bundle.entry": "link 0..* Bundle.link\nfullUrl 0..1 uri\nresource 0..1 resource\nsearch 0..1 any\n"
    "request 0..1 any\nresponse 0..1 any",
    "MessageHeader.destination": "name 0..1 string\ntarget 0..1 Reference\nendpoint 1..1 url\n"
    "receiver 0..1 Reference",
    "MessageHeader.source": "name 0..1 string\nsoftware 0..1 string\nversion 0..1 string\n"
    "contact 0..1 ContactPoint\nendpoint 1..1 url",
    "MessageHeader.response": "identifier 1..1 id\ncode 1..1 code =response\ndetails 0..1 Reference",
    "Patient.communication": "language 1..1 CodeableConcept\npreferred 0..1 boolean",
    "Patient.link": "other 1..1 Reference\ntype 1..1 code =link-type",
    "Consent.policy": "authority 0..1 uri\nuri 0..1 uri",
    "Consent.verification": "verified 1..1 boolean\nverifiedWith 0..1 Reference\n"
    "verificationDate 0..1 dateTime",
    "Consent.actor": "role 1..1 CodeableConcept\nreference 1..1 Reference",
    "Consent.data": "meaning 1..1 code =data-meaning\nreference 1..1 Reference",
    "Consent.provision": "type 0..1 code =provision\nperiod 0..1 Period\nactor 0..* Consent.actor\n"
    "action 0..* CodeableConcept\nsecurityLabel 0..* Coding\npurpose 0..* Coding\nclass 0..* Coding\n"
    "code 0..* CodeableConcept\ndataPeriod 0..1 Period\ndata 0..* Consent.data\n"
    "provision 0..* Consent.provision",
    "Task.restriction": "repetitions 0..1 positiveInt\nperiod 0..1 Period\nrecipient 0..* Reference",
    "Task.value": f"type 1..1 CodeableConcept\nvalue[x] 1..1 {VALUES}",
    "Communication.payload": "content[x] 1..1 string|Reference",
    "Observation.component": f"code 1..1 CodeableConcept\nvalue[x] 0..1 {VALUES}\n"
    "dataAbsentReason 0..1 CodeableConcept\ninterpretation 0..* CodeableConcept\nreferenceRange 0..* any",
    "QuestionnaireResponse.answer": f"value[x] 0..1 {VALUES}\nitem 0..* QuestionnaireResponse.item",
    "QuestionnaireResponse.item": "linkId 1..1 string\ndefinition 0..1 uri\ntext 0..1 string\n"
    "answer 0..* QuestionnaireResponse.answer\nitem 0..* QuestionnaireResponse.item",
}

RESOURCES: Mapping[str, str] = {
    "MessageHeader": "event[x] 1..1 Coding|uri\ndestination 0..* MessageHeader.destination\n"
    "sender 0..1 Reference\nenterer 0..1 Reference\nauthor 0..1 Reference\n"
    "source 1..1 MessageHeader.source\nresponsible 0..1 Reference\nreason 0..1 CodeableConcept\n"
    "response 0..1 MessageHeader.response\nfocus 0..* Reference\ndefinition 0..1 canonical",
    "ServiceRequest": "identifier 0..* Identifier\ninstantiatesCanonical 0..* canonical\n"
    "instantiatesUri 0..* uri\nbasedOn 0..* Reference\nreplaces 0..* Reference >ServiceRequest\n"
    "requisition 0..1 Identifier\nstatus 1..1 code =request-status\nintent 1..1 code =request-intent\n"
    "category 0..* CodeableConcept\npriority 0..1 code =priority\ndoNotPerform 0..1 boolean\n"
    "code 0..1 CodeableConcept\norderDetail 0..* CodeableConcept\nquantity[x] 0..1 Quantity\n"
    "subject 1..1 Reference >Patient|Group|Location|Device\nencounter 0..1 Reference\n"
    "occurrence[x] 0..1 dateTime|Period\nasNeeded[x] 0..1 boolean|CodeableConcept\n"
    "authoredOn 0..1 dateTime\n"
    "requester 0..1 Reference >Practitioner|PractitionerRole|Organization|Patient|RelatedPerson|Device\n"
    "performerType 0..1 CodeableConcept\nperformer 0..* Reference\nlocationCode 0..* CodeableConcept\n"
    "locationReference 0..* Reference\nreasonCode 0..* CodeableConcept\nreasonReference 0..* Reference\n"
    "insurance 0..* Reference\nsupportingInfo 0..* Reference\nspecimen 0..* Reference\n"
    "bodySite 0..* CodeableConcept\nnote 0..* Annotation\npatientInstruction 0..1 string\n"
    "relevantHistory 0..* Reference",
    "Patient": "identifier 0..* Identifier\nactive 0..1 boolean\nname 0..* HumanName\n"
    "telecom 0..* ContactPoint\ngender 0..1 code =gender\nbirthDate 0..1 date\n"
    "deceased[x] 0..1 boolean|dateTime\naddress 0..* Address\nmaritalStatus 0..1 CodeableConcept\n"
    "multipleBirth[x] 0..1 boolean|integer\nphoto 0..* any\ncontact 0..* any\n"
    "communication 0..* Patient.communication\n"
    "generalPractitioner 0..* Reference >Organization|Practitioner|PractitionerRole\n"
    "managingOrganization 0..1 Reference >Organization\nlink 0..* Patient.link",
    "Consent": "identifier 0..* Identifier\nstatus 1..1 code =consent-status\nscope 1..1 CodeableConcept\n"
    "category 1..* CodeableConcept\npatient 0..1 Reference >Patient\ndateTime 0..1 dateTime\n"
    "performer 0..* Reference\norganization 0..* Reference >Organization\nsource[x] 0..1 Reference\n"
    "policy 0..* Consent.policy\npolicyRule 0..1 CodeableConcept\nverification 0..* Consent.verification\n"
    "provision 0..1 Consent.provision",
    "Flag": "identifier 0..* Identifier\nstatus 1..1 code =flag-status\ncategory 0..* CodeableConcept\n"
    "code 1..1 CodeableConcept\nsubject 1..1 Reference\nperiod 0..1 Period\nencounter 0..1 Reference\n"
    "author 0..1 Reference",
    "Task": "identifier 0..* Identifier\ninstantiatesCanonical 0..1 canonical\ninstantiatesUri 0..1 uri\n"
    "basedOn 0..* Reference\ngroupIdentifier 0..1 Identifier\npartOf 0..* Reference >Task\n"
    "status 1..1 code =task-status\nstatusReason 0..1 CodeableConcept\nbusinessStatus 0..1 CodeableConcept\n"
    "intent 1..1 code =task-intent\npriority 0..1 code =priority\ncode 0..1 CodeableConcept\n"
    "description 0..1 string\nfocus 0..1 Reference\nfor 0..1 Reference\nencounter 0..1 Reference\n"
    "executionPeriod 0..1 Period\nauthoredOn 0..1 dateTime\nlastModified 0..1 dateTime\n"
    "requester 0..1 Reference\nperformerType 0..* CodeableConcept\nowner 0..1 Reference\n"
    "location 0..1 Reference\nreasonCode 0..1 CodeableConcept\nreasonReference 0..1 Reference\n"
    "insurance 0..* Reference\nnote 0..* Annotation\nrelevantHistory 0..* Reference\n"
    "restriction 0..1 Task.restriction\ninput 0..* Task.value\noutput 0..* Task.value",
    "Communication": "identifier 0..* Identifier\ninstantiatesCanonical 0..* canonical\n"
    "instantiatesUri 0..* uri\nbasedOn 0..* Reference\npartOf 0..* Reference\n"
    "inResponseTo 0..* Reference >Communication\nstatus 1..1 code =event-status\n"
    "statusReason 0..1 CodeableConcept\ncategory 0..* CodeableConcept\npriority 0..1 code =priority\n"
    "medium 0..* CodeableConcept\nsubject 0..1 Reference >Patient|Group\ntopic 0..1 CodeableConcept\n"
    "about 0..* Reference\nencounter 0..1 Reference\nsent 0..1 dateTime\nreceived 0..1 dateTime\n"
    "recipient 0..* Reference\nsender 0..1 Reference\nreasonCode 0..* CodeableConcept\n"
    "reasonReference 0..* Reference\npayload 0..* Communication.payload\nnote 0..* Annotation",
    "Observation": "identifier 0..* Identifier\nbasedOn 0..* Reference\npartOf 0..* Reference\n"
    "status 1..1 code =observation-status\ncategory 0..* CodeableConcept\ncode 1..1 CodeableConcept\n"
    "subject 0..1 Reference >Patient|Group|Device|Location\nfocus 0..* Reference\nencounter 0..1 Reference\n"
    "effective[x] 0..1 dateTime|Period|instant\nissued 0..1 instant\nperformer 0..* Reference\n"
    "value[x] 0..1 Quantity|CodeableConcept|string|boolean|integer|time|dateTime|Period\n"
    "dataAbsentReason 0..1 CodeableConcept\ninterpretation 0..* CodeableConcept\nnote 0..* Annotation\n"
    "bodySite 0..1 CodeableConcept\nmethod 0..1 CodeableConcept\nspecimen 0..1 Reference\n"
    "device 0..1 Reference\nreferenceRange 0..* any\nhasMember 0..* Reference\n"
    "derivedFrom 0..* Reference\ncomponent 0..* Observation.component",
    "QuestionnaireResponse": "identifier 0..1 Identifier\nbasedOn 0..* Reference\npartOf 0..* Reference\n"
    "questionnaire 0..1 canonical\nstatus 1..1 code =answers-status\nsubject 0..1 Reference\n"
    "encounter 0..1 Reference\nauthored 0..1 dateTime\nauthor 0..1 Reference\nsource 0..1 Reference\n"
    "item 0..* QuestionnaireResponse.item",
}
BUNDLE = (
    f"{RESOURCE}\nidentifier 0..1 Identifier\ntype 1..1 code =bundle\ntimestamp 0..1 instant\n"
    "total 0..1 unsignedInt\nlink 0..* Bundle.link\nentry 0..* Bundle.entry\nsignature 0..1 any"
)
LINE = re.compile(r"(\w+)(\[x\])? (\d)\.\.(\d|\*) ([\w.|]+)(?: =([\w-]+))?(?: >([\w|]+))?")


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its name in the standard, how often it stands, its kinds, codes or targets."""

    name: str
    low: int
    high: int
    kinds: tuple[str, ...]
    codes: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    is_choice: bool = False
    is_list: bool = False

    def spelt(self) -> dict[str, str]:
        """How it may be written in JSON → of which kind it is then."""
        if not self.is_choice:
            return {self.name: self.kinds[0]}
        return {f"{self.name}{kind[0].upper()}{kind[1:]}": kind for kind in self.kinds}


@dataclass(frozen=True, slots=True)
class Shape:
    """All elements of one kind of thing, by how they are written."""

    elements: tuple[Element, ...]
    written: Mapping[str, tuple[Element, str]] = field(default_factory=dict)


@cache
def shape(kind: str) -> Shape | None:
    """The shape of a resource or a datatype; None for what this door does not know."""
    text = _text(kind)
    if text is None:
        return None
    elements = tuple(_element(line) for line in text.split("\n"))
    written = {name: (each, kind) for each in elements for name, kind in each.spelt().items()}
    return Shape(elements, written)


def _text(kind: str) -> str | None:
    if kind == "Bundle":
        return BUNDLE
    for table, common in ((RESOURCES, DOMAIN), (BACKBONES, BACKBONE), (DATATYPES, ELEMENT)):
        if kind in table:
            return f"{common}\n{table[kind]}"
    return None


def _element(line: str) -> Element:
    found = LINE.fullmatch(line)
    assert found, line
    name, choice, low, high, kinds, codes, targets = found.groups()
    return Element(
        name=name,
        low=int(low),
        high=MANY if high == "*" else int(high),
        kinds=tuple(kinds.split("|")),
        codes=frozenset(REQUIRED_CODES[codes].split()) if codes else frozenset(),
        targets=frozenset(targets.split("|")) if targets else frozenset(),
        is_choice=choice is not None,
        is_list=high == "*",
    )
