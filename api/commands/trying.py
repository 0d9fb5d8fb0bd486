"""Commands that try things: `understand` words, `bench` what was promised."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from api.commands.runtime import Json, opened, run, say, settings
from api.settings import Settings

bench = typer.Typer(no_args_is_help=True, help="Measure what was promised, as ratios, on this machine.")


def understand_words(
    scheme: Annotated[str | None, typer.Option(help="Answer with another system's group names.")] = None,
    as_json: Json = False,
) -> None:
    """Read one description a line; answer a line each with what it was understood as, best first."""
    from api import understand

    for line in understand.answers(sys.stdin, scheme=scheme):
        typer.echo(line if as_json else ", ".join(str(found) for found in json.loads(line)))


def _print(found: dict[str, Any], *, as_json: bool) -> None:
    typer.echo(json.dumps(found, indent=None if as_json else 2))


@bench.command("ledger")
def of_ledger(
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured, in turn.")] = 3,
    as_json: Json = False,
) -> None:
    """The books, as ratios to the least that could be called a transfer."""
    _print(run(_ledger(settings(), rounds)), as_json=as_json)


async def _ledger(chosen: Settings, rounds: int) -> dict[str, Any]:
    from api.bench_ledger import bench_ledger

    async with opened(chosen) as (_, addresses):
        measured = await bench_ledger(addresses, say.print, rounds=rounds)
        return measured.as_dict()


@bench.command("matching")
def of_matching(
    listings: Annotated[Path | None, typer.Option(help="Real listings, to try the words on.")] = None,
    as_json: Json = False,
) -> None:
    """Words, search, matches and circles in a seeded town of 100,000."""
    _print(run(_matching(settings(), listings)), as_json=as_json)


async def _matching(chosen: Settings, listings: Path | None) -> dict[str, Any]:
    from api.bench_matching import bench_matching

    async with opened(chosen) as (_, addresses):
        measured = await bench_matching(addresses, say.print, listings_csv=listings)
        return measured.as_dict()


@bench.command("notifications")
def of_notifications(
    kills: Annotated[int, typer.Option(min=1, help="How often a worker is killed.")] = 1000,
    stories: Annotated[int, typer.Option(min=1, help="How many messages' callbacks are shuffled.")] = 10_000,
    aborted: Annotated[int, typer.Option(min=1, help="How many transactions break off.")] = 10_000,
    as_json: Json = False,
) -> None:
    """Messages under kill -9 and a provider's faults; a naive sender must fail the same trials."""
    chosen = settings()
    _print(uvloop.run(_notifications(chosen, kills, stories, aborted)), as_json=as_json)


async def _notifications(chosen: Settings, kills: int, stories: int, aborted: int) -> dict[str, Any]:
    from api import bench_callbacks, bench_notifications

    async with opened(chosen) as (_, addresses):
        url = addresses.application
        measured = await bench_notifications.bench(url, kills=kills)
        measured["callbacks"] = asdict(await bench_callbacks.callbacks(url, runs=stories))
        measured["aborted"] = asdict(await bench_callbacks.aborted(url, transactions=2 * aborted))
        return measured
