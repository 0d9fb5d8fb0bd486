"""Which services a reader asked for, and which page of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Query

from api.openreferral import shapes
from api.openreferral.shapes import Book, Thing
from exchange.activities.published import Group
from exchange.errors import UnknownChoice

PER_PAGE = 50
CLOCK_CHARACTERS = len("09:30")
PER_PAGE_MAX = 100
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Page:
    """A page's number, from 1, and its size."""

    page: Annotated[int, Query(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Query(ge=1, le=PER_PAGE_MAX)] = PER_PAGE

    def of(self, found: list[Thing]) -> dict[str, Any]:
        """The page of what was found, in the profile's envelope; one beyond the last is empty."""
        start = (self.page - 1) * self.per_page
        contents = found[start : start + self.per_page]
        pages = max(1, -(-len(found) // self.per_page))
        return {
            "total_items": len(found),
            "total_pages": pages,
            "page_number": self.page,
            "size": len(contents),
            "first_page": self.page == 1,
            "last_page": self.page >= pages,
            "empty": not contents,
            "contents": contents,
        }


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader may ask for. Distance is not known here, so it is refused and not ignored."""

    search: Annotated[str, Query(max_length=200)] = ""
    taxonomy_term_id: str = ""
    taxonomy_id: str = ""
    organization_id: str = ""
    minimum_age: float | None = None
    maximum_age: float | None = None
    start_time: str = ""
    end_time: str = ""
    day: str = ""
    modified_after: datetime | None = None
    postcode: str = ""
    proximity: str = ""

    def check(self) -> None:
        """Pass when it can be answered.

        Raises:
            UnknownChoice: it asks for what we do not know, or for no day of the week.
        """
        for field in ("postcode", "proximity"):
            if getattr(self, field):
                raise UnknownChoice(field=field)
        if self.day and self._day() is None:
            raise UnknownChoice(field="day")

    def _day(self) -> str | None:
        said = self.day.strip().casefold()
        for number, code in enumerate(shapes.DAYS):
            if said in (code.casefold(), DAY_NAMES[number], DAY_NAMES[number][:3]):
                return code
        return None

    def keeps(self, book: Book, service: Thing, group: Group | None) -> bool:
        """Whether a service of the list is one that was asked for."""
        words = f"{service['name']} {service['description']} {service['organization']['name']}"
        since = self.modified_after
        return all(
            (
                self.search.casefold() in words.casefold(),
                self.taxonomy_term_id in ("", str(shapes.term_of(group))),
                self.taxonomy_id in ("", str(shapes.TAXONOMY)),
                self.organization_id in ("", service["organization_id"]),
                self.minimum_age is None or service["minimum_age"] >= self.minimum_age,
                self.maximum_age is None,
                self._meets(shapes.schedule(book, group) if group else {}),
                since is None or _after(service["last_modified"], since),
            )
        )

    def _meets(self, schedule: Thing) -> bool:
        """Whether it is on at the hours and the day of the week that were asked for."""
        if not (self.start_time or self.end_time or self.day):
            return True
        if not schedule:
            return False
        on = shapes.DAYS[date.fromisoformat(schedule["dtstart"]).weekday()]
        return (
            schedule["opens_at"][:CLOCK_CHARACTERS] >= self.start_time[:CLOCK_CHARACTERS]
            and schedule["closes_at"][:CLOCK_CHARACTERS] <= (self.end_time or "24:00")[:CLOCK_CHARACTERS]
            and (not self.day or on == self._day())
        )


def _after(moment: str, since: datetime) -> bool:
    changed = datetime.fromisoformat(moment)
    return changed >= (since if since.tzinfo else since.replace(tzinfo=changed.tzinfo))


Paged = Annotated[Page, Depends()]
Wished = Annotated[Wish, Depends()]
