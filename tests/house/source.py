"""Reading the house's own source: what the rules in `test_rules` and `test_permissions` are asked about."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("ledger", "notifications", "exchange", "mobile_web", "api")
MIGRATIONS = "api/migrations/versions/"
"""Lists of tables, read once and never changed: their length and their functions' length say nothing."""

NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
WITHS = (ast.With, ast.AsyncWith)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def sources() -> dict[str, str]:
    """Every module of the five rooms: its path from the root, and its text."""
    paths = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return {str(path.relative_to(ROOT)): path.read_text() for path in paths}


@cache
def tree(path: str) -> ast.Module:
    return ast.parse(sources()[path])


def functions(module: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(module) if isinstance(node, Function))


def lines_of(function: Function) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def nesting(node: ast.AST, depth: int = 0) -> int:
    """How deep blocks stand in blocks; an `elif` is beside its `if`, a lone `with` in a `with` too."""
    deepest = depth
    for name, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        is_alone = len(children) == 1
        for child in children:
            if not isinstance(child, ast.AST) or isinstance(child, SCOPES):
                continue
            is_elif = name == "orelse" and isinstance(node, ast.If) and isinstance(child, ast.If)
            is_same = isinstance(node, WITHS) and isinstance(child, WITHS)
            is_deeper = isinstance(child, NESTING) and not (is_alone and (is_elif or is_same))
            deepest = max(deepest, nesting(child, depth + is_deeper))
    return deepest


def calls(module: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call, by the last part of what is called."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield name, node


def strings(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


PERMISSION = re.compile(r"[a-z_]+\.[a-z_]+")
ASKS = ("may", "require", "allow")


def permissions_asked(module: ast.Module) -> set[str]:
    """The rows of the permission table that a module asks about, named on the spot or a few lines before."""
    asked = set()
    for function in functions(module):
        named: dict[str, set[str]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, set()).update(strings(node.value))
        for name, call in calls(ast.Module([function], [])):
            if name not in ASKS:
                continue
            for argument in call.args:
                asked |= strings(argument)
                asked |= named.get(argument.id, set()) if isinstance(argument, ast.Name) else set()
    return {text for text in asked if PERMISSION.fullmatch(text)}
