"""The commands an operator types: what they print, and how they end when they cannot do what they say.

What is refused before a database is opened is asked in this process, since starting one costs more than
refusing; what needs a database is in `test_installation`, with real processes.
"""

from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.main import get_command
from typer.testing import CliRunner

from api.cli import app

OTHER_DATABASE = "postgresql://evenhour_app@127.0.0.1:1/evenhour"


def commands(found: Any = None, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command there is, with those beneath it."""
    found = found or get_command(app)
    inner = getattr(found, "commands", {}).items()
    return [before, *(line for name, below in inner for line in commands(below, (*before, name)))]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*command, "--help"])
    assert done.exit_code == 0, done.output
    assert "Usage:" in done.output
    assert len(done.output.splitlines()) > 5


REFUSALS = [
    (["audit", "--bank", "nonsense"], {}, "UUID"),
    (["serve", "--port", "70000"], {}, "65535"),
    (["migrate"], {"DATABASE_URL": OTHER_DATABASE}, "EVENHOUR_SECRET_KEY"),
    (["serve"], {"DATABASE_URL": OTHER_DATABASE, "SECRET_KEY": "short"}, "32 random characters"),
    (["serve"], {"DATABASE_URL": OTHER_DATABASE, "SECRET_KEY": " " * 40}, "32 random characters"),
    (["worker", "--once"], {"SMS_PROVIDER": "twilio"}, "EVENHOUR_TWILIO_ACCOUNT_SID"),
    (["audit"], {"QUIET_HOURS": "at night"}, "pattern"),
    (["audit"], {"DATA_DIR": "/tmp/" + "x" * 100}, "too long"),
    (["nonsense"], {}, "nonsense"),
]


@pytest.mark.parametrize(("arguments", "settings", "says"), REFUSALS, ids=lambda v: str(v)[:40])
def test_what_cannot_be_begun_is_refused_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], settings: dict[str, str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(f"EVENHOUR_{name}", value)
    done: Result = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2, done.output
    assert says in " ".join(done.output.replace("│", " ").split()), done.output
    assert list(tmp_path.iterdir()) == [], "nothing was begun"
