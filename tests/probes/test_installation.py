"""One data folder, as an operator has it: a bank is made in it, texted, worked on, audited and served.

Then `kill -9` in the middle of two hundred confirmations: started again and asked again, each is paid once.
All of it is done by real processes on one folder, since making one takes longer than most of what is tried.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

import ledger
from api.clock import now
from api.database import APPLICATION_ROLE, DATABASE_NAME, Addresses, Database
from api.embedded import INCLUDE, Embedded
from exchange.hours import log
from exchange.membership import banks, parties, sign_in
from tests.probes.running import Installation, Result, installation
from tests.small_bank import gave, make

PHONE = "07700 900123"
HOURS = 200
MINUTES = 2
AT_ONCE = 16
KILLED_AFTER = 40
"""So many answers have come when the server is killed."""


@pytest.fixture(scope="module")
def place() -> Iterator[Installation]:
    with installation() as made:
        yield made


COMMANDS = (
    ["bank", "create", "Lantern Street", "--admin", PHONE, "--json"],
    ["text", PHONE, "MENU", "--json"],
    ["worker", "--once"],
    ["audit", "--json"],
    ["bank", "create", "Nowhere", "--admin", "123"],
    ["bank", "create", " ", "--admin", PHONE],
)


@pytest.fixture(scope="module")
def said(place: Installation) -> list[Result]:
    """What those commands said, the first of them in an empty folder."""
    return place.commands(*COMMANDS)


@pytest.fixture(scope="module")
def bank(said: list[Result]) -> dict[str, str]:
    assert said[0].code == 0, said[0].err
    made: dict[str, str] = json.loads(said[0].out)
    return made


@pytest.fixture(scope="module")
def served(place: Installation, bank: dict[str, str]) -> Installation:
    """The same folder, with a service over it."""
    place.serve("--no-worker")
    return place


@pytest.fixture
async def database(served: Installation) -> AsyncIterator[Database]:
    """The service's own database, from beside it."""
    server = Embedded(served.folder / "postgres", Path())
    opened = Database(server.url(APPLICATION_ROLE, DATABASE_NAME), pool_size=2)
    yield opened
    await opened.close()


class Street:
    """A bank in which Ann gave Ben two minutes, two hundred times."""

    def __init__(self) -> None:
        self.bank_id = uuid7()
        self.hours: list[UUID] = []
        self.accounts: dict[str, UUID] = {}
        self.token = ""

    async def write(self, database: Database) -> None:
        at = now()
        async with database.transaction(self.bank_id) as session:
            small = await make(session, self.bank_id, at)
            bank = await banks.get(session, self.bank_id)
            for _ in range(HOURS):
                telling = gave(small["Ben"], MINUTES, done_on=banks.today(bank, at))
                self.hours.append((await log.log(session, small["Ann"], telling, at=at)).hours_id)
            for name in ("Ann", "Ben"):
                party = await parties.get(session, self.bank_id, small[name].member_id)
                self.accounts[name] = party.account_id
            ben = small["Ben"].member_id
            token = await sign_in.start_session(session, self.bank_id, ben, device="a phone", at=at)
            self.token = token.text

    async def confirm_all(self, url: str, *, kill: int | None = None) -> list[int]:
        """Say yes to every hour; the statuses that came back. `kill` ends that process on the way."""
        statuses: list[int] = []
        room = asyncio.Semaphore(AT_ONCE)

        async def one(client: httpx.AsyncClient, hours_id: UUID) -> None:
            async with room:
                try:
                    answer = await client.post(f"/api/v1/hours/{hours_id}/confirm")
                except httpx.TransportError:
                    return
            statuses.append(answer.status_code)
            if kill is not None and len(statuses) == KILLED_AFTER:
                os.kill(kill, signal.SIGKILL)

        headers = {"authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            await asyncio.gather(*(one(client, hours_id) for hours_id in self.hours))
        return statuses

    async def posted(self, database: Database) -> int:
        """How many transfers these hours became."""
        async with database.transaction(self.bank_id) as session:
            found = text("select count(*) from ledger_transfer where transfer_id = any(:hours)")
            return int(await session.scalar(found, {"hours": self.hours}) or 0)


def test_a_new_bank_is_texted_worked_on_and_audited(said: list[Result], bank: dict[str, str]) -> None:
    _, text, worker, audit, nowhere, nothing = said
    assert (text.code, worker.code, audit.code) == (0, 0, 0), text.err + worker.err + audit.err
    assert "BALANCE" in json.loads(text.out)["answer"]
    assert "done" in worker.err
    assert '"is_clean": true' in audit.out
    assert bank["bank_id"] in audit.out
    assert (nowhere.code, nothing.code) == (1, 1)
    assert "telephone" in nowhere.err
    assert "empty" in nothing.err


def test_the_link_of_a_new_bank_opens_signed_in(served: Installation, bank: dict[str, str]) -> None:
    """The printed link is a page of ours; it asks for one press, which only the page's own form can give."""
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(bank["link"])
        assert page.status_code == 200, page.text
        assert "Lantern Street" in page.text


async def test_a_server_killed_among_confirmations_pays_each_once(
    served: Installation, database: Database
) -> None:
    street = Street()
    await street.write(database)
    answered = await street.confirm_all(served.url, kill=served.started[-1].pid)
    assert set(answered) == {200}
    served.started[-1].wait()
    before = await street.posted(database)
    assert KILLED_AFTER <= len(answered) <= before < HOURS, "the kill came in the middle"

    await asyncio.to_thread(served.serve, "--no-worker")
    assert await street.confirm_all(served.url) == [200] * HOURS

    assert (served.folder / "postgres" / "postgresql.conf").read_text().count(INCLUDE) == 1, "started twice"
    async with database.transaction(street.bank_id) as session:
        assert await session.scalar(text("show max_wal_size")) == "4GB", "sized to the machine, not to 1999"
        report = await ledger.audit(session, street.bank_id)
        known = await ledger.balances(session, street.bank_id, street.accounts.values())
        rows = await session.scalar(text("select count(*) from ledger_transfer"))
        states = (await session.scalars(text("select distinct state from hours"))).all()
    assert report.is_clean, report.findings
    assert (rows, await street.posted(database), states) == (HOURS, HOURS, ["posted"])
    assert known[street.accounts["Ann"]].posted == HOURS * MINUTES
    assert known[street.accounts["Ben"]].posted == -HOURS * MINUTES


async def test_a_payer_of_two_commits_killed_between_them_loses_minutes(addresses: Addresses) -> None:
    """The control: paid in two steps, cut off after the first and asked again, the books no longer add up."""
    assert addresses.owner
    address = addresses.owner.replace("+asyncpg", "")

    async def pay(*, is_cut_off: bool) -> None:
        connection = await asyncpg.connect(address)
        await connection.execute("update naive set minutes = minutes - 60 where name = 'Ben'")
        if is_cut_off:
            connection.terminate()
            return
        await connection.execute("update naive set minutes = minutes + 60 where name = 'Ann'")
        await connection.close()

    connection = await asyncpg.connect(address)
    await connection.execute("create table naive (name text, minutes int)")
    await connection.execute("insert into naive values ('Ann', 0), ('Ben', 0)")
    await pay(is_cut_off=True)
    await pay(is_cut_off=False)
    balances = {row["name"]: row["minutes"] for row in await connection.fetch("select * from naive")}
    await connection.execute("drop table naive")
    await connection.close()
    assert balances == {"Ann": 60, "Ben": -120}
