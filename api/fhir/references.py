"""Whether the entries of a Bundle hang together: each address stands once, each reference leads somewhere."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.fhir.outcome import Issue
from api.fhir.shapes import RESOURCES, shape

LOCAL = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}(/_history/[A-Za-z0-9\-.]{1,64})?")
UUID_URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def entries(bundle: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each entry that holds a resource: its path, its address, and the resource."""
    for number, entry in enumerate(bundle.get("entry") or ()):
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            path = f"Bundle.entry[{number}]"
            yield path, str(entry.get("fullUrl", "")), entry["resource"]


def addresses(bundle: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """By every address that a reference may use: the path of the resource and the resource."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for path, full_url, resource in entries(bundle):
        names = [full_url] if full_url else []
        if resource.get("id"):
            names.append(f"{resource.get('resourceType')}/{resource['id']}")
        found |= dict.fromkeys(names, (f"{path}.resource", resource))
    return found


def check(bundle: Mapping[str, Any]) -> list[Issue]:
    """What is wrong between the entries of a Bundle that is of the right shape."""
    return [*_message(bundle), *_addressed(bundle), *_references(bundle)]


def _message(bundle: Mapping[str, Any]) -> Iterator[Issue]:
    if bundle.get("type") != "message":
        return
    first = next((resource for _, _, resource in entries(bundle)), {})
    if first.get("resourceType") != "MessageHeader":
        yield Issue("invariant", "Bundle.entry[0].resource", "A message begins with its MessageHeader.")


def _addressed(bundle: Mapping[str, Any]) -> Iterator[Issue]:
    seen: set[str] = set()
    for number, entry in enumerate(bundle.get("entry") or ()):
        path = f"Bundle.entry[{number}]"
        if not isinstance(entry.get("resource"), dict):
            yield Issue("required", f"{path}.resource", "An entry of a message holds a resource.")
            continue
        name = entry.get("fullUrl")
        if name in seen:
            yield Issue("duplicate", f"{path}.fullUrl", "Another entry has this address.")
        if name and name.startswith("urn:uuid:") and not UUID_URN.fullmatch(name):
            yield Issue("value", f"{path}.fullUrl", "This is no UUID in lower case.")
        seen |= {name} if name else set()


def _references(bundle: Mapping[str, Any]) -> Iterator[Issue]:
    known = addresses(bundle)
    for path, _, resource in entries(bundle):
        kind = resource["resourceType"]
        if kind in RESOURCES:
            for at, found, targets in _walk(resource, kind, f"{path}.resource"):
                yield from _leads(found, targets, at, known)


def _walk(value: Any, kind: str, path: str) -> Iterator[tuple[str, dict[str, Any], frozenset[str]]]:
    known = shape(kind)
    if known is None or not isinstance(value, dict):
        return
    for name, part in value.items():
        element, inner = known.written.get(name, (None, ""))
        several = part if isinstance(part, list) else [part]
        for number, one in enumerate(several):
            at = f"{path}.{name}[{number}]" if isinstance(part, list) else f"{path}.{name}"
            if element is not None and inner == "Reference":
                yield at, one, element.targets
            yield from _walk(one, inner, at)


def _leads(
    reference: dict[str, Any],
    targets: frozenset[str],
    path: str,
    known: Mapping[str, tuple[str, dict[str, Any]]],
) -> Iterator[Issue]:
    where = reference.get("reference")
    found = known.get(where or "")
    kind = found[1].get("resourceType") if found else reference.get("type", "")
    if kind and targets and kind not in targets:
        yield Issue("value", f"{path}.reference", f"It may lead to {', '.join(sorted(targets))} only.")
    if where is None:
        if not (reference.get("identifier") or reference.get("display")):
            yield Issue("required", f"{path}.reference", "It leads nowhere.")
        return
    is_ours = where.startswith(("urn:", "#")) or LOCAL.fullmatch(where)
    if found is None and is_ours:
        yield Issue("not-found", f"{path}.reference", "Nothing in this Bundle has this address.")
    elif found is None and not where.startswith(("https://", "http://")):
        yield Issue("value", f"{path}.reference", "This is no address.")
