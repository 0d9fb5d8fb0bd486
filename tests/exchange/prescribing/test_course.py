"""The course of a referral: whatever people do or leave undone, it ends, and the message back is there."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from exchange.outbox import Event
from exchange.prescribing import access, chase, erasing, joining, lists, practices, read, states, steps
from exchange.prescribing.errors import NotTheirWish, PersonErased, ReferralInWrongState, UnknownReason
from exchange.prescribing.tables import (
    BACKS,
    STATES,
    Referral,
    ReferralLetter,
    ReferralNote,
    ReferralPerson,
    ReferralStep,
    ReferralWhy,
)
from tests.small_bank import Small
from tests.small_practice import SECRET_NAME, Surgery

DAY = timedelta(days=1)
ACTS: dict[str, Any] = {
    "accept": {},
    "decline": {"reason": "full"},
    "spoke": {"has_answered": True},
    "nobody": {"has_answered": False},
    "start": {},
    "close": {"reason": "finished"},
    "said_no": {"reason": "person_said_no"},
    "become_member": {"evidence": "on the telephone"},
}
VERB = {"spoke": "contact", "nobody": "contact", "said_no": "close"}


async def act(small: Small, key: UUID, name: str, at: datetime) -> None:
    verb = VERB.get(name, name)
    done = joining.become_member if verb == "become_member" else getattr(steps, verb)
    await done(small.session, small["Cora"], key, at=at, **ACTS[name])


moves = st.lists(st.one_of(st.sampled_from(sorted(ACTS)), st.integers(1, 60)), max_size=8)
"""What people do, and days that pass between."""


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=moves, back=st.sampled_from(BACKS), hears=st.sampled_from(("notes", "codes")))
async def test_every_course_ends_with_the_message_that_its_consent_allows(
    surgery: Surgery, moves: list[str | int], back: str, hears: str
) -> None:
    small, at = surgery.small, surgery.small.at
    await practices.change(small.session, small["Cora"], surgery.practice_id, {"hears": hears})
    key = (await surgery.send(consent={"back": back})).referral_id
    for move in moves:
        if isinstance(move, int):
            at += move * DAY
            await chase.chase(small.session, small.bank_id, at=at)
            continue
        with suppress(ReferralInWrongState, PersonErased):
            async with small.session.begin_nested():
                await act(small, key, move, at)
    for _ in range(12):
        at += 40 * DAY
        await chase.chase(small.session, small.bank_id, at=at)
    referral = await small.session.get_one(Referral, (small.bank_id, key), populate_existing=True)
    letter = await small.session.get_one(ReferralLetter, (small.bank_id, key), populate_existing=True)
    assert referral.state in states.ENDS
    assert (referral.chase_at, referral.next_chase) == (None, None)
    assert letter.level == access.level(back, hears)
    assert bool(letter.facts) == (letter.level != "nothing")
    assert ("attempts" in letter.facts) <= (letter.level == "notes")
    await every_step_stands_in_the_table(small, key)


async def every_step_stands_in_the_table(small: Small, key: UUID) -> None:
    allowed = {(t.state, t.verb, t.to) for t in states.TRANSITIONS}
    rows = await small.session.scalars(
        select(ReferralStep).where(col(ReferralStep.referral_id) == key).order_by(col(ReferralStep.step))
    )
    before = None
    for number, row in enumerate(rows, 1):
        assert (row.from_state, row.verb, row.to_state) in allowed
        assert (row.step, row.from_state) == (number, before)
        before = row.to_state


@pytest.mark.parametrize("state", STATES)
async def test_no_verb_works_outside_the_table(surgery: Surgery, state: str) -> None:
    small = surgery.small
    for name in ACTS:
        key = (await surgery.send()).referral_id
        for earlier in WAY[state]:
            await act(small, key, earlier, small.at)
        referral = await small.session.get_one(Referral, (small.bank_id, key))
        assert referral.state == state
        verb = VERB.get(name, name)
        is_allowed = any((t.state, t.verb) == (state, verb) for t in states.TRANSITIONS)
        is_repeat = REPEATS.get(verb) == state
        if is_allowed or is_repeat:
            await act(small, key, name, small.at)
        else:
            with pytest.raises(ReferralInWrongState):
                await act(small, key, name, small.at)
            assert referral.state == state


WAY = {
    "received": (),
    "accepted": ("accept",),
    "declined": ("decline",),
    "contacted": ("accept", "spoke"),
    "started": ("accept", "spoke", "start"),
    "closed": ("accept", "close"),
}
REPEATS = {"accept": "accepted", "decline": "declined", "start": "started", "close": "closed"}
"""Verbs that answer a repeat in the state they lead to."""


def test_every_state_is_reached_and_every_open_one_has_a_clock() -> None:
    reached = {t.to for t in states.TRANSITIONS}
    assert reached == set(STATES)
    assert set(states.CLOCKS) == set(STATES) - set(states.ENDS)
    for state in states.CLOCKS:
        assert states.target(state, "lapse") in states.ENDS
    assert {t.state for t in states.TRANSITIONS} - {None} == set(states.CLOCKS)


def test_a_table_without_a_way_out_is_found() -> None:
    """The control: with its lapse taken away, a state could wait for ever."""
    lost = [t for t in states.TRANSITIONS if (t.state, t.verb) != ("accepted", "lapse")]
    assert not any((t.state, t.verb) == ("accepted", "lapse") for t in lost)


@pytest.mark.parametrize(
    ("way", "reason"),
    [((), "not_taken_up"), (("accept",), "not_reached"), (("accept", "spoke"), "not_begun")],
)
async def test_what_nobody_does_is_done_by_the_clock_and_told(
    surgery: Surgery, way: tuple[str, ...], reason: str
) -> None:
    small = surgery.small
    key = (await surgery.send()).referral_id
    for name in way:
        await act(small, key, name, small.at)
    referral = await small.session.get_one(Referral, (small.bank_id, key))
    clock = states.CLOCKS[referral.state]
    assert await chase.chase(small.session, small.bank_id, at=small.at + clock.overdue - DAY) == 0
    assert not referral.is_overdue
    await chase.chase(small.session, small.bank_id, at=small.at + clock.overdue)
    assert referral.is_overdue
    assert (await lists.desk(small.session, small["Cora"], at=small.at))[0].is_overdue
    await chase.chase(small.session, small.bank_id, at=small.at + clock.lapse)
    assert (referral.state, referral.reason) == ("closed", reason)
    view = await read.view(small.session, small["Gita"], key, at=small.at + clock.lapse)
    assert view.coded
    assert view.coded[1]["words"] == states.REASONS[reason].words


async def test_an_attempt_winds_the_clock_again(surgery: Surgery) -> None:
    small = surgery.small
    key = (await surgery.send()).referral_id
    await act(small, key, "accept", small.at)
    late = small.at + 30 * DAY
    await chase.chase(small.session, small.bank_id, at=late)
    await act(small, key, "nobody", late)
    referral = await small.session.get_one(Referral, (small.bank_id, key))
    assert (referral.is_overdue, referral.attempts) == (False, 1)
    await chase.chase(small.session, small.bank_id, at=small.at + 43 * DAY)
    assert referral.state == "accepted"


async def test_a_no_forgets_the_person_after_the_banks_days(surgery: Surgery) -> None:
    small = surgery.small
    key = (await surgery.send()).referral_id
    await act(small, key, "accept", small.at)
    await steps.contact(small.session, small["Cora"], key, has_answered=True, note="Rang", at=small.at)
    words = f"{SECRET_NAME} prefers not to"
    await steps.close(small.session, small["Cora"], key, reason="person_said_no", words=words, at=small.at)
    await chase.chase(small.session, small.bank_id, at=small.at + 29 * DAY)
    assert await small.session.get(ReferralPerson, (small.bank_id, key)) is not None
    await chase.chase(small.session, small.bank_id, at=small.at + 30 * DAY)
    small.session.expire_all()
    for table in (ReferralPerson, ReferralWhy):
        assert await small.session.get(table, (small.bank_id, key)) is None
    notes = await small.session.scalars(select(ReferralNote).where(col(ReferralNote.referral_id) == key))
    assert notes.all() == []
    letter = await small.session.get_one(ReferralLetter, (small.bank_id, key))
    assert "Quince" not in str(letter.facts)
    view = await read.view(small.session, small["Gita"], key, at=small.at + 31 * DAY)
    assert (view.who, view.is_erased) == (None, True)
    assert (
        await erasing.erase_due(small.session, small.bank_id, today=(small.at + 99 * DAY).date(), at=small.at)
        == 0
    )


async def test_a_member_stays_and_is_not_forgotten(surgery: Surgery) -> None:
    small = surgery.small
    key = (await surgery.send()).referral_id
    for name in ("accept", "spoke", "become_member", "start", "close"):
        await act(small, key, name, small.at)
    referral = await small.session.get_one(Referral, (small.bank_id, key))
    assert referral.erase_on is None
    assert referral.member_id is not None


async def test_nobody_becomes_a_member_without_their_own_wish(surgery: Surgery) -> None:
    small = surgery.small
    key = (await surgery.send()).referral_id
    with pytest.raises(ReferralInWrongState):
        await act(small, key, "become_member", small.at)
    await act(small, key, "accept", small.at)
    with pytest.raises(NotTheirWish):
        await joining.become_member(small.session, small["Cora"], key, evidence=" ", at=small.at)
    one = await joining.become_member(small.session, small["Cora"], key, evidence="rang", at=small.at)
    two = await joining.become_member(small.session, small["Cora"], key, evidence="rang", at=small.at)
    assert one.member_id == two.member_id


async def test_a_letter_goes_to_a_mailbox_only_once_it_is_recorded_as_secure(surgery: Surgery) -> None:
    small = surgery.small

    async def sent() -> int:
        key = (await surgery.send()).referral_id
        await steps.decline(small.session, small["Cora"], key, reason="full", at=small.at)
        events = await small.session.scalars(
            select(Event).where(col(Event.bank_id) == small.bank_id, col(Event.kind) == "referral.came_back")
        )
        return len(events.all())

    assert await sent() == 0
    changes = {"mailbox": "inbox@surgery.example.org"}
    await practices.change(small.session, small["Cora"], surgery.practice_id, changes)
    assert await sent() == 0
    await practices.change(small.session, small["Cora"], surgery.practice_id, {"is_mailbox_secure": True})
    assert await sent() == 1
    other = {"mailbox": "another@surgery.example.org"}
    await practices.change(small.session, small["Cora"], surgery.practice_id, other)
    assert await sent() == 1, "another mailbox has to be recorded anew"


async def test_reasons_come_from_the_list(surgery: Surgery) -> None:
    small = surgery.small
    key = (await surgery.send()).referral_id
    with pytest.raises(UnknownReason):
        await steps.decline(small.session, small["Cora"], key, reason="finished", at=small.at)


async def test_the_database_holds_consent_and_ends(surgery: Surgery) -> None:
    small = surgery.small
    key = (await surgery.send()).referral_id
    for wrong in ("consents = false", "state = 'closed'", "reason = 'full'", "referrer_id = null"):
        with pytest.raises(IntegrityError):
            async with small.session.begin_nested():
                await small.session.execute(
                    text(f"update referral set {wrong} where referral_id = :key"), {"key": key}
                )


async def test_an_invitation_waits_for_whoever_may_be_texted(surgery: Surgery) -> None:
    small = surgery.small

    async def invited(**changes: Any) -> list[Event]:
        await surgery.send(invites=True, **changes)
        rows = await small.session.scalars(
            select(Event).where(col(Event.bank_id) == small.bank_id, col(Event.kind) == "referral.invited")
        )
        return list(rows.all())

    assert await invited(who={"may_text": False}) == []
    assert await invited(who={"telephone": "020 7946 0018"}) == [], "a landline is never texted"
    (event,) = await invited()
    assert set(event.payload) == {"referral_id"}
