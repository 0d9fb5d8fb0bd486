"""Series: the days people expect, at the hour their clocks show."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.activities import series

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Dhaka", "UTC")
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@given(days, st.times(), st.sampled_from(ZONES))
def test_a_weekly_series_begins_at_the_hour_the_clocks_show(first: date, clock: time, zone: str) -> None:
    clock = clock.replace(second=0, microsecond=0, fold=0)
    for day in series.days(first, "weekly", until=first + timedelta(days=371)):
        shown = series.starts_at(day, clock, zone).astimezone(ZoneInfo(zone))
        skipped = shown.time() != clock
        if skipped:
            there = datetime.combine(day, clock, tzinfo=ZoneInfo(zone))
            assert there.astimezone(UTC).astimezone(ZoneInfo(zone)).time() != clock, "the clocks skip it"
        assert shown.date() == day


def test_across_both_clock_changes_the_lunch_stays_at_one() -> None:
    moments = [
        series.starts_at(day, time(13), "Europe/London")
        for day in series.days(date(2026, 3, 24), "weekly", until=date(2026, 11, 3))
    ]
    assert {moment.astimezone(ZoneInfo("Europe/London")).hour for moment in moments} == {13}
    assert {moment.hour for moment in moments} == {12, 13}, "in UTC it moved, so both changes were crossed"


def test_adding_seven_days_to_the_moment_would_be_an_hour_out() -> None:
    """The control: what a naive series does at the end of March."""
    first = series.starts_at(date(2026, 3, 24), time(13), "Europe/London")
    naive = (first + timedelta(days=7)).astimezone(ZoneInfo("Europe/London"))
    assert naive.hour == 14


@given(days, st.sampled_from(["weekly", "fortnightly"]))
def test_weeks_keep_their_weekday(first: date, repeats: str) -> None:
    found = list(series.days(first, repeats, until=first + timedelta(days=120)))
    assert {day.weekday() for day in found} == {first.weekday()}
    assert {(b - a).days for a, b in pairwise(found)} == {7 if repeats == "weekly" else 14}


@given(days)
def test_a_month_keeps_its_weekday_by_count(first: date) -> None:
    found = list(series.days(first, "monthly", until=first + timedelta(days=400)))
    assert len(found) >= 13
    assert {day.weekday() for day in found} == {first.weekday()}
    assert len({(day.year, day.month) for day in found}) == len(found), "one in each month"
    nth = (first.day - 1) // 7
    assert all((day.day - 1) // 7 == nth or (nth == 4 and (day.day - 1) // 7 == 3) for day in found)


@pytest.mark.parametrize("repeats", ["once", "weekly", "fortnightly", "monthly"])
def test_a_series_begins_on_its_first_day(repeats: str) -> None:
    first = date(2026, 5, 12)
    assert next(series.days(first, repeats, until=first)) == first
    assert list(series.days(first, repeats, until=first - timedelta(days=1))) == []


def test_once_is_once() -> None:
    first = date(2026, 5, 12)
    assert list(series.days(first, "once", until=date(2027, 5, 12))) == [first]
