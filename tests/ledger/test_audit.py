"""Every way to falsify the books that the database's owner has, and the audit that names the wrong row."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

import ledger
from api.database import Addresses, Database
from tests.ledger.conftest import TODAY, hour, open_accounts
from tests.ledger.test_seals import all_over, seal

Falsify = Callable[..., Awaitable[None]]


@dataclass
class Village:
    database: Database
    bank_id: UUID
    transfers: list[UUID]
    phrase: str

    async def audit(self, *published: str) -> ledger.AuditReport:
        async with self.database.transaction(self.bank_id) as session:
            return await ledger.audit(session, self.bank_id, published=published)


@pytest.fixture
async def village(database: Database, bank_id: UUID, at: datetime) -> Village:
    """Six hundred transfers under two seals, a capture, a reversal, a hold, and folded days."""
    async with database.transaction(bank_id) as session:
        who = await open_accounts(session, bank_id, at)
        items = [hour(who.pot, who.ada, 2) for _ in range(300)]
        back = [hour(who.ada, who.pot, 2, happened_on=TODAY - timedelta(days=1)) for _ in range(300)]
        await ledger.post(session, bank_id, [*items, *back], at=at)
    first = await seal(database, bank_id, at)
    assert first is not None
    for n in range(10):
        async with database.transaction(bank_id) as session:
            await ledger.post(session, bank_id, [hour(who.ada, who.bea, 1 + n)], at=at)
    async with database.transaction(bank_id) as session:
        kept, used = uuid7(), uuid7()
        for hold_id in (kept, used):
            await ledger.hold(
                session,
                bank_id,
                hold_id,
                account_id=who.ada,
                amount_minor=5,
                expires_at=at + timedelta(days=1),
                at=at,
            )
        await ledger.capture(
            session, bank_id, used, transfer_id=uuid7(), payee_id=who.bea, happened_on=TODAY, at=at
        )
        await ledger.reverse(
            session, bank_id, items[0].transfer_id, reversal_id=uuid7(), happened_on=TODAY, at=at
        )
    await all_over(database, bank_id)
    second = await seal(database, bank_id, at)
    assert second is not None
    assert second.tree_size == 612
    async with database.transaction(bank_id) as session:
        rows = await session.scalars(
            text("select transfer_id from ledger_transfer order by clock, transfer_id")
        )
        return Village(database, bank_id, list(rows), first.phrase)


@pytest.fixture
async def falsify(addresses: Addresses, bank_id: UUID) -> Falsify:
    """Run a statement as the database's owner, whom nothing refuses."""

    async def run(statement: str, **values: object) -> None:
        engine = create_async_engine(str(addresses.owner))
        async with engine.begin() as connection:
            done = await connection.execute(text(statement), {"bank_id": bank_id} | values)
            assert done.rowcount > 0
        await engine.dispose()

    return run


async def test_honest_books_are_clean_and_the_report_says_what_it_left_out(village: Village) -> None:
    report = await village.audit()
    assert report.findings == []
    assert report.checked["transfers"] == 612
    assert len(report.not_checked) == 1
    assert "published" in report.not_checked[0]
    assert (await village.audit(village.phrase)).not_checked == []


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("amount_minor = amount_minor + 1", "chain"),
        ("payee_balance = payee_balance + 256", "chain"),
        ("happened_on = happened_on - 1", "leaves"),
        ("reference = '00000000-0000-0000-0000-000000000001'", "leaves"),
        ("booked_at = booked_at + interval '1 microsecond'", "leaves"),
        ("late_for = happened_on - 1", "leaves"),
        ("currency = E'HO\\nUR'", "leaves"),
    ],
)
async def test_a_changed_value_in_an_old_row_is_found_and_named(
    village: Village, falsify: Falsify, change: str, check: str
) -> None:
    wrong = village.transfers[7]
    await falsify(f"update ledger_transfer set {change} where transfer_id = :wrong", wrong=wrong)
    report = await village.audit()
    named = [finding.subject for finding in report.findings if finding.check == check]
    assert f"transfer {wrong}" in named
    assert f"transfer {wrong}" in [f.subject for f in report.findings if f.check == "leaves"]


async def test_a_deleted_last_row_is_found_and_named(village: Village, falsify: Falsify) -> None:
    last = village.transfers[-1]
    await falsify("delete from ledger_transfer where transfer_id = :last", last=last)
    found = {(f.check, f.subject) for f in (await village.audit()).findings}
    assert ("leaves", f"transfer {last}") in found
    assert "balance" in {check for check, _ in found}


async def test_a_deleted_last_row_is_found_even_when_the_balances_were_put_right(
    village: Village, falsify: Falsify
) -> None:
    last = village.transfers[-1]
    await falsify(
        "update ledger_account l set version = version - 1, balance = balance + "
        "case when t.payer_id = l.account_id then t.amount_minor else -t.amount_minor end "
        "from ledger_transfer t where t.transfer_id = :last and l.account_id in (t.payer_id, t.payee_id)",
        last=last,
    )
    await falsify("delete from ledger_transfer where transfer_id = :last", last=last)
    assert ("leaves", f"transfer {last}") in {(f.check, f.subject) for f in (await village.audit()).findings}


