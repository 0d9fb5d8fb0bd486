from datetime import date

import pytest

from mobile_web.languages import language, negotiate


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (("cy", "bn", "en"), "cy"),
        ((None, "bn", "en"), "bn"),
        ((None, None, "fr, cy-GB;q=0.4, bn;q=0.8"), "bn"),
        ((None, "xx", "de"), "en"),
        ((None, None, ";q=,,=;"), "en"),
    ],
)
def test_the_first_wish_that_can_be_met_wins(wishes: tuple[str | None, ...], expected: str) -> None:
    assert negotiate(*wishes).code == expected


@pytest.mark.parametrize(
    ("minutes", "said"), [(45, "45 min"), (60, "1 h"), (90, "1 h 30 min"), (-180, "3 h"), (0, "0 min")]
)
def test_lengths_of_time_in_lists(minutes: int, said: str) -> None:
    assert language("en").minutes(minutes).replace("\xa0", " ") == said


def test_lengths_of_time_in_sentences() -> None:
    assert language("en").long_minutes(90) == "1 hour 30 minutes"
    assert language("en").long_minutes(60) == "1 hour"


def test_days_near_by_have_names() -> None:
    today = date(2026, 5, 12)
    english = language("en")
    assert english.day(today, today=today) == "Today"
    assert english.day(date(2026, 5, 5), today=today) == "Tuesday 5 May"
    assert english.day(date(2025, 5, 5), today=today) == "5 May 2025"
