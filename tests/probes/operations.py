"""Every operation of the OpenAPI document, with the places in it where a key may stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    slots: tuple[tuple[str, str], ...]
    """Where a key may stand: (`path`, `query` or `body`; its name)."""
    body: Json | None = None
    """The smallest body that is of the right shape; keys are filled in later."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words in the path that are chosen from a list."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations(document: Json) -> list[Operation]:
    """All of them, in the order of the document."""
    found = []
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            parameters = described.get("parameters", [])
            schema = _body_schema(document, described)
            slots = [(p["in"], p["name"]) for p in parameters if is_key(p["schema"]) and p["in"] != "header"]
            slots += [("body", name) for name, s in _properties(schema).items() if is_key(s)]
            choices = {
                p["name"]: _choices(p) for p in parameters if p["in"] == "path" and not is_key(p["schema"])
            }
            body = smallest(document, schema) if schema else None
            found.append(Operation(method.upper(), path, tuple(slots), body, choices))
    return found


def _body_schema(document: Json, described: Json) -> Json:
    content = described.get("requestBody", {}).get("content", {})
    return resolve(document, content.get("application/json", {}).get("schema", {}))


def resolve(document: Json, schema: Json) -> Json:
    """The schema itself: references followed, and of several the first that is not null."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema:
            schema = next(s for s in schema["anyOf"] if s.get("type") != "null")
        else:
            return schema


def _properties(schema: Json) -> dict[str, Json]:
    return dict(schema.get("properties", {}))


def is_key(schema: Json) -> bool:
    return schema.get("format") == "uuid" or any(is_key(s) for s in schema.get("anyOf", []))


def _choices(parameter: Json) -> tuple[str, ...]:
    schema = parameter["schema"]
    return tuple(schema.get("enum") or ([schema["const"]] if "const" in schema else ["coordinator"]))


SAMPLES: Json = {
    "done_on": "2026-05-11",
    "minutes": 5,
    "value": "07700 900123",
    "name": "Xan",
    "status": "left",
    "first_on": "2026-05-12",
    "expires_on": "2026-06-12",
    "starts": "13:00",
    "day": "2026-05-14",
    "from_day": "2026-05-14",
    "until_day": "2026-05-14",
    "starts_at": "2026-05-20T10:00:00Z",
    "helpers": [],
}
ALWAYS = ("reason", "evidence")
"""Not required, and asked for all the same when a coordinator acts for somebody."""


def smallest(document: Json, schema: Json) -> Any:
    """A value of the right shape with what is required and nothing else."""
    schema = resolve(document, schema)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            wanted = schema.get("required", [])
            return {
                name: SAMPLES[name] if name in SAMPLES else smallest(document, part)
                for name, part in _properties(schema).items()
                if name in wanted or name in ALWAYS
            }
        case "array":
            return [smallest(document, schema["items"])]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case _:
            return "x"


def filled(operation: Operation, keys: Mapping[tuple[str, str], Any]) -> Iterator[tuple[str, Json]]:
    """The operation's paths and requests with these keys in their slots, one for each choice of words."""
    path, query = operation.path, {}
    body: Any = dict(operation.body) if isinstance(operation.body, dict) else operation.body
    for (place, name), key in keys.items():
        if place == "path":
            path = path.replace(f"{{{name}}}", str(key))
        elif place == "query":
            query[name] = str(key)
        else:
            body[name] = str(key)
    sent = {"params": query} | ({} if body is None else {"json": body})
    paths = [path]
    for name, words in operation.choices.items():
        paths = [p.replace(f"{{{name}}}", word) for p in paths for word in words]
    yield from ((p, sent) for p in paths)
