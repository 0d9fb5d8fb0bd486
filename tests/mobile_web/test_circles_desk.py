"""Circles and the bank's own words on the desk: a suggestion, a decision, and who else could help."""

import re
from typing import Any

from uuid_utils.compat import uuid7

from api.database import Database
from exchange.directory import listings
from exchange.directory.drafts import NewListing

RING = {"Ann": ("guitar", "baking"), "Ben": ("baking", "sewing_mending"), "Cyd": ("sewing_mending", "guitar")}


async def a_ring(database: Database, street: Any) -> None:
    """Ann helps Cyd, Cyd helps Ben, Ben helps Ann; no two of them could swap."""
    async with database.transaction(street.bank_id) as session:
        for name, (gives, needs) in RING.items():
            for kind, what in (("offer", gives), ("request", needs)):
                draft = NewListing(kind=kind, description=what, skills=[what], minutes=60)
                await listings.create(session, street[name], draft, listing_id=uuid7(), at=street.at)


async def test_a_circle_is_suggested_looked_at_and_everybody_asked(
    as_person: Any, street: Any, database: Database
) -> None:
    await a_ring(database, street)
    cora = as_person("Cora")
    page = await cora.get("/desk/circles")
    suggested = await cora.press(page, "/desk/circles")
    assert "Nobody has been asked" in suggested.text
    circle = re.search(r"/desk/circles/([0-9a-f-]{36})/accept", suggested.text)
    assert circle is not None, "three who close a ring are found"
    for name in ("Ann", "Ben", "Cyd"):
        assert f"<b>{name}</b>" in suggested.text
    closer = await cora.get(f"/desk/circles/{circle.group(1)}?place=0")
    assert "Who else could" in closer.text
    kept = await cora.press(suggested, f"/desk/circles/{circle.group(1)}/pin")
    assert "Kept for next week" in kept.text
    asked = await cora.press(kept, f"/desk/circles/{circle.group(1)}/accept")
    assert "Everybody in it is asked" in asked.text
    again = await cora.press(kept, f"/desk/circles/{circle.group(1)}/accept")
    assert again.status_code == 200, "pressing twice asks once"
    assert again.text.count("waiting for an answer") == 3  # each help is still to be agreed


async def test_a_circle_whose_people_changed_is_refused_whole(
    as_person: Any, street: Any, database: Database
) -> None:
    await a_ring(database, street)
    cora = as_person("Cora")
    suggested = await cora.press(await cora.get("/desk/circles"), "/desk/circles")
    circle = re.search(r"/desk/circles/([0-9a-f-]{36})/accept", suggested.text)
    assert circle is not None
    ben = f"/desk/members/{street['Ben'].member_id}"
    await cora.press(await cora.get(ben), f"{ben}/status", status="left")
    refused = await cora.press(suggested, f"/desk/circles/{circle.group(1)}/accept")
    assert refused.status_code == 422
    assert "Ben is away or has left. Nobody has been asked." in refused.text
    assert "/accept" in refused.text, "it is still there to decide on"


async def test_a_word_that_people_here_use_counts_at_once(as_person: Any, street: Any) -> None:
    cora = as_person("Cora")
    page = await cora.get("/desk/sayings")
    wrong = await cora.press(page, "/desk/sayings", word="ginnelling", skill="")
    assert wrong.status_code == 422
    assert "ginnelling" in wrong.text
    added = await cora.press(page, "/desk/sayings", word="ginnelling", skill="gardening")
    assert "ginnelling" in added.text
    gone = await cora.press(added, "/desk/sayings", word="ginnelling", skill="gardening", take="yes")
    assert "ginnelling" not in gone.text


async def test_circles_and_words_are_the_desks(as_person: Any, street: Any) -> None:
    ann = as_person("Ann")
    for path in ("/desk/circles", "/desk/sayings"):
        assert (await ann.get(path)).status_code == 403
