"""The command line: `evenhour`, with one command for each thing an operator does.

Each command ends with 0 only when it did what it says. What must never happen: a rule decided here;
commands open the database, call the rooms, and print.
"""

import logging

import typer

from api.commands import books, service, texts

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Evenhour: a time bank and community currency service.",
)
app.add_typer(books.bank, name="bank")
for command in (
    service.serve,
    service.worker,
    service.migrate,
    service.demo,
    texts.text,
    books.audit,
):
    app.command()(command)


@app.callback()
def main() -> None:
    """Evenhour: a time bank and community currency service."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
