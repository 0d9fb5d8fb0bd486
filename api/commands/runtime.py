"""What every command begins with: the settings, the database brought up to date, and a way to say no."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from socket import gaierror
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import ledger
from api import embedded
from api.database import Addresses, Database, is_shut_out, locate
from api.migrate import migrate as bring_up_to_date
from api.refusals import OperatorRefused
from api.settings import Settings
from exchange.errors import ExchangeError

Result = TypeVar("Result")

say = Console(stderr=True, highlight=False)
"""Progress and explanations; what a program may want to read goes to standard output."""

WRONG_CALL = 2
SAID_IN_A_SENTENCE = (ExchangeError, ledger.LedgerError, OperatorRefused)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]
BankOption = Annotated[UUID | None, typer.Option("--bank", help="Which bank, where there are several.")]


def settings() -> Settings:
    """The environment's settings; a wrong one stops here with its reason."""
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            say.print(problem["msg"].removeprefix("Value error, "), style="red")
        raise typer.Exit(WRONG_CALL) from None


def find_database(chosen: Settings) -> Addresses:
    """Where the database is; starts the embedded one, and says what that opens when run as root."""
    try:
        if not chosen.database_url:
            for folder in embedded.opened_parents(chosen.data_dir):
                say.print(f"Running as root: other users may now enter {folder}, on the way to the database.")
        return locate(chosen)
    except ValueError as error:
        say.print(str(error), style="red")
        raise typer.Exit(WRONG_CALL) from None


@asynccontextmanager
async def opened(chosen: Settings) -> AsyncIterator[tuple[Database, Addresses]]:
    """The database; the embedded one is brought up to date first."""
    addresses = find_database(chosen)
    if addresses.programs is not None:
        await bring_up_to_date(addresses)
    database = Database(addresses.application)
    try:
        yield database, addresses
    finally:
        await database.close()


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work; a broken rule is said in one sentence and ends with 1."""
    try:
        return uvloop.run(work)
    except (ConnectionError, gaierror):
        say.print("The database does not answer: check EVENHOUR_DATABASE_URL and its server.", style="red")
        raise typer.Exit(1) from None
    except DBAPIError as error:
        if not is_shut_out(error):
            raise
        say.print(
            "The database lets nobody in like that: check role, password and name in its address.",
            style="red",
        )
        raise typer.Exit(1) from None
    except SAID_IN_A_SENTENCE as error:
        say.print(str(error) or type(error).__doc__ or type(error).__name__, style="red")
        raise typer.Exit(1) from None


@asynccontextmanager
async def showing(*, tenths_from: int | None = None) -> AsyncIterator[ledger.Progress]:
    """Progress of slow work: a bar on a terminal.

    Elsewhere nothing, or, of work of `tenths_from` steps and more, a line for each tenth.
    """
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=say,
        transient=True,
    ) as bars:
        task, shown = bars.add_task("…", total=None), -1

        def progress(what: str, done: int, total: int) -> None:
            nonlocal shown
            bars.update(task, description=what, completed=done, total=total or None)
            is_told = tenths_from is not None and total >= tenths_from and not say.is_terminal
            if is_told and 10 * done // total > shown:
                shown = 10 * done // total
                say.print(f"{what}, {10 * shown} %")

        yield progress


async def banks_here(addresses: Addresses, wanted: UUID | None) -> list[UUID]:
    """The bank that was named; else every bank, which only the owner's role can list."""
    if wanted is not None:
        return [wanted]
    if addresses.owner is None:
        say.print("Name the bank with --bank, or set EVENHOUR_DATABASE_OWNER_URL.", style="red")
        raise typer.Exit(WRONG_CALL)
    engine = create_async_engine(addresses.owner, poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.scalars(text("select bank_id from bank order by created_at, bank_id"))
        every = list(found.all())
    await engine.dispose()
    return every


async def the_bank(addresses: Addresses, wanted: UUID | None) -> UUID:
    """The one bank that a command is about."""
    found = await banks_here(addresses, wanted)
    if len(found) != 1:
        why = "There is no bank yet: evenhour bank create" if not found else "Several banks: use --bank"
        say.print(f"{why}.", style="red")
        raise typer.Exit(WRONG_CALL)
    return found[0]
