"""The paths of Open Referral UK 3.0, one book for each bank."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.database import Database
from api.openreferral import shapes
from api.openreferral.choosing import Paged, Wished
from api.openreferral.shapes import Book, Thing
from exchange.activities.published import published
from exchange.errors import NotFound

router = APIRouter(prefix="/openreferral/{bank}", include_in_schema=False)
PROFILE = "https://docs.openreferraluk.org/en/latest/"
OPENAPI = "https://raw.githubusercontent.com/openreferral/uk-profile/main/schema/openapi.json"


async def book(request: Request, bank: str) -> Book:
    """What is public of the bank in the path.

    Raises:
        NotFound: no such bank.
    """
    try:
        bank_id = UUID(bank)
    except ValueError:
        raise NotFound from None
    state = request.app.state
    database: Database = state.database
    async with database.transaction(bank_id) as session:
        told = await published(session, bank_id, at=state.clock())
    return Book(told, f"{state.public_url}/whats-on/{bank_id}")


def _there(found: Thing | None) -> Thing:
    if found is None:
        raise NotFound
    return found


@router.options("/{rest:path}")
async def may_ask(rest: str) -> Response:
    """Any page may ask, with any header."""
    del rest
    return Response(status_code=204)


@router.get("")
@router.get("/")
async def meta(request: Request, bank: str) -> dict[str, str]:
    """What this is."""
    await book(request, bank)
    return {"version": "HSDS-UK-3.0", "profile": PROFILE, "openapi_url": OPENAPI}


@router.get("/services")
async def services(request: Request, bank: str, page: Paged, wish: Wished) -> dict[str, Any]:
    """A page of the services."""
    wish.check()
    found = await book(request, bank)
    return page.of([each for each, group in shapes.services(found) if wish.keeps(found, each, group)])


@router.get("/services/{key}")
async def service(request: Request, bank: str, key: str) -> Thing:
    """One service whole."""
    return _there(shapes.service(await book(request, bank), key))


@router.get("/service_at_locations")
async def services_at_locations(request: Request, bank: str, page: Paged, wish: Wished) -> dict[str, Any]:
    """A page of the services at their places."""
    wish.check()
    found = await book(request, bank)
    rows = shapes.services_at_locations(found)
    return page.of([each for each, group in rows if wish.keeps(found, each["service"], group)])


@router.get("/service_at_locations/{key}")
async def service_at_location(request: Request, bank: str, key: str) -> Thing:
    """One of them whole."""
    return _there(shapes.service_at_location(await book(request, bank), key))


@router.get("/organizations")
async def organizations(request: Request, bank: str, page: Paged) -> dict[str, Any]:
    """A page of those who hold services."""
    return page.of(shapes.organizations(await book(request, bank)))


@router.get("/organizations/{key}")
async def organization(request: Request, bank: str, key: str) -> Thing:
    """One of them, with its services."""
    return _there(shapes.whole_organization(await book(request, bank), key))


@router.get("/taxonomies")
async def taxonomies(request: Request, bank: str, page: Paged) -> dict[str, Any]:
    """The one taxonomy."""
    await book(request, bank)
    return page.of([shapes.taxonomy()])


@router.get("/taxonomies/{key}")
async def taxonomy(request: Request, bank: str, key: str) -> Thing:
    """The taxonomy."""
    await book(request, bank)
    return _there(shapes.taxonomy() if key == str(shapes.TAXONOMY) else None)


@router.get("/taxonomy_terms")
async def taxonomy_terms(request: Request, bank: str, page: Paged) -> dict[str, Any]:
    """A page of its terms."""
    await book(request, bank)
    return page.of(shapes.terms())


@router.get("/taxonomy_terms/{key}")
async def taxonomy_term(request: Request, bank: str, key: str) -> Thing:
    """One term."""
    await book(request, bank)
    return _there(next((each for each in shapes.terms() if each["id"] == key), None))
