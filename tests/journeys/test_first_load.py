"""What a phone with little data pays for the first page."""

from typing import Any

from playwright.async_api import Response

from api.database import Database
from exchange.hours import log, verbs
from tests.mobile_web.pages import Street
from tests.small_bank import gave

FIRST_LOAD_BYTES_MAX = 40 * 1024


async def test_home_and_all_it_needs_is_at_most_forty_kilobytes(
    phone_of: Any, street: Street, database: Database
) -> None:
    async with database.transaction(street.bank_id) as session:
        for minutes in range(30, 180, 30):
            hours = await log.log(session, street["Ann"], gave(street["Ben"], minutes), at=street.at)
            await verbs.confirm(session, street["Ben"], hours.hours_id, at=street.at)
            await log.log(session, street["Ben"], gave(street["Ann"], minutes), at=street.at)
    replies: list[Response] = []
    async with phone_of("Ann") as ann:
        ann.page.on("response", lambda reply: replies.append(reply))  # noqa: PLW0108 - a C function cannot be listened with
        await ann.page.goto(ann.address + "/", wait_until="networkidle")
        sizes = [await reply.request.sizes() for reply in replies]
    assert len(replies) >= 3
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert total <= FIRST_LOAD_BYTES_MAX
