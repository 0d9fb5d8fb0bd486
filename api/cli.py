"""The command line: `evenhour`, with one subcommand for each thing an operator does."""

import typer

app = typer.Typer(no_args_is_help=True, help="Evenhour: a time bank in one command.")


@app.callback()
def main() -> None:
    """Evenhour: a time bank in one command."""
