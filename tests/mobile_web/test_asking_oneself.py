"""Somebody asks for themselves: in their own language, asked less, and told who has looked."""

from collections.abc import Callable

from api.database import Database
from exchange.membership import banks, members
from exchange.prescribing import codes
from mobile_web import referral_words
from mobile_web.languages import language
from tests.mobile_web.pages import Pages, Street


async def test_the_way_for_oneself_is_in_welsh_from_the_first_page_to_the_last(
    as_person: Callable[[str], Pages], street: Street, database: Database
) -> None:
    async with database.transaction(street.bank_id) as session:
        await banks.set_policy(session, street["admin"], {"languages": ["en", "cy", "bn"]})
        ann = street["Ann"]
        await members.change(session, ann, ann.member_id, {"language": "cy"})
    hers = as_person("Ann")
    page = await hers.get("/refer/new")
    assert "Enw llawn" in page.text
    assert "NHS" not in page.text
    wrong = await hers.press(page, "/refer/new", name="Ann Jones", telephone="12")
    assert wrong.status_code == 422
    assert "Gwiriwch" in wrong.text
    page = await hers.press(page, "/refer/new", name="Ann Jones", telephone="07700 900321")
    assert "Mwy o gwmni" in page.text
    page = await hers.press(page, page.url.path, need_company="yes", aspiration="Canu")
    refused = await hers.press(page, page.url.path, talks="yes")
    assert refused.status_code == 422
    page = await hers.press(page, page.url.path, talks="yes", consents="yes")
    assert "Diolch" in page.text
    again = await hers.get(page.url.path)
    assert "Mwy o gwmni" in again.text
    assert "wedi&#39;i anfon" in again.text
    looks = await hers.get(f"{page.url.path}/log")
    assert "pwy ydych chi" in looks.text
    assert "More company" not in page.text + again.text


def test_the_shipped_needs_have_their_words_in_each_language() -> None:
    shipped = {code.code: code.words for code in codes.shipped() if code.kind == "need"}
    assert shipped == referral_words.NEEDS
    for code, words in shipped.items():
        assert referral_words.need(language("bn"), code, words) != words
    assert referral_words.need(language("bn"), "company", "A bank's own words") == "A bank's own words"
