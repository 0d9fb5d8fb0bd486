"""A concern from a member's page to those named, and a visit's clock from a phone to the desk."""

from collections.abc import Callable
from datetime import timedelta

from api.database import Database
from exchange.prescribing import visits
from tests.mobile_web.pages import Pages, Street


async def test_a_concern_is_read_where_it_is_named_and_nowhere_else(
    as_person: Callable[[str], Pages], street: Street
) -> None:
    ann, cora, admin, ben = (as_person(name) for name in ("Ann", "Cora", "admin", "Ben"))
    duty = await admin.get("/desk/safety")
    await admin.press(duty, "/desk/safety/duty", first=str(street["Cora"].member_id))
    page = await ann.get(f"/worried?about={street['Ben'].member_id}")
    assert "Ben" not in page.text, "who is not in the directory is not named here either"
    assert "Day centre" in (await ann.get("/worried?q=Day")).text
    thanks = await ann.press(page, "/worried", words="He shouts at her")
    assert "Thank you for telling us" in thanks.text
    desk = await cora.get("/desk")
    assert "Concerns for you to read" in desk.text
    assert "shouts" not in desk.text
    path = next(part for part in desk.text.split('"') if part.startswith("/desk/concerns/"))
    page = await cora.get(path)
    assert "He shouts at her" in page.text
    for other in (ann, admin, ben):
        assert (await other.get(path)).status_code == 404
        assert "Concerns for you to read" not in (await other.get("/desk")).text
    page = await cora.press(page, f"{path}/readers", member_id=str(street["admin"].member_id))
    assert "He shouts at her" in (await admin.get(path)).text
    page = await cora.press(await cora.get(path), f"{path}/close", outcome="She is safe")
    assert "Matching stays stopped" in page.text
    assert (await cora.get(path)).text.count("<li><b>") >= 3, "each read stands there"


async def test_a_visit_is_planned_begun_and_looked_for(
    as_person: Callable[[str], Pages], street: Street, database: Database
) -> None:
    cora, ann, cyd = as_person("Cora"), as_person("Ann"), as_person("Cyd")
    base = f"/desk/members/{street['Ben'].member_id}"
    page = await cora.get(f"{base}/safety")
    new = {
        "visitor": str(street["Ann"].member_id),
        "visit_on": "2026-05-12",
        "visit_at": "14:00",
        "hours": "1",
    }
    refused = await cora.press(page, f"{base}/visits", **new)
    assert "has to go along" in refused.text
    planned = await cora.press(page, f"{base}/visits", company=str(street["Cora"].member_id), **new)
    assert "Ann visits Ben" in planned.text
    listed = await ann.get("/visits")
    path = next(part for part in listed.text.split('"') if part.startswith("/visits/"))
    assert (await cyd.get(path)).status_code == 404
    page = await ann.press(await ann.get(path), path, press="in")
    assert "You are there since" in page.text
    assert "Not out in time" not in (await cora.get("/desk")).text, "the control"
    async with database.transaction(street.bank_id) as session:
        await visits.chase(session, street.bank_id, at=street.at + timedelta(hours=2))
    assert "Not out in time" in (await cora.get("/desk")).text
    page = await ann.press(page, path, press="out")
    assert "It is over" in page.text
    assert "Not out in time" not in (await cora.get("/desk")).text


async def test_a_role_and_a_paper_are_written_down_with_their_reason_and_last_day(
    as_person: Callable[[str], Pages], street: Street
) -> None:
    cora = as_person("Cora")
    base = f"/desk/members/{street['Ann'].member_id}"
    page = await cora.get(f"{base}/safety")
    role = {"kind": "role", "words": "Befriender", "level": "none"}
    refused = await cora.press(page, f"{base}/clearances", seen_on="2026-05-01", **role)
    assert refused.status_code == 422
    role["reason"] = "Open help among neighbours"
    page = await cora.press(page, f"{base}/clearances", seen_on="2026-05-01", **role)
    assert "Not eligible, no check" in page.text
    mot = {"kind": "mot", "seen_on": "2026-05-01", "expires_on": "2026-05-30"}
    await cora.press(await cora.get(f"{base}/safety"), f"{base}/clearances", **mot)
    assert "Papers that run out" in (await cora.get("/desk")).text
