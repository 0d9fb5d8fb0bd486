"""Callbacks on the real tables, shuffled and doubled, nonsense among them: the short form of the bench."""

import pytest

from api.bench_callbacks import aborted, callbacks
from api.database import Addresses
from notifications import records


async def test_callbacks_in_any_order_end_as_they_should(addresses: Addresses) -> None:
    told = await callbacks(addresses.application, runs=60, seed=412)
    assert (told.messages, told.wrong) == (60, 0)
    assert told.callbacks > 60 * 4


async def test_believing_the_last_one_fails_the_same_stories(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "may_become", lambda *_: True)
    monkeypatch.setattr(records, "after_callback", lambda _state, _attempts, said: SAYS.get(said, "accepted"))
    assert (await callbacks(addresses.application, runs=20, seed=412)).wrong > 0


SAYS = {"delivered": "delivered", "undelivered": "undelivered", "failed": "failed"}


async def test_a_transaction_that_breaks_off_leaves_neither_messages_nor_their_cost(
    addresses: Addresses,
) -> None:
    left = await aborted(addresses.application, transactions=40)
    assert (left.aborted, left.half_told, left.told_and_not_paid) == (20, 0, 0)
