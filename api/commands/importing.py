"""`import members|listings|hours|codes FILE.csv`, and `import services FEED`: each line judged and told."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from api.clock import now
from api.commands.runtime import BankOption, Json, opened, run, settings, showing, the_bank
from api.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from api.files import Report

app = typer.Typer(no_args_is_help=True, help="Bring members, listings, hours, codes or services in.")

LINES_TOLD = 500
"""From here on a file takes long enough for its progress to be told where there is no terminal."""

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file with a header.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Judge every line, write nothing.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave bad lines out and write the others.")]


@app.command()
def members(
    file: File,
    bank_id: BankOption = None,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    adults: Annotated[bool, typer.Option("--adults", help="Everybody in it was asked and is 18.")] = False,
    as_json: Json = False,
) -> None:
    """Import members."""
    _import("members", file, bank_id, dry_run, skip_bad, as_json, all_are_adults=adults)


@app.command()
def listings(
    file: File,
    bank_id: BankOption = None,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    owner: Annotated[
        UUID | None, typer.Option(help="The member or organisation whose the lines are that name nobody.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Import offers and asks; what each is about is understood from its words."""
    _import("listings", file, bank_id, dry_run, skip_bad, as_json, owner_id=owner)


@app.command()
def hours(
    file: File,
    bank_id: BankOption = None,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Import hours as confirmed history."""
    _import("hours", file, bank_id, dry_run, skip_bad, as_json)


@app.command()
def codes(
    file: File,
    bank_id: BankOption = None,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Import a list of needs and concerns for referrals, in place of the one that is there."""
    _import("codes", file, bank_id, dry_run, skip_bad, as_json)


@app.command()
def services(
    source: Annotated[str, typer.Argument(help="The address of an Open Referral feed, or a saved page.")],
    bank_id: BankOption = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import other organisations' services from their open data; what cannot be read is left out and told."""
    report = run(_fetch(settings(), source, bank_id, is_dry_run=dry_run))
    _tell(report, as_json=as_json)
    if any(problem.code == "feed_not_read" for problem in report.problems):
        raise typer.Exit(1)


async def _fetch(chosen: Settings, source: str, bank_id: UUID | None, *, is_dry_run: bool) -> "Report":
    from api.openreferral.importing import import_services

    async with opened(chosen) as (database, addresses):
        which = await the_bank(addresses, bank_id)
        return await import_services(database, which, source, at=now(), is_dry_run=is_dry_run)


def _tell(report: "Report", *, as_json: bool) -> None:
    told = json.dumps(report.as_dict(), ensure_ascii=False) if as_json else "\n".join(report.sentences())
    typer.echo(told)


def _import(
    what: str,
    file: Path,
    bank_id: UUID | None,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
    **more: Any,
) -> None:
    more |= {"is_dry_run": dry_run, "skip_bad": skip_bad}
    from api.files.reading import BYTES_MAX

    with file.open("rb") as opened_file:
        data = opened_file.read(BYTES_MAX + 1)  # more would only be read to be refused
    report = run(_read(settings(), what, file.name, data, bank_id, more))
    _tell(report, as_json=as_json)
    if not (report.is_good or report.is_written):
        raise typer.Exit(1)


async def _read(
    chosen: Settings, what: str, name: str, data: bytes, bank_id: UUID | None, more: dict[str, Any]
) -> "Report":
    from api import files

    importers: dict[str, Callable[..., Awaitable[Report]]] = {
        "members": files.import_members,
        "listings": files.import_listings,
        "hours": files.import_hours,
        "codes": files.import_codes,
    }
    async with opened(chosen) as (database, addresses), showing(tenths_from=LINES_TOLD) as progress:
        which, more["progress"] = await the_bank(addresses, bank_id), partial(progress, "Trying the lines")
        return await importers[what](database, which, data, file_name=name, at=now(), **more)
