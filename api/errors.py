"""Which answer each broken rule gets: one table, from the rule to its HTTP status.

The machine door says it as `application/problem+json` with the rule's stable code; the human door has its
own sentence for the same code. A house rule: every error of `exchange` stands here.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

import mobile_web
from api.fhir import outcome
from exchange import errors as rules
from exchange.activities import errors as activities
from exchange.appointments import errors as appointments
from exchange.directory import errors as directory
from exchange.errors import ExchangeError
from exchange.hours import errors as hours
from exchange.membership import errors as membership
from exchange.prescribing import errors as prescribing

UNPROCESSABLE = 422
CONFLICT = 409
TOO_MANY = 429

STATUS: Mapping[type[ExchangeError], int] = {
    rules.NotFound: 404,
    rules.NotAllowed: 403,
    rules.SameIdOtherContents: CONFLICT,
    rules.TextTooLong: UNPROCESSABLE,
    rules.TextMissing: UNPROCESSABLE,
    rules.BadCursor: UNPROCESSABLE,
    rules.ReservedId: UNPROCESSABLE,
    rules.WordingRefused: UNPROCESSABLE,
    rules.UnknownChoice: UNPROCESSABLE,
    membership.BadTelephone: UNPROCESSABLE,
    membership.NoSafeWay: UNPROCESSABLE,
    membership.SafeHoursUnread: UNPROCESSABLE,
    membership.AddressMissing: UNPROCESSABLE,
    membership.BadEmail: UNPROCESSABLE,
    membership.ContactMissing: UNPROCESSABLE,
    membership.NotReached: UNPROCESSABLE,
    membership.AdultsOnly: UNPROCESSABLE,
    membership.UnknownLanguage: UNPROCESSABLE,
    membership.ProveFirst: CONFLICT,
    membership.TooManyCodes: TOO_MANY,
    membership.TooManyContacts: UNPROCESSABLE,
    membership.TooManyAsking: 429,
    membership.WrongCode: 401,
    membership.CodeUsed: 401,
    membership.PasskeyRefused: 401,
    membership.TooManyPasskeys: UNPROCESSABLE,
    membership.OwnMobile: UNPROCESSABLE,
    membership.LinkUsed: 410,
    membership.NotSignedIn: 401,
    membership.MemberNotActive: UNPROCESSABLE,
    membership.WithOneself: UNPROCESSABLE,
    membership.AlreadyDecided: CONFLICT,
    membership.BadPolicy: UNPROCESSABLE,
    membership.ReminderTooLate: UNPROCESSABLE,
    membership.LastAdministrator: CONFLICT,
    hours.MinutesOutOfRange: UNPROCESSABLE,
    hours.DayInFuture: UNPROCESSABLE,
    hours.DayTooLongAgo: UNPROCESSABLE,
    hours.WrongState: CONFLICT,
    hours.MinutesChanged: CONFLICT,
    hours.ReasonMissing: UNPROCESSABLE,
    hours.EvidenceMissing: UNPROCESSABLE,
    hours.ObjectionTooLate: CONFLICT,
    hours.BelowFloor: CONFLICT,
    hours.PotEmpty: CONFLICT,
    hours.NotEnoughHours: UNPROCESSABLE,
    hours.OverCeiling: UNPROCESSABLE,
    hours.SharedTelephone: CONFLICT,
    directory.UnknownSkill: UNPROCESSABLE,
    directory.SkillNotAllowed: UNPROCESSABLE,
    directory.CoordinatorFirst: UNPROCESSABLE,
    directory.UnknownTime: UNPROCESSABLE,
    directory.DatesCrossed: UNPROCESSABLE,
    directory.LastDayOver: UNPROCESSABLE,
    directory.DaysNeverMeet: UNPROCESSABLE,
    directory.RadiusOutOfRange: UNPROCESSABLE,
    directory.ListingInWrongState: CONFLICT,
    directory.ReviewTooFar: UNPROCESSABLE,
    directory.CircleDecided: CONFLICT,
    appointments.AppointmentInWrongState: CONFLICT,
    appointments.SomebodyElseSaidYes: CONFLICT,
    appointments.NotAsked: UNPROCESSABLE,
    appointments.NobodyToAsk: UNPROCESSABLE,
    appointments.TooManyAsked: UNPROCESSABLE,
    appointments.StartsInPast: UNPROCESSABLE,
    appointments.StartsTooFar: UNPROCESSABLE,
    appointments.NotYet: CONFLICT,
    appointments.PeopleChanged: CONFLICT,
    activities.BadCode: UNPROCESSABLE,
    activities.BadActivity: UNPROCESSABLE,
    activities.ActivityInWrongState: CONFLICT,
    activities.PlaceInWrongState: CONFLICT,
    activities.NotEnoughForPlace: CONFLICT,
    activities.TooManyCompanions: UNPROCESSABLE,
    activities.NotToday: CONFLICT,
    activities.CheckInInWrongState: CONFLICT,
    activities.AskCoordinator: CONFLICT,
    activities.CameByReason: UNPROCESSABLE,
    prescribing.BadNhsNumber: UNPROCESSABLE,
    prescribing.BadChiNumber: UNPROCESSABLE,
    prescribing.BadBirthDate: UNPROCESSABLE,
    prescribing.BadOdsCode: UNPROCESSABLE,
    prescribing.OdsCodeTaken: CONFLICT,
    prescribing.MailboxNotSecure: UNPROCESSABLE,
    prescribing.UnknownNeed: UNPROCESSABLE,
    prescribing.BadCodeList: UNPROCESSABLE,
    prescribing.ReasonNotChosen: UNPROCESSABLE,
    prescribing.NothingChosen: UNPROCESSABLE,
    prescribing.UnknownSuggestion: UNPROCESSABLE,
    prescribing.ConsentMissing: UNPROCESSABLE,
    prescribing.BasisMissing: UNPROCESSABLE,
    prescribing.BackNotChosen: UNPROCESSABLE,
    prescribing.NoWayToReach: UNPROCESSABLE,
    prescribing.ReferralInWrongState: CONFLICT,
    prescribing.UnknownReason: UNPROCESSABLE,
    prescribing.UnknownTier: UNPROCESSABLE,
    prescribing.PersonErased: CONFLICT,
    prescribing.NotTheirWish: UNPROCESSABLE,
    prescribing.DraftSent: CONFLICT,
    prescribing.FundEmpty: CONFLICT,
    prescribing.NobodyOnDuty: UNPROCESSABLE,
    prescribing.BadClearance: UNPROCESSABLE,
    prescribing.CompanyNeeded: UNPROCESSABLE,
    prescribing.VisitInWrongState: CONFLICT,
    prescribing.BadAnswers: UNPROCESSABLE,
    prescribing.NoUseAllowed: CONFLICT,
    prescribing.NotAskedNow: CONFLICT,
    prescribing.ExpiryInPast: UNPROCESSABLE,
    activities.FixedOnceApproved: CONFLICT,
    activities.SomebodyBooked: CONFLICT,
    activities.SlotTaken: CONFLICT,
    activities.OutsideHours: UNPROCESSABLE,
    activities.BookingInWrongState: CONFLICT,
    activities.BadNotes: UNPROCESSABLE,
    activities.NoteNotUsable: CONFLICT,
    activities.TooManyTries: TOO_MANY,
    activities.OwnNote: CONFLICT,
}

FIELD_CODES = {
    "minutes": hours.MinutesOutOfRange.code,
    "done_on": "bad_day",
    "id": "bad_id",
    "with": "bad_id",
    "contact": "bad_contact",
}
"""A field that is not even of its kind → the code that machines read."""

NOT_A_SIGN = "22021"
"""character_not_in_repertoire: what PostgreSQL says to a NUL that no rule of ours looked at."""


def problem(
    status: int, code: str, detail: str, *, field: str | None = None, more: Mapping[str, Any] | None = None
) -> JSONResponse:
    """An answer as `application/problem+json` (RFC 9457) with a stable `code`."""
    body = {"title": code.replace("_", " ").capitalize(), "status": status, "code": code, "detail": detail}
    if field:
        body["field"] = field
    return JSONResponse({**body, **(more or {})}, status_code=status, media_type="application/problem+json")


def status_of(error: ExchangeError) -> int:
    """The status that the rule's answer carries."""
    return STATUS[type(error)]


