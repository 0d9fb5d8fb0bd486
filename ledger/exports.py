"""The books as other programs read them: hledger and beancount journals, CSV, JSON lines.

The two journals are plain-text accounting's common ground: each checks on its own that every transfer
balances and that every account ends where we say it does. What must never happen: an export that leaves a
transfer out; it is read in pages by key, in one order that does not change.
"""

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.amounts import as_decimal, decimals
from ledger.errors import UnknownFormat
from ledger.tables import Account, Currency, TransferRow

PAGE_ROWS = 5_000
NIL = UUID(int=0)
COLUMNS = tuple(name for name in TransferRow.model_fields if name != "clock")


@dataclass(frozen=True, slots=True)
class Chart:
    """A bank's currencies and accounts, and how a journal writes them."""

    currencies: dict[str, Currency]
    accounts: list[Account]
    names: Mapping[UUID, str]

    def commodity(self, code: str) -> str:
        """A currency's own code where decimals show it exactly, else a name for its minor unit."""
        return code if self._places(code) is not None else f"{code}MINOR"

    def amount(self, amount_minor: int, code: str) -> str:
        return as_decimal(amount_minor, self._places(code) or 0)

    def account(self, account_id: UUID) -> str:
        """Both programs' rules: a root, then letters, digits and dashes, beginning with a capital."""
        name = re.sub(r"[^A-Za-z0-9]+", "-", self.names.get(account_id, "")).strip("-")
        return f"Assets:{(name[:1].upper() + name[1:]) or 'A'}-{account_id}"

    def _places(self, code: str) -> int | None:
        return decimals(self.currencies[code].minor_per_major)


Head = Callable[[Chart], Iterable[str]]
Line = Callable[[Chart, TransferRow], str]
Tail = Callable[[Chart, date], Iterable[str]]


async def export(
    session: AsyncSession, bank_id: UUID, form: str, *, names: Mapping[UUID, str] | None = None
) -> AsyncIterator[str]:
    """A bank's books in one of `FORMATS`, piece by piece; `names` are put beside account keys in journals.

    Run it in a REPEATABLE READ transaction, or on books that nobody writes to, so that the balances at the
    end are those of the transfers above them.

    Raises:
        UnknownFormat: no such format.
    """
    if form not in FORMATS:
        raise UnknownFormat(form=form)
    head, line, tail = FORMATS[form]
    chart = await _chart(session, bank_id, names or {})
    last_day = date(1970, 1, 1)
    for piece in head(chart):
        yield piece
    async for row in _transfers(session, bank_id):
        last_day = max(last_day, row.happened_on)
        yield line(chart, row)
    for piece in tail(chart, last_day):
        yield piece


async def _chart(session: AsyncSession, bank_id: UUID, names: Mapping[UUID, str]) -> Chart:
    currencies = await session.scalars(select(Currency).where(col(Currency.bank_id) == bank_id))
    accounts = await session.scalars(
        select(Account)
        .where(col(Account.bank_id) == bank_id)
        .order_by(col(Account.account_id))
        .execution_options(populate_existing=True)
    )
    return Chart({currency.code: currency for currency in currencies}, list(accounts), names)


async def _transfers(session: AsyncSession, bank_id: UUID) -> AsyncIterator[TransferRow]:
    after = (-1, NIL)
    while True:
        key = tuple_(col(TransferRow.clock), col(TransferRow.transfer_id))
        rows = await session.scalars(
            select(TransferRow)
            .where(col(TransferRow.bank_id) == bank_id, key > after)
            .order_by(col(TransferRow.clock), col(TransferRow.transfer_id))
            .limit(PAGE_ROWS)
        )
        page = list(rows)
        for row in page:
            yield row
        session.expunge_all()
        if len(page) < PAGE_ROWS:
            return
        after = (page[-1].clock, page[-1].transfer_id)


def _about(row: TransferRow) -> str:
    if row.reverses:
        return f"reverses {row.reverses}"
    if row.late_for:
        return f"late, for {row.late_for}"
    return f"captures {row.captures}" if row.captures else "transfer"


