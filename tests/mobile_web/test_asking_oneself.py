"""Somebody asks for themselves: in their own language, asked less, and told who has looked."""

from collections.abc import Callable
from uuid import UUID

from api.database import Database
from exchange.membership import banks, members, organisations
from exchange.prescribing import codes, states, steps
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


def test_whoever_asks_for_others_has_words_for_every_end_and_flag() -> None:
    shipped = {code.code: code.words for code in codes.shipped() if code.kind == "flag"}
    assert shipped == referral_words.FLAGS
    assert set(referral_words.ENDED) == set(states.REASONS)


async def test_an_organisation_asks_in_its_own_language_and_hears_back(
    as_person: Callable[[str], Pages], street: Street, database: Database
) -> None:
    async with database.transaction(street.bank_id) as session:
        await banks.set_policy(session, street["admin"], {"languages": ["en", "cy", "bn"]})
        ben = street["Ben"]
        await organisations.represent(session, street["admin"], street.organisation_id, ben.member_id)
        await members.change(session, ben, ben.member_id, {"language": "cy"})
    his, side = as_person("Ben"), str(street.organisation_id)
    assert "/referrals" in (await his.get("/settings")).text
    page = await his.get(f"/refer/new?for={side}")
    assert "I bwy mae hyn?" in page.text
    wrong = await his.press(page, "/refer/new", name="", telephone="12")
    assert wrong.text.count('class="field bad"') == 2, "each wrong thing beside its own field"
    page = await his.press(page, "/refer/new", name="Ida Alder", telephone="07700 900321")
    assert "I gadw pawb yn ddiogel" in page.text
    assert "Visit in twos" not in page.text
    page = await his.press(page, page.url.path, need_company="yes", flag_falls="yes")
    refused = await his.press(page, page.url.path, talks="yes")
    assert refused.text.count('class="error"') + refused.text.count("bad") >= 2
    sent = await his.press(page, page.url.path, talks="yes", consents="yes", back="notes")
    assert "Diolch" in sent.text
    key = UUID(sent.url.path.rpartition("/")[2])
    async with database.transaction(street.bank_id) as session:
        await steps.decline(session, street["Cora"], key, reason="full", words="Maybe in May", at=street.at)
    mine = await his.get("/referrals")
    assert "Gair yn ôl" in mine.text
    told = await his.get(f"/referrals/{key}")
    assert "Does dim lle" in told.text
    assert "Maybe in May" in told.text
    assert "Gair yn ôl" not in (await his.get("/referrals")).text, "it was read"
    assert (await as_person("Ann").get(f"/referrals/{key}")).status_code == 404