def is_for_machines(request: Request) -> bool:
    """Whether the request came through the machine door."""
    return request.url.path.startswith(("/api/", "/health/", "/metrics", "/openreferral/"))


def is_for_health(request: Request) -> bool:
    """Whether the request came through the FHIR door, which has its own way to say no."""
    return request.url.path.startswith("/fhir/") or request.url.path == "/fhir"


async def broken_rule(request: Request, error: Exception) -> Response:
    """A rule of the field was broken."""
    assert isinstance(error, ExchangeError)
    if is_for_health(request):
        return outcome.trouble(status_of(error), str(error))
    if is_for_machines(request):
        return problem(status_of(error), error.code, str(error), field=error.field)
    return await mobile_web.error_page(request, code=error.code, status=status_of(error))


async def malformed(request: Request, error: Exception) -> Response:
    """A field is missing or not of its kind."""
    assert isinstance(error, RequestValidationError)
    found = [{"field": ".".join(str(p) for p in e["loc"][1:]), "detail": e["msg"]} for e in error.errors()]
    first = found[0]["field"].split(".")[0] if found else ""
    if first.isdigit():  # where broken JSON breaks off is no field
        first = ""
    code = FIELD_CODES.get(first, "invalid_request")
    if is_for_health(request):
        return outcome.trouble(400, "The request could not be read.")
    if is_for_machines(request):
        detail = found[0]["detail"] if found else "The request could not be read."
        return problem(UNPROCESSABLE, code, detail, field=first or None, more={"errors": found})
    return await mobile_web.error_page(request, code="invalid_request", status=UNPROCESSABLE)