def _hledger_head(chart: Chart) -> Iterable[str]:
    for code, currency in chart.currencies.items():
        places = decimals(currency.minor_per_major)
        yield f"; 1 {code} ({currency.label}) = {currency.minor_per_major} of its minor unit\n"
        sample = as_decimal(10**3 * 10 ** (places or 0), places or 0) + ("" if places else ".")
        yield f'commodity {sample} "{chart.commodity(code)}"\n'
    for account in chart.accounts:
        yield f"account {chart.account(account.account_id)}\n"


def _hledger_line(chart: Chart, row: TransferRow) -> str:
    unit = chart.commodity(row.currency)
    amount = chart.amount(row.amount_minor, row.currency)
    return (
        f"\n{row.happened_on} * {_about(row)}  ; transfer:{row.transfer_id}\n"
        f'    {chart.account(row.payer_id)}  -{amount} "{unit}"\n'
        f'    {chart.account(row.payee_id)}  {amount} "{unit}"\n'
    )


def _hledger_tail(chart: Chart, last_day: date) -> Iterable[str]:
    yield f"\n{last_day} * balances as the books have them\n"
    for account in chart.accounts:
        unit = chart.commodity(account.currency)
        stands = chart.amount(account.balance, account.currency)
        yield f'    {chart.account(account.account_id)}  0 "{unit}" = {stands} "{unit}"\n'


def _beancount_head(chart: Chart) -> Iterable[str]:
    yield 'option "title" "Evenhour"\n'
    for code, currency in chart.currencies.items():
        yield f"; 1 {code} ({currency.label}) = {currency.minor_per_major} of its minor unit\n"
        yield f"1970-01-01 commodity {chart.commodity(code)}\n"
    for account in chart.accounts:
        unit = chart.commodity(account.currency)
        yield f"1970-01-01 open {chart.account(account.account_id)} {unit}\n"


def _beancount_line(chart: Chart, row: TransferRow) -> str:
    unit = chart.commodity(row.currency)
    amount = chart.amount(row.amount_minor, row.currency)
    return (
        f'\n{row.happened_on} * "{_about(row)}"\n  transfer: "{row.transfer_id}"\n'
        f"  {chart.account(row.payer_id)}  -{amount} {unit}\n"
        f"  {chart.account(row.payee_id)}  {amount} {unit}\n"
    )


def _beancount_tail(chart: Chart, last_day: date) -> Iterable[str]:
    day = last_day + timedelta(days=1)
    for account in chart.accounts:
        stands = chart.amount(account.balance, account.currency)
        unit = chart.commodity(account.currency)
        yield f"{day} balance {chart.account(account.account_id)}  {stands} {unit}\n"


def _csv_head(_chart: Chart) -> Iterable[str]:
    yield ",".join(COLUMNS) + "\n"


def _csv_line(_chart: Chart, row: TransferRow) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([_plain(getattr(row, name)) for name in COLUMNS])
    return line.getvalue()


def _jsonl_head(chart: Chart) -> Iterable[str]:
    for kind, rows in (("currency", chart.currencies.values()), ("account", chart.accounts)):
        for row in rows:
            facts = {name: _plain(getattr(row, name)) for name in type(row).model_fields}
            yield json.dumps({"kind": kind} | facts) + "\n"


def _jsonl_line(_chart: Chart, row: TransferRow) -> str:
    return json.dumps({"kind": "transfer"} | {name: _plain(getattr(row, name)) for name in COLUMNS}) + "\n"


def _no_tail(_chart: Chart, _last_day: date) -> Iterable[str]:
    return ()


def _plain(value: object) -> int | bool | str | None:
    return value if value is None or isinstance(value, int | str) else str(value)


FORMATS: dict[str, tuple[Head, Line, Tail]] = {
    "hledger": (_hledger_head, _hledger_line, _hledger_tail),
    "beancount": (_beancount_head, _beancount_line, _beancount_tail),
    "csv": (_csv_head, _csv_line, _no_tail),
    "jsonl": (_jsonl_head, _jsonl_line, _no_tail),
}
"""How each begins, writes a transfer, and ends."""
