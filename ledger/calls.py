"""The only way from here to the functions in `ledger/sql`, and back from their errors to named rules.

What must never happen: an error that is not one of our rules swallowed or renamed.
"""

import json
from functools import cache
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.errors import BadCurrency, BalanceTooLarge, DifferentTransferSameId, LedgerError, all_rules

BROKEN_RULE = "LG001"
"""The SQLSTATE under which `ledger_refuse` raises."""

CONSTRAINT_RULES: dict[str, type[LedgerError]] = {
    "ledger_account_stays_within_limits": BalanceTooLarge,
    "ledger_currency_code_is_short_capitals": BadCurrency,
    "ledger_currency_minor_is_positive": BadCurrency,
}

TRANSFER_KEY = "ledger_transfer_pkey"
"""Two attempts with one id and no account in common meet only here."""


def named(rule: str, facts: dict[str, Any]) -> LedgerError:
    """The error for a rule that the database reported."""
    return all_rules()[rule](**facts)


def named_error(cause: Any) -> LedgerError | None:
    """The rule that an error of the driver's states, or None when it is no rule of ours."""
    if getattr(cause, "sqlstate", None) == BROKEN_RULE:
        return named(str(cause.message), json.loads(cause.detail))
    constraint = str(getattr(cause, "constraint_name", None))
    if constraint == TRANSFER_KEY:
        return DifferentTransferSameId(transfer_id=str(cause.detail).split(", ")[-1].split(")")[0])
    rule = CONSTRAINT_RULES.get(constraint)
    return rule() if rule else None


@cache
def _prepared(statement: str) -> TextClause:
    """Read once: finding the parameters in a statement's text costs as much as sending it."""
    return text(statement)


async def call(session: AsyncSession, statement: str, **values: Any) -> Row[Any]:
    """Call a function of the ledger's and return its one row.

    Raises:
        LedgerError: the rule that the call broke. The transaction is then only good for rolling back
            (to a savepoint, if the caller made one).
    """
    try:
        return (await session.execute(_prepared(statement), values)).one()
    except DBAPIError as error:
        rule = named_error(getattr(error.orig, "__cause__", None))
        if rule is None:
            raise
        raise rule from error
