"""Commands about banks and their books: `bank create`, `audit`."""

import json
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer

import ledger
from api.app import now
from api.commands.runtime import BankOption, Json, banks_here, opened, run, say, settings
from api.settings import Settings
from exchange.membership import banks

bank = typer.Typer(no_args_is_help=True, help="Make a time bank.")


@bank.command()
def create(
    name: Annotated[str, typer.Argument(help="What the time bank is called.")],
    admin: Annotated[str, typer.Option(help="The administrator's telephone number or e-mail address.")],
    as_json: Json = False,
) -> None:
    """Make a time bank, and print the link that signs its administrator in once."""
    chosen = settings()
    made = run(_create(chosen, name, admin))
    link = f"{chosen.public_url.rstrip('/')}/link/{made.link.text}"
    if as_json:
        typer.echo(json.dumps({"bank_id": str(made.bank_id), "admin_id": str(made.admin_id), "link": link}))
        return
    say.print(f"{name} is ready. Its administrator opens this once, within three days:")
    typer.echo(link)


async def _create(chosen: Settings, name: str, admin: str) -> banks.NewBank:
    async with opened(chosen) as (database, _), database.transaction(None) as session:
        return await banks.create(session, name, admin=admin, at=now())


def audit(bank_id: BankOption = None, as_json: Json = False) -> None:
    """Recompute the books and say what is wrong; ends with 1 when anything is."""
    reports = run(_audit(settings(), bank_id))
    if as_json:
        typer.echo(json.dumps(reports, default=str))
    else:
        for report in reports:
            _tell(report)
    if not all(report["is_clean"] for report in reports):
        raise typer.Exit(1)


async def _audit(chosen: Settings, bank_id: UUID | None) -> list[dict[str, Any]]:
    async with opened(chosen) as (database, addresses):
        reports = []
        for each in await banks_here(addresses, bank_id):
            async with database.transaction(each) as session:
                report = await ledger.audit(session, each)
            reports.append({"bank_id": str(each), "is_clean": report.is_clean, **asdict(report)})
        return reports


def _tell(report: dict[str, Any]) -> None:
    verdict = "clean" if report["is_clean"] else "NOT CLEAN"
    typer.echo(f"{report['bank_id']}: {verdict}")
    for finding in report["findings"]:
        typer.echo(f"  {finding}")
    typer.echo(f"  checked: {report['checked']}")
    typer.echo(f"  not checked: {report['not_checked']}")
