"""Frames of a camera: most bad ones are read, none that say nothing, and none for strangers."""

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from mobile_web import frames
from tests.mobile_web.camera import SIZE, frame, jpeg, poster

Person = Callable[[str], Any]
LINK = "https://timebank.example.org/c/P7K29MQX4TB3"
FRAMES = 200
READ_MIN = 0.9


def test_nine_in_ten_of_two_hundred_bad_frames_are_read() -> None:
    read = sum(frames.read(frame(LINK, seed)) == [LINK] for seed in range(FRAMES))
    print(f"{read} of {FRAMES} frames read")
    assert read >= READ_MIN * FRAMES


def test_frames_that_nobody_could_read_are_not_read() -> None:
    """The control: blurred until the squares run into each other, and what is said is never made up."""
    found = [frames.read(frame(LINK, seed, blur=8)) for seed in range(40)]
    assert sum(map(bool, found)) <= 4
    assert {text for texts in found for text in texts} <= {LINK}


def test_a_sheet_without_a_code_says_nothing() -> None:
    assert frames.read(jpeg(Image.new("L", SIZE, 180))) == []


def png() -> bytes:
    from io import BytesIO

    kept = BytesIO()
    poster(LINK, 300).save(kept, "PNG")
    return kept.getvalue()


@pytest.mark.parametrize("sent", [b"", b"\xff\xd8\xff", b"GIF89a", png(), jpeg(Image.new("L", (3000, 3000)))])
def test_only_a_frame_is_opened(sent: bytes) -> None:
    with pytest.raises(frames.NotAFrame):
        frames.read(sent)


async def test_a_signed_in_phone_has_its_frames_read(as_person: Person) -> None:
    ann = as_person("Ann")
    answer = await ann.client.post("/scan/frame", content=jpeg(poster(LINK, 300)))
    assert answer.json() == {"codes": [LINK]}
    answer = await ann.client.post("/scan/frame", content=b"no frame")
    assert answer.status_code == 422
    answer = await ann.client.post("/scan/frame", content=b"x" * (frames.FRAME_BYTES_MAX + 1))
    assert answer.status_code == 413
    ann.client.cookies.clear()
    assert (await ann.client.post("/scan/frame", content=jpeg(poster(LINK, 300)))).status_code == 401


async def test_a_phone_that_sends_too_many_frames_has_to_wait(
    as_person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "FRAMES_A_MINUTE_MAX", 3)
    ann, ben = as_person("Ann"), as_person("Ben")
    empty = jpeg(Image.new("L", (64, 48)))
    answers = [(await ann.client.post("/scan/frame", content=empty)).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert (await ben.client.post("/scan/frame", content=empty)).status_code == 200


async def test_a_typed_code_leads_where_its_square_leads(as_person: Person) -> None:
    ann = as_person("Ann")
    ann.client.follow_redirects = False
    for typed, path in (
        ("P7K2-9MQX-4TB3", "/c/P7K2-9MQX-4TB3"),
        (" p7k2 9mqx 4tb3 ", "/c/p7k29mqx4tb3"),
        ("//evil.example", "/c/%2F%2Fevil.example"),
    ):
        answer = await ann.client.get("/scan", params={"code": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, path)
