"""The camera in the page, with a film of a poster in front of it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from playwright.async_api import BrowserContext, Page, async_playwright

from mobile_web.forms import SESSION_COOKIE
from tests.journeys.shaky import listening
from tests.mobile_web.camera import film, poster
from tests.mobile_web.pages import Street, chromium

CODE = "P7K29MQX4TB3"


@asynccontextmanager
async def before_the_camera(film_path: Path) -> AsyncIterator[BrowserContext]:
    """A phone whose camera sees the film."""
    arguments = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film_path}",
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), chromium_sandbox=os.getuid() != 0, args=arguments
        )
        yield await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        await browser.close()


async def signed_in(context: BrowserContext, street: Street, name: str, address: str) -> None:
    cookie: Any = {"name": SESSION_COOKIE, "value": street.cookies[name], "url": address}
    await context.add_cookies([cookie])


async def test_a_poster_before_the_camera_leads_to_its_page(
    app: FastAPI, street: Street, tmp_path: Path
) -> None:
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        seen = film(tmp_path / "poster.y4m", [poster(f"{address}/c/{CODE}", 300)])
        async with before_the_camera(seen) as context:
            await signed_in(context, street, "Ann", address)
            page: Page = await context.new_page()
            await page.goto(address + "/scan")
            await page.wait_for_url(f"**/c/{CODE}")


async def test_a_sticker_over_the_poster_leads_nowhere(app: FastAPI, street: Street, tmp_path: Path) -> None:
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        seen = film(tmp_path / "sticker.y4m", [poster(f"https://evil.example/c/{CODE}", 300)])
        async with before_the_camera(seen) as context:
            await signed_in(context, street, "Ann", address)
            page: Page = await context.new_page()
            await page.goto(address + "/scan")
            await page.get_by_text("That code is not one of ours").wait_for()
            assert page.url == address + "/scan"
