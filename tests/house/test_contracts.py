"""Each import contract is caught breaking: one copy of the house, one forbidden import planted at a time."""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
NAMES = [found["name"] for found in CONTRACTS["contracts"]]


def contract(words: str) -> str:
    """The one contract whose name says this."""
    (found,) = [name for name in NAMES if words in name]
    return found


ROOMS = contract("The rooms")
WORDS = contract("Words and books")
JOINED = contract("No room but api")
WEB = contract("No web framework")
PROVIDERS = contract("provider's SDK")
TABLES = contract("tables are private")

PLANTS = [
    (ROOMS, "ledger", "import exchange.errors"),
    (ROOMS, "exchange", "import mobile_web.words"),
    (ROOMS, "mobile_web", "from api.settings import Settings"),
    (ROOMS, "exchange/hours", "def late():\n    import api.database"),
    (WORDS, "notifications", "import ledger"),
    (WORDS, "notifications", "from exchange.outbox import Event"),
    (JOINED, "ledger", "import notifications.segments"),
    (JOINED, "exchange/membership", "from notifications import queue"),
    (JOINED, "mobile_web/pages", "import notifications"),
    (WEB, "ledger", "import starlette.responses"),
    (WEB, "notifications", "import uvicorn"),
    (WEB, "exchange", "from fastapi import HTTPException"),
    (PROVIDERS, "exchange", "import twilio.rest"),
    (PROVIDERS, "api/routes", "import aiosmtplib"),
    (TABLES, "exchange/hours", "from ledger.tables import Account"),
    (TABLES, "mobile_web", "import ledger.tables"),
    (TABLES, "api/routes", "import ledger.tables"),
]
"""The contract that breaks, the folder the planted module stands in, and what it says."""

LINT = """
import json, sys
from pathlib import Path
sys.path.insert(0, ".")
import importlinter.api
from importlinter.application import use_cases

def broken():
    options = use_cases.read_user_options("pyproject.toml")
    use_cases._register_contract_types(options)
    report = use_cases.create_report(options, cache_dir="cache", verbose=True)
    return [contract.name for contract, check in report.get_contracts_and_checks() if not check.kept]

found = [broken()]
for _, folder, text in json.loads(sys.argv[1]):
    planted = Path(folder, "planted.py")
    planted.write_text(text)
    found.append(broken())
    planted.unlink()
print("found:" + json.dumps(found))
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The names of the broken contracts: first in the clean copy, then with each plant."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for room in CONTRACTS["root_packages"]:
        for source in (ROOT / room).rglob("*.py"):
            target = copy / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    done = subprocess.run(
        [sys.executable, "-c", LINT, json.dumps(PLANTS)],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: list[list[str]] = json.loads(done.stdout.rpartition("found:")[2])
    return found


def test_the_house_as_it_stands_keeps_every_contract(broken: list[list[str]]) -> None:
    assert broken[0] == []


@pytest.mark.parametrize("number", range(len(PLANTS)), ids=lambda n: f"{PLANTS[n][1]}: {PLANTS[n][2][-24:]}")
def test_a_planted_import_is_caught(broken: list[list[str]], number: int) -> None:
    assert PLANTS[number][0] in broken[number + 1]


def test_every_contract_has_been_seen_to_break() -> None:
    assert {name for name, *_ in PLANTS} == set(NAMES)


def test_no_exception_is_written_into_a_contract() -> None:
    """An `ignore_imports` line would let a violation stand while everything else stays green."""
    assert [c["name"] for c in CONTRACTS["contracts"] if "ignore_imports" in c] == []
