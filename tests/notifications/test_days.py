"""Days and hours in the words people text them; each line is one text, on Tuesday 12 May 2026."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications import when_said

TUESDAY = date(2026, 5, 12)
TABLE = """
need lift tues 10am | 2026-05-19 10:00 morning
need lift Tuesday at 3 | 2026-05-19 15:00 afternoon
lift weds 2.30pm | 2026-05-13 14:30 afternoon
shopping tomorrow morning | 2026-05-13 morning
shopping today 5 o'clock | 2026-05-12 17:00 evening
a lift tonight | 2026-05-12 evening
lift every friday 9am | 4 09:00 morning weekly
help on mondays | 0 weekly
somebody to talk to in the evenings | evening
my bulb has gone |
i sat at home and the sun was out |
I am 10 miles from the shop | 10:00 morning
lifft dydd Iau am 10 | 2026-05-14 10:00 morning
lifft yfory prynhawn | 2026-05-13 afternoon
help bob dydd Sul | 6 weekly
মঙ্গলবার সকাল ১০টায় গাড়ি লাগবে | 2026-05-19 10:00 morning
আগামীকাল বিকালে বাজার | 2026-05-13 afternoon
proti shukrobar bazar | 4 weekly
shonibar 3tay bazar lagbe | 2026-05-16 15:00 afternoon
at 25:99 |
"""


@pytest.mark.parametrize("line", TABLE.strip("\n").splitlines())
def test_a_day_and_an_hour_are_read(line: str) -> None:
    text, _, wanted = line.partition(" |")
    said = when_said(text, today=TUESDAY)
    day = said.day.isoformat() if said.day else "" if said.weekday is None else str(said.weekday)
    hour = f"{said.at:%H:%M}" if said.at else ""
    weekly = "weekly" if said.is_every_week else ""
    assert " ".join(part for part in (day, hour, said.part, weekly) if part) == wanted.strip()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_anything_is_read_without_falling_over(words: str) -> None:
    said = when_said(words, today=TUESDAY)
    assert said.day is None or 0 <= (said.day - TUESDAY).days <= 7
