"""Recomputing the books from their rows, and naming the first row that is wrong.

An audit trusts nothing that can be computed. What must never happen: a clean report about something that
was not looked at; `not_checked` says what was left out.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A row that is not as it must be: which check found it, on which account or transfer, and why."""

    check: str
    subject: str
    why: str


@dataclass(slots=True)
class AuditReport:
    """What an audit looked at and what it found; `findings` starts with the first wrong row."""

    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    """How many of each thing were looked at."""
    not_checked: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.findings


BROKEN_CHAIN = text("""
    select * from (
        select account_id, version, transfer_id, amount_minor, balance_after,
               lag(version, 1, 0::bigint) over w as version_before,
               lag(balance_after, 1, 0::bigint) over w as balance_before
        from ledger_entry where bank_id = :bank_id
        window w as (partition by account_id order by version)
    ) e
    where version <> version_before + 1 or balance_after <> balance_before + amount_minor
    order by account_id, version limit 1
""")

WRONG_BALANCE = text("""
    select l.account_id, l.balance, l.version, coalesce(e.total, 0) as total,
           coalesce(e.entries, 0) as entries
    from ledger_account l
    left join (select account_id, sum(amount_minor) as total, count(*) as entries
               from ledger_entry where bank_id = :bank_id group by account_id) e using (account_id)
    where l.bank_id = :bank_id
      and (l.balance <> coalesce(e.total, 0) or l.version <> coalesce(e.entries, 0))
    order by l.account_id limit 1
""")


async def audit(session: AsyncSession, bank_id: UUID) -> AuditReport:
    """Recompute a bank's balances, versions and sums from its transfers."""
    report = AuditReport()
    one = {"bank_id": bank_id}
    for row in await session.execute(BROKEN_CHAIN, one):
        report.findings.append(
            Finding(
                check="chain",
                subject=f"transfer {row.transfer_id}",
                why=f"entry {row.version} of account {row.account_id} says {row.balance_after} after "
                f"{row.amount_minor}; entry {row.version_before} before it says {row.balance_before}",
            )
        )
    for row in await session.execute(WRONG_BALANCE, one):
        report.findings.append(
            Finding(
                check="balance",
                subject=f"account {row.account_id}",
                why=f"stands at {row.balance}, version {row.version}; "
                f"its {row.entries} entries sum to {row.total}",
            )
        )
    counted = text(
        "select (select count(*) from ledger_account where bank_id = :bank_id) as accounts, "
        "(select count(*) from ledger_transfer where bank_id = :bank_id) as transfers"
    )
    report.checked = dict((await session.execute(counted, one)).mappings().one())
    return report
