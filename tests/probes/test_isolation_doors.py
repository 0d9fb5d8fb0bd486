"""Another bank's keys, tried by every role on every path: there is nothing by them, and nothing is said.

A key of the other bank must be answered exactly like one that never was: not found, or an empty list.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import product
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from exchange.membership import sign_in
from mobile_web.forms import SESSION_COOKIE
from mobile_web.site import ROOMS
from tests.api.conftest import Service
from tests.probes.conftest import AT, MARK, ROLES, TwoBanks
from tests.probes.operations import Json, Operation, filled, operations

PUBLIC = ("/webhooks/", "/banks/{bank_id}/join", "/sign-in/codes", "/sign-in/sessions")
"""Open to strangers, or signed by the provider; what they may say is tested where they are."""
NEVER = uuid7()
"""A key that nobody has."""
IS_NEW = ("id",)
"""A key that the caller makes up: one that another bank uses is as good as any."""
KINDS = {
    "hours_id": ("hours", "posted", "objected"),
    "organisation_id": ("organisation",),
    "from_organisation": ("organisation",),
    "party_id": ("member", "organisation"),
    "with": ("member", "organisation"),
    "to": ("member", "organisation"),
    "listing_id": ("listing", "request"),
    "appointment_id": ("appointment",),
    "circle_id": ("circle",),
    "session_id": ("session", "meeting"),
    "activity_id": ("activity",),
    "check_in_id": ("check_in",),
    "resource_id": ("resource",),
    "booking_id": ("booking",),
    "sheet_id": ("sheet",),
    "host_id": ("organisation", "member"),
    "owner_id": ("organisation",),
    "payer_id": ("organisation",),
    "desk_id": ("organisation",),
    "referral_id": ("referral",),
    "practice_id": ("practice",),
    "funder_id": ("practice",),
    "suggestion_id": ("suggestion",),
    "concern_id": ("concern",),
    "visit_id": ("visit",),
    "clearance_id": ("clearance",),
    "referrer_id": ("practice",),
}
"""What kind of thing a key names; a member, unless it stands here."""


def kinds(name: str) -> tuple[str, ...]:
    return KINDS.get(name, ("member", "other"))


async def with_sessions(two: TwoBanks) -> None:
    """Add to the keys one session of theirs and one of ours."""
    for service, keys in ((two.theirs, two.keys), (two.ours, two.own)):
        async with service.database.transaction(service.bank_id) as session:
            viewer = await sign_in.viewer_of(
                session, sign_in.Token(service.bank_id, service.tokens["Ann"]), at=AT
            )
            assert viewer
            keys["session"] = (await sign_in.sessions(session, viewer, at=AT))[0].session_id


def is_for_a_role(operation: Operation) -> bool:
    return not any(word in operation.path for word in PUBLIC) or "{session_id}" in operation.path


async def asked(service: Service, who: str, method: str, path: str, sent: dict) -> httpx.Response:
    headers = {"authorization": f"Bearer {service.tokens[who]}"}
    return await service.client.request(method, path, headers=headers, **sent)


def said(answer: httpx.Response, key: UUID) -> tuple[int, str]:
    """Status and words, with the key that was asked about blotted out."""
    return answer.status_code, answer.text.replace(str(key), "KEY")


def is_nothing(answer: httpx.Response) -> bool:
    """Not found; or a list with nothing in it."""
    is_empty = answer.status_code == 200 and answer.json().get("items") == []
    return answer.status_code == 404 or is_empty


HARMLESS = (204, 409, 422)
"""Also fine when a key that never was gets just the same: nothing to take away, not one of the choices."""


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_finds_anything_by_another_banks_keys(two_banks: TwoBanks, role: str) -> None:
    await with_sessions(two_banks)
    wrong, count = [], 0
    for operation in operations(two_banks.ours.app.openapi()):
        for slot in operation.slots if is_for_a_role(operation) else ():
            if slot[1] in IS_NEW:
                continue
            for kind in kinds(slot[1])[: None if role == "coordinator" else 1]:
                count += 1
                wrong += await tried(two_banks, ROLES[role], operation, slot, kind)
    assert count > 20
    assert wrong == [], "\n".join(wrong)


async def tried(two: TwoBanks, who: str, operation: Operation, slot: tuple[str, str], kind: str) -> list[str]:
    """What was wrong with the answers to one key of theirs in one slot."""
    wrong = []
    rest = own_keys(two, operation, slot)
    for with_theirs, with_none, with_ours in zip(
        filled(operation, rest | {slot: two.keys[kind]}),
        filled(operation, rest | {slot: NEVER}),
        filled(operation, rest | {slot: (nearest := own(two, who, kind))}),
        strict=True,
    ):
        answer = await asked(two.ours, who, operation.method, *with_theirs)
        where = f"{operation} {slot[1]}={kind}: {answer.status_code} {answer.text[:120]}"
        if MARK in answer.text:
            wrong.append(f"THEIR WORDS {where}")
        elif is_nothing(answer) and role_compares(who):
            naught = await asked(two.ours, who, operation.method, *with_none)
            wrong += [] if said(answer, two.keys[kind]) == said(naught, NEVER) else [f"TELLS APART {where}"]
        elif not is_nothing(answer):
            like = with_none if answer.status_code in HARMLESS else with_ours
            alike = await asked(two.ours, who, operation.method, *like)
            blotted = said(alike, NEVER if like == with_none else nearest)
            is_same = answer.status_code in (*HARMLESS, 403) and blotted == said(answer, two.keys[kind])
            wrong += [] if is_same else [where]
    return wrong


def own(two: TwoBanks, who: str, kind: str) -> UUID:
    """The key that is most the viewer's own: a role that is refused even that may not do this at all."""
    return two.ours.ids[who] if kind in ("member", "other") else two.own[kind]


