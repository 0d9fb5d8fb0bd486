"""Other organisations' open data, read page after page: a bounded time, a bounded size, words only.

What must never happen: an import that waits for ever, or a script or an address of another kind kept.
"""

import html
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from api.files.report import Report
from exchange.prescribing.signposts import ABOUT_CHARACTERS_MAX, URL_CHARACTERS_MAX, Entry
from exchange.words import LINE_CHARACTERS_MAX

PAGE_BYTES_MAX = 5_000_000
PAGES_MAX = 200
ENTRIES_MAX = 10_000
SECONDS_MAX = 20
WHOLE_SECONDS_MAX = 600
REDIRECTS_MAX = 3
TAG = re.compile(r"<[^>]{0,500}>")
MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
TELEPHONE = re.compile(r"[+()\d][\d\s()+.-]{4,38}")
LISTS = ("contents", "content", "items", "services")
"""What feeds call the list in their page."""


class FeedTrouble(Exception):
    """A feed that cannot be read: why, in a sentence."""


@dataclass(slots=True)
class Feed:
    """What was read: the services, and whether that is all of them."""

    services: list[Any] = field(default_factory=list)
    is_whole: bool = False


def is_address(source: str) -> bool:
    """Whether this is somewhere on the web, and no file."""
    return urlsplit(source).scheme in ("http", "https")


def from_file(data: bytes) -> Feed:
    """A feed that somebody saved.

    Raises:
        FeedTrouble
    """
    services, _ = _page(data)
    return Feed(services[:ENTRIES_MAX], is_whole=len(services) <= ENTRIES_MAX)


async def fetch(address: str, *, client: httpx.AsyncClient | None = None) -> Feed:
    """All pages of a feed; the first that fails ends it with what was read so far.

    Raises:
        FeedTrouble: not even the first page could be read.
    """
    found = Feed()
    async with client or httpx.AsyncClient(
        timeout=SECONDS_MAX, follow_redirects=True, max_redirects=REDIRECTS_MAX
    ) as opened:
        await _pages(opened, address, found)
    return found


async def _pages(client: httpx.AsyncClient, address: str, found: Feed) -> None:
    until = time.monotonic() + WHOLE_SECONDS_MAX
    for number in range(1, PAGES_MAX + 1):
        try:
            services, is_last = _page(await _get(client, address, number))
        except FeedTrouble:
            if number == 1:
                raise
            return
        if services and services[0] in found.services[:1]:
            return
        found.services += services
        if len(found.services) > ENTRIES_MAX or time.monotonic() > until:
            del found.services[ENTRIES_MAX:]
            return
        if is_last or not services:
            found.is_whole = True
            return


async def _get(client: httpx.AsyncClient, address: str, number: int) -> bytes:
    url = httpx.URL(address).copy_merge_params({"page": str(number)})
    try:
        async with client.stream("GET", url, headers={"accept": "application/json"}) as answer:
            return await _body(answer)
    except httpx.HTTPError as error:
        raise FeedTrouble(f"The feed did not answer: {type(error).__name__}.") from None


async def _body(answer: httpx.Response) -> bytes:
    if answer.status_code != httpx.codes.OK:
        raise FeedTrouble(f"The feed answered {answer.status_code}.")
    body = b""
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > PAGE_BYTES_MAX:
            raise FeedTrouble("A page of the feed is larger than 5 MB.")
    return body


def _page(data: bytes) -> tuple[list[Any], bool]:
    """The services of one page, and whether it is the last."""
    try:
        page = json.loads(data)
    except (ValueError, RecursionError):
        raise FeedTrouble("This is not JSON.") from None
    if isinstance(page, list):
        return page, True
    if not isinstance(page, dict):
        raise FeedTrouble("This is no list of services.")
    services = next((page[name] for name in LISTS if isinstance(page.get(name), list)), None)
    if services is None:
        raise FeedTrouble("This is no list of services.")
    pages, number = page.get("total_pages"), page.get("page_number")
    is_counted_last = isinstance(pages, int) and isinstance(number, int) and number >= pages
    return services, page.get("last_page") is True or is_counted_last


def entries(feed: Feed, report: Report) -> Iterator[tuple[int, Entry]]:
    """Each service that can be shown, by its place in the feed; the report says why others cannot."""
    for number, service in enumerate(feed.services, 1):
        report.lines += 1
        if not isinstance(service, Mapping):
            report.add(number, "service", "This is no service.", "not_a_service")
        elif not _text(service.get("id")) or not _text(service.get("name")):
            report.add(number, "name", "A service has an id and a name.", "text_missing")
        elif _text(service.get("status")) in (None, "active"):
            yield number, _entry(service)


def _entry(service: Mapping[str, Any]) -> Entry:
    organisation = service.get("organization")
    phones = [*_all(service, "phones"), *(p for c in _all(service, "contacts") for p in _all(c, "phones"))]
    return Entry(
        external_id=str(_text(service["id"]))[:200],
        name=str(_words(service["name"], 150)),
        organisation=_words(organisation.get("name"), 190) if isinstance(organisation, Mapping) else None,
        about=_words(service.get("description"), ABOUT_CHARACTERS_MAX),
        url=_web(service.get("url")),
        email=_matching(MAIL, service.get("email")),
        telephone=next((p for p in (_matching(TELEPHONE, e.get("number")) for e in phones) if p), None),
        place=_place(service),
        when_words=next((w for s in _all(service, "schedules") if (w := _when(s))), None),
    )


def _all(thing: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The things of a list that are things."""
    found = thing.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _words(value: Any, longest: int) -> str | None:
    """Plain words: no tags, no signs that a page could take for anything, and cut where they are too many."""
    text = _text(value)
    if text is None:
        return None
    plain = " ".join(html.unescape(TAG.sub(" ", text)).split())
    plain = "".join(c for c in plain if c.isprintable())
    return plain if len(plain) < longest else f"{plain[: longest - 2].rstrip()}…"


def _web(value: Any) -> str | None:
    """An address on the web; anything else that a link could do is dropped."""
    text = _text(value)
    if text is None or len(text) > URL_CHARACTERS_MAX or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.hostname else None


def _matching(pattern: re.Pattern[str], value: Any) -> str | None:
    text = _text(value)
    return text if text and len(text) <= LINE_CHARACTERS_MAX and pattern.fullmatch(text) else None


def _place(service: Mapping[str, Any]) -> str | None:
    for at in _all(service, "service_at_locations"):
        location = at.get("location")
        if isinstance(location, Mapping):
            address = next(iter(_all(location, "addresses")), {})
            parts = (location.get("name"), *(address.get(n) for n in ("address_1", "city", "postal_code")))
            told = dict.fromkeys(word for part in parts if (word := _words(part, 90)))
            return _words(", ".join(told), 190)
    return None


def _when(schedule: Mapping[str, Any]) -> str | None:
    said = _words(schedule.get("description"), 190)
    parts = [schedule.get("byday"), schedule.get("opens_at"), schedule.get("closes_at")]
    told = [str(part)[:20] for part in parts if _text(part)]
    return said or _words(" ".join(told), 100)