async def test_a_reordered_pair_is_found_and_named(village: Village, falsify: Falsify) -> None:
    one, other = village.transfers[600], village.transfers[603]
    await falsify(
        "update ledger_transfer t set clock = o.clock from ledger_transfer o "
        "where (t.transfer_id, o.transfer_id) in ((:one, :other), (:other, :one))",
        one=one,
        other=other,
    )
    report = await village.audit()
    assert report.findings[0].subject == f"transfer {one}"
    assert str(other) in report.findings[0].why


async def test_a_pair_that_changed_places_in_an_account_is_found(village: Village, falsify: Falsify) -> None:
    one, other = village.transfers[601], village.transfers[602]
    for step in (1_000_000, -1_000_001):
        await falsify(
            "update ledger_transfer set payer_version = payer_version + :step, "
            "payee_version = payee_version + :step where transfer_id = :one",
            one=one if step > 0 else other,
            step=step if step > 0 else -1,
        )
    await falsify(
        "update ledger_transfer set payer_version = payer_version - 999999, "
        "payee_version = payee_version - 999999 where transfer_id = :one",
        one=one,
    )
    report = await village.audit()
    assert "chain" in {finding.check for finding in report.findings}


ONE_LEAF_TWICE = """
    update ledger_seal set leaf_hashes = leaf_hashes || substr(leaf_hashes, 1, 32),
                           transfer_ids = transfer_ids || substr(transfer_ids, 1, 16)
    where number = 1
"""
BEFORE_ALL_TIME = """
    update ledger_transfer t set clock = -1
    where not exists (
        select from ledger_transfer e
        where e.bank_id = t.bank_id and (e.clock, e.transfer_id) < (t.clock, t.transfer_id))
"""


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("update ledger_account set balance = balance + 1, highest = highest + 1", "balance"),
        ("update ledger_account set held = held + 1, lowest = lowest - 1", "holds"),
        ("update ledger_day set change_minor = change_minor + 1", "days"),
        ("delete from ledger_day", "days"),
        ("update ledger_hold set state = 'captured', ended_at = now() where state = 'held'", "captures"),
        ("update ledger_transfer set reverses = null where reverses is not null", "leaves"),
        ("update ledger_seal set root = hash where number = 2", "seals"),
        ("update ledger_seal set sealed_at = sealed_at + interval '1 second' where number = 1", "seals"),
        ("update ledger_seal set leaf_hashes = transfer_ids || transfer_ids where number = 1", "leaves"),
        ("update ledger_seal set leaf_hashes = substr(leaf_hashes, 2) where number = 1", "leaves"),
        ("update ledger_seal set leaf_hashes = '' where number = 1", "leaves"),
        (ONE_LEAF_TWICE, "leaves"),
        (BEFORE_ALL_TIME, "leaves"),
        ("update ledger_seal set transfer_ids = substr(transfer_ids, 2) where number = 1", "leaves"),
        ("update ledger_seal set transfer_ids = substr(transfer_ids, 1, 31) where number = 2", "leaves"),
        ("update ledger_seal set leaf_hashes = substr(leaf_hashes, 1, 225) where number = 1", "leaves"),
        ("update ledger_seal set frontier = substr(frontier, 2) where number = 2", "seals"),
        ("update ledger_seal set clock = 0 where number = 2", "leaves"),
        ("update ledger_seal set clock = -9223372036854775808 where number = 2", "leaves"),
        ("delete from ledger_seal where number = 1", "seals"),
        ("delete from ledger_seal where number > 1", "seals"),
    ],
)
async def test_every_other_falsehood_has_a_check_that_finds_it(
    village: Village, falsify: Falsify, statement: str, check: str
) -> None:
    where = " and" if "where" in statement else " where"
    await falsify(f"{statement}{where} bank_id = :bank_id")
    assert check in {finding.check for finding in (await village.audit()).findings}


async def test_books_rewritten_whole_are_found_by_the_words_that_were_written_down(
    village: Village, falsify: Falsify, at: datetime
) -> None:
    await falsify("delete from ledger_seal where bank_id = :bank_id")
    await falsify("update ledger_book set sealed_clock = 0 where bank_id = :bank_id")
    await falsify(
        "update ledger_transfer set reference = :other where transfer_id = :wrong",
        wrong=village.transfers[3],
        other=uuid7(),
    )
    while await seal_now(village, at):
        pass
    assert (await village.audit()).is_clean
    report = await village.audit(village.phrase)
    assert [finding.check for finding in report.findings] == ["published"]


async def seal_now(village: Village, at: datetime) -> ledger.Seal | None:
    async with village.database.transaction(village.bank_id) as session:
        return await ledger.seal(session, village.bank_id, at=at + timedelta(days=1))
