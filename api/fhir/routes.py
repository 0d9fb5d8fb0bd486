"""The paths of the FHIR door, at the root: a few lines each, over the same verbs as everything else."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.fhir import capability, checking, door, outcome, reading, references, taking, writing
from api.fhir.door import Visit, Visiting
from api.fhir.outcome import Issue
from api.fhir.reader import NotTaken, Reader
from api.fhir.reading import Unreadable
from exchange.errors import ExchangeError, NotFound
from exchange.prescribing import checking as exchange_checking
from exchange.prescribing import codes, linking, read, sending
from exchange.prescribing.checking import NewReferral
from exchange.prescribing.tables import Referral

router = APIRouter(prefix="/fhir", include_in_schema=False)
UNPROCESSABLE = 422
UNJUDGED = ("not_found", "not_allowed")


@router.get("/metadata")
async def metadata(request: Request) -> Response:
    """What this door can do."""
    base = f"{request.app.state.public_url}/fhir"
    return outcome.answer(capability.statement(base, request.app.state.clock()))


@router.post("/token")
async def token(request: Request) -> Response:
    """Credentials for a token."""
    form = await request.form()
    return await door.token(request, {name: str(value) for name, value in form.items()})


async def _bundle(visit: Visit, text: str) -> dict[str, Any]:
    view = await read.view(visit.session, visit.viewer, _key(text), at=visit.at)
    return writing.bundle(view, visit.sender)


def _key(text: str) -> UUID:
    if not writing.is_key(text):
        raise NotFound
    return UUID(text)


@router.get("/Bundle/{key}")
@router.get("/ServiceRequest/{key}/$everything")
async def everything(visit: Visiting, key: str) -> Response:
    """A referral with its course and outcome, as far as the person agreed; the look is in its log."""
    return outcome.answer(await _bundle(visit, key))


@router.get("/ServiceRequest/{key}")
async def one(visit: Visiting, key: str) -> Response:
    """What was asked for."""
    view = await read.view(visit.session, visit.viewer, _key(key), at=visit.at)
    return outcome.answer(writing.service_request(view, visit.sender))


@router.get("/ServiceRequest")
async def search(visit: Visiting, identifier: str = "") -> Response:
    """The practice's referral of this name of its own: `system|value`."""
    system, bar, value = identifier.partition("|")
    if not (bar and system and value):
        issue = Issue("required", "", "Search by identifier, as system|value.")
        return outcome.answer(outcome.as_resource([issue]), status=400)
    keys = await linking.find(visit.session, visit.viewer, system, value)
    views = [await read.view(visit.session, visit.viewer, key, at=visit.at) for key in keys]
    return outcome.answer(writing.searchset([writing.found(v, visit.sender) for v in views], visit.at))


async def _well_formed(request: Request) -> dict[str, Any]:
    bundle = reading.read(await request.body(), request.headers.get("content-type", ""))
    issues = checking.check_bundle(bundle) or references.check(bundle)
    if issues:
        raise NotTaken(issues)
    return bundle


@router.post("/Bundle/$validate")
async def validate(visit: Visiting, request: Request, mode: str = "") -> Response:
    """What is wrong with a Bundle; with `mode=create` also whether it would be taken. Nothing is written."""
    try:
        bundle = await _well_formed(request)
        if mode == "create":
            new, reader = await _understood(visit, bundle)
            await _judge(visit, new, reader)
    except Unreadable as error:
        return outcome.answer(outcome.as_resource([error.issue]), status=error.status)
    except NotTaken as error:
        return outcome.answer(outcome.as_resource(error.issues))
    return outcome.answer(outcome.as_resource([]))


async def _understood(visit: Visit, bundle: Mapping[str, Any]) -> tuple[NewReferral, Reader]:
    lists = {kind: await codes.offered(visit.session, visit.viewer, kind) for kind in codes.KINDS}
    return taking.read(bundle, visit.viewer, lists)


async def _judge(visit: Visit, new: NewReferral, reader: Reader) -> None:
    try:
        await exchange_checking.check(visit.session, visit.viewer, new, at=visit.at)
    except ExchangeError as broken:
        raise NotTaken([taking.placed(broken, reader)]) from None


@router.post("")
@router.post("/$process-message")
async def take(visit: Visiting, request: Request) -> Response:
    """Take a referral; the same identifier with the same contents leads to the one that is there."""
    try:
        bundle = await _well_formed(request)
        new, reader = await _understood(visit, bundle)
    except Unreadable as error:
        return outcome.answer(outcome.as_resource([error.issue]), status=error.status)
    except NotTaken as error:
        return outcome.answer(outcome.as_resource(error.issues), status=UNPROCESSABLE)
    return await _sent(visit, new, reader)


async def _sent(visit: Visit, new: NewReferral, reader: Reader) -> JSONResponse:
    await linking.hold(visit.session, new.referral_id)
    is_known = await visit.session.get(Referral, (visit.viewer.bank_id, new.referral_id)) is not None
    try:
        async with visit.session.begin_nested():
            await sending.send(visit.session, visit.viewer, new, at=visit.at)
    except ExchangeError as broken:
        if broken.code in UNJUDGED:
            raise
        status = 409 if broken.code == "same_id_other_contents" else UNPROCESSABLE
        return outcome.answer(outcome.as_resource([taking.placed(broken, reader)]), status=status)
    where = f"{visit.sender.base}/ServiceRequest/{new.referral_id}"
    return outcome.answer(
        await _bundle(visit, str(new.referral_id)),
        status=200 if is_known else 201,
        headers={"location": where},
    )