def role_compares(who: str) -> bool:
    return who == ROLES["coordinator"]


def own_keys(two: TwoBanks, operation: Operation, slot: tuple[str, str]) -> dict[tuple[str, str], UUID]:
    """Keys of our own for the operation's other slots that must be filled."""
    needed = [s for s in operation.slots if s[0] == "path" or s[1] in (operation.body or {})]
    return {
        s: two.own["fay" if s[1] in ("member_id", "with") else kinds(s[1])[0]] for s in needed if s != slot
    }


async def test_lists_hold_nothing_of_theirs(two_banks: TwoBanks) -> None:
    ours = two_banks.ours
    document = ours.app.openapi()
    paths = [o.path for o in operations(document) if o.method == "GET" and "{" not in o.path]
    searched = [p for p in paths if any(each["name"] == "q" for each in parameters(document, p))]
    assert len(paths) > 5
    assert searched
    seen = 0
    questions = [(path, {}) for path in paths] + [(path, {"q": MARK}) for path in searched]
    for role, (path, query) in product(ROLES, questions):
        answer = await asked(ours, ROLES[role], "GET", path, {"params": query})
        assert MARK not in answer.text, f"{role} {path}"
        seen += "Lantern" in answer.text
    assert seen > 5


def parameters(document: Json, path: str) -> list[Json]:
    """What may be asked for in a GET's address."""
    found: list[Json] = document["paths"][path]["get"].get("parameters", [])
    return found


async def test_the_probe_would_notice(two_banks: TwoBanks) -> None:
    """The control: in their own bank the same keys are found, and the mark is read."""
    await with_sessions(two_banks)
    theirs, keys = two_banks.theirs, two_banks.keys
    for path in (f"/hours/{keys['hours']}", f"/members/{keys['member']}", "/organisations", "/me"):
        answer = await asked(theirs, "Cora", "GET", f"/api/v1{path}", {})
        assert answer.status_code == 200
        assert MARK in answer.text


