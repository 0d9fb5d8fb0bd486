"""Commands about banks and their books: `bank create`, `audit`, `seal`, `export`."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import select
from sqlmodel import col

import ledger
from api import books
from api.clock import now
from api.commands.runtime import (
    BankOption,
    Json,
    banks_here,
    opened,
    run,
    say,
    settings,
    showing,
    the_bank,
)
from api.database import Addresses, Database
from api.settings import Settings

if TYPE_CHECKING:
    from exchange.membership.banks import NewBank

bank = typer.Typer(no_args_is_help=True, help="Make a time bank.")

Published = Annotated[
    list[str] | None, typer.Option("--published", help="The phrase of a seal that somebody wrote down.")
]


class Form(StrEnum):
    """What `export` can write."""

    EVERYTHING = "everything"
    HLEDGER = "hledger"
    BEANCOUNT = "beancount"
    CSV = "csv"
    JSONL = "jsonl"


@bank.command()
def create(
    name: Annotated[str, typer.Argument(help="What the time bank is called.")],
    admin: Annotated[str, typer.Option(help="The administrator's telephone number or e-mail address.")],
    time_zone: Annotated[str, typer.Option(help="Where the bank's days begin and end.")] = "Europe/London",
    as_json: Json = False,
) -> None:
    """Make a time bank, and print the link that signs its administrator in once."""
    chosen = settings()
    made = run(_create(chosen, name, admin, time_zone))
    link = f"{chosen.public_url.rstrip('/')}/link/{made.link.text}"
    if as_json:
        typer.echo(json.dumps({"bank_id": str(made.bank_id), "admin_id": str(made.admin_id), "link": link}))
        return
    say.print(f"{name} is ready. Its administrator opens this once, within three days:")
    typer.echo(link)


async def _create(chosen: Settings, name: str, admin: str, time_zone: str) -> "NewBank":
    from exchange.membership import banks

    async with opened(chosen) as (database, _), database.transaction(None) as session:
        return await banks.create(session, name, admin=admin, time_zone=time_zone, at=now())


def audit(bank_id: BankOption = None, published: Published = None, as_json: Json = False) -> None:
    """Recompute the books and say what is wrong; ends with 1 when anything is."""
    reports = run(_audit(settings(), bank_id, published or []))
    if as_json:
        typer.echo(json.dumps({"is_clean": all(r["is_clean"] for r in reports), "banks": reports}))
    else:
        for report in reports:
            _tell(report)
    if not all(report["is_clean"] for report in reports):
        raise typer.Exit(1)


async def _audit(chosen: Settings, bank_id: UUID | None, published: list[str]) -> list[dict[str, Any]]:
    reports = []
    async with opened(chosen) as (_, addresses), showing() as progress:
        for each in await banks_here(addresses, bank_id):
            report = await books.audit_books(addresses, each, progress, published=published)
            reports.append({"bank_id": str(each), "is_clean": report.is_clean, **asdict(report)})
    return reports


def _tell(report: dict[str, Any]) -> None:
    typer.echo(f"{report['bank_id']}: {'clean' if report['is_clean'] else 'NOT CLEAN'}")
    for finding in report["findings"]:
        typer.echo(f"  {finding['check']}: {finding['subject']}: {finding['why']}")
    for what, count in report["checked"].items():
        typer.echo(f"  checked {what}: {count}")
    for what in report["not_checked"]:
        typer.echo(f"  not checked: {what}")


def seal(bank_id: BankOption = None, as_json: Json = False) -> None:
    """Seal what was booked, and print the newest seal's phrase for the committee to write down."""
    made = run(_seal(settings(), bank_id))
    if as_json:
        typer.echo(json.dumps(made))
        return
    for each in made:
        typer.echo(f"{each['bank_id']}: {each['phrase'] or 'nothing new to seal'}")


async def _seal(chosen: Settings, bank_id: UUID | None) -> list[dict[str, Any]]:
    made = []
    async with opened(chosen) as (_, addresses), showing() as progress:
        for each in await banks_here(addresses, bank_id):
            seals = await books.seal_books(addresses, each, at=now(), progress=progress)
            newest = seals[-1] if seals else None
            made.append(
                {
                    "bank_id": str(each),
                    "seals_made": len(seals),
                    "tree_size": newest.tree_size if newest else None,
                    "phrase": newest.phrase if newest else None,
                }
            )
    return made


def export(
    path: Annotated[Path, typer.Argument(help="A new file; for everything, a new folder or .zip.")],
    form: Annotated[Form, typer.Option(help="Everything of a bank, or its books alone.")] = Form.EVERYTHING,
    bank_id: BankOption = None,
    as_json: Json = False,
) -> None:
    """Write a bank's records out: to read, to take elsewhere, to import again."""
    written = run(_export(settings(), path, form, bank_id))
    typer.echo(json.dumps(written) if as_json else f"Wrote {path}: {written}")


async def _export(chosen: Settings, path: Path, form: Form, bank_id: UUID | None) -> dict[str, int]:
    from api.files import export_bank

    async with opened(chosen) as (database, addresses), showing() as progress:
        which = await the_bank(addresses, bank_id)
        if form is Form.EVERYTHING:
            return await export_bank(database, which, path, at=now())
        return {"lines": await _export_books(database, addresses, which, form, path, progress)}


async def _export_books(
    database: Database,
    addresses: Addresses,
    bank_id: UUID,
    form: Form,
    path: Path,
    progress: ledger.Progress,
) -> int:
    from exchange.membership.tables import Party

    async with database.transaction(bank_id) as session:
        rows = await session.execute(
            select(col(Party.account_id), col(Party.name)).where(col(Party.bank_id) == bank_id)
        )
        names = {row.account_id: row.name for row in rows}
    return await books.export_books(addresses, bank_id, form.value, path, names=names, progress=progress)
