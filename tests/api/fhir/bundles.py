"""Real Bundles to look at: referrals taken to each state, as a practice's system is shown them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from api.fhir.writing import Sender, bundle
from exchange.membership.viewer import Viewer
from exchange.prescribing import asking, erasing, joining, practices, read, steps
from tests.exchange.prescribing.test_clients import ANSWERS
from tests.small_practice import Surgery

STATES = ("received", "accepted", "tried", "contacted", "started", "member", "declined", "erased")
ENDINGS = ("going_well", "finished", "signposted", "moved", "person_said_no")


def sender(at: datetime) -> Sender:
    return Sender(bank="Lantern Street", base="https://bank.example/fhir", ods_code="G85123", at=at)


async def taken_to(surgery: Surgery, state: str, **changes: Any) -> UUID:
    """A referral that has come as far as `state`, or has ended for that reason."""
    small, at = surgery.small, surgery.small.at
    session, cora = small.session, small["Cora"]
    key = (await surgery.send(**changes)).referral_id
    if state in ("declined", "erased"):
        ended = await steps.decline(session, cora, key, reason="full", words="Full", at=at)
        if state == "erased":
            await erasing.erase(session, ended, today=at.date(), at=at)
        return key
    if state == "received":
        return key
    await steps.accept(session, cora, key, tier="activity", at=at)
    if state == "accepted":
        return key
    await steps.contact(session, cora, key, has_answered=state != "tried", note="rang", at=at)
    if state in ("tried", "contacted"):
        return key
    await steps.start(session, cora, key, at=at)
    if state == "started":
        return key
    member = await joining.become_member(session, cora, key, evidence="said so", at=at)
    await answered(surgery, member.member_id)
    if state in ENDINGS:
        await steps.close(session, cora, key, reason=state, words="They garden.", at=at + timedelta(days=1))
    return key


async def answered(surgery: Surgery, member_id: UUID) -> None:
    small = surgery.small
    await asking.allow(small.session, small["Cora"], member_id, "referrer", is_given=True, at=small.at)
    for measure, given in ANSWERS.items():
        await asking.answer(
            small.session, small["Cora"], member_id, measure, "start", given, way="paper", at=small.at
        )


async def shown(surgery: Surgery, system: Viewer, key: UUID) -> dict[str, Any]:
    at = surgery.small.at + timedelta(days=2)
    view = await read.view(surgery.small.session, system, key, at=at)
    return bundle(view, sender(at))


async def hears(surgery: Surgery, what: str) -> None:
    small = surgery.small
    await practices.change(small.session, small["Cora"], surgery.practice_id, {"hears": what})


PEOPLE: tuple[dict[str, Any], ...] = (
    {},
    {"who": {"nhs_number": None, "telephone": None, "email": "quince@example.org", "is_discreet": False}},
    {"who": {"telephone": "020 7946 0010", "not_to_say": "not to her son"}, "why": {"flags": []}},
    {"why": {"needs": ["company", "active"], "aspiration": None, "note": "Hard of hearing"}, "talks": True},
    {
        "consent": {"may_measure": True, "heard": "telephone", "basis": "explicit_consent"},
        "lift": "To the GP",
    },
)
"""Referrals that say more or less of everything."""


def of_type(made: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [e["resource"] for e in made["entry"] if e["resource"]["resourceType"] == kind]
