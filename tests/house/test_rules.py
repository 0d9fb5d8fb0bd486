"""The house rules, each as a test, and beside each a planted breach that must be found."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

import exchange
from api import announce, errors
from exchange.errors import ExchangeError
from exchange.events import EVENT_KINDS
from exchange.hours import states, steps
from exchange.permissions import PERMISSIONS
from ledger.errors import all_rules
from mobile_web.sentences import SENTENCES
from notifications.wording import LANGUAGES, MAY_BE_LEFT_OUT, Declaration, declarations, texts
from tests.house.source import (
    MIGRATIONS,
    ROOMS,
    calls,
    functions,
    lines_of,
    nesting,
    permissions_asked,
    sources,
    strings,
    tree,
)

FUNCTION_LINES_MAX = 60
FUNCTION_LINES_MEDIAN_MAX = 8
FILE_LINES_P95_MAX = 300
NESTING_MAX = 3
DEEP = {
    "_short_ring": "looks for a ring three people long",
    "_measure_reads": "measures each kind of read in each kind of book",
}
"""Functions that are as deep as what they look for."""
VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "base", "misc", "core"}

MODULES = sorted(path for path in sources() if not path.startswith(MIGRATIONS))


# Errors are named rules.


def every_error() -> list[type[ExchangeError]]:
    for found in pkgutil.walk_packages(exchange.__path__, "exchange."):
        importlib.import_module(found.name)
    waiting, known = [ExchangeError], []
    while waiting:
        waiting += (error := waiting.pop()).__subclasses__()
        known.append(error)
    return [error for error in known if error.__module__.startswith("exchange.")]


RULES = sorted(set(every_error()) - {ExchangeError}, key=lambda error: error.__name__)


def is_one_sentence(text: str | None) -> bool:
    """One line that begins with a capital and has one full stop, at its end."""
    return bool(text and re.fullmatch(r"[A-Z][^\n]*[^.\n]\.", text)) and not re.search(r"[.!?] ", str(text))


def test_every_rule_has_its_status() -> None:
    assert {rule.__name__ for rule in RULES} == {rule.__name__ for rule in errors.STATUS}
    assert set(errors.STATUS.values()) <= {401, 403, 404, 409, 410, 422, 429}


def test_every_rule_has_a_code_of_its_own() -> None:
    codes = Counter(rule.code for rule in RULES)
    assert {code: number for code, number in codes.items() if number > 1} == {}
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []
    assert [rule.__name__ for rule in RULES if "code" not in rule.__dict__] == []


def test_every_rule_is_said_in_one_sentence() -> None:
    assert [rule.__name__ for rule in RULES if not is_one_sentence(rule.__doc__)] == []


@pytest.mark.parametrize("breach", ["", None, "no capital.", "No stop", "Two. Sentences.", "A\nline."])
def test_what_is_no_sentence_is_found(breach: str | None) -> None:
    assert not is_one_sentence(breach)


def test_every_rule_has_a_sentence_for_members() -> None:
    assert {rule.code for rule in RULES} - SENTENCES.keys() == set()


# The books' rules reach nobody unnamed.

ONLY_HOURS = "banks have hours only, opened with the bank"
NOT_BY_DOORS = "for the commands of an operator, which say it in its own words"

NEVER_MET = {
    "another_bank": "every session names its bank, and every verb takes the viewer's",
    "bad_amount": "minutes are checked before they come here",
    "bad_currency": ONLY_HOURS,
    "bad_day": "no door takes a day so long ago",
    "balance_not_zero": "nothing closes an account yet",
    "balance_too_large": "2 to the power of 53 minutes are more than ever were",
    "bad_phrase": NOT_BY_DOORS,
    "capture_exceeds_hold": "what was set aside is paid whole",
    "ceiling_crossed": "accounts have no ceiling; a bank's ceiling is soft",
    "currency_mismatch": ONLY_HOURS,
    "different_account_same_id": "accounts get fresh ids",
    "different_currency_same_code": ONLY_HOURS,
    "floor_above_ceiling": "accounts have no ceiling, and a floor is only lowered",
    "hold_ended": "a booking knows whether its hold stands, under its lock",
    "holds_remain": "nothing closes an account yet",
    "not_sealed_yet": NOT_BY_DOORS,
    "period_closed": "no command closes a period yet",
    "period_goes_back": "no command closes a period yet",
    "repeated_id": "the pot's help has an id of its own",
    "reversal_stands": "only hours and the pot's help are reversed",
    "same_account": "a party is refused hours and gifts with itself",
    "seal_does_not_follow": NOT_BY_DOORS,
    "too_many_items": "an hour is two transfers at most",
    "unknown_account": "a party is made with its account",
    "unknown_currency": ONLY_HOURS,
    "unknown_format": NOT_BY_DOORS,
    "unknown_hold": "a booking knows whether it has a hold",
    "unknown_seal": NOT_BY_DOORS,
}
"""Rules of the books that cannot come back to a door, and why."""


def ledger_rules_named() -> set[str]:
    """The codes of the books' errors that `exchange` or `api` turn into something a reader understands."""
    by_name = {rule.__name__: code for code, rule in all_rules().items()}
    caught: set[str] = set()
    for path in MODULES:
        if not path.startswith(("exchange/", "api/")) or path.startswith("api/commands/"):
            continue
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "ledger"
            ):
                caught.add(by_name.get(node.attr, ""))
    return caught - {""}


