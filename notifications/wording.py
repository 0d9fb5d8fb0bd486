"""The words: templates in every language, filled strictly.

Placeholders are `((name))` and nothing else is ever evaluated, so no coordinator and no name can run
anything. What must never happen: a message with a hole in it, or one that names a service to somebody
whose contact asks for discreet wording.
"""

import re
import tomllib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from notifications.clusters import cut
from notifications.errors import (
    MissingPlaceholder,
    UnknownParameter,
    UnknownPlaceholder,
    UnknownTemplate,
)
from notifications.notice import Channel, Notice
from notifications.numbers import as_dialled
from notifications.policy import Policy
from notifications.segments import measure

FOLDER = Path(__file__).parent / "templates"
LANGUAGES = ("en", "cy", "bn")
PLACEHOLDER = re.compile(r"\(\(([a-z_]+)\)\)")
ALWAYS_KNOWN = frozenset({"bank", "contact"})
MAY_BE_LEFT_OUT = frozenset({"coordinator"})
NAMES = ("logger", "other", "coordinator", "giver", "receiver", "bank")
"""What is cut, longest first, when a text would cost more than its template states."""
NAME_CLUSTERS_MIN, NAME_CLUSTERS_LEAST = 8, 3
"""What is left of a name, and of one in a text that would not fit otherwise."""
SEGMENTS_MAX = 2


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a template may say, how it may be told, and what a text of it may cost."""

    parameters: frozenset[str]
    told_by: frozenset[str]
    asks: bool
    sms_segments_max: int
    has_question: bool = False
    """Its own words ask; else "is that right?" is added where it is read or said."""

    @property
    def frame(self) -> str:
        """The end of the frame's name: what is asked after the words."""
        return "_answer" if self.has_question else "_ask" if self.asks else ""

    @property
    def placeholders(self) -> frozenset[str]:
        return self.parameters | ALWAYS_KNOWN


@dataclass(frozen=True, slots=True)
class Words:
    """One message's words, ready to send. Segments are zero for what is not a text."""

    subject: str
    body: str
    segments: int


def placeholders(body: str) -> frozenset[str]:
    """The names a text leaves open."""
    return frozenset(PLACEHOLDER.findall(body))


@cache
def declarations() -> Mapping[str, Declaration]:
    """Every template there is."""
    raw = tomllib.loads((FOLDER / "declared.toml").read_text(encoding="utf-8"))
    return {
        name: Declaration(
            frozenset(entry["parameters"]),
            frozenset(entry.get("told_by", ("sms", "email", "letter", "call"))),
            bool(entry.get("asks", False)),
            int(entry.get("sms_segments_max", SEGMENTS_MAX)),
            bool(entry.get("has_question", False)),
        )
        for name, entry in raw.items()
    }


@cache
def texts(language: str) -> Mapping[str, Mapping[str, str]]:
    """All parts of all templates in one language, and its `frame`; checked against the declarations.

    Raises:
        UnknownTemplate: a template is not declared, or a declared one is missing.
        UnknownPlaceholder: a part names what its template does not declare.
    """
    raw: dict[str, dict[str, str]] = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    if raw.keys() != declarations().keys() | {"frame"}:
        raise UnknownTemplate(f"{language}: {sorted(raw.keys() ^ (declarations().keys() | {'frame'}))}")
    for name, declaration in declarations().items():
        for part in raw[name].values():
            check_placeholders(part, declaration)
    return raw


def check_placeholders(body: str, declaration: Declaration) -> None:
    """Refuse a text that names what it will never be given, or that breaks a placeholder off.

    Raises:
        UnknownPlaceholder: it does.
    """
    unknown = placeholders(body) - declaration.placeholders
    if unknown:
        raise UnknownPlaceholder(", ".join(sorted(unknown)))
    rest = PLACEHOLDER.sub("", body)
    if "((" in rest or "))" in rest:
        raise UnknownPlaceholder("unfinished ((…))")


def spoken(language: str) -> str:
    """The language we write in for somebody who asked for `language`: English when we have no other."""
    short = language.replace("_", "-").split("-")[0].lower()
    return short if short in LANGUAGES else "en"


def fill(body: str, values: Mapping[str, str]) -> str:
    """Put values into a text; each placeholder must have one.

    Raises:
        MissingPlaceholder: one has none.
    """
    missing = placeholders(body) - values.keys()
    if missing:
        raise MissingPlaceholder(", ".join(sorted(missing)))
    return PLACEHOLDER.sub(lambda found: values[found.group(1)], body)


def said(template: str, language: str, values: Mapping[str, str]) -> str:
    """A text's standard words, for somebody who is no member of any bank.

    Raises:
        MissingPlaceholder: the text has one that was not given.
    """
    return fill(texts(spoken(language))[template]["sms"], values)


def words_for(notice: Notice, channel: Channel, policy: Policy, *, own: str | None = None) -> Words:
    """The words of a notice on one channel. `own` is the bank's wording of the text, where it has one.

    Raises:
        UnknownTemplate: there is no such template, or it is never told this way.
        UnknownParameter, MissingPlaceholder: the parameters are not the declared ones.
    """
    declaration = declarations().get(notice.template)
    if declaration is None or channel not in declaration.told_by:
        raise UnknownTemplate(f"{notice.template} by {channel}")
    language = spoken(notice.language)
    parts, frame = texts(language)[notice.template], texts(language)["frame"]
    values = _values(notice, declaration, policy, frame)
    if channel == "sms":
        return _text_message(_sms_part(notice, parts, own), values, declaration.sms_segments_max)
    if channel == "call":
        return Words(fill(parts["subject"], values), _script(notice, declaration, policy), 0)
    if notice.address.discreet:
        return _discreet(channel, parts, frame, values)
    return _framed(frame[channel + declaration.frame], parts, values)


