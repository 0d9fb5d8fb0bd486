"""Other help nearby, as members find it."""

from collections.abc import Callable
from typing import Any

from api.database import Database
from exchange.prescribing import signposts
from exchange.prescribing.signposts import Entry


async def test_members_find_what_other_organisations_offer(
    database: Database, street: Any, as_person: Callable[[str], Any]
) -> None:
    ann = as_person("Ann")
    assert "Nothing is listed here yet" in (await ann.get("/nearby")).text
    async with database.transaction(street.bank_id) as session:
        for number in range(signposts.SHOWN_MAX + 1):
            entry = Entry(
                external_id=str(number),
                name=f"Club {number} <b>",
                about="Soup and company",
                url="https://club.example",
                telephone="020 7946 0010",
            )
            await signposts.keep(
                session, street["admin"], "https://directory.example/services", entry, at=street.at
            )
    page = await ann.get("/nearby?q=soup")
    assert page.text.count("<article") == signposts.SHOWN_MAX
    assert "There are more." in page.text
    assert "Club 0 &lt;b&gt;" in page.text
    assert "Seen there: Today (directory.example)" in page.text
    assert "Nothing here has those words" in (await ann.get("/nearby?q=lift")).text