def test_every_rule_of_the_books_is_answered_or_cannot_be_met() -> None:
    assert all_rules().keys() - ledger_rules_named() - NEVER_MET.keys() == set()
    assert NEVER_MET.keys() - all_rules().keys() == set(), "a reason for a rule that is gone"
    assert NEVER_MET.keys() & ledger_rules_named() == set(), "a reason for a rule that is answered"


# Every event has its words.


def misfits(template: str, given: tuple[str, ...], declared: Declaration) -> list[str]:
    """What a template is not given, or is given and never declared."""
    missing = declared.parameters - set(given) - MAY_BE_LEFT_OUT
    return [f"{template} lacks {name}" for name in sorted(missing)] + [
        f"{template} never declared {name}" for name in sorted(set(given) - declared.placeholders)
    ]


BY_HAND = {"sign_in_code": ("code",)}
"""Filled outside the table: the code's own event carries the secret."""


NOT_TOLD_YET: tuple[str, ...] = ()
"""What the sub-rooms that are still to get their words record."""


def test_every_event_is_told() -> None:
    untold = EVENT_KINDS - announce.TOLD.keys()
    assert {kind for kind in untold if not kind.startswith(NOT_TOLD_YET)} == set()
    assert announce.TOLD.keys() <= EVENT_KINDS


def test_every_event_of_the_hours_stands_in_the_events() -> None:
    assert set(steps.TOLD_AS.values()) <= EVENT_KINDS


def test_every_step_that_the_states_allow_is_told() -> None:
    wanted = {(t.verb, t.to) for t in states.TRANSITIONS}
    assert {(verb if verb != "refuse" else "decline", to) for verb, to in steps.TOLD_AS} == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_an_event_needs_is_written(language: str) -> None:
    named = {told.template for row in announce.TOLD.values() for told in row}
    assert named - texts(language).keys() == set()


def test_every_template_is_given_what_it_declares() -> None:
    named = sorted({told.template for row in announce.TOLD.values() for told in row})
    given = {**announce.PARAMETERS, **BY_HAND}
    found = [m for name in named for m in misfits(name, given.get(name, ()), declarations()[name])]
    assert found == []
    assert sorted(announce.PARAMETERS.keys() - set(named)) == [], "facts for a template nobody uses"


def test_a_template_that_would_have_a_hole_is_found() -> None:
    declared = Declaration(frozenset({"other", "day"}), frozenset({"sms"}), asks=False, sms_segments_max=2)
    assert misfits("t", ("other",), declared) == ["t lacks day"]
    assert misfits("t", ("other", "day", "balance"), declared) == ["t never declared balance"]


def test_every_answer_to_a_text_is_written() -> None:
    said = set().union(*(strings(tree(name)) for name in MODULES if name.startswith("api/")))
    answers = {text for text in said if re.fullmatch(r"reply_[a-z_]+", text)}
    assert len(answers) > 5
    assert answers - declarations().keys() == set()


# One permission table.


def test_only_rows_of_the_permission_table_are_asked_about() -> None:
    asked = {name: permissions_asked(tree(name)) - PERMISSIONS.keys() for name in MODULES}
    assert {name: unknown for name, unknown in asked.items() if unknown} == {}


def test_a_misspelt_permission_is_found() -> None:
    naive = "def f(v):\n    verb = 'gift.give' if v else 'gift.gave'\n    require(v.roles, verb, [])\n"
    assert permissions_asked(ast.parse(naive)) - PERMISSIONS.keys() == {"gift.gave"}


