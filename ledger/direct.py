"""Lists booked on a bare connection: each in one round trip that is its whole transaction.

A request's session asks the database four times for one list: begin, name the bank, post, commit. Where
thousands of transfers are brought in by one process, that is most of the time, and an account that all of
them touch stays locked through two of the four. What must never happen: a list booked here for a reader who
believes that it is part of a larger transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from ledger.calls import named_error
from ledger.transfers import Posted, Transfer, all_posted, arrays, check_list

POST = """
    select booked.*
    from (select set_config('evenhour.bank_id', $1::uuid::text, true)) bank (id),
         lateral ledger_post(bank.id::uuid, $2, false, $3, $4, $5, $6, $7, $8, $9, $10, $11) booked
"""
"""The bank is named for this statement's transaction only, so the connection may serve any bank."""


async def post_alone(
    connection: asyncpg.Connection, bank_id: UUID, transfers: Sequence[Transfer], *, at: datetime
) -> list[Posted]:
    """Book a list of at most 10,000 transfers whole or not at all, as a transaction of its own.

    It is committed when this returns, unless the caller has begun a transaction on `connection`. A list
    whose answer was lost may be sent again, as with `post`.

    Raises:
        LedgerError: the rule that the first failing item broke; `item` is its index.
    """
    if not transfers:
        return []
    check_list(transfers)
    try:
        booked = await connection.fetchrow(POST, bank_id, at, *arrays(transfers).values())
    except asyncpg.PostgresError as error:
        rule = named_error(error)
        if rule is None:
            raise
        raise rule from error
    return all_posted(transfers, booked)
