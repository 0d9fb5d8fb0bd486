"""A bank's public groups in the words of HSDS: services, organisations, services at a location, taxonomies.

Lists carry what stands once for each thing; one thing alone carries all of it. An address is not told, since
HSDS wants it in parts that nobody gave us: a place has its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.activities.published import Group, Host, Published
from exchange.derived import derived

Thing = dict[str, Any]

TAXONOMY = UUID("0199a000-0000-8000-8000-000000000001")
GROUP_TERM = UUID("0199a000-0000-8000-8000-000000000002")
TIME_BANK_TERM = UUID("0199a000-0000-8000-8000-000000000003")
ADULT_YEARS = 18

TERMS: Mapping[UUID, tuple[str, str, str]] = {
    GROUP_TERM: ("group", "Group", "People meet and do something together."),
    TIME_BANK_TERM: (
        "time-bank",
        "Time bank",
        "Neighbours help each other; an hour given is an hour to have.",
    ),
}
FREQUENCY: Mapping[str, tuple[str, int]] = {
    "weekly": ("WEEKLY", 1),
    "fortnightly": ("WEEKLY", 2),
    "monthly": ("MONTHLY", 1),
}
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Book:
    """What is public of a bank, and where people read it."""

    told: Published
    page: str


Row = tuple[Thing, Group | None]


def services(book: Book) -> list[Row]:
    """The bank itself, then its groups: what stands once for each, and the group that it is."""
    return [(_bank_service(book), None), *((_service(book, group), group) for group in book.told.groups)]


def _service(book: Book, group: Group) -> Thing:
    return _kept(
        id=str(group.activity_id),
        organization_id=str(group.host.host_id),
        name=group.title,
        description=group.about or f"{group.title}, with {group.host.name}.",
        url=book.page,
        status="active",
        fees_description=_credits(group),
        minimum_age=ADULT_YEARS,
        last_modified=_moment(group.changed_at),
        organization=organization(group.host),
    )


def _bank_service(book: Book) -> Thing:
    told = book.told
    return _kept(
        id=str(derived(told.itself.host_id, "service")),
        organization_id=str(told.itself.host_id),
        name=told.itself.name,
        description=f"{told.itself.description} {TERMS[TIME_BANK_TERM][2]}",
        url=book.page,
        status="active",
        fees_description="Free. Hours given and received are not money.",
        minimum_age=ADULT_YEARS,
        last_modified=_moment(told.created_at),
        organization=organization(told.itself),
    )


def _kept(**said: Any) -> Thing:
    """What is there; HSDS has no empty values."""
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _credits(group: Group) -> str:
    if group.costs_minutes:
        return f"{group.costs_minutes} minutes of time credits. No money."
    if group.earns_minutes:
        return f"Free. Coming earns {group.earns_minutes} minutes of time credits."
    return "Free."


def organization(host: Host) -> Thing:
    """Who holds it."""
    return {"id": str(host.host_id), "name": host.name, "description": host.description}


def service(book: Book, service_id: str) -> Thing | None:
    """One service with all that belongs to it."""
    row = next((row for row in services(book) if row[0]["id"] == service_id), None)
    if row is None:
        return None
    found, group = row
    phone = book.told.telephone
    return _kept(
        **found,
        phones=[{"id": str(derived(UUID(service_id), "phone")), "service_id": service_id, "number": phone}]
        if phone
        else [],
        schedules=[schedule(book, group)] if group else [],
        service_at_locations=[_at(group)] if group and group.location else [],
        cost_options=_cost(group) if group else [],
        attributes=[_attribute(service_id, term_of(group))],
    )


def term_of(group: Group | None) -> UUID:
    """What kind of thing a service is."""
    return GROUP_TERM if group else TIME_BANK_TERM


def schedule(book: Book, group: Group) -> Thing:
    """When it meets next and how often, on the clocks of the bank's town."""
    zone = ZoneInfo(book.told.time_zone)
    starts, ends = group.starts_at.astimezone(zone), group.ends_at.astimezone(zone)
    found = {
        "id": str(derived(group.activity_id, "schedule")),
        "service_id": str(group.activity_id),
        "dtstart": starts.date().isoformat(),
        "opens_at": starts.isoformat(timespec="minutes")[11:],
        "closes_at": ends.isoformat(timespec="minutes")[11:],
    }
    if group.repeats not in FREQUENCY:
        return {**found, "count": 1}
    freq, interval = FREQUENCY[group.repeats]
    day = DAYS[starts.weekday()]
    count = (starts.day - 1) // WEEK_DAYS + 1
    return {
        **found,
        "freq": freq,
        "interval": interval,
        "byday": f"{count}{day}" if freq == "MONTHLY" else day,
    }


