"""Lists booked on a bare connection, each a transaction of its own, however many are brought in.

A request's session asks the database four times for one list: begin, name the bank, post, commit. An account
that all lists touch stays locked through two of the four, and through the disk's answer besides. Here the
locks are let go when the list is committed in memory; the caller hears of it when the disk has it. Others
may build on the list in between, and lose nothing by it: the log is written in order, so whatever they are
told of is on disk behind it.

What must never happen: an answer for a list that a power cut could still take back, or a list booked here
for a reader who believes that it is part of a larger transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from ledger.calls import named_error
from ledger.errors import NotAlone
from ledger.transfers import Posted, Transfer, all_posted, arrays, check_list

POST = """
    select booked.*
    from (
        select set_config('evenhour.bank_id', $1::uuid::text, true),
               set_config('synchronous_commit', 'off', true)
    ) setting (bank_id, commits),
    lateral ledger_post(setting.bank_id::uuid, $2, false, $3, $4, $5, $6, $7, $8, $9, $10, $11) booked
    where setting.commits = 'off'
"""
"""The bank is named for this statement's transaction only, so the connection may serve any bank."""

AWAIT_DISK = "select pg_logical_emit_message(true, 'evenhour', '')"
"""The least that can be committed and waited for. The log is one: everything before it is on disk with it."""


async def post_alone(
    connection: asyncpg.Connection, bank_id: UUID, transfers: Sequence[Transfer], *, at: datetime
) -> list[Posted]:
    """Book a list of at most 10,000 transfers whole or not at all, as a transaction of its own.

    When this returns it is committed and on disk. A list whose answer was lost may be sent again, as with
    `post`.

    Raises:
        NotAlone: a transaction is open on `connection`.
        LedgerError: the rule that the first failing item broke; `item` is its index.
    """
    if connection.is_in_transaction():
        raise NotAlone
    if not transfers:
        return []
    check_list(transfers)
    try:
        booked = await connection.fetchrow(POST, bank_id, at, *arrays(transfers).values())
        await connection.execute(AWAIT_DISK)
    except asyncpg.PostgresError as error:
        rule = named_error(error)
        if rule is None:
            raise
        raise rule from error
    return all_posted(transfers, booked)
