"""Becoming a member: when the person says so, and not before; and the wish for a call that a slip carries.

What must never happen: a referral's name on an invitation's page, or a membership that nobody asked for.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.membership import banks, members
from exchange.membership.contacts import ContactDraft
from exchange.membership.members import NewMember
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer
from exchange.prescribing import again, asking, funds, records, states
from exchange.prescribing.errors import NotTheirWish, PersonErased
from exchange.prescribing.tables import Referral, ReferralPerson
from exchange.words import clean

ANYWHERE = "practice"


async def become_member(
    session: AsyncSession,
    viewer: Viewer,
    referral_id: UUID,
    *,
    evidence: str,
    name: str | None = None,
    at: datetime,
) -> Member:
    """Sign the person up because they said they wish it; a repeat returns the same member.

    Whoever became one by an earlier referral stays that one member.

    Raises:
        NotTheirWish: nobody wrote down how they said so.
        PersonErased, ReferralInWrongState, NotFound, NotAllowed, and what `members.sign_up` raises
    """
    referral = await records.lock(session, viewer, referral_id, "referral.care")
    if referral.member_id is not None:
        return await session.get_one(Member, (viewer.bank_id, referral.member_id))
    if not clean(evidence, field="evidence"):
        raise NotTheirWish
    states.target(referral.state, "become_member")
    person = await session.get(ReferralPerson, (viewer.bank_id, referral_id))
    if person is None:
        raise PersonErased
    member = await again.member_already(session, referral)
    if member is None:
        member = await members.sign_up(session, viewer, _draft(person, name), at=at)
    referral.member_id = member.member_id
    bank = await banks.get(session, viewer.bank_id)
    await funds.carry(session, viewer, referral, at=at)
    await asking.schedule(session, viewer.bank_id, member.member_id, day=banks.today(bank, at))
    records.step(
        session,
        referral,
        "become_member",
        by_id=viewer.member_id,
        from_state=referral.state,
        note=clean(evidence, field="evidence"),
        at=at,
    )
    await session.flush()
    return member


def _draft(person: ReferralPerson, name: str | None) -> NewMember:
    contacts = []
    if person.telephone:
        contacts.append(
            ContactDraft(
                value=person.telephone,
                may_write=person.may_text,
                may_leave_voicemail=person.may_leave_voicemail,
                safe_from=person.safe_from,
                safe_until=person.safe_until,
                is_discreet=person.is_discreet,
            )
        )
    if person.email:
        contacts.append(ContactDraft(value=person.email, is_discreet=person.is_discreet))
    if person.address and person.may_post:
        contacts.append(ContactDraft(value=person.address, kind="post", is_discreet=person.is_discreet))
    return NewMember(
        name=name or person.name.split()[0],
        full_name=person.name,
        contacts=contacts,
        is_adult=True,
        language=person.language,
        source=ANYWHERE,
        address=person.address,
    )


async def wish_a_call(session: AsyncSession, bank_id: UUID, referral_id: UUID, *, at: datetime) -> bool:
    """Somebody opened the code of their slip and wishes to be rung; nothing about them is told.

    Returns:
        Whether the referral is still open, so that somebody will ring.
    """
    found = await session.get(Referral, (bank_id, referral_id), with_for_update=True)
    if found is None or found.state in states.ENDS:
        return False
    found.wishes_call_at = found.wishes_call_at or at
    await session.flush()
    return True
