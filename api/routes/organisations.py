"""Organisations as members, with accounts of their own."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.door import CreatedId, Visiting
from exchange.membership import organisations

router = APIRouter(tags=["organisations"])


class NewOrganisation(BaseModel):
    """An organisation that joins."""

    id: UUID | None = None
    name: str = Field(max_length=200)
    kind: str = Field(default="community", max_length=100)
    description: str | None = Field(default=None, max_length=2000)
    text_name: str | None = Field(default=None, max_length=30)
    """What texts call it; without one they say "a local group"."""


class TextName(BaseModel):
    """A name for texts that tells whoever holds the phone nothing; null takes it away."""

    text_name: str | None = Field(max_length=30)


class OrganisationOut(BaseModel):
    """An organisation of the bank."""

    id: UUID
    name: str
    kind: str
    description: str | None
    text_name: str | None


class OrganisationPage(BaseModel):
    """Every organisation of the bank, by name."""

    items: list[OrganisationOut]
    next_cursor: str | None = None


@router.get("/organisations")
async def list_organisations(visit: Visiting) -> OrganisationPage:
    """The bank's organisations."""
    found = await organisations.every(visit.session, visit.viewer)
    return OrganisationPage(
        items=[
            OrganisationOut(
                id=o.organisation_id,
                name=name,
                kind=o.kind,
                description=o.description,
                text_name=o.text_name,
            )
            for o, name in found
        ]
    )


@router.post("/organisations", status_code=201)
async def add(visit: Visiting, given: NewOrganisation, new_id: CreatedId) -> OrganisationOut:
    """Add an organisation; the same id again returns the first."""
    made = await organisations.add(
        visit.session,
        visit.viewer,
        given.name,
        kind=given.kind,
        description=given.description,
        text_name=given.text_name,
        organisation_id=given.id or new_id,
        at=visit.at,
    )
    return OrganisationOut(
        id=made.organisation_id,
        name=given.name.strip(),
        kind=made.kind,
        description=made.description,
        text_name=made.text_name,
    )


@router.put("/organisations/{organisation_id}/text-name", status_code=204)
async def call_in_texts(visit: Visiting, organisation_id: UUID, given: TextName) -> None:
    """Choose what texts call the organisation."""
    await organisations.call_in_texts(visit.session, visit.viewer, organisation_id, given.text_name)


@router.put("/organisations/{organisation_id}/representatives/{member_id}", status_code=204)
async def represent(visit: Visiting, organisation_id: UUID, member_id: UUID) -> None:
    """Let a member speak for the organisation."""
    await organisations.represent(visit.session, visit.viewer, organisation_id, member_id)


@router.delete("/organisations/{organisation_id}/representatives/{member_id}", status_code=204)
async def unrepresent(visit: Visiting, organisation_id: UUID, member_id: UUID) -> None:
    """A member speaks for the organisation no longer."""
    await organisations.unrepresent(visit.session, visit.viewer, organisation_id, member_id)
