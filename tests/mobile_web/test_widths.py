"""Large text and long words on a small phone: nothing is wider than the screen."""

from typing import Any

from playwright.async_api import Browser

from api.database import Database
from exchange.hours import log
from exchange.membership import organisations
from mobile_web.forms import SESSION_COOKIE
from tests.mobile_web.pages import SIDEWAYS
from tests.small_bank import gave

UNBROKEN = "* { overflow-wrap: normal !important }"


async def test_large_text_and_words_without_a_space_fit_a_small_phone(
    address: str, browser: Browser, street: Any, database: Database
) -> None:
    ann, ben = street["Ann"], street["Ben"]
    async with database.transaction(street.bank_id) as session:
        await organisations.represent(session, street["admin"], street.organisation_id, ann.member_id)
        telling = gave(ben, 60, skill="x" * 90, note="y" * 300)
        hours = await log.log(session, ann, telling, at=street.at)
    context = await browser.new_context(viewport={"width": 320, "height": 844})
    await context.add_cookies([{"name": SESSION_COOKIE, "value": street.cookies["Ann"], "url": address}])
    page = await context.new_page()
    for path in ("/hours", "/statement", f"/hours/{hours.hours_id}"):
        await page.goto(address + path)
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert await page.evaluate(SIDEWAYS) <= 0, path
    await page.evaluate(
        "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s] }",
        UNBROKEN,
    )
    assert await page.evaluate(SIDEWAYS) > 0, "the control: words that may not break are too wide"
    await context.close()
