"""What we tell you, chosen by oneself or at the kitchen table; and what texts call an organisation."""

from typing import Any


async def test_a_member_chooses_how_and_how_often(as_person: Any) -> None:
    ann = as_person("Ann")
    page = await ann.get("/settings/news")
    assert "Always told, and at once" in page.text
    assert page.text.count("How often?") == 2, "what asks or protects has no pace"
    kept = await ann.press(
        page, "/settings/news", pace_hours="daily", pace_reminders="never", channel_help="email"
    )
    assert "Saved." in kept.text
    again = (await ann.get("/settings/news")).text
    assert again.count(" selected>Together, once a day") == 1
    assert again.count(" selected>Not at all") == 1
    assert again.count(" selected>By e-mail") == 1


async def test_a_coordinator_writes_it_down_for_somebody(as_person: Any, street: Any) -> None:
    cora = as_person("Cora")
    path = f"/desk/members/{street['Ben'].member_id}/news"
    page = await cora.get(path)
    assert "What we tell Ben" in page.text
    assert (await cora.press(page, path, pace_reminders="never")).status_code == 200
    assert " selected>Not at all" in (await as_person("Ben").get("/settings/news")).text
    assert (await as_person("Ann").get(path)).status_code in (403, 404)


async def test_the_desk_chooses_what_texts_call_an_organisation(as_person: Any, street: Any) -> None:
    cora = as_person("Cora")
    path = f"/desk/members/{street.organisation_id}"
    page = await cora.get(path)
    assert "a local group" in page.text
    saved = await cora.press(
        page, f"/desk/organisations/{street.organisation_id}/text-name", text_name="Holm Road"
    )
    assert "“Holm Road”" in saved.text
