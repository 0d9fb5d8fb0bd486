"""The command line: `evenhour`, with one command for each thing an operator does.

Each command ends with 0 only when it did what it says. What must never happen: a rule decided here;
commands open the database, call the rooms, and print.
"""

import logging
from collections.abc import Callable

import typer

from api.commands import books, importing, service, texts, trying

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Evenhour: a time bank and community currency service.",
)
COMMANDS: dict[str, Callable[..., None]] = {
    "demo": service.demo,
    "serve": service.serve,
    "worker": service.worker,
    "migrate": service.migrate,
    "text": texts.text,
    "audit": books.audit,
    "seal": books.seal,
    "export": books.export,
    "understand": trying.understand_words,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
app.add_typer(books.bank, name="bank")
app.add_typer(importing.app, name="import")
app.add_typer(trying.bench, name="bench")


@app.callback()
def main() -> None:
    """Evenhour: a time bank and community currency service."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


if __name__ == "__main__":
    app()
