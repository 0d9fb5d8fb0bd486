"""The camera in the page, with a film of a printed poster: a check-in lands, with and without signal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from fastapi import FastAPI
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page
from sqlalchemy import select

from api import paper
from api.database import Database
from exchange.activities import codes
from exchange.activities.codes import Code
from exchange.activities.tables import CheckIn
from mobile_web import frames
from mobile_web.forms import SESSION_COOKIE
from tests.exchange.activities.group import Group, hold_a_group
from tests.journeys.shaky import listening
from tests.journeys.test_without_signal import expect_at_hand, ready, until_sent
from tests.mobile_web.camera import SIZE, film, poster
from tests.mobile_web.pages import Street, a_browser
from tests.small_bank import Small

CODE = "P7K29MQX4TB3"
NOTHING = Image.new("L", SIZE, 90)


@dataclass(frozen=True)
class Camera:
    """A phone whose camera sees the picture that is held before it."""

    browser: Browser
    film: Path

    @asynccontextmanager
    async def before(self, picture: Image.Image) -> AsyncIterator[BrowserContext]:
        # Another file under the same name: a camera that is still closing reads the old one to its end.
        film(self.film.with_suffix(".new"), [picture]).replace(self.film)
        context = await self.browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        yield context
        await context.close()


@pytest.fixture(scope="module")
async def camera(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Camera]:
    """One browser for all tests of this file, which opens the film anew with each camera."""
    path = tmp_path_factory.mktemp("camera") / "film.y4m"
    film(path, [NOTHING])
    async with a_browser(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ) as browser:
        yield Camera(browser, path)


async def signed_in(context: BrowserContext, street: Street, name: str, address: str) -> None:
    cookie: Any = {"name": SESSION_COOKIE, "value": street.cookies[name], "url": address}
    await context.add_cookies([cookie])


async def a_group(database: Database, street: Street) -> Group:
    """A lunch, now, that anybody may come to."""
    async with database.transaction(street.bank_id) as session:
        small = Small(session, street.bank_id, street.at, street.people, street.organisation_id)
        return await hold_a_group(small, is_trusted=True)


async def code_of(database: Database, street: Street, kind: codes.Kind, key: Any) -> Code:
    async with database.transaction(street.bank_id) as session:
        return await codes.issue(session, street.bank_id, kind, key, at=street.at)


async def printed(database: Database, street: Street, group: Group, address: str) -> Image.Image:
    """The real poster, from the printer, held before the camera."""
    async with database.transaction(street.bank_id) as session:
        made = await paper.poster(session, street["Cora"], group.session_id, public_url=address, at=street.at)
    document = pypdfium2.PdfDocument(made)
    page = document[0].render(scale=1.2).to_pil().convert("L")
    document.close()
    seen = Image.new("L", SIZE, 150)
    held = page.crop((0, page.height * 3 // 10, page.width, page.height * 8 // 10))
    seen.paste(held.resize((round(held.width * SIZE[1] / held.height), SIZE[1])), (20, 0))
    return seen


async def check_ins(database: Database, street: Street) -> list[CheckIn]:
    async with database.transaction(street.bank_id) as session:
        return list((await session.scalars(select(CheckIn))).all())


async def test_a_printed_poster_is_scanned_and_the_check_in_lands(
    app: FastAPI, street: Street, database: Database, camera: Camera
) -> None:
    group = await a_group(database, street)
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        seen = await printed(database, street, group, address)
        async with camera.before(seen) as context:
            await signed_in(context, street, "Ann", address)
            page: Page = await context.new_page()
            await page.goto(address + "/scan")
            await page.get_by_role("button", name="I am here").click()
            await page.get_by_text("We know that you are here").wait_for()
    (row,) = await check_ins(database, street)
    assert (row.member_id, row.way) == (street["Ann"].member_id, "poster")
    assert row.flags == ["clock"], "the service's clock of this test is not the phone's"


READS = """
class BarcodeDetector {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect(video) {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const texts = await readOnThisPhone(canvas.toDataURL("image/jpeg", 0.8));
    return texts.map((rawValue) => ({ rawValue }));
  }
}
self.BarcodeDetector = BarcodeDetector;
"""


async def reading_by_itself(context: BrowserContext) -> None:
    """A phone whose browser reads codes, as those on Android do: this machine's browser has no such part."""
    from base64 import b64decode

    async def read_here(picture: str) -> list[str]:
        return frames.read(b64decode(picture.partition(",")[2]))

    await context.expose_function("readOnThisPhone", read_here)
    await context.add_init_script(READS)


