"""Who a Bundle is about: its Patient, read into the fields that the three screens ask for.

What must never happen: a text allowed that the Bundle does not allow.
"""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from api.fhir import names
from api.fhir.reader import Reader, Resource, codings
from exchange.prescribing.checking import Who


def who(reader: Reader) -> Who:
    """The person of the Bundle."""
    path, patient = reader.parts["Patient"]
    is_dead = patient.get("deceasedBoolean") or patient.get("deceasedDateTime")
    reader.must(not is_dead, "business-rule", f"{path}.deceased[x]", "Nothing is sent to the dead.")
    said = _extensions(patient)
    numbers = _identifiers(reader, path, patient)
    telephone, email, safety = _reach(reader, path, patient)
    reader.paths |= {
        "born_on": f"{path}.birthDate",
        "language": f"{path}.communication",
        "not_to_say": f"{path}.extension",
    }
    return Who(
        name=_name(reader, path, patient),
        born_on=_day(patient.get("birthDate")),
        address=_address(reader, path, patient),
        nhs_number=numbers.get("nhs_number"),
        chi_number=numbers.get("chi_number"),
        telephone=telephone,
        email=email,
        language=_language(patient),
        **safety,
        may_post=said.get(names.MAY_POST) is True,
        is_discreet=said.get(names.IS_DISCREET) is not False,
        not_to_say=_text(said.get(names.NOT_TO_SAY)),
    )


def _extensions(element: Mapping[str, Any]) -> dict[str, Any]:
    """What we call by a name of our own → its value."""
    return {
        each["url"]: next((value for name, value in each.items() if name.startswith("value")), None)
        for each in element.get("extension") or ()
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _name(reader: Reader, path: str, patient: Resource) -> str:
    for number, each in enumerate(patient.get("name") or ()):
        if each.get("use") in ("old", "maiden", "nickname", "anonymous", "temp"):
            continue
        reader.paths["name"] = f"{path}.name[{number}]"
        return each.get("text") or " ".join([*(each.get("given") or ()), each.get("family", "")]).strip()
    reader.paths["name"] = f"{path}.name"
    return ""


def _address(reader: Reader, path: str, patient: Resource) -> str | None:
    for number, each in enumerate(patient.get("address") or ()):
        if each.get("use") == "old":
            continue
        reader.paths["address"] = f"{path}.address[{number}]"
        parts = [*(each.get("line") or ()), each.get("city"), each.get("postalCode")]
        return each.get("text") or ", ".join(part for part in parts if part) or None
    reader.paths["address"] = f"{path}.address"
    return None


NUMBERS = {names.NHS_NUMBER: "nhs_number", names.CHI_NUMBER: "chi_number"}


def _identifiers(reader: Reader, path: str, patient: Resource) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, each in enumerate(patient.get("identifier") or ()):
        what = NUMBERS.get(each.get("system", ""))
        if what and what in found:
            reader.wrong("duplicate", f"{path}.identifier[{number}]", "A person has one such number.")
        elif what:
            found[what] = each.get("value", "")
            reader.paths[what] = f"{path}.identifier[{number}].value"
    return found


def _reach(reader: Reader, path: str, patient: Resource) -> tuple[str | None, str | None, dict[str, Any]]:
    """The first telephone and the first e-mail; a text or a voice message only where the Bundle allows it."""
    ways: dict[str, str] = {}
    safety: dict[str, Any] = {}
    reader.paths["telephone"] = f"{path}.telecom"
    for number, each in enumerate(patient.get("telecom") or ()):
        what = {"phone": "telephone", "sms": "telephone", "email": "email"}.get(each.get("system", ""))
        if what is None or what in ways or each.get("use") == "old" or not each.get("value"):
            continue
        ways[what] = each["value"]
        reader.paths[what] = f"{path}.telecom[{number}].value"
        if what == "telephone":
            said = _extensions(each)
            safety = {
                "may_text": said.get(names.MAY_TEXT) is True,
                "may_leave_voicemail": said.get(names.MAY_LEAVE_VOICEMAIL) is True,
                "safe_from": _clock(said.get(names.SAFE_FROM)),
                "safe_until": _clock(said.get(names.SAFE_UNTIL)),
            }
    return ways.get("telephone"), ways.get("email"), safety


def _clock(value: Any) -> time | None:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _language(patient: Resource) -> str:
    spoken = sorted(patient.get("communication") or (), key=lambda each: not each.get("preferred"))
    codes = [code for each in spoken for _, _, code in codings([each["language"]], "")]
    return codes[0].partition("-")[0] if codes and codes[0] else "en"
