"""Offers and asks from a spreadsheet, each for a member it names or for one party that the operator names."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal, cast
from uuid import UUID, uuid5

from api.database import Database
from api.files import words
from api.files.headers import LISTINGS
from api.files.people import People, everybody, plain
from api.files.reading import Row, read
from api.files.report import Report
from api.files.writing import Desk, ImportedOtherwise, Progress, Write, carry_out, tell_nobody
from exchange.directory import listings
from exchange.directory.drafts import NewListing
from exchange.directory.tables import Listing
from exchange.errors import TextMissing
from exchange.membership import parties
from exchange.words import NOTE_CHARACTERS_MAX, required

LOOKS = {
    "waits": "wait on the desk: their kind of help needs a coordinator first.",
    "unsure": "were not surely understood: the desk shows them for a look.",
}


async def import_listings(
    database: Database,
    bank_id: UUID,
    data: bytes,
    *,
    file_name: str,
    at: datetime,
    owner_id: UUID | None = None,
    is_dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import offers and asks from the bytes of a CSV file; lines that name nobody are `owner_id`'s.

    What each is about is understood from its words, as for anybody's. What needs a coordinator's look waits
    for it, and so does what was not surely understood: nobody has read the lines one by one. The report says
    how many. A second import changes nothing.

    Raises:
        NoAdministrator: nobody in whose name to import.
        NotFound: `owner_id` is no party of this bank.
    """
    report = Report(kind="listings", file=file_name, is_dry_run=is_dry_run)
    rows = read(data, LISTINGS, report)

    async def prepare(desk: Desk) -> tuple[Write, Callable[[], Awaitable[None]]]:
        if owner_id is not None:
            await parties.get(desk.session, bank_id, owner_id)
        writer = _Listings(desk, await everybody(desk), owner_id, report)
        return writer.write, writer.finish

    return await carry_out(
        database, bank_id, report, rows, prepare, at=at, skip_bad=skip_bad, progress=progress
    )


class _Listings:
    """Writes offers and asks one by one."""

    def __init__(self, desk: Desk, people: People, owner_id: UUID | None, report: Report) -> None:
        self.desk, self.people, self.owner_id, self.report = desk, people, owner_id, report
        self.seen: Counter[str] = Counter()
        self.new: list[UUID] = []
        self.looks: Counter[str] = Counter()

    async def write(self, row: Row) -> bool:
        kind = words.choice(row["kind"], words.KINDS, field="kind")
        if kind is None:
            raise TextMissing(field="kind")
        draft = NewListing(
            kind=cast("Literal['offer', 'request']", kind),
            description=_description(row),
            on_behalf_of=self._owner(row),
        )
        listing_id = self._id(row, draft)
        known = await self.desk.session.get(Listing, (self.desk.bank_id, listing_id))
        if known is not None:
            if known.fingerprint != draft.fingerprint(draft.on_behalf_of or known.party_id):
                raise ImportedOtherwise
            return False
        made = await listings.create(
            self.desk.session,
            self.desk.administrator,
            draft,
            listing_id=listing_id,
            was_looked_at=False,
            at=self.desk.at,
        )
        self.new.append(listing_id)
        self.looks[
            "waits" if made.state == "with_coordinator" else "unsure" if made.is_unsure else "open"
        ] += 1
        return True

    async def finish(self) -> None:
        await tell_nobody(self.desk, "listing_id", self.new)
        for kind, said in LOOKS.items():
            if self.looks[kind]:
                self.report.notes.append(f"{self.looks[kind]} {said}")

    def _owner(self, row: Row) -> UUID:
        is_named = any(row[name] for name in ("owner", "owner_id", "owner_telephone"))
        if not is_named and self.owner_id is not None:
            return self.owner_id
        return self.people.find(
            "owner", external_id=row["owner_id"], telephone=row["owner_telephone"], name=row["owner"]
        )

    def _id(self, row: Row, draft: NewListing) -> UUID:
        if row["external_id"]:
            return uuid5(self.desk.bank_id, f"import/listing/{row['external_id'].casefold()}")
        told = f"{draft.on_behalf_of}/{draft.kind}/{plain(draft.description)}"
        self.seen[told] += 1
        return uuid5(self.desk.bank_id, f"import/listing-by-words/{told}/{self.seen[told]}")


def _description(row: Row) -> str:
    """Title and details, once each."""
    title, details = row["title"], row["description"]
    both = f"{title}: {details}" if title and details and plain(title) != plain(details) else details or title
    return required(both, field="description", characters_max=NOTE_CHARACTERS_MAX)