def line_of_digest(notice: Notice, policy: Policy) -> str:
    """What a digest says of a notice: one item of its list, so without the commas that part the items.

    Raises:
        UnknownTemplate, UnknownParameter, MissingPlaceholder: the notice does not fit its template.
    """
    declaration = declarations().get(notice.template)
    if declaration is None or declaration.asks:
        raise UnknownTemplate(f"{notice.template} in a digest")
    language = spoken(notice.language)
    parts, frame = texts(language)[notice.template], texts(language)["frame"]
    values = _values(notice, declaration, policy, frame)
    return fill(parts.get("line", parts["subject"]), values).replace(", ", " ")


def _values(
    notice: Notice, declaration: Declaration, policy: Policy, frame: Mapping[str, str]
) -> dict[str, str]:
    unknown = notice.parameters.keys() - declaration.placeholders
    if unknown:
        raise UnknownParameter(", ".join(sorted(unknown)))
    missing = declaration.parameters - notice.parameters.keys() - MAY_BE_LEFT_OUT
    if missing:
        raise MissingPlaceholder(", ".join(sorted(missing)))
    values = {
        "bank": policy.bank_name,
        "contact": as_dialled(policy.contact) or frame["contact"],
        "coordinator": frame["coordinator"],
    }
    # One line each: a name with a line break in it must not start a new header or a new sentence.
    return values | {name: " ".join(value.split()) for name, value in notice.parameters.items()}


def _sms_part(notice: Notice, parts: Mapping[str, str], own: str | None) -> str:
    return parts["discreet"] if notice.address.discreet else own or parts["sms"]


def _text_message(body: str, values: Mapping[str, str], segments_max: int) -> Words:
    fitted = ""
    for attempt in _shorter_and_shorter(body, dict(values)):
        fitted = fill(body, attempt)
        if measure(fitted).segments <= segments_max:
            break
    return Words("", fitted, measure(fitted).segments)


def _shorter_and_shorter(body: str, values: dict[str, str]) -> Iterator[dict[str, str]]:
    """The values as they are, then with the longest name one letter shorter at a time, then shorter lists.

    In the last resort the kind of help is cut, and the names once more.
    """
    yield values
    values = yield from _cut(body, values, NAMES, NAME_CLUSTERS_MIN)
    while "list" in placeholders(body) and ", " in values["list"]:
        values = values | {"list": values["list"].rpartition(", ")[0]}
        yield values
    values = yield from _cut(body, values, ("what",), NAME_CLUSTERS_MIN)
    yield from _cut(body, values, NAMES, NAME_CLUSTERS_LEAST)


def _cut(
    body: str, values: dict[str, str], names: Sequence[str], clusters_min: int
) -> Generator[dict[str, str], None, dict[str, str]]:
    named = [name for name in names if name in placeholders(body)]
    while named:
        longest = max(named, key=lambda name: len(values[name]))
        shorter = cut(values[longest], clusters_min=clusters_min)
        if shorter == values[longest]:
            break
        values = values | {longest: shorter}
        yield values
    return values


def _framed(shape: str, parts: Mapping[str, str], values: Mapping[str, str]) -> Words:
    body = fill(shape, dict(values) | {"text": fill(parts["long"], values)})
    return Words(fill(parts["subject"], values), body, 0)


def _discreet(
    channel: Channel, parts: Mapping[str, str], frame: Mapping[str, str], values: Mapping[str, str]
) -> Words:
    subject = frame["discreet_subject"]
    if channel == "letter":
        return Words(subject, fill(frame["discreet_letter"], values), 0)
    return Words(subject, fill(parts.get("discreet_email", frame["discreet_email"]), values), 0)


def _script(notice: Notice, declaration: Declaration, policy: Policy) -> str:
    """What to say in the member's language, and how to go about it in the coordinator's."""
    desk = texts(spoken(policy.desk_language))["frame"]
    language = spoken(notice.language)
    how = "say_carefully" if notice.address.discreet else "say_and_note" if declaration.asks else "say"
    script = fill(desk[how], {"text": _sentence(notice, language, declaration, policy)})
    if not notice.address.may_leave_message:
        script = fill(desk["say_no_message"], {"text": script})
    if language != spoken(policy.desk_language):
        understood = replace(notice, parameters={**notice.parameters, **notice.meant})
        meant = _sentence(understood, spoken(policy.desk_language), declaration, policy)
        script += "\n" + fill(desk["say_meaning"], {"text": meant})
    return script


def _sentence(notice: Notice, language: str, declaration: Declaration, policy: Policy) -> str:
    """What is said on the telephone in one language; a discreet call names no service first."""
    parts, frame = texts(language)[notice.template], texts(language)["frame"]
    values = _values(notice, declaration, policy, frame)
    said = fill(parts["long"], values)
    said = f"{said} {frame['question']}" if declaration.frame == "_ask" else said
    return said if notice.address.discreet else fill(frame["call"], {**values, "text": said})
