"""The commands an operator types: what they print, and how they end when they cannot do what they say.

What needs a database is a real process on a data folder of its own; what is refused before one is opened is
asked in this process, since starting a process costs more than refusing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result
from typer.main import get_command
from typer.testing import CliRunner

from api.cli import app
from tests.probes.running import Installation, installation, printed

OTHER_DATABASE = "postgresql://evenhour_app@127.0.0.1:1/evenhour"
PHONE = "07700 900123"


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


@pytest.fixture(scope="module")
def place() -> Iterator[Installation]:
    with installation() as made:
        yield made


@pytest.fixture(scope="module")
def bank(place: Installation) -> dict[str, str]:
    return printed(place.command("bank", "create", "Lantern Street", "--admin", PHONE, "--json"))


def test_a_new_bank_is_texted_worked_on_and_audited(place: Installation, bank: dict[str, str]) -> None:
    text, worker, audit, nowhere, nothing = place.commands(
        ["text", PHONE, "MENU", "--json"],
        ["worker", "--once"],
        ["audit", "--json"],
        ["bank", "create", "Nowhere", "--admin", "123"],
        ["bank", "create", " ", "--admin", PHONE],
    )
    assert (text.code, worker.code, audit.code) == (0, 0, 0), text.err + worker.err + audit.err
    assert "BALANCE" in json.loads(text.out)["answer"]
    assert "done" in worker.err
    assert '"is_clean": true' in audit.out
    assert bank["bank_id"] in audit.out
    assert (nowhere.code, nothing.code) == (1, 1)
    assert "telephone" in nowhere.err
    assert "empty" in nothing.err


def test_the_link_of_a_new_bank_opens_signed_in(place: Installation, bank: dict[str, str]) -> None:
    """The printed link is a page of ours; it asks for one press, which only the page's own form can give."""
    place.serve("--no-worker")
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(bank["link"])
        assert page.status_code == 200, page.text
        assert "Lantern Street" in page.text
