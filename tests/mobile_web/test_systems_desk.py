"""Systems of a practice, let in and shut out from the desk."""

import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.prescribing import clients, practices


async def test_a_secret_is_shown_once_and_its_system_shut_out(
    app: FastAPI, street: Any, as_person: Callable[[str], Any], database: Database
) -> None:
    app.state.public_url = "http://bank.test"
    async with database.transaction(street.bank_id) as session:
        made = await practices.add(session, street["Cora"], "Larch Surgery", ods_code="G85123", at=street.at)
    here = f"/desk/practices/{made.practice_id}/systems"
    admin = as_person("admin")
    page = await admin.get(here)
    empty = await admin.press(page, here, name=" ")
    assert (empty.status_code, "Please fill this in" in empty.text) == (422, True)
    shown = await admin.press(page, here, name="Records")
    handle, secret = re.findall(r"<dd><code>([^<]+)</code>", shown.text)[:2]
    again = await admin.press(page, here, name="Records")
    assert (again.status_code, secret in again.text, handle in again.text) == (200, False, True)
    known = clients.read_handle(handle)
    assert known
    assert await opens(database, street, known[1], secret)
    listed = await admin.get(here)
    await admin.press(listed, f"/desk/practices/systems/{known[1]}/end")
    assert not await opens(database, street, known[1], secret)
    cora = as_person("Cora")
    seen = await cora.get(here)
    assert "An administrator lets systems in" in seen.text
    refused = await cora.client.post(here, data={"id": str(uuid7()), "name": "x"})
    assert refused.status_code == 403


async def opens(database: Database, street: Any, client_id: Any, secret: str) -> bool:
    async with database.transaction(street.bank_id) as session:
        found = await clients.open_token(session, street.bank_id, client_id, secret, at=street.at)
    return found is not None