def test_every_row_of_the_permission_table_is_asked_about() -> None:
    """A row that nothing asks about promises a check that is never made."""
    by_state = {states.permission_for(t.state, t.verb) for t in states.TRANSITIONS if t.state}
    named = set().union(*(permissions_asked(tree(name)) for name in MODULES)) | by_state
    mentioned = set().union(*(strings(tree(name)) for name in MODULES if name != "exchange/permissions.py"))
    unasked = PERMISSIONS.keys() - (named | mentioned)
    assert {row for row in unasked if not row.startswith(NOT_TOLD_YET)} == set()


# Sizes and shapes.


def too_long(module: ast.Module) -> list[str]:
    return [f.name for f in functions(module) if lines_of(f) > FUNCTION_LINES_MAX]


def too_deep(module: ast.Module) -> list[str]:
    return [f.name for f in functions(module) if nesting(f) > NESTING_MAX and f.name not in DEEP]


@pytest.mark.parametrize("rule", [too_long, too_deep])
def test_functions_are_short_and_flat(rule) -> None:
    assert {name: found for name in MODULES if (found := rule(tree(name)))} == {}


def test_a_long_or_a_deep_function_is_found() -> None:
    assert too_long(ast.parse("def f():\n" + "    x = 1\n" * 60)) == ["f"]
    assert too_long(ast.parse("def f():\n" + "    x = 1\n" * 59)) == []
    deep = "def f():\n for a in b:\n  if a:\n   with a:\n    if b:\n     pass\n"
    assert too_deep(ast.parse(deep)) == ["f"]
    flat = "def f():\n if a:\n  pass\n elif b:\n  pass\n elif c:\n  pass\n elif d:\n  pass\n"
    assert too_deep(ast.parse(flat)) == []


def test_most_functions_are_read_at_a_glance() -> None:
    sizes = sorted(lines_of(f) for name in MODULES for f in functions(tree(name)))
    assert sizes[len(sizes) // 2] <= FUNCTION_LINES_MEDIAN_MAX


def test_files_are_short() -> None:
    sizes = sorted(len(sources()[name].splitlines()) for name in MODULES)
    assert sizes[int(len(sizes) * 0.95)] <= FILE_LINES_P95_MAX


def test_no_module_is_named_vaguely() -> None:
    parts = {part for name in MODULES for part in re.split(r"[/_]", name.removesuffix(".py"))}
    assert parts & VAGUE == set()


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name in MODULES if sources()[name].strip() and not ast.get_docstring(tree(name))]
    assert silent == []


def first_circle(imports: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as circle:
        return list(circle.args[1])
    return []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph(*ROOMS, cache_dir=None, exclude_type_checking_imports=True)
    imports = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    assert len(imports) > 100
    assert first_circle(imports) == []


def test_a_circle_is_found() -> None:
    assert first_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) != []


# One transaction, one clock.

CLOCKS = {"now", "utcnow", "today", "time"}
STAND_IN = "notifications/channels/standin.py"
"""Plays the provider, which has a clock of its own."""
DOORLESS = tuple(
    name
    for name in MODULES
    if name.startswith(("ledger/", "notifications/", "exchange/")) and name != STAND_IN
)


def commits(module: ast.Module) -> list[int]:
    return [
        call.lineno
        for name, call in calls(module)
        if name in ("commit", "rollback") and isinstance(call.func, ast.Attribute)
    ]


def looks_at_the_clock(module: ast.Module) -> list[int]:
    found = []
    for name, call in calls(module):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if name in CLOCKS and isinstance(owner, ast.Name) and owner.id in ("datetime", "date", "time"):
            found.append(call.lineno)
    return found


@pytest.mark.parametrize("rule", [commits, looks_at_the_clock])
def test_services_neither_commit_nor_look_at_the_clock(rule) -> None:
    assert {name: found for name in DOORLESS if (found := rule(tree(name)))} == {}


def test_a_commit_and_a_look_at_the_clock_are_found() -> None:
    assert commits(ast.parse("await session.commit()")) == [1]
    assert looks_at_the_clock(ast.parse("at = datetime.now(UTC)")) == [1]


def test_tests_are_no_packages() -> None:
    """An `__init__.py` under tests would hide the room of the same name."""
    assert list(Path(__file__).parents[1].rglob("__init__.py")) == []
