"""The design language keeps its promises, measured in a real browser on the page that shows every part."""

import gzip
import re

import httpx
import pytest
from playwright.async_api import Browser

from mobile_web import assets
from tests.mobile_web.pages import SIDEWAYS, violations

SIZES = {"a small phone": (320, 640), "a phone": (360, 740), "a desk": (1200, 900)}
TOO_SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
  .filter(part => part.checkVisibility() && !part.closest('p, h1, h2, h3, .vh') && !part.matches('.skip'))
  .map(part => part.closest('.check, .pick') || part)
  .filter(part => part.getBoundingClientRect().height < 43.5)
  .map(part => part.outerHTML.slice(0, 90))"""
DOUBLE_TEXT = "document.documentElement.style.fontSize = '200%'"


@pytest.mark.parametrize(
    ("size", "turned"),
    [
        ("a small phone", ""),
        ("a phone", "?theme=dark"),
        ("a phone", "?dir=rtl"),
        ("a desk", "?as=desk"),
        ("a desk", ""),
    ],
)
async def test_every_part_is_accessible_everywhere(
    browser: Browser, address: str, size: str, turned: str
) -> None:
    width, height = SIZES[size]
    async with await browser.new_page(viewport={"width": width, "height": height}) as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        await page.goto(f"{address}/design{turned}")
        assert await violations(page) == []
        assert await page.evaluate(SIDEWAYS) == 0
        assert await page.evaluate(TOO_SMALL) == []
        assert complaints == [], "the content security policy lets every part through"


@pytest.mark.parametrize("size", SIZES)
async def test_text_grows_to_twice_its_size_without_sideways_scroll(
    browser: Browser, address: str, size: str
) -> None:
    width, height = SIZES[size]
    async with await browser.new_page(viewport={"width": width, "height": height}) as page:
        await page.goto(f"{address}/design")
        before = await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        await page.evaluate(DOUBLE_TEXT)
        assert await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 2 * before
        assert await page.evaluate(SIDEWAYS) == 0


async def test_the_accessibility_check_can_fail(browser: Browser) -> None:
    async with await browser.new_page() as page:
        await page.set_content("<html><title>x</title><main><h1>x</h1><img src=x><button></button></main>")
        assert await violations(page)


async def test_the_stylesheet_stays_small() -> None:
    body = assets.assets()["evenhour.css"].body
    assert len(gzip.compress(body, 9)) <= 12 * 1024


async def test_the_stylesheet_knows_no_left_or_right() -> None:
    css = assets.assets()["evenhour.css"].body.decode()
    assert re.findall(r"(?:margin|padding|border|inset)-(?:left|right)|text-align: (?:left|right)", css) == []


async def test_nothing_on_a_page_comes_from_elsewhere_or_stands_inline(client: httpx.AsyncClient) -> None:
    reply = await client.get("/design")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert re.findall(r'(?:src|href)="(?!/|#|\?)', reply.text) == []
    assert " style=" not in reply.text
    assert re.findall(r"<script(?![^>]* src=)", reply.text) == []


async def test_a_file_is_found_by_name_only(client: httpx.AsyncClient) -> None:
    assert (await client.get(assets.address("evenhour.css"))).status_code == 200
    assert (await client.get("/static/..%2fdoor.py")).status_code == 404
