"""Commands that keep running: `serve`, `worker`, `demo`; and `migrate`, which prepares for them."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.clock import now
from api.commands.runtime import Json, Port, find_database, opened, run, say, settings, showing
from api.migrate import migrate as bring_up_to_date
from api.migrate import require_newest
from api.settings import Settings

if TYPE_CHECKING:
    from api.demo import Village

PORT = 8000
HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 5


def _listen(chosen: Settings, host: str, port: int, *, with_worker: bool) -> None:
    import uvicorn

    # The server raises a SIGTERM again once it has shut down; ending in order stops the database too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    factory = "api.asgi:create" if with_worker else "api.asgi:create_without_worker"
    uvicorn.run(
        factory,
        factory=True,
        host=host,
        port=port,
        workers=chosen.workers,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        proxy_headers=True,
    )


def _at_port(port: int) -> Settings:
    """The settings, with the public address following the port unless it was set."""
    chosen = settings()
    if "public_url" in chosen.model_fields_set:
        return chosen
    os.environ["EVENHOUR_PUBLIC_URL"] = f"http://{HOST}:{port}"
    return settings()


def serve(
    port: Port = PORT,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = HOST,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Run `evenhour worker` beside it.")] = False,
) -> None:
    """Serve the pages and the API, with a worker in the same process."""
    chosen = _at_port(port)
    run(_prepare(chosen))
    say.print(f"Evenhour listens on http://{host}:{port}. Stop with Ctrl-C.")
    _listen(chosen, host, port, with_worker=not no_worker)


async def _prepare(chosen: Settings) -> None:
    async with opened(chosen) as (database, _):
        await require_newest(database)


def migrate() -> None:
    """Bring the database to the newest version, as its owner."""
    addresses = find_database(settings())
    run(bring_up_to_date(addresses))
    say.print("The database is up to date.")


def worker(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end.")] = False,
) -> None:
    """Turn events into messages and send what is due, until stopped."""
    done = run(_work(settings(), once=once))
    if once:
        say.print(f"{done} things done.")


async def _work(chosen: Settings, *, once: bool) -> int:
    from api.worker import Worker, channels

    async with opened(chosen) as (database, _):
        await require_newest(database)
        working = Worker(database, chosen, channels(chosen), now)
        if once:
            return await working.until_done()
        is_stopped = asyncio.Event()
        for stop in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(stop, is_stopped.set)
        say.print("The worker runs. Stop with Ctrl-C.")
        await working.run(is_stopped)
        return 0


def demo(
    port: Port = PORT,
    as_json: Json = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only write the village.")] = False,
) -> None:
    """Write the demo village if it is not there, print sign-in links, and serve it."""
    from api.demo import announcement

    chosen = _at_port(port)
    written = run(_write(chosen))
    told = announcement(written, chosen.public_url)
    if as_json:
        typer.echo(json.dumps(told))
    else:
        _tell(told)
    if not no_serve:
        _listen(chosen, HOST, port, with_worker=True)


async def _write(chosen: Settings) -> "Village":
    from api.demo import write_village

    say.print("Starting the database …")
    async with opened(chosen) as (database, _), showing(tenths_from=1) as progress:

        def tell(done: int, total: int, what: str) -> None:
            progress(f"Writing the demo village: {what}", done, total)

        return await write_village(database, at=datetime.now(UTC), progress=tell)


def _tell(told: Mapping[str, Any]) -> None:
    say.print(f"\nThe demo village is at {told['url']}. Open one of these, on this machine:\n")
    for person in told["people"]:
        say.print(f"  {person['role']:<14} {person['name']:<22} {person['phone']}")
        typer.echo(f"    {person['link']}")
    say.print("\nText as one of them:  evenhour text <phone> YES")
    say.print("Messages that would be sent are written to var/messages.jsonl. Stop with Ctrl-C.\n")
