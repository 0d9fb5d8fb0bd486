"""The console twin of every channel: each message is one JSON line in a file.

Nobody needs a provider's account to develop or to rehearse. One line is one write to a file opened for
appending, so lines never mix; a line that is there was sent, so a crash is reconciled as with a provider.
"""

import asyncio
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from notifications.channels.contract import Found, Outgoing, Sent, Taken


class ConsoleChannel:
    """Appends messages to a file; finds them again by their reference."""

    can_look_up = True

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, message: Outgoing) -> Sent:
        await asyncio.to_thread(self._append, message)
        return Taken(f"console:{message.reference}", is_delivered=True)

    async def find(self, message: Outgoing, *, since: datetime) -> Sequence[Found]:
        del since  # a reference is never used twice, so there is nothing to narrow
        is_there = await asyncio.to_thread(self._contains, str(message.reference))
        return [Found(f"console:{message.reference}", "delivered")] if is_there else []

    def _append(self, message: Outgoing) -> None:
        line = {
            "to": message.to,
            "channel": message.channel,
            "language": message.language,
            "body": message.body,
            "reference": str(message.reference),
        }
        if message.subject:
            line["subject"] = message.subject
        if message.attachment is not None:
            line["attachment"] = message.attachment.name
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, (json.dumps(line, ensure_ascii=False) + "\n").encode())
        finally:
            os.close(file)

    def _contains(self, reference: str) -> bool:
        if not self._path.exists():
            return False
        with self._path.open(encoding="utf-8") as lines:
            return any(reference in line for line in lines)
