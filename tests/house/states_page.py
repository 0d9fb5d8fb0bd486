"""The page `docs/states.md`, drawn from the tables that the verbs work by.

After a table changed:  .venv/bin/python -m tests.house.states_page
"""

from pathlib import Path

from exchange.activities import states as groups
from exchange.directory import states as listings
from exchange.hours import states as hours
from exchange.prescribing import states as referrals

PAGE = Path(__file__).parents[2] / "docs" / "states.md"


Rows = (
    tuple[hours.Transition, ...]
    | tuple[listings.Transition, ...]
    | tuple[groups.Transition, ...]
    | tuple[referrals.Transition, ...]
)


def _rows(transitions: Rows) -> list[str]:
    head = ["| from | what is done | by whom | leads to | when |", "|---|---|---|---|---|"]
    return head + [f"| {t.state or ''} | {t.verb} | {t.who} | {t.to} | {t.when} |" for t in transitions]


def _section(title: str, drawing: str, rows: list[str]) -> list[str]:
    return [f"## {title}", "", "```mermaid", drawing, "```", "", *rows, ""]


def _clock(state: str, clock: referrals.Clock) -> str:
    words = referrals.REASONS[clock.reason].words
    return (
        f"- **{state}**: stands out after {clock.overdue.days} days, ends after {clock.lapse.days}: {words}."
    )


def page() -> str:
    """The whole page, as it must stand in the docs."""
    lines = ["# States", "", "Drawn from the tables in the code; `make test` fails when they differ.", ""]
    lines += _section("An hour", hours.drawing(), _rows(hours.TRANSITIONS))
    lines += ["Where a way ends, there is another one to begin:", ""]
    lines += [f"- **{state}**: {way_on}" for state, way_on in hours.ENDS.items()] + [""]
    lines += _section("An offer or ask", listings.drawing(), _rows(listings.TRANSITIONS))
    for title, table in groups.DRAWN:
        lines += _section(title, groups.drawing(table), _rows(table))
    lines += ["Where a way ends in a group:", ""]
    lines += [f"- **{state}**: {way_on}" for state, way_on in groups.ENDS.items()] + [""]
    lines += _section("A referral", referrals.drawing(), _rows(referrals.TRANSITIONS))
    lines += ["Where people do nothing, the clock does:", ""]
    lines += [_clock(state, clock) for state, clock in referrals.CLOCKS.items()]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
