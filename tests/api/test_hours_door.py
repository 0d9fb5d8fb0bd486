"""Hours through the machine door: statuses, codes, repeats, races, and when the reply leaves."""

import asyncio
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import pytest
from fastapi import Depends
from uuid_utils.compat import uuid7

import ledger
from api.door import Visit, visit
from tests.api.conftest import Service


async def logged(service: Service, **more) -> str:
    answer = await service.log("Ann", "gave", "Ben", **more)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_an_hour_told_by_one_and_confirmed_by_the_other_is_posted(service: Service) -> None:
    hours = await logged(service, minutes=90)
    answer = await service.call("Ben", "POST", f"/hours/{hours}/confirm")
    assert (answer.status_code, answer.json()["state"]) == (200, "posted")
    assert (await service.balance("Ann"), await service.balance("Ben")) == (90, -90)
    page = (await service.call("Ben", "GET", "/me/statement")).json()
    assert [(line["minutes"], line["counterpart"]) for line in page["items"]] == [(-90, "Ann")]


BAD_TELLINGS = [
    ({"minutes": 0}, 422, "minutes_out_of_range"),
    ({"minutes": -5}, 422, "minutes_out_of_range"),
    ({"minutes": 1.5}, 422, "minutes_out_of_range"),
    ({"minutes": "60"}, 422, "minutes_out_of_range"),
    ({"minutes": 1441}, 422, "minutes_out_of_range"),
    ({"minutes": 10**30}, 422, "minutes_out_of_range"),
    ({"done_on": "2026-05-13"}, 422, "day_in_future"),
    ({"done_on": "2020-01-01"}, 422, "day_too_long_ago"),
    ({"done_on": "yesterday"}, 422, "bad_day"),
    ({"with": str(uuid7())}, 404, "not_found"),
    ({"with": "nobody"}, 422, "bad_id"),
    ({"direction": "sold"}, 422, "invalid_request"),
    ({"note": "x" * 2001}, 422, "invalid_request"),
]


@pytest.mark.parametrize(("change", "status", "code"), BAD_TELLINGS)
async def test_a_telling_that_breaks_a_rule_is_refused_with_a_stable_code(
    service: Service, change, status, code
) -> None:
    answer = await service.log("Ann", "gave", "Ben", **change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await service.call("Ann", "GET", "/hours")).json()["items"] == []


async def test_hours_with_oneself_are_refused(service: Service) -> None:
    answer = await service.log("Ann", "gave", "Ann")
    assert answer.json()["code"] == "with_oneself"


async def test_a_malformed_or_oversized_body_is_refused(service: Service) -> None:
    headers = {"authorization": f"Bearer {service.tokens['Ann']}", "content-type": "application/json"}
    malformed = await service.client.post("/api/v1/hours", content=b"{", headers=headers)
    assert (malformed.status_code, malformed.json()["code"]) == (422, "invalid_request")
    oversized = await service.client.post("/api/v1/hours", content=b" " * 1_000_001, headers=headers)
    assert (oversized.status_code, oversized.json()["code"]) == (413, "body_too_large")
    assert "1 MB" in oversized.json()["detail"]
    on_a_page = await service.client.post("/sign-in", content=b"x" * 1_000_001)
    assert (on_a_page.status_code, "That is more than we can take" in on_a_page.text) == (413, True)


async def test_the_same_id_again_is_the_same_hour_and_other_contents_are_a_conflict(service: Service) -> None:
    key = str(uuid7())
    assert await logged(service, id=key) == key
    assert await logged(service, id=key) == key
    other = await service.log("Ann", "gave", "Ben", minutes=61, id=key)
    assert (other.status_code, other.json()["code"]) == (409, "same_id_other_contents")


