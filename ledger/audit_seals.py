"""The part of an audit that follows the seals: every leaf hashed again, every root and link recomputed.

What must never happen: a seal believed because its stored hashes agree with one another; they are compared
with hashes of the rows as they are now.
"""

import asyncio
from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.chain import seal_hash
from ledger.findings import AuditReport, Progress
from ledger.leaves import HASHED_AT_ONCE, ID_BYTES, Leaves, read_leaves
from ledger.merkle import HASH_BYTES, Tree, root_of, split
from ledger.phrases import is_phrase_of
from ledger.seals import FIRST_PREVIOUS
from ledger.tables import SealRow

UNSEALED = text("""
    select count(*) from ledger_transfer
    where bank_id = :bank_id and clock >= coalesce(
        (select max(clock) from ledger_seal where bank_id = :bank_id), 0)
""")
FIRST_CLOCK = text("select min(clock) from ledger_transfer where bank_id = :bank_id")
FORGOTTEN = text("""
    select b.sealed_clock from ledger_book b
    where b.bank_id = :bank_id
      and b.sealed_clock <> coalesce((select max(clock) from ledger_seal where bank_id = :bank_id), 0)
""")


async def check(
    session: AsyncSession,
    bank_id: UUID,
    report: AuditReport,
    published: Collection[str],
    say: Progress,
) -> None:
    """Follow a bank's seals from the first, adding to `report`."""
    walk = _Walk(report)
    report.checked["seals"] = await _follow(session, bank_id, walk, say)
    _check_published(report, published, walk.hashes)
    await _say_what_is_left(session, bank_id, report)


async def _follow(session: AsyncSession, bank_id: UUID, walk: "_Walk", say: Progress) -> int:
    """Take every step; while one is taken, the database hashes the rows for the next."""
    found = await session.execute(
        select(col(SealRow.number), col(SealRow.clock), col(SealRow.leaf_count))
        .where(col(SealRow.bank_id) == bank_id)
        .order_by(col(SealRow.number))
    )
    seals = found.all()
    first = max(await session.scalar(FIRST_CLOCK, {"bank_id": bank_id}) or 0, 0)

    async def read(place: int) -> Leaves:
        if place == len(seals):
            return Leaves()  # behind the last there is nothing to follow
        start = seals[place - 1].clock if place else first
        return await read_leaves(session, bank_id, start, seals[place].clock, count=seals[place].leaf_count)

    booked = await read(0)
    for place, seal in enumerate(seals):
        found_row = await session.execute(
            select(SealRow).where(col(SealRow.bank_id) == bank_id, col(SealRow.number) == seal.number)
        )
        row = found_row.scalar_one()
        session.expunge(row)
        reading = asyncio.create_task(read(place + 1))
        try:
            await walk.step(row, booked)
            booked = await reading
        except BaseException:
            # Whoever gives up leaves no question behind on a session that others will use.
            await asyncio.wait([reading])
            raise
        say("seals", place + 1, len(seals))
    return len(seals)


class _Walk:
    """From seal to seal: what the last one left is what the next must begin with."""

    def __init__(self, report: AuditReport) -> None:
        self.report = report
        self.number = 0
        self.previous = FIRST_PREVIOUS
        self.tree = Tree([], 0)
        self.hashes: list[bytes] = []

    async def step(self, row: SealRow, booked: Leaves) -> None:
        """Grow the tree by the rows under a seal, as the seal says they were."""
        if (booked.hashes, booked.ids) != (row.leaf_hashes, row.transfer_ids):
            self._name_the_difference(row, booked)
        whole = row.leaf_hashes[: len(row.leaf_hashes) // HASH_BYTES * HASH_BYTES]
        for at in range(0, len(whole), HASHED_AT_ONCE):
            self.tree.add(whole[at : at + HASHED_AT_ONCE])
            await asyncio.sleep(0)
        self._check_link(row)
        if root_of(self.tree.frontier) != row.root:
            self._found(row.number, "its root is not that of its leaves and those before it")
        if b"".join(self.tree.frontier) != row.frontier:
            self._found(row.number, "what the next seal would grow from is not its tree's")

    def _check_link(self, row: SealRow) -> None:
        made = seal_hash(
            bank_id=row.bank_id,
            number=row.number,
            tree_size=row.tree_size,
            root=row.root,
            previous=row.previous,
            sealed_at=row.sealed_at,
        )
        if row.number != self.number + 1:
            self._found(self.number + 1, "is missing")
        if row.previous != self.previous:
            self._found(row.number, "does not name the seal before it")
        if row.hash != made:
            self._found(row.number, "its hash is not that of its contents")
        if row.tree_size != self.tree.size or len(row.leaf_hashes) != HASH_BYTES * row.leaf_count:
            self._found(row.number, "its sizes do not add up")
        self.number, self.previous = row.number, row.hash
        self.hashes.append(row.hash)

    def _name_the_difference(self, row: SealRow, now: Leaves) -> None:
        sealed = list(zip(split(row.transfer_ids, ID_BYTES), split(row.leaf_hashes), strict=False))
        booked = list(zip(split(now.ids, ID_BYTES), split(now.hashes), strict=True))
        subject, why = _first_difference(sealed, booked)
        self.report.found("leaves", subject, f"{why} seal {row.number}")

    def _found(self, number: int, why: str) -> None:
        self.report.found("seals", f"seal {number}", why)


Leaf = tuple[bytes, bytes]


def _first_difference(sealed: list[Leaf], booked: list[Leaf]) -> tuple[str, str]:
    """Which transfer is the first that is not as it was sealed, and what happened to it."""
    missing = _first_absent(sealed, booked)
    if missing is not None:
        return missing, "is not in the books and was under"
    added = _first_absent(booked, sealed)
    if added is not None:
        return added, "is in the books and was not under"
    for was, now in zip(sealed, booked, strict=False):
        if was[0] != now[0]:
            return f"transfer {_shown(was[0])}", f"has changed places with {_shown(now[0])} under"
        if was[1] != now[1]:
            return f"transfer {_shown(was[0])}", "is not what it was under"
    return "the list", "differs from that of"


def _first_absent(these: Iterable[Leaf], those: Iterable[Leaf]) -> str | None:
    known = {transfer_id for transfer_id, _ in those}
    for transfer_id, _ in these:
        if transfer_id not in known:
            return f"transfer {_shown(transfer_id)}"
    return None


def _shown(transfer_id: bytes) -> object:
    """An id as people know it, unless it was cut."""
    return UUID(bytes=transfer_id) if len(transfer_id) == ID_BYTES else transfer_id.hex()


def _check_published(report: AuditReport, published: Collection[str], hashes: list[bytes]) -> None:
    for phrase in published:
        if not any(is_phrase_of(phrase, known) for known in hashes):
            report.found("published", f"the seal “{phrase}”", "was written down and is not in the books")
    report.checked["published phrases"] = len(published)
    if not published:
        report.not_checked.append(
            "whether these seals are the ones that were published: give the phrases that were written down"
        )


async def _say_what_is_left(session: AsyncSession, bank_id: UUID, report: AuditReport) -> None:
    one = {"bank_id": bank_id}
    forgotten = await session.scalar(FORGOTTEN, one)
    if forgotten is not None:
        report.found("seals", "the last seal", "is not the one the books were last sealed with")
    unsealed = await session.scalar(UNSEALED, one)
    if unsealed:
        report.not_checked.append(
            f"the hashes of what was booked since the last seal ({unsealed}): no seal holds them yet"
        )
