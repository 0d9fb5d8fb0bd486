"""The examples in docs/ledger.md are run, and print what the page says they print."""

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

import ledger
from tests.ledger.conftest import TODAY

PAGE = Path(ledger.__file__).parent.parent / "docs" / "ledger.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


def printer(into: list[str]) -> Callable[..., None]:
    def show(*values: object) -> None:
        into.extend(" ".join(map(str, values)).rstrip("\n").split("\n"))

    return show


async def test_every_example_prints_what_the_page_says(
    session: AsyncSession, bank_id: UUID, at: datetime
) -> None:
    said: list[str] = []
    names = {
        "ledger": ledger,
        "session": session,
        "bank_id": bank_id,
        "at": at,
        "today": TODAY,
        "new_id": uuid7,
        "replace": replace,
        "timedelta": timedelta,
        "print": printer(said),
    }
    assert len(BLOCKS) >= 9
    for block in BLOCKS:
        said.clear()
        code = compile(block, str(PAGE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if inspect.iscoroutine(running := eval(code, names)):
            await running
        promised = [line[2:].lstrip() for line in block.split("\n") if line.startswith("#>")]
        assert said == promised


def test_every_exported_name_says_what_it_is() -> None:
    for name in ledger.__all__:
        exported = getattr(ledger, name)
        assert not (inspect.isclass(exported) or inspect.isroutine(exported)) or exported.__doc__, name
