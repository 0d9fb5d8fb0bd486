"""What is told about a referral: an invitation where that is safe, a letter to a secure mailbox.

The person is no member yet, so they are told at the very number they called safe. What must never happen:
a text that names health, a surgery, or that anybody suggested this; a letter to an ordinary mailbox.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.paper import prescribing
from exchange.outbox import Event
from exchange.prescribing.practice_tables import Practice
from exchange.prescribing.tables import ReferralLetter, ReferralPerson
from notifications import Address, Attachment, Notice


async def invitation(session: AsyncSession, event: Event) -> list[Notice]:
    """An invitation by text, if the person is still known and may be texted."""
    referral_id = UUID(event.payload["referral_id"])
    person = await session.get(ReferralPerson, (event.bank_id, referral_id))
    if person is None or not person.may_text or person.telephone is None:
        return []
    return [
        Notice(
            event_id=event.event_id,
            recipient_id=referral_id,
            template="neighbours_invited",
            language=person.language,
            address=Address(
                channel="sms",
                to=person.telephone,
                discreet=person.is_discreet,
                safe_from=person.safe_from,
                safe_until=person.safe_until,
                may_leave_message=person.may_leave_voicemail,
            ),
        )
    ]


async def letter_back(session: AsyncSession, event: Event) -> list[Notice]:
    """The message back as an attachment, to the mailbox that is recorded as secure at this moment."""
    referral_id, practice_id = UUID(event.payload["referral_id"]), UUID(event.payload["practice_id"])
    practice = await session.get(Practice, (event.bank_id, practice_id))
    letter = await session.get(ReferralLetter, (event.bank_id, referral_id))
    if practice is None or letter is None or not practice.is_mailbox_secure or practice.mailbox is None:
        return []
    made = await prescribing.letter_of(session, event.bank_id, referral_id)
    return [
        Notice(
            event_id=event.event_id,
            recipient_id=practice_id,
            template="letter_back",
            language="en",
            address=Address(channel="email", to=practice.mailbox),
            attachment=Attachment(name="letter.pdf", media_type="application/pdf", content=made),
        )
    ]
