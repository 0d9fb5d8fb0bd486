"""Somebody must know now: a concern was raised, or a visit is not over. One person after the other is told.

The message says when and a reference, nothing about whom or why. What must never happen: nobody to tell.
"""

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

import notifications
from api.announce import address
from exchange.membership import banks, contacts
from exchange.outbox import Event
from exchange.prescribing import concerns
from exchange.prescribing.care_tables import Concern, Visit
from notifications import DutyPerson, Policy

KINDS = ("concern.raised", "visit.not_over")


async def tell(session: AsyncSession, event: Event, decided: Policy) -> None:
    """Raise the alert that this event asks for; a repeat changes nothing."""
    bank = await banks.get(session, event.bank_id)
    if event.kind == "concern.raised":
        concern = await session.get_one(Concern, (event.bank_id, UUID(event.payload["concern_id"])))
        subject, template, alert_id = concern.about_id, "safety_concern", concern.concern_id
        parameters = {"reference": str(concern.concern_id)[-4:].upper()}
    else:
        visit = await session.get_one(Visit, (event.bank_id, UUID(event.payload["visit_id"])))
        if visit.state == "over":
            return
        subject, template, alert_id = visit.visitor_id, "safety_check_out_missed", visit.visit_id
        local = (visit.told_at or event.recorded_at).astimezone(ZoneInfo(bank.time_zone))
        parameters = {"due": f"{local:%H:%M}", "reference": str(visit.visit_id)[-4:].upper()}
    await notifications.raise_alert(
        session,
        event.bank_id,
        alert_id=alert_id,
        template=template,
        parameters=parameters,
        people=await _people(session, event.bank_id, subject),
        policy=decided,
        at=event.due_at,
    )


async def _people(session: AsyncSession, bank_id: UUID, subject: UUID) -> list[DutyPerson]:
    found = []
    for member_id in await concerns.on_duty(session, bank_id, besides=subject):
        reach = await contacts.reach(session, bank_id, member_id)
        if reach is not None:
            found.append(DutyPerson(recipient_id=member_id, address=address(reach), language=reach.language))
    return found
