"""Statements and letters on paper: one page, readable by a machine that reads aloud, every script set."""

from io import BytesIO

from pypdf import PdfReader

from exchange.membership import viewer
from exchange.membership.contacts import ContactDraft
from mobile_web.forms import SESSION_COOKIE
from tests.api.conftest import Service
from tests.small_bank import Small


def read(pdf: bytes) -> PdfReader:
    assert pdf.startswith(b"%PDF")
    return PdfReader(BytesIO(pdf))


async def test_a_statement_is_one_tagged_page_with_every_line(service: Service) -> None:
    for minutes in (90, 30):
        hours = (await service.log("Ann", "gave", "Ben", minutes)).json()
        await service.call("Ben", "POST", f"/hours/{hours['id']}/confirm")
    answer = await service.call("Ben", "GET", "/me/statement.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    pdf = read(answer.content)
    words = pdf.pages[0].extract_text()
    assert len(pdf.pages) == 1
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    for word in ("Lantern Street", "Ben", "Ann helped you", "1 h 30 min", "2 h more help had than given"):
        assert word in words


async def test_the_banks_own_accounts_have_a_name_in_the_readers_language(service: Service) -> None:
    languages = {"languages": ["en", "cy"]}
    assert (await service.call("admin", "PATCH", "/policy", json=languages)).status_code == 200
    await service.call("Cora", "PATCH", f"/members/{service.ids['Ben']}", json={"language": "cy"})
    hours = (await service.log("Ann", "gave", "Cyd", 60)).json()
    await service.call("Cyd", "POST", f"/hours/{hours['id']}/confirm")
    await service.call("Ann", "POST", "/gifts", json={"minutes": 60})
    await service.work()
    for name in ("Ben", "Cyd"):
        given = {"to": str(service.ids[name]), "minutes": 30, "from_pot": True}
        assert (await service.call("Cora", "POST", "/gifts", json=given)).status_code == 201
    texts = {message["to"]: message["body"] for message in await service.work()}
    for name, called, other in (
        ("Ben", "Y gronfa gymunedol", "Community pot"),
        ("Cyd", "Community pot", "gronfa"),
    ):
        cookie = {"cookie": f"{SESSION_COOKIE}={service.tokens[name]}"}
        page = (await service.client.get("/statement", headers=cookie)).text
        paper = await service.call(name, "GET", "/me/statement.pdf")
        sheet = read(paper.content).pages[0].extract_text()
        for shown in (texts[service.phones[name]], page, sheet):
            assert called in shown
            assert other not in shown


async def test_a_statement_of_somebody_else_is_not_ones_to_print(service: Service) -> None:
    path = f"/me/statement.pdf?party_id={service.ids['Ann']}"
    assert (await service.call("Ben", "GET", path)).status_code == 404
    assert (await service.call("Cora", "GET", path)).status_code == 200


async def test_letters_for_people_without_a_phone_print_one_to_a_page(service: Service) -> None:
    async with service.database.transaction(service.bank_id) as session:
        small = Small(session, service.bank_id, service.clock.at)
        admin = await viewer.load(session, service.bank_id, service.ids["admin"])
        assert admin
        small.people["admin"] = admin
        for name in ("Wyn", "Olwen"):
            address = ContactDraft(value=f"{name} Rees\n1 Lantern Street\nCardiff", kind="post")
            await small.add(name, contacts=[address])
    await service.work()
    answer = await service.call("Cora", "GET", "/queue/letters.pdf")
    pages = [page.extract_text() for page in read(answer.content).pages]
    assert len(pages) == 2
    assert ["Wyn Rees" in page for page in sorted(pages, key=lambda page: "Wyn" not in page)] == [True, False]
    assert sum("Olwen Rees" in page for page in pages) == 1
    assert (await service.call("Ann", "GET", "/queue/letters.pdf")).status_code == 403