async def test_the_idempotency_key_works_like_an_id(service: Service) -> None:
    headers = {"authorization": f"Bearer {service.tokens['Ann']}", "idempotency-key": str(uuid7())}
    told = {"direction": "gave", "with": str(service.ids["Ben"]), "minutes": 30, "done_on": "2026-05-11"}
    answers = [await service.client.post("/api/v1/hours", json=told, headers=headers) for _ in range(3)]
    assert {answer.json()["id"] for answer in answers} == {headers["idempotency-key"]}


async def test_what_was_declined_cannot_be_confirmed(service: Service) -> None:
    hours = await logged(service)
    await service.call("Ben", "POST", f"/hours/{hours}/decline", json={"reason": "not me"})
    answer = await service.call("Ben", "POST", f"/hours/{hours}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


async def test_fifty_taps_at_once_pay_once(service: Service) -> None:
    hours = await logged(service, minutes=45)
    answers = await asyncio.gather(
        *(service.call("Ben", "POST", f"/hours/{hours}/confirm") for _ in range(50))
    )
    assert {(answer.status_code, answer.json()["state"]) for answer in answers} == {(200, "posted")}
    assert await service.balance("Ann") == 45


async def test_fifty_tellings_with_one_id_are_one_hour(service: Service) -> None:
    key = str(uuid7())
    answers = await asyncio.gather(*(service.log("Ann", "gave", "Ben", id=key) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len((await service.call("Ann", "GET", "/hours")).json()["items"]) == 1


async def test_opposite_confirmations_never_deadlock(service: Service) -> None:
    pairs = [("Ann", "Ben"), ("Ben", "Ann"), ("Ben", "Cyd"), ("Cyd", "Ann")] * 5
    told = [(b, (await service.log(a, "gave", b, 10)).json()["id"]) for a, b in pairs]
    answers = await asyncio.gather(
        *(service.call(who, "POST", f"/hours/{hours}/confirm") for who, hours in told)
    )
    assert {answer.status_code for answer in answers} == {200}
    async with service.database.transaction(service.bank_id) as session:
        assert (await ledger.audit(session, service.bank_id)).is_clean


@pytest.fixture
def failing_commits(service: Service, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """From here on every commit of the service fails, as when the database goes away at that moment."""
    honest = service.database.transaction

    @asynccontextmanager
    async def failing(bank_id: UUID | None):
        async with honest(bank_id) as session:
            yield session
            await session.flush()
            raise ConnectionError("the commit failed")

    monkeypatch.setattr(service.app.state.database, "transaction", failing)
    return monkeypatch


async def test_a_reply_that_leaves_before_the_commit_would_claim_success(
    service: Service, failing_commits: pytest.MonkeyPatch
) -> None:
    """The control: the framework's default scope commits after the reply, so the failure goes unseen."""

    async def naive(who: Annotated[Visit, Depends(visit)]) -> dict[str, str]:
        return {"name": who.viewer.name}

    service.app.add_api_route("/api/v1/naive", naive)
    routes = service.app.router.routes
    routes.insert(0, routes.pop())
    assert (await service.call("Ann", "GET", "/naive")).status_code == 200
    routes.pop(0)


async def test_the_reply_leaves_after_the_commit(
    service: Service, failing_commits: pytest.MonkeyPatch
) -> None:
    """A commit that fails is an error to the client, and nothing was written."""
    answer = await service.log("Ann", "gave", "Ben")
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    failing_commits.undo()
    assert (await service.call("Ann", "GET", "/hours")).json()["items"] == []


async def test_nobody_comes_in_without_a_token(service: Service) -> None:
    for token in ("", "nonsense", service.tokens["Ann"][:-2] + "xx"):
        answer = await service.client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_a_sign_that_no_text_can_have_is_the_senders_mistake_and_not_ours(service: Service) -> None:
    allowed = await service.call(
        "Ann", "POST", "/measures/consents", json={"purpose": "my_own_use", "is_given": True}
    )
    assert allowed.is_success, allowed.text
    for path in ("/measures", "/measures/refuse"):
        body = {"measure": "ons4\x00", "round": "start", "answers": [1]}
        answer = await service.call("Ann", "POST", path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), path
