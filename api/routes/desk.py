"""The coordinator's desk: what waits, people who ask to join, policy, roles, and how somebody goes."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

import ledger
import notifications
from api import paper
from api.door import Visiting
from api.routes.hours import HoursOut
from api.routes.members import ContactOut, MemberOut, shown
from exchange.hours import leaving, read, verbs
from exchange.membership import banks, contacts, members, organisations, sign_in
from exchange.membership.tables import Bank
from exchange.permissions import Relation, require
from notifications import DeskItem

router = APIRouter(tags=["desk"])


class CallOut(BaseModel):
    """A call to make, with what to say."""

    id: UUID
    member_id: UUID
    to: str
    say: str
    queued_at: datetime


class TextOut(BaseModel):
    """A text that needs a person."""

    id: UUID
    member_id: UUID | None
    sender: str
    body: str
    received_at: datetime


class AskerOut(BaseModel):
    """Somebody who asked to join, with the numbers and addresses that they typed."""

    id: UUID
    name: str
    contacts: list[ContactOut]


class Welcome(BaseModel):
    """Where somebody who asked to join was spoken with: `reached` are ids of their contacts."""

    reached: list[UUID] | None = Field(
        default=None, max_length=10, description="The first that is nobody else's when left out."
    )


class DeskOut(BaseModel):
    """Everything that waits for a coordinator."""

    approvals: list[HoursOut]
    floor_cases: list[HoursOut]
    objections: list[HoursOut]
    unanswered: list[HoursOut]
    declined: list[HoursOut]
    joining: list[AskerOut]
    calls: list[CallOut]
    letters: list[CallOut]
    texts: list[TextOut]


class PolicyOut(BaseModel):
    """What the bank allows, and when a coordinator looks."""

    name: str
    time_zone: str
    languages: list[str]
    telephone: str | None
    floor_minutes: int
    ceiling_minutes: int
    hours_age_days_max: int
    objection_days: int
    reminder_days: list[int]
    coordinator_after_days: int
    deputy: str
    named_approver_id: UUID | None
    approval_rules: dict[str, "RuleIn"]


class RuleIn(BaseModel):
    """One reason for a coordinator to look."""

    threshold: int = 0
    period_days: int = 30


class PolicyChanges(BaseModel):
    """What is to change; what is left out stays. `approval_rules` replaces all of them."""

    name: str | None = Field(default=None, max_length=200)
    time_zone: str | None = Field(default=None, max_length=60)
    languages: list[str] | None = Field(default=None, max_length=10)
    telephone: str | None = Field(default=None, max_length=40)
    floor_minutes: int | None = None
    ceiling_minutes: int | None = None
    hours_age_days_max: int | None = None
    objection_days: int | None = None
    reminder_days: list[int] | None = Field(default=None, max_length=10)
    coordinator_after_days: int | None = None
    deputy: Literal["coordinator", "administrator", "named"] | None = None
    named_approver_id: UUID | None = None
    approval_rules: dict[str, RuleIn] | None = None


class Ending(BaseModel):
    """How a member's part changes; `heir_id` receives what a leaver has, else the pot does."""

    status: Literal["active", "paused", "left", "deceased"]
    heir_id: UUID | None = None


def _call(item: DeskItem) -> CallOut:
    return CallOut(
        id=item.id, member_id=item.recipient_id, to=item.to, say=item.body, queued_at=item.queued_at
    )


@router.get("/queue")
async def queue(visit: Visiting) -> DeskOut:
    """What waits for a coordinator, oldest first in each heap."""
    session, bank_id = visit.session, visit.viewer.bank_id
    heaps = await read.desk(session, visit.viewer)
    hours = {
        heap: [HoursOut.of(view) for view in getattr(heaps, heap)]
        for heap in ("approvals", "floor_cases", "objections", "unanswered", "declined")
    }
    if not visit.viewer.is_staff:
        return DeskOut(**hours, joining=[], calls=[], letters=[], texts=[])
    return DeskOut(
        **hours,
        joining=[await _asker(visit, m.member_id, n) for m, n in await members.asking(session, visit.viewer)],
        calls=[_call(item) for item in await notifications.call_list(session, bank_id)],
        letters=[_call(item) for item in await notifications.letters(session, bank_id)],
        texts=[
            TextOut.model_validate(item, from_attributes=True)
            for item in await notifications.unread_texts(session, bank_id)
        ],
    )


async def _asker(visit: Visiting, member_id: UUID, name: str) -> AskerOut:
    typed = await contacts.of_member(visit.session, visit.viewer.bank_id, member_id)
    return AskerOut(id=member_id, name=name, contacts=[ContactOut.of(contact) for contact in typed])


