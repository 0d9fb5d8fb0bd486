"""The worker beside words: books are sealed after a busy minute, and one bank's trouble stops no other."""

import asyncio
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

import ledger
from api.worker import Worker
from tests.api.conftest import Service

TRIES = 600
"""A minute or more: a seal may be late while anybody on the server has a long transaction, but it comes."""


def a_worker(service: Service) -> Worker:
    state = service.app.state
    return Worker(service.database, state.settings, state.channels, service.clock)


async def test_books_are_sealed_a_minute_after_they_were_busy(service: Service) -> None:
    hours = (await service.log("Ann", "gave", "Ben")).json()
    await service.call("Ben", "POST", f"/hours/{hours['id']}/confirm")
    worker = a_worker(service)
    await worker.bank(service.bank_id)
    assert list(worker.sealing) == [service.bank_id]
    async with service.database.transaction(service.bank_id) as session:
        assert await ledger.newest_seals(session, service.bank_id) == []
    for _ in range(TRIES):
        service.clock.forward(minutes=2)
        worker.sealing.setdefault(service.bank_id, [service.clock.at])
        await worker.bank(service.bank_id)
        async with service.database.transaction(service.bank_id) as session:
            seals = await ledger.newest_seals(session, service.bank_id)
        if seals:
            break
        await asyncio.sleep(0.1)
    assert [seal.tree_size for seal in seals] == [1]


async def test_a_hold_is_given_back_when_its_time_has_run_out(service: Service) -> None:
    account, hold_id = uuid7(), uuid7()
    async with service.database.transaction(service.bank_id) as session:
        at = service.clock()
        await ledger.open_account(session, service.bank_id, account, floor=None, ceiling=None, at=at)
        await ledger.hold(
            session,
            service.bank_id,
            hold_id,
            account_id=account,
            amount_minor=30,
            expires_at=at + timedelta(hours=1),
            at=at,
        )
    worker = a_worker(service)
    held = []
    for minutes in (59, 1):
        service.clock.forward(minutes=minutes)
        async with service.database.transaction(None) as session:
            due = await ledger.banks_with_due_holds(session, at=service.clock())
        await worker.bank(service.bank_id)
        async with service.database.transaction(service.bank_id) as session:
            found = await ledger.find_hold(session, service.bank_id, hold_id)
            balance = await ledger.balance(session, service.bank_id, account)
        held.append((service.bank_id in due, found.state, balance.held))
    assert held == [(False, "held", 30), (True, "expired", 0)]


async def test_a_failing_step_does_not_stop_the_others(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> int:
        raise ConnectionError

    monkeypatch.setattr("api.worker.chase", fails)
    await service.log("Ann", "gave", "Ben")
    assert await a_worker(service).bank(service.bank_id) > 0
    assert len(service.messages()) > 0