async def test_with_the_service_stopped_a_scan_is_kept_and_checks_in_once(
    app: FastAPI, street: Street, database: Database, camera: Camera
) -> None:
    group = await a_group(database, street)
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        seen = await printed(database, street, group, address)
    async with camera.before(seen) as context:
        await signed_in(context, street, "Ann", address)
        await reading_by_itself(context)
        page: Page = await context.new_page()
        async with listening(app, port):
            await page.goto(address + "/")
            await ready(page)
            await expect_at_hand(page, "/scan")
        await page.goto(address + "/scan")
        await page.get_by_role("button", name="Send").click()
        await page.get_by_text("as soon as there is signal").wait_for()
        await page.close()
        assert await check_ins(database, street) == []
        async with listening(app, port):
            tabs = [await context.new_page() for _ in range(2)]
            for tab in tabs:
                await tab.goto(address + "/kept")
            await until_sent(tabs[0])
    (row,) = await check_ins(database, street)
    assert (row.member_id, row.session_id) == (street["Ann"].member_id, group.session_id)


async def test_the_phones_own_camera_opens_a_poster_without_signal(
    app: FastAPI, street: Street, database: Database, camera: Camera
) -> None:
    """A link to a page that this phone never saw: one tap, kept, and there once."""
    group = await a_group(database, street)
    code = await code_of(database, street, "poster", group.session_id)
    async with camera.before(NOTHING) as context:
        page: Page = await context.new_page()
        async with listening(app) as port:
            address = f"http://127.0.0.1:{port}"
            await signed_in(context, street, "Ann", address)
            await page.goto(address + "/")
            await ready(page)
            await expect_at_hand(page, "/scan")
        await page.goto(address + code.path)
        await page.get_by_text(f"Code {code.shown}").wait_for()
        await page.get_by_role("button", name="Send").click()
        await page.get_by_text("as soon as there is signal").wait_for()
        async with listening(app, port):
            await page.goto(address + "/kept")
            await until_sent(page)
    (row,) = await check_ins(database, street)
    assert row.session_id == group.session_id


async def test_a_helper_in_a_hall_without_signal_checks_in_cards_and_names(
    app: FastAPI, street: Street, database: Database, camera: Camera
) -> None:
    group = await a_group(database, street)
    cards = [await code_of(database, street, "card", street[who].member_id) for who in ("Ben", "Cyd")]
    async with camera.before(NOTHING) as context:
        page: Page = await context.new_page()
        async with listening(app) as port:
            address = f"http://127.0.0.1:{port}"
            await signed_in(context, street, "Cora", address)
            await page.goto(f"{address}/sessions/{group.session_id}/roster")
            await ready(page)
            await expect_at_hand(page, f"/scan?at={group.session_id}")
        await page.goto(f"{address}/sessions/{group.session_id}/roster")
        await page.get_by_text("as this phone last saw it").wait_for()
        await page.get_by_role("link", name="Scan their cards").click()
        for card in (*cards, cards[0]):
            await page.get_by_label("Or type the code").fill(card.shown.lower())
            await page.get_by_role("button", name="Go on").click()
            await page.get_by_role("button", name="Send").click()
            await page.get_by_text("as soon as there is signal").wait_for()
            await page.get_by_role("link", name="Scan another").click()
        async with listening(app, port):
            await page.goto(address + "/kept")
            await until_sent(page)
    came = sorted((row.way, row.member_id) for row in await check_ins(database, street))
    assert came == sorted(("card", street[who].member_id) for who in ("Ben", "Cyd"))


async def test_a_sticker_over_the_poster_leads_nowhere(app: FastAPI, street: Street, camera: Camera) -> None:
    async with listening(app) as port:
        address = f"http://127.0.0.1:{port}"
        async with camera.before(poster(f"https://evil.example/c/{CODE}", 300)) as context:
            await signed_in(context, street, "Ann", address)
            page: Page = await context.new_page()
            await page.goto(address + "/scan")
            await page.get_by_text("That code is not one of ours").wait_for()
            assert page.url == address + "/scan"
