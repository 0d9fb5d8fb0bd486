"""`text`: the console's inbound line, for trying what a member's text does."""

import asyncio
import json
from typing import Annotated
from uuid import UUID

import typer
from uuid_utils.compat import uuid7

from api.clock import now
from api.commands.runtime import Json, opened, run, settings
from api.settings import Settings

LOOKS = 30
LOOK_SECONDS = 0.1


def text(
    sender: Annotated[str, typer.Argument(metavar="FROM", help="A telephone number.")],
    body: Annotated[str, typer.Argument(help="What it says: YES, NO, BALANCE, MENU …")],
    as_json: Json = False,
) -> None:
    """Receive a text from a telephone number, as if the provider had brought it."""
    answer = run(_receive(settings(), sender, body))
    typer.echo(json.dumps({"answer": answer}, ensure_ascii=False) if as_json else (answer or "(no answer)"))


async def _receive(chosen: Settings, sender: str, body: str) -> str | None:
    from api import texts
    from api.worker import Worker, channels

    arrived = texts.Text(provider="console", provider_id=str(uuid7()), sender=sender, body=body)
    async with opened(chosen) as (database, _):
        async with database.transaction(None) as session:
            received = await texts.receive(session, arrived, chosen, at=now())
        await Worker(database, chosen, channels(chosen), now).until_done()
    if received.message_id is None:
        return received.on_the_spot
    return await _sent(chosen, received.message_id)


async def _sent(chosen: Settings, message_id: UUID) -> str | None:
    """What the console's log says was sent; a worker in the service may be the one that sends it."""
    for _ in range(LOOKS):
        lines = chosen.messages_path.read_text().splitlines() if chosen.messages_path.exists() else []
        found = next((line for line in reversed(lines) if str(message_id) in line), None)
        if found:
            return str(json.loads(found)["body"])
        await asyncio.sleep(LOOK_SECONDS)
    return None
