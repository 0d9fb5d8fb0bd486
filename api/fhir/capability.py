"""What this door says of itself: what it can do, and that it conforms to no profile."""

from datetime import datetime
from importlib.metadata import version
from typing import Any

from api.fhir.outcome import FHIR_JSON

SHAPED_LIKE = (
    "Shaped like the NHS Booking and Referral Standard, which has no application for social prescribing. "
    "Conformant to no profile. One practice, its own referrals, within each person's consent."
)


def statement(base: str, at: datetime) -> dict[str, Any]:
    """The CapabilityStatement of this door."""
    service = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "OAuth"}
        ],
        "text": f"OAuth 2 client credentials at {base}/token",
    }
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": at.date().isoformat(),
        "kind": "instance",
        "software": {"name": "Evenhour", "version": version("evenhour")},
        "implementation": {"description": SHAPED_LIKE, "url": base},
        "fhirVersion": "4.0.1",
        "format": [FHIR_JSON],
        "rest": [
            {
                "mode": "server",
                "documentation": SHAPED_LIKE,
                "security": {"service": [service]},
                "resource": [
                    {
                        "type": "ServiceRequest",
                        "interaction": [{"code": "read"}, {"code": "search-type"}],
                        "searchParam": [{"name": "identifier", "type": "token"}],
                        "operation": [_operation("everything")],
                    },
                    {
                        "type": "Bundle",
                        "interaction": [{"code": "read"}],
                        "operation": [_operation("validate")],
                    },
                ],
                "operation": [_operation("process-message")],
            }
        ],
    }


def _operation(name: str) -> dict[str, str]:
    kind = {"everything": "resource", "validate": "Resource", "process-message": "MessageHeader"}[name]
    where = {
        "everything": "urn:evenhour:operation:everything",
        "validate": f"http://hl7.org/fhir/OperationDefinition/{kind}-validate",
        "process-message": f"http://hl7.org/fhir/OperationDefinition/{kind}-process-message",
    }
    return {"name": name, "definition": where[name]}
