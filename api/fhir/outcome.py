"""What a health system reads when something was wrong: an OperationOutcome that names the element."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.responses import JSONResponse

FHIR_JSON = "application/fhir+json"
ISSUES_MAX = 50

KINDS: Mapping[int, str] = {
    400: "structure",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "business-rule",
    429: "throttled",
    500: "exception",
}
"""HTTP status → the standard's word for the kind of trouble."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to say: how bad, of which kind, about which element, in words without anybody's data."""

    kind: str
    path: str
    words: str
    severity: str = "error"


def as_resource(issues: Iterable[Issue]) -> dict[str, Any]:
    """The issues as an OperationOutcome; the first fifty."""
    told = [
        {
            "severity": each.severity,
            "code": each.kind,
            "diagnostics": each.words,
            **({"expression": [each.path]} if each.path else {}),
        }
        for each in list(issues)[:ISSUES_MAX]
    ]
    fine = {"severity": "information", "code": "informational", "diagnostics": "Nothing to complain about."}
    return {"resourceType": "OperationOutcome", "issue": told or [fine]}


def answer(
    body: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A resource as the answer."""
    return JSONResponse(body, status_code=status, media_type=FHIR_JSON, headers=dict(headers or {}))


def trouble(status: int, words: str, *, path: str = "") -> JSONResponse:
    """One trouble as the answer."""
    return answer(as_resource([Issue(KINDS.get(status, "processing"), path, words)]), status=status)
