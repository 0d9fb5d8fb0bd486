"""Finding the people that a file speaks of: by the other system's number, by telephone, by name."""

from collections import defaultdict
from contextlib import suppress
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlmodel import col

from api.files.writing import Desk
from exchange.errors import ExchangeError
from exchange.membership.contacts import normalise
from exchange.membership.tables import Contact, Member, Party


class NobodyByThatName(ExchangeError):
    """Nobody in this bank has that number, telephone or name; import the members first."""

    code = "nobody_by_that_name"


class SeveralByThatName(ExchangeError):
    """Several people have that name or telephone: add a column with their id."""

    code = "several_by_that_name"


class WhoMissing(ExchangeError):
    """Say who: an id, a telephone or a name."""

    code = "who_missing"


def member_id_of(bank_id: UUID, external_id: str) -> UUID:
    """The id that a member with this number in another system has here."""
    return uuid5(bank_id, f"import/member/{external_id.strip().casefold()}")


def plain(name: str) -> str:
    """A name without what people write differently."""
    return " ".join(name.casefold().split())


class People:
    """Everybody in one bank as a file may call them."""

    def __init__(self, bank_id: UUID) -> None:
        self.bank_id = bank_id
        self.ids: set[UUID] = set()
        self.organisations: set[UUID] = set()
        """These may be found by name though another bank's file gives them another id."""
        self.by_name: defaultdict[str, set[UUID]] = defaultdict(set)
        self.by_contact: defaultdict[str, set[UUID]] = defaultdict(set)

    def meet(self, party_id: UUID, names: list[str], contacts: list[str]) -> None:
        """Somebody is in the bank."""
        self.ids.add(party_id)
        for name in names:
            self.by_name[plain(name)].add(party_id)
        for contact in contacts:
            self.by_contact[contact].add(party_id)

    def find(self, side: str, *, external_id: str, telephone: str, name: str) -> UUID:
        """The one party that is meant; `side` is the field to name in a problem.

        Raises:
            WhoMissing, NobodyByThatName, SeveralByThatName, BadTelephone
        """
        if not external_id and not telephone and not name:
            raise WhoMissing(field=side)
        found = self._by_id(external_id)
        if not found and telephone:
            found = self.by_contact.get(normalise(telephone)[1], set())
            if len(found) > 1 and name:
                found = found & self.by_name.get(plain(name), set())
        if not found and name:
            called = self.by_name.get(plain(name), set())
            found = called & self.organisations if external_id or telephone else called
        if not found:
            raise NobodyByThatName(field=side)
        if len(found) > 1:
            raise SeveralByThatName(field=side)
        return next(iter(found))

    def _by_id(self, external_id: str) -> set[UUID]:
        """Another system's number, or our own id as an export writes it."""
        if not external_id:
            return set()
        found = {member_id_of(self.bank_id, external_id)}
        with suppress(ValueError):
            found.add(UUID(external_id))
        return found & self.ids

    def same_person(self, names: list[str], contacts: list[str]) -> UUID | None:
        """Somebody already here with one of the names and one of the contacts."""
        called = {each for name in names for each in self.by_name.get(plain(name), ())}
        reached = {each for contact in contacts for each in self.by_contact.get(contact, ())}
        return min(called & reached, default=None)


async def everybody(desk: Desk) -> People:
    """Everybody in the desk's bank: members and organisations."""
    people = People(desk.bank_id)
    rows = await desk.session.execute(
        select(col(Party.party_id), col(Party.name), col(Member.full_name))
        .outerjoin(
            Member,
            (col(Member.bank_id) == col(Party.bank_id)) & (col(Member.member_id) == col(Party.party_id)),
        )
        .where(col(Party.bank_id) == desk.bank_id, col(Party.kind).in_(("member", "organisation")))
    )
    for row in rows:
        people.meet(row.party_id, [row.name, row.full_name or row.name], [])
        if row.full_name is None:
            people.organisations.add(row.party_id)
    contacts = await desk.session.execute(
        select(col(Contact.member_id), col(Contact.value)).where(col(Contact.bank_id) == desk.bank_id)
    )
    for member_id, value in contacts:
        people.by_contact[value].add(member_id)
    return people