async def test_a_token_opens_its_own_bank_only(two_banks: TwoBanks) -> None:
    """A token carries its bank; with another bank's key in it, it is nobody's."""
    raw = urlsafe_b64decode(two_banks.ours.tokens["admin"])
    forged = urlsafe_b64encode(two_banks.theirs.bank_id.bytes + raw[16:]).decode()
    answer = await two_banks.ours.client.get("/api/v1/me", headers={"authorization": f"Bearer {forged}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


# The pages.

NOT_OURS_TO_TRY = (
    "/static",
    "/c/",
    "/whats-on/",
    "/calendar/",
    "/in/",
    "/link/",
    "/join/",
    "/sign-in",
    "/sign-out",
    "/language",
    "/design",
)
"""Open to anybody, or about nobody's records."""


def pages(method: str) -> list[str]:
    """The pages that take a key in their address."""
    found = {route.path for room in ROOMS for route in room.routes if method in (route.methods or ())}
    return sorted(p for p in found if "{" in p and not p.startswith(NOT_OURS_TO_TRY))


PEOPLE_AND_PLACES = (
    "member",
    "organisation",
    "session",
    "activity",
    "meeting",
    "check_in",
    "resource",
    "booking",
    "sheet",
)
KINDS_OF_PAGE = {
    "hours": ("hours", "posted"),
    "refer": ("referral", "member"),
    "systems/": ("system",),
    "practices": ("practice",),
    "suggestions": ("suggestion",),
    "likes": ("suggestion",),
    "concerns": ("concern",),
    "visits/": ("visit",),
    "passkeys": ("passkey",),
    "feeds": ("feed",),
} | {
    "listings": ("listing", "request"),
    "appointments": ("appointment",),
    "circles": ("circle",),
}
"""A part of a page's address → the kinds of keys that it may be about."""
FIRST_PART = {
    "members": ("member",),
    "organisations": ("organisation", "session"),
    "sessions": ("session", "meeting"),
    "activities": ("activity", "meeting"),
    "rooms": ("resource", "organisation"),
    "bookings": ("booking",),
    "time-notes": ("sheet", "organisation"),
}
"""The same of the other pages, by their first part; what stands in neither table is tried with every kind."""
KNOWN = KINDS_OF_PAGE | FIRST_PART
HELPING_WORDS = {
    "question": ("no", "move", "off", "happened", "missed"),
    "verb": ("close", "keep", "clear", "agree", "cancel", "happened", "did-not-happen", "accept", "pin"),
    "place": ("0",),
}
HELPING = ("listings", "appointments", "circles")
"""Pages about help, and the words that may stand beside a key there."""


def addresses(path: str, keys: dict[str, UUID], known: dict[str, tuple[str, ...]] = KNOWN) -> set[str]:
    """A page's addresses with keys of the kinds it may be about, and each word that may stand beside one."""
    wanted = next((k for part, k in known.items() if part in path), PEOPLE_AND_PLACES)
    keys = {kind: keys[kind] for kind in wanted}
    name, *others = re.findall(r"{(\w+)}", path)
    words = {
        "question": ("other", "no", "withdraw", "object"),
        "verb": ("confirm", "decline", "withdraw", "object"),
        "step": ("accept", "decline", "contact", "start", "close", "join"),
    }
    if any(word in path for word in HELPING):
        words = HELPING_WORDS
    found = {path.replace(f"{{{name}}}", str(key)) for key in keys.values()}
    for other in others:
        found = {f.replace(f"{{{other}}}", word) for f in found for word in words.get(other, ("x",))}
    return found


def browser(service: Service, who: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=service.app, raise_app_exceptions=False),
        base_url="http://evenhour.test",
        cookies={SESSION_COOKIE: service.tokens[who]},
    )


def is_no_page(path: str, answer: httpx.Response, desk: int) -> bool:
    """Not found; or the desk closed to whoever has no business there; or a tick that changes nothing."""
    is_tick = path.startswith(TICKS) and answer.status_code == 303
    is_closed = path.startswith("/desk") and answer.status_code == desk == 403
    return answer.status_code == 404 or is_tick or is_closed


TICKS = ("/desk/calls/", "/desk/letters/", "/desk/texts/", "/desk/problems/")
"""Lists that are ticked off: any key gives the same answer, and one that is not there changes nothing."""


@pytest.mark.parametrize("role", ROLES)
async def test_no_page_shows_anything_by_another_banks_keys(two_banks: TwoBanks, role: str) -> None:
    await with_sessions(two_banks)
    wrong = []
    async with browser(two_banks.ours, ROLES[role]) as client:
        desk = (await client.get("/desk")).status_code
        for path in pages("GET"):
            for address in sorted(addresses(path, two_banks.keys)):
                answer = await client.get(address)
                if not is_no_page(path, answer, desk) or MARK in answer.text:
                    wrong.append(f"GET {path}: {answer.status_code}")
        for asked_for in (
            f"/hours/new?with={two_banks.keys['member']}",
            f"/gifts/new?to={two_banks.keys['member']}",
        ):
            answer = await client.get(asked_for)
            if MARK in answer.text or answer.status_code >= 500:
                wrong.append(f"GET {asked_for}: {answer.status_code}")
    assert sorted(set(wrong)) == [], "\n".join(sorted(set(wrong)))


@pytest.mark.parametrize("role", ROLES)
async def test_no_form_does_anything_by_another_banks_keys(two_banks: TwoBanks, role: str) -> None:
    await with_sessions(two_banks)
    wrong = []
    async with browser(two_banks.ours, ROLES[role]) as client:
        proof = re.search(r'name="proof" value="([^"]+)"', (await client.get("/settings/about")).text)
        assert proof
        desk = (await client.get("/desk")).status_code
        for path in pages("POST"):
            for address in sorted(addresses(path, two_banks.keys)):
                answer = await client.post(address, data={"proof": proof[1]})
                if not is_no_page(path, answer, desk) or MARK in answer.text:
                    wrong.append(f"POST {path}: {answer.status_code} {answer.headers.get('location')}")
    assert sorted(set(wrong)) == [], "\n".join(sorted(set(wrong)))


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
async def test_no_page_and_no_form_finds_anything_by_any_kind_of_key(two_banks: TwoBanks, role: str) -> None:
    """The long form: every kind of key of people, places and groups on every page, by every role."""
    await with_sessions(two_banks)
    wrong = []
    async with browser(two_banks.ours, ROLES[role]) as client:
        desk = (await client.get("/desk")).status_code
        proof = re.search(r'name="proof" value="([^"]+)"', (await client.get("/settings/about")).text)
        assert proof
        for method, path in [(m, p) for m in ("GET", "POST") for p in pages(m)]:
            for address in sorted(addresses(path, two_banks.keys, KINDS_OF_PAGE)):
                answer = await client.request(method, address, data={"proof": proof[1]})
                if not is_no_page(path, answer, desk) or MARK in answer.text:
                    wrong.append(f"{method} {path}: {answer.status_code}")
    assert sorted(set(wrong)) == []


async def test_the_page_probe_would_notice(two_banks: TwoBanks) -> None:
    await with_sessions(two_banks)
    async with browser(two_banks.theirs, "Cora") as client:
        answer = await client.get(f"/desk/hours/{two_banks.keys['hours']}")
        found = [await client.get(a) for p in pages("GET") for a in addresses(p, two_banks.keys)]
    assert len(pages("POST")) > 5
    assert [page for page in [answer, *found] if page.status_code == 200 and MARK in page.text] != []