async def unkeepable(request: Request, error: Exception) -> Response:
    """A text holds a sign that no text of the database can have."""
    assert isinstance(error, DBAPIError)
    if getattr(error.orig, "sqlstate", None) != NOT_A_SIGN:
        raise error
    if is_for_health(request):
        return outcome.trouble(400, "The request could not be read.")
    if is_for_machines(request):
        return problem(UNPROCESSABLE, "invalid_request", "A text holds a sign that cannot be kept.")
    return await mobile_web.error_page(request, code="invalid_request", status=UNPROCESSABLE)


async def http_error(request: Request, error: Exception) -> Response:
    """A path or method that is not there."""
    assert isinstance(error, HTTPException)
    if is_for_health(request):
        return outcome.trouble(error.status_code, str(error.detail))
    code = {403: "bad_signature", 404: "not_found", 405: "method_not_allowed"}.get(
        error.status_code, "http_error"
    )
    if is_for_machines(request):
        return problem(error.status_code, code, str(error.detail))
    return await mobile_web.error_page(request, code=code, status=error.status_code)


async def too_large(request: Request) -> Response:
    """A body that is larger than what is read."""
    if is_for_machines(request):
        return problem(413, "body_too_large", "That is more than this service reads in one request: 1 MB.")
    return await mobile_web.error_page(request, code="form_too_large", status=413)


async def unexpected(request: Request) -> Response:
    """Our own mistake: nothing was written, and nothing about it is told."""
    if is_for_health(request):
        return outcome.trouble(500, "Something went wrong on our side. Nothing was written.")
    if is_for_machines(request):
        return problem(500, "unexpected", "Something went wrong on our side. Nothing was written.")
    return await mobile_web.error_page(request, code="unexpected", status=500)


def install(app: FastAPI) -> None:
    """Teach the app the table."""
    app.add_exception_handler(ExchangeError, broken_rule)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(DBAPIError, unkeepable)
    app.add_exception_handler(HTTPException, http_error)
