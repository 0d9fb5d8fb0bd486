"""Printing through the door: who may, what lies in the post bag, and nothing of another's."""

from io import BytesIO
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader
from uuid_utils.compat import uuid7

from exchange.activities import places
from exchange.membership import viewer
from exchange.membership.contacts import ContactDraft
from mobile_web.forms import SESSION_COOKIE
from tests.api.conftest import Service
from tests.api.test_sheets import squares
from tests.exchange.activities.group import Group, hold_a_group
from tests.small_bank import Small

PUBLIC = "http://evenhour.test"


@pytest.fixture
async def group(service: Service) -> Group:
    """A lunch at the day centre, today, where Ann has a place; Wyn is told things by post."""
    async with service.database.transaction(service.bank_id) as session:
        small = Small(session, service.bank_id, service.clock.at, organisation_id=service.organisation_id)
        for name, member_id in service.ids.items():
            found = await viewer.load(session, service.bank_id, member_id)
            assert found
            small.people[name] = found
        made = await hold_a_group(small)
        await places.book(session, small["Ann"], made.session_id, place_id=uuid7(), at=small.at)
        address = ContactDraft(value="Wyn Rees\n1 Lantern Street\nCardiff", kind="post")
        await small.add("Wyn", contacts=[address])
        hidden = ContactDraft(value="Nell Ash\n2 Lantern Street", kind="post", is_discreet=True)
        await small.add("Nell", contacts=[hidden])
        service.ids["Wyn"] = small["Wyn"].member_id
    return made


async def printed(service: Service, who: str, path: str) -> httpx.Response:
    cookies = {SESSION_COOKIE: service.tokens[who]}
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC, cookies=cookies) as client:
        return await client.get(path)


def words(answer: httpx.Response) -> list[str]:
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    return [page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages]


async def test_a_sessions_poster_and_roster_are_for_its_helpers(service: Service, group: Group) -> None:
    poster = await printed(service, "Cora", f"/sessions/{group.session_id}/poster.pdf")
    ((square,),) = squares(poster.content, scale=2)
    assert square.startswith(f"{PUBLIC}/c/P")
    assert "Lunch together" in words(poster)[0]
    roster = await printed(service, "Cora", f"/sessions/{group.session_id}/roster.pdf")
    assert squares(roster.content) == [[square]], "printed again, it has the same code"
    assert "Ann" in words(roster)[0]
    for sheet in ("poster", "roster"):
        answer = await printed(service, "Ben", f"/sessions/{group.session_id}/{sheet}.pdf")
        assert answer.status_code == 403


async def test_a_tills_day_names_who_is_expected(service: Service, group: Group) -> None:
    path = f"/organisations/{service.organisation_id}/day.pdf"
    page = words(await printed(service, "Cora", path))[0]
    assert "Lunch together" in page
    assert "Ann" in page
    assert "Nothing is booked" in words(await printed(service, "Cora", f"{path}?day=2026-01-01"))[0]
    assert (await printed(service, "Ben", path)).status_code in (403, 404)


async def test_cards_are_the_desks_to_print(service: Service, group: Group) -> None:
    path = f"/desk/members/{service.ids['Ann']}/card.pdf"
    one = await printed(service, "Cora", path)
    ((square,),) = squares(one.content)
    everybody = await printed(service, "Cora", "/desk/print/cards.pdf")
    found = [text for page in squares(everybody.content) for text in page]
    assert square in found
    assert len(set(found)) == len(found) == 7
    assert (await printed(service, "Ann", path)).status_code == 403
    assert (await printed(service, "Ann", "/desk/print/cards.pdf")).status_code == 403


async def test_the_post_bag_is_for_those_who_are_told_by_post(service: Service, group: Group) -> None:
    hours = (await service.log("Cora", "gave", "Ben", 60)).json()
    page = await printed(service, "Cora", "/desk/print")
    assert "Wyn" in page.text
    assert "Nell" not in page.text, "nobody's envelope carries our name who must not be found"
    assert len(words(await printed(service, "Cora", "/desk/print/statements.pdf"))) == 1
    letters = words(await printed(service, "Cora", "/desk/print/whats-on.pdf"))
    assert ["Wyn Rees" in letter and "Lunch together" in letter for letter in letters] == [True]
    assert hours["id"]


async def test_receipts_are_for_hours_that_were_added(service: Service, group: Group) -> None:
    told = (await service.log("Ann", "gave", "Ben", 90)).json()
    path = f"/hours/{told['id']}/receipt.pdf"
    assert (await printed(service, "Ann", path)).status_code == 404
    await service.call("Ben", "POST", f"/hours/{told['id']}/confirm")
    assert "You gave Ben 1 h 30 min" in words(await printed(service, "Ann", path))[0]
    assert "Ann gave you 1 h 30 min" in words(await printed(service, "Ben", path))[0]
    assert (await printed(service, "Cyd", path)).status_code == 404
    with_wyn = {"on_behalf_of": str(service.ids["Wyn"]), "reason": "No phone", "evidence": "Rang me"}
    told = (await service.log("Cora", "gave", "Ann", 30, **with_wyn)).json()
    await service.call("Ann", "POST", f"/hours/{told['id']}/confirm")
    bag = words(await printed(service, "Cora", "/desk/print/receipts.pdf"))
    assert ["You gave Ann 30 min" in page and "1 Lantern Street" in page for page in bag] == [True]


async def test_everybody_may_print_whats_on(service: Service, group: Group) -> None:
    assert "Lunch together" in words(await printed(service, "Ben", "/whats-on.pdf"))[0]


async def test_what_is_not_printed_is_not_found(service: Service) -> None:
    nothing: UUID = uuid7()
    for path in (
        f"/sessions/{nothing}/poster.pdf",
        f"/time-notes/{nothing}/notes.pdf",
        f"/hours/{nothing}/receipt.pdf",
        "/desk/print/secrets.pdf",
    ):
        assert (await printed(service, "Cora", path)).status_code == 404
