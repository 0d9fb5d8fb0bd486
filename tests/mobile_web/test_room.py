"""Rooms are only asked about addresses that begin as one of their own does, and about each of those."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from mobile_web.room import Room
from mobile_web.site import page_rooms


def room(*paths: str) -> Room:
    plain = APIRouter()
    for path in paths:
        plain.add_api_route(path, lambda: "here", methods=["GET"])
    return Room(plain.routes)


async def status(app: FastAPI, address: str, method: str = "GET") -> int:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://evenhour.test") as client:
        return (await client.request(method, address)).status_code


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_a_room_answers_wherever_it_is_mounted(prefix: str) -> None:
    app = FastAPI()
    app.include_router(room("/tea", "/milk/{jug}"), prefix=prefix)
    assert await status(app, f"{prefix}/tea") == await status(app, f"{prefix}/milk/1") == 200
    assert await status(app, f"{prefix}/coffee") == 404
    assert await status(app, f"{prefix}/tea", "DELETE") == 405


async def test_a_room_whose_addresses_begin_with_any_word_is_always_asked() -> None:
    app = FastAPI()
    app.include_router(room("/{anything}/tea"))
    assert await status(app, "/no-such-word/tea") == 200


async def test_a_room_that_thinks_an_address_is_not_its_own_is_not_asked() -> None:
    """The control: what is not asked cannot answer."""
    app, shut = FastAPI(), room("/tea")
    shut.first_words = frozenset({"milk"})
    app.include_router(shut)
    assert await status(app, "/tea") == 404


def test_no_page_of_ours_makes_its_room_be_asked_always() -> None:
    assert [each for each in page_rooms() if each.is_always_asked] == []
