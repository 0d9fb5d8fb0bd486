"""The count beside a text, while it is written, is the server's own."""

import random
from typing import Any

from notifications.segments import measure

PLACE = "/desk/words/cy/gift_received"
LETTERS = list("aZ 0\n@£€[~ŵŷâ’অ😀\N{COMBINING ACUTE ACCENT}")


def texts() -> list[str]:
    dice = random.Random(412)
    edges = [
        letter * n for letter in ("a", "€", "ŵ", "😀") for n in (1, 70, 71, 134, 135, 153, 160, 161, 306, 307)
    ]
    return edges + ["".join(dice.choices(LETTERS, k=dice.randint(1, 300))) for _ in range(150)]


async def test_the_page_counts_as_the_server_does(phone_of: Any) -> None:
    async with phone_of("admin") as admin:
        await admin.open(PLACE)
        shown = await admin.page.evaluate(
            """(texts) => texts.map((text) => {
                const area = document.querySelector("textarea[data-count]");
                area.value = text;
                area.dispatchEvent(new Event("input"));
                const of = (name) => Number(document.querySelector(`#count [data-fill=${name}]`).textContent);
                return [of("units"), of("segments")];
            })""",
            texts(),
        )
        assert shown == [[measure(text).units, measure(text).segments] for text in texts()]
        await admin.page.fill("textarea[data-count]", "((giver)): dŵr")
        assert await admin.reads("dearer because of ŵ")
        assert not await admin.reads("too long")
        await admin.page.fill("textarea[data-count]", "ŵ" * 140)
        assert await admin.reads("too long")
