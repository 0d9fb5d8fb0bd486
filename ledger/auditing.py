"""Recomputing the books from their rows, and naming the first row that is wrong.

An audit trusts nothing that can be computed: running balances, versions, sums, totals by day, holds,
reversals, and every hash under every seal. It reads one snapshot. What must never happen: an audit that
repairs what it finds.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ledger import audit_seals
from ledger.findings import AuditReport, Progress

FINDINGS_MAX = 20
"""Of one check: the first wrong rows are what an auditor needs; a thousand more say nothing new."""

# An account's entries are a chain when each begins where the one before it ended. Sorting two million of
# them to see that takes longer than writing some down; adding without carry does not need their order. Every
# entry adds h(version, balance after it) and h(version - 1, balance before it): over a chain all of these
# cancel but the first and the last. What cancels so must be a path from nothing to where the account stands;
# one of no more entries than versions takes each step once, so it is the chain and its sum the balance.
# Accounts where it does not cancel are then looked at row by row.
CHAINS = text("""
    with entries as (
        select account_id, currency, count(*) as entries, bit_xor(link) as links
        from (
            select payer_id as account_id, currency,
                   hashint8extended(payer_balance, payer_version)
                   # hashint8extended(payer_balance + amount_minor, payer_version - 1) as link
            from ledger_transfer where bank_id = :bank_id
            union all
            select payee_id, currency,
                   hashint8extended(payee_balance, payee_version)
                   # hashint8extended(payee_balance - amount_minor, payee_version - 1)
            from ledger_transfer where bank_id = :bank_id
        ) sides
        group by account_id, currency
    )
    select coalesce(l.account_id, e.account_id) as account_id, e.currency as moved, l.balance, l.version,
           coalesce(e.entries, 0) as entries
    from (select * from ledger_account where bank_id = :bank_id) l
    full join entries e on e.account_id = l.account_id and e.currency = l.currency
    where l.account_id is null or l.version <> coalesce(e.entries, 0)
       or coalesce(e.links, 0) <> hashint8extended(l.balance, l.version) # hashint8extended(0, 0)
    order by account_id
    limit :findings_max
""")

TOTAL = text("""
    select coalesce(sum(amount_minor), 0) from ledger_entry
    where bank_id = :bank_id and account_id = :account_id
""")

FIRST_BREAK = text("""
    select * from (
        select transfer_id, version, amount_minor, balance_after,
               lag(version, 1, 0::bigint) over w as version_before,
               lag(balance_after, 1, 0::bigint) over w as balance_before
        from ledger_entry where bank_id = :bank_id and account_id = :account_id
        window w as (order by version)
    ) e
    where version <> version_before + 1 or balance_after <> balance_before + amount_minor
    order by version limit 1
""")

CHECKS = {
    "limits": """
        select 'account ' || account_id, 'stands at ' || balance || ' with ' || held || ' held, outside '
               || lowest || ' to ' || highest
        from ledger_account
        where bank_id = :bank_id and (balance - held < lowest or balance > highest or held < 0)""",
    "sum": """
        select 'currency ' || currency, 'its balances sum to ' || sum(balance) || ', not to zero'
        from ledger_account where bank_id = :bank_id group by currency having sum(balance) <> 0""",
    "days": """
        select 'account ' || account_id || ' on ' || happened_on,
               'its total is ' || coalesce(d.change_minor, 0)
               || ', its entries sum to ' || coalesce(e.total, 0)
        from (select account_id, happened_on, change_minor from ledger_day where bank_id = :bank_id) d
        full join (
            select l.account_id, t.happened_on, t.total
            from ledger_account l
            cross join lateral (
                select happened_on, sum(amount_minor) as total from ledger_entry
                where bank_id = :bank_id and account_id = l.account_id and version <= l.folded_version
                group by happened_on) t
            where l.bank_id = :bank_id and l.folded_version > 0) e using (account_id, happened_on)
        where coalesce(d.change_minor, 0) <> coalesce(e.total, 0)""",
    "holds": """
        select 'account ' || account_id,
               'has ' || l.held || ' held, its holds sum to ' || coalesce(h.total, 0)
        from (select account_id, held from ledger_account where bank_id = :bank_id) l
        full join (select account_id, sum(amount_minor) as total from ledger_hold
                   where bank_id = :bank_id and state = 'held' group by account_id) h using (account_id)
        where coalesce(l.held, -1) <> coalesce(h.total, 0)""",
    "captures": """
        select 'hold ' || h.hold_id, 'is ' || h.state || ' and has ' || count(t.transfer_id) || ' captures'
        from ledger_hold h
        left join (select * from ledger_transfer where bank_id = :bank_id and captures is not null) t
          on t.captures = h.hold_id and t.payer_id = h.account_id and t.amount_minor <= h.amount_minor
        where h.bank_id = :bank_id
        group by h.hold_id, h.state
        having count(t.transfer_id) <> case when h.state = 'captured' then 1 else 0 end""",
    "reversals": """
        select 'transfer ' || r.transfer_id, 'is not the opposite of ' || r.reverses
        from ledger_transfer r
        left join ledger_transfer t on t.bank_id = :bank_id and t.transfer_id = r.reverses
        where r.bank_id = :bank_id and r.reverses is not null
          and (t.payer_id, t.payee_id, t.amount_minor, t.currency)
              is distinct from (r.payee_id, r.payer_id, r.amount_minor, r.currency)""",
}
"""The rows that break a rule: which one, and why."""

COUNTS = text("""
    select (select count(*) from ledger_account where bank_id = :bank_id) as accounts,
           (select count(*) from ledger_transfer where bank_id = :bank_id) as transfers,
           (select count(*) from ledger_hold where bank_id = :bank_id) as holds
