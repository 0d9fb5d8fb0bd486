"""What a member takes away: their own figures and no more, and a letter that says "check"."""

from typing import Any

from api.paper.taking import benefit_rules
from tests.api.conftest import Service


async def test_a_record_and_a_letter_are_ones_own_or_printed_by_staff(service: Service) -> None:
    told = await service.log("Ann", "gave", "Ben", 90, skill="Gardening")
    await service.call("Ben", "POST", f"/hours/{told.json()['id']}/confirm")
    ann = str(service.ids["Ann"])
    for name in ("record.pdf", "benefits-letter.pdf"):
        for who, params, status in (
            ("Ann", {}, 200),
            ("Cora", {"member_id": ann}, 200),
            ("Ben", {"member_id": ann}, 404),
        ):
            answer = await service.call(who, "GET", f"/me/{name}", params=params)
            assert answer.status_code == status, (name, who)
            assert answer.content.startswith(b"%PDF") == (status == 200)


def test_every_rule_about_benefits_has_its_year_its_source_and_both_languages() -> None:
    rules: dict[str, Any] = benefit_rules()
    assert rules["seen_on"].year >= 2026
    assert all(one[key].strip() for one in rules["rule"] for key in ("since", "source", "en", "cy"))
    assert not any("guarantee" in one["en"] or "will not lose" in one["en"] for one in rules["rule"])
