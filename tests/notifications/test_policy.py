"""When somebody may be told: quiet hours, safe hours, and the nights the clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications import Address, Hours, Policy, line_of, parse_quiet_hours
from notifications.policy import earliest

LONDON = ZoneInfo("Europe/London")
POLICY = Policy(bank_name="Rushey Green", contact="020 7946 0123")
TEXT = Address(channel="sms", to="+447700900123")


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON).astimezone(UTC)  # type: ignore[misc,arg-type]


def safe(start: time, until: time) -> Address:
    return replace(TEXT, safe_from=start, safe_until=until)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (london(2026, 5, 12, 12, 0), london(2026, 5, 12, 12, 0)),
        (london(2026, 5, 12, 20, 59), london(2026, 5, 12, 20, 59)),
        (london(2026, 5, 12, 21, 0), london(2026, 5, 13, 8, 0)),
        (london(2026, 5, 13, 7, 59), london(2026, 5, 13, 8, 0)),
        (london(2026, 5, 13, 8, 0), london(2026, 5, 13, 8, 0)),
        # The clocks go forward at 01:00 on 29 March 2026 and back at 02:00 on 25 October 2026.
        (london(2026, 3, 28, 23, 0), datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),
        (london(2026, 10, 24, 23, 0), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_night_is_waited_out_on_the_local_clock(asked: datetime, told: datetime) -> None:
    assert earliest(TEXT, "service", POLICY, at=asked) == told


def test_a_fixed_offset_would_wake_people_an_hour_early() -> None:
    """The control: in summer, eight o'clock UTC is nine in London, and in winter eight."""
    naive = replace(POLICY, time_zone="UTC")
    asked = london(2026, 3, 28, 23, 0)
    assert earliest(TEXT, "service", naive, at=asked) != earliest(TEXT, "service", POLICY, at=asked)


def test_safe_hours_win_over_quiet_hours() -> None:
    at = london(2026, 5, 12, 12, 0)
    evening = safe(time(22), time(23))
    assert earliest(evening, "service", POLICY, at=at) == london(2026, 5, 12, 22, 0)
    overlapping = safe(time(19), time(23))
    assert earliest(overlapping, "service", POLICY, at=at) == london(2026, 5, 12, 19, 0)
    assert earliest(overlapping, "service", POLICY, at=london(2026, 5, 12, 21, 30)) == london(
        2026, 5, 13, 19, 0
    )
    assert earliest(safe(time(13), time(15)), "reply", POLICY, at=at) == london(2026, 5, 12, 13, 0)


def test_half_of_safe_hours_means_from_or_until_midnight() -> None:
    morning, evening = london(2026, 5, 12, 8, 0), london(2026, 5, 12, 18, 0)
    after_six = replace(TEXT, safe_from=time(18))
    assert earliest(after_six, "service", POLICY, at=morning) == evening
    assert earliest(after_six, "reply", POLICY, at=evening) == evening
    until_ten = replace(TEXT, safe_until=time(10))
    assert earliest(until_ten, "service", POLICY, at=evening) == london(2026, 5, 13, 8, 0)
    assert earliest(TEXT, "service", POLICY, at=morning) == morning, "a control: none said, none kept"


def test_safety_waits_for_nothing_and_an_answer_not_for_the_night() -> None:
    night = london(2026, 5, 12, 23, 0)
    assert earliest(safe(time(9), time(10)), "safety", POLICY, at=night) == night
    assert earliest(TEXT, "reply", POLICY, at=night) == night
    assert earliest(TEXT, "nudge", POLICY, at=night) == london(2026, 5, 13, 8, 0)


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 366 * 24 * 60),
    st.one_of(st.none(), st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda p: p[0] != p[1])),
)
def test_the_moment_found_is_allowed_and_near(minutes: int, hours: tuple[int, int] | None) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    address = safe(time(hours[0]), time(hours[1])) if hours else TEXT
    moment = earliest(address, "service", POLICY, at=at)
    assert at <= moment <= at + timedelta(hours=48)
    local = moment.astimezone(LONDON).time()
    if hours:
        assert Hours(start=time(hours[0]), until=time(hours[1])).contains(local)
    else:
        assert time(8) <= local < time(21)


def test_the_operators_setting_is_read() -> None:
    assert parse_quiet_hours("off") is None
    assert parse_quiet_hours("21:00-08:00") == Hours(start=time(21), until=time(8))
    assert parse_quiet_hours("08:00-08:00") is None


@pytest.mark.parametrize(
    ("number", "line"),
    [
        ("+447700900123", "mobile"),
        ("+447911123456", "crown_dependency"),
        ("+447400123456", "mobile"),
        ("+447624123456", "crown_dependency"),
        ("+447797123456", "crown_dependency"),
        ("+442079460123", "landline"),
        ("+441632960123", "landline"),
        ("+447012345678", "refused"),
        ("+447600123456", "refused"),
        ("+449001234567", "refused"),
        ("+448001234567", "refused"),
        ("+443001234567", "refused"),
        ("+33612345678", "foreign"),
        ("07700900123", "not_a_number"),
        ("+44", "not_a_number"),
        ("not a number", "not_a_number"),
    ],
)
def test_a_number_is_known_by_its_range(number: str, line: str) -> None:
    assert line_of(number) == line