""")

ONE_SNAPSHOT = """
    select case when current_setting('transaction_isolation') = 'read committed'
        then pg_advisory_xact_lock(uuid_hash_extended(:bank_id, 0))::text end
"""
"""In a transaction whose statements see different moments, writers wait until the audit is over."""

ROOM = """
    select set_config('work_mem', '128MB', true), set_config('enable_seqscan', 'on', true),
           set_config('jit', 'off', true),
           set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true)
"""
"""Memory to group by account in, and as many of the server's processes as it lends."""


async def audit(
    session: AsyncSession,
    bank_id: UUID,
    *,
    published: Collection[str] = (),
    progress: Progress | None = None,
) -> AuditReport:
    """Recompute a bank's books and seals; `published` are phrases of seals that somebody wrote down.

    Run it in a REPEATABLE READ transaction of its own, and the bank goes on working meanwhile; in any other
    the bank's writers wait for it.
    """
    say = progress or (lambda _what, _done, _total: None)
    report = AuditReport()
    one = {"bank_id": bank_id}
    await session.execute(text(ROOM))
    await session.execute(text(ONE_SNAPSHOT), one)
    counted = (await session.execute(COUNTS, one)).one()
    report.checked = {"accounts": counted.accounts, "transfers": counted.transfers, "holds": counted.holds}
    say("chains", 0, counted.transfers)
    await _check_chains(session, bank_id, report)
    say("chains", counted.transfers, counted.transfers)
    for done, (name, statement) in enumerate(CHECKS.items(), start=1):
        for subject, why in await session.execute(text(f"{statement} order by 1 limit {FINDINGS_MAX}"), one):
            report.found(name, subject, why)
        say("rules", done, len(CHECKS))
    await audit_seals.check(session, bank_id, report, published, say)
    return report


async def _check_chains(session: AsyncSession, bank_id: UUID, report: AuditReport) -> None:
    found = await session.execute(CHAINS, {"bank_id": bank_id, "findings_max": FINDINGS_MAX})
    for row in found.all():
        if row.balance is None:
            why = f"has {row.entries} entries in {row.moved} and is not opened in it"
            report.found("accounts", f"account {row.account_id}", why)
            continue
        await _name_the_break(session, bank_id, row, report)


async def _name_the_break(session: AsyncSession, bank_id: UUID, account: Any, report: AuditReport) -> None:
    key = {"bank_id": bank_id, "account_id": account.account_id}
    broken = (await session.execute(FIRST_BREAK, key)).one_or_none()
    if broken is not None:
        why = (
            f"entry {broken.version} of account {account.account_id} says {broken.balance_after} after "
            f"{broken.amount_minor:+}; entry {broken.version_before} before it says {broken.balance_before}"
        )
        report.found("chain", f"transfer {broken.transfer_id}", why)
    else:
        total = await session.scalar(TOTAL, key)
        why = (
            f"stands at {account.balance}, version {account.version}; its {account.entries} entries sum to "
            f"{total}, so those from {account.entries + 1} on are missing or not its own"
        )
        report.found("balance", f"account {account.account_id}", why)