@router.post("/hours/{hours_id}/settle")
async def settle(visit: Visiting, hours_id: UUID) -> HoursOut:
    """A coordinator has talked with both about hours that were declined."""
    await verbs.settle(visit.session, visit.viewer, hours_id)
    return HoursOut.of(await read.view(visit.session, visit.viewer, hours_id))


@router.post("/members/{member_id}/accept")
async def accept(visit: Visiting, member_id: UUID, welcome: Welcome | None = None) -> MemberOut:
    """Somebody who asked to join becomes a member; only where they were spoken with is known to be theirs."""
    reached = welcome.reached if welcome else None
    member = await members.accept(visit.session, visit.viewer, member_id, reached=reached, at=visit.at)
    return await shown(visit, member)


@router.post("/members/{member_id}/refuse")
async def refuse(visit: Visiting, member_id: UUID) -> MemberOut:
    """Somebody who asked to join will not be a member."""
    return await shown(visit, await members.refuse(visit.session, visit.viewer, member_id))


@router.post("/members/{member_id}/status")
async def set_status(visit: Visiting, member_id: UUID, ending: Ending) -> MemberOut:
    """Pause, wake, or end a membership; whatever was queued for them is stopped at once."""
    if ending.status in ("active", "paused"):
        member = await members.set_status(visit.session, visit.viewer, member_id, ending.status)
    else:
        member = await leaving.end(
            visit.session, visit.viewer, member_id, ending.status, heir_id=ending.heir_id, at=visit.at
        )
    if ending.status != "active":
        await notifications.cancel_queued(visit.session, visit.viewer.bank_id, member_id, at=visit.at)
    return await shown(visit, member)


@router.delete("/members/{member_id}/sessions", status_code=204)
async def sign_out_everywhere(visit: Visiting, member_id: UUID) -> None:
    """Sign a member out everywhere: a telephone was lost, or is unsafe. Contacts stay as they are."""
    await sign_in.end_all(visit.session, visit.viewer, member_id, at=visit.at)


@router.put("/members/{member_id}/roles/{role}", status_code=204)
async def grant(visit: Visiting, member_id: UUID, role: str) -> None:
    """Give a member a role in the bank."""
    await organisations.grant(visit.session, visit.viewer, member_id, role)


@router.delete("/members/{member_id}/roles/{role}", status_code=204)
async def revoke(visit: Visiting, member_id: UUID, role: str) -> None:
    """Take a role away; a bank keeps at least one administrator."""
    await organisations.revoke(visit.session, visit.viewer, member_id, role)


async def _policy(visit: Visiting, bank: Bank) -> PolicyOut:
    rules = await banks.approval_rules(visit.session, bank.bank_id)
    columns: dict[str, Any] = {
        name: getattr(bank, name) for name in PolicyOut.model_fields if name != "approval_rules"
    }
    return PolicyOut(
        **columns,
        approval_rules={
            kind: RuleIn(threshold=rule.threshold, period_days=rule.period_days)
            for kind, rule in rules.items()
        },
    )


@router.get("/policy")
async def policy(visit: Visiting) -> PolicyOut:
    """The bank's policy."""
    require(visit.viewer.roles, "policy.read", [Relation.BANK])
    return await _policy(visit, await banks.get(visit.session, visit.viewer.bank_id))


@router.patch("/policy")
async def change_policy(visit: Visiting, changes: PolicyChanges) -> PolicyOut:
    """Change the bank's policy; the administrator only."""
    wanted = changes.model_dump(exclude_unset=True, exclude={"approval_rules"})
    bank = await banks.set_policy(visit.session, visit.viewer, wanted)
    if changes.approval_rules is not None:
        rules = {kind: (rule.threshold, rule.period_days) for kind, rule in changes.approval_rules.items()}
        await banks.set_approval_rules(visit.session, visit.viewer, rules)
    return await _policy(visit, bank)


class AuditOut(BaseModel):
    """What recomputing the books found."""

    is_clean: bool
    findings: list[str]


@router.get("/audit")
async def audit(visit: Visiting) -> AuditOut:
    """Recompute the bank's books; for coordinators, administrators and auditors."""
    require(visit.viewer.roles, "books.audit", [Relation.BANK])
    report = await ledger.audit(visit.session, visit.viewer.bank_id)
    return AuditOut(is_clean=report.is_clean, findings=[str(finding) for finding in report.findings])


@router.get("/queue/letters.pdf", response_class=Response)
async def letters(visit: Visiting) -> Response:
    """Every letter that waits, in one PDF for the printer."""
    made = await paper.letters(visit.session, visit.viewer, at=visit.at)
    return Response(made, media_type="application/pdf")
