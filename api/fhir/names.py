"""Names by which this door calls things: systems of the standards, and our own where none exists.

Codes of SNOMED CT and of the NHS stand here only where an open standard names them; every other code is ours.
"""

from collections.abc import Mapping

from exchange.prescribing.states import BARS, SNOMED

__all__ = ["BARS", "SNOMED", "coding", "concept"]

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
LANGUAGE = "urn:ietf:bcp:47"
MINUTES = "http://unitsofmeasure.org"
REFERRAL = "urn:evenhour:referral"
CHI_NUMBER = "urn:evenhour:chi-number"
MESSAGE = "urn:evenhour:message"
CHOICE = "urn:evenhour:choice"
HEARD = "urn:evenhour:consent-heard"
BASIS = "urn:evenhour:basis"
BACK = "urn:evenhour:back"
PURPOSE = "urn:evenhour:purpose"
CONSENT = "urn:evenhour:consent"
STATE = "urn:evenhour:state"
STEP = "urn:evenhour:step"
MEASURE = "urn:evenhour:measure"
COUNT = "urn:evenhour:count"
FLAG = "urn:evenhour:flag"

MAY_TEXT = "urn:evenhour:may-text"
MAY_LEAVE_VOICEMAIL = "urn:evenhour:may-leave-voicemail"
SAFE_FROM = "urn:evenhour:safe-from"
SAFE_UNTIL = "urn:evenhour:safe-until"
MAY_POST = "urn:evenhour:may-post"
IS_DISCREET = "urn:evenhour:is-discreet"
NOT_TO_SAY = "urn:evenhour:not-to-say"

REFERRED = "871731000000106"
"""SNOMED CT: referral to social prescribing service; what may be asked for here."""
REFERRED_WORDS = "Referral to social prescribing service"
SYSTEMS: Mapping[str, str] = {BARS: "urn:evenhour:bars-rejection-reason"}
"""Lists that have a name in the exchange and no address of their own → the address we give them."""


def coding(system: str, code: str, display: str | None = None) -> dict[str, str]:
    """A Coding."""
    shown = {"display": display} if display else {}
    return {"system": SYSTEMS.get(system, system), "code": code, **shown}


def concept(system: str, code: str, display: str | None = None) -> dict[str, object]:
    """A CodeableConcept with one coding."""
    return {"coding": [coding(system, code, display)]}