def _at(group: Group) -> Thing:
    """The service at its place; groups at a place of the same name meet at the same place."""
    return _kept(
        id=at_id(group),
        service_id=str(group.activity_id),
        location_id=_location_id(group),
        description=group.location,
        location=_kept(
            id=_location_id(group),
            location_type="physical",
            name=group.location,
            description=". ".join(group.access),
            transportation=group.lifts,
        ),
    )


def at_id(group: Group) -> str:
    """The key of a group at its place."""
    return str(derived(group.activity_id, "at"))


def _location_id(group: Group) -> str:
    return str(derived(group.host.host_id, f"place:{(group.location or '').casefold()}"))


def services_at_locations(book: Book) -> list[Row]:
    """Every group that meets at a place that may be told."""
    told = [group for group in book.told.groups if group.location]
    return [({**_at(group), "service": _service(book, group)}, group) for group in told]


def service_at_location(book: Book, key: str) -> Thing | None:
    """One of them whole. The profile asks for the shape of a service here too: a name and a state."""
    group = next((g for g in book.told.groups if g.location and at_id(g) == key), None)
    if group is None:
        return None
    whole = service(book, str(group.activity_id)) or {}
    return {
        **_at(group),
        "name": group.title,
        "status": "active",
        "schedules": whole["schedules"],
        "attributes": whole["attributes"],
        "service": whole,
    }


def _cost(group: Group) -> list[Thing]:
    option = {
        "id": str(derived(group.activity_id, "cost")),
        "service_id": str(group.activity_id),
        "option": "Time credits",
        "amount_description": _credits(group),
    }
    return [option]


def _attribute(service_id: str, term_id: UUID) -> Thing:
    return {
        "id": str(derived(UUID(service_id), f"term:{term_id}")),
        "link_id": service_id,
        "link_entity": "service",
        "taxonomy_term_id": str(term_id),
        "taxonomy_term": term(term_id),
    }


def organizations(book: Book) -> list[Thing]:
    """The bank, and everybody who holds one of its public groups."""
    return [organization(host) for host in book.told.hosts]


def whole_organization(book: Book, key: str) -> Thing | None:
    """One of them with its services."""
    found = next((each for each in organizations(book) if each["id"] == key), None)
    if found is None:
        return None
    theirs = [each for each, _ in services(book) if each["organization_id"] == key]
    return {**found, "services": [{k: v for k, v in each.items() if k != "organization"} for each in theirs]}


def taxonomy() -> Thing:
    """The one taxonomy: what kind of thing a service is."""
    return {
        "id": str(TAXONOMY),
        "name": "Evenhour",
        "description": "What a time bank offers.",
        "version": "1",
    }


def term(term_id: UUID) -> Thing:
    """One of its terms."""
    code, name, description = TERMS[term_id]
    return {
        "id": str(term_id),
        "code": code,
        "name": name,
        "description": description,
        "taxonomy": "Evenhour",
        "taxonomy_id": str(TAXONOMY),
        "taxonomy_detail": taxonomy(),
        "language": "en",
    }


def terms() -> list[Thing]:
    """All of them."""
    return [term(term_id) for term_id in TERMS]
