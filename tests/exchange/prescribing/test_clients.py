"""Systems of a practice: who lets them in, what they may see, how they are shut out, and guessing."""

from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from exchange.errors import NotAllowed, NotFound, ReservedId, SameIdOtherContents
from exchange.membership.errors import TooManyAsking
from exchange.membership.viewer import Viewer
from exchange.prescribing import asking, clients, joining, lists, read, sending, steps
from exchange.prescribing.access import Part, Standing
from exchange.prescribing.linking import find, key_of
from tests.small_practice import Surgery

ANSWERS = {"ons4": [5, 5, 5, 5], "ucla3": [2, 2, 2], "lonely": [2]}


async def let_in(surgery: Surgery, practice_id: UUID | None = None) -> tuple[UUID, str]:
    small = surgery.small
    key = uuid7()
    made = await clients.make(
        small.session,
        small["admin"],
        practice_id or surgery.practice_id,
        "Records",
        client_id=key,
        at=small.at,
    )
    assert made.secret
    assert clients.read_handle(made.handle) == (small.bank_id, key)
    return key, made.secret


async def signed_in(surgery: Surgery, practice_id: UUID | None = None) -> Viewer:
    small = surgery.small
    key, secret = await let_in(surgery, practice_id)
    token = await clients.open_token(small.session, small.bank_id, key, secret, at=small.at)
    assert token
    viewer = await clients.viewer_of(small.session, token, at=small.at)
    assert viewer
    return viewer


async def test_only_an_administrator_lets_a_system_in(surgery: Surgery) -> None:
    small = surgery.small
    for name in ("Cora", "Gita", "Ann"):
        with pytest.raises(NotAllowed):
            await clients.make(
                small.session, small[name], surgery.practice_id, "x", client_id=uuid7(), at=small.at
            )


async def test_a_repeat_shows_no_secret_and_another_practice_is_refused(surgery: Surgery) -> None:
    small = surgery.small
    key, _ = await let_in(surgery)
    again = await clients.make(
        small.session, small["admin"], surgery.practice_id, "Records", client_id=key, at=small.at
    )
    assert again.secret is None
    with pytest.raises(SameIdOtherContents):
        await clients.make(small.session, small["admin"], surgery.other_id, "x", client_id=key, at=small.at)


async def test_a_token_lives_ten_minutes_and_dies_with_its_system(surgery: Surgery) -> None:
    small = surgery.small
    key, secret = await let_in(surgery)
    token = await clients.open_token(small.session, small.bank_id, key, secret, at=small.at)
    assert token
    assert await clients.viewer_of(small.session, token, at=small.at + timedelta(minutes=9))
    assert not await clients.viewer_of(small.session, token, at=small.at + clients.TOKEN_LIFE)
    await clients.end(small.session, small["admin"], key, at=small.at)
    assert not await clients.viewer_of(small.session, token, at=small.at)
    assert not await clients.open_token(small.session, small.bank_id, key, secret, at=small.at)


async def test_guessing_closes_it_for_five_minutes(surgery: Surgery) -> None:
    small = surgery.small
    key, secret = await let_in(surgery)
    for _ in range(clients.TRIES_MAX):
        assert not await clients.open_token(small.session, small.bank_id, key, "guess", at=small.at)
    with pytest.raises(TooManyAsking):
        await clients.open_token(small.session, small.bank_id, key, secret, at=small.at)
    later = small.at + clients.PAUSE
    assert await clients.open_token(small.session, small.bank_id, key, secret, at=later)


async def test_a_system_holds_thirty_tokens_at_most(surgery: Surgery) -> None:
    small = surgery.small
    key, secret = await let_in(surgery)
    for _ in range(clients.TOKENS_MAX):
        assert await clients.open_token(small.session, small.bank_id, key, secret, at=small.at)
    with pytest.raises(TooManyAsking):
        await clients.open_token(small.session, small.bank_id, key, secret, at=small.at)
    later = small.at + clients.TOKEN_LIFE
    assert await clients.open_token(small.session, small.bank_id, key, secret, at=later)


async def test_a_system_sees_its_own_practice_only_and_its_look_is_in_the_log(surgery: Surgery) -> None:
    small = surgery.small
    sent = await surgery.send()
    system, other = await signed_in(surgery), await signed_in(surgery, surgery.other_id)
    view = await read.view(small.session, system, sent.referral_id, at=small.at)
    assert view.standing is Standing.SYSTEM
    with pytest.raises(NotFound):
        await read.view(small.session, other, sent.referral_id, at=small.at)
    looks = await read.log_of(small.session, small["Cora"], sent.referral_id)
    assert [(look.who, look.standing) for look in looks] == [("Records", "system")]
    assert "measures" not in looks[0].parts
    for verb in (steps.accept, steps.start):
        with pytest.raises(NotAllowed):
            await verb(small.session, system, sent.referral_id, at=small.at)
    with pytest.raises(NotAllowed):
        await lists.desk(small.session, system, at=small.at)


async def test_answers_are_told_only_where_the_person_said_so(surgery: Surgery) -> None:
    small, session = surgery.small, surgery.small.session
    sent = await surgery.send(consent={"may_measure": True})
    cora, key = small["Cora"], sent.referral_id
    await steps.accept(session, cora, key, at=small.at)
    member = await joining.become_member(session, cora, key, evidence="said so", at=small.at)
    await asking.allow(session, cora, member.member_id, "my_own_use", is_given=True, at=small.at)
    for measure, given in ANSWERS.items():
        await asking.answer(
            session, cora, member.member_id, measure, "start", given, way="paper", at=small.at
        )
    system = await signed_in(surgery)
    await asking.allow(session, cora, member.member_id, "referrer", is_given=True, at=small.at)
    early = await read.view(session, system, key, at=small.at)
    assert early.sheets is None, "in the message at the end, as was asked"
    await steps.close(session, cora, key, reason="person_said_no", at=small.at)
    await asking.allow(session, cora, member.member_id, "referrer", is_given=False, at=small.at)
    silent = await read.view(session, system, key, at=small.at)
    await asking.allow(session, cora, member.member_id, "referrer", is_given=True, at=small.at)
    told = await read.view(session, system, key, at=small.at)
    assert (silent.sheets, {sheet.measure for sheet in told.sheets or ()}) == (None, set(ANSWERS))
    doctor = await read.view(session, small["Gita"], key, at=small.at)
    assert doctor.sheets is None, "the doctor reads the figures in the message, the system the answers"
    assert Part.MEASURES in doctor.parts


async def test_the_same_name_is_the_same_referral_and_found_by_its_own_practice(surgery: Surgery) -> None:
    small = surgery.small
    system, other = await signed_in(surgery), await signed_in(surgery, surgery.other_id)
    name = ("urn:theirs", "R-1")
    new = surgery.referral(identifier=name, referral_id=key_of(surgery.practice_id, *name))
    first = await sending.send(small.session, system, new, at=small.at)
    again = await sending.send(small.session, system, new, at=small.at)
    assert first.referral_id == again.referral_id
    assert await find(small.session, system, *name) == [first.referral_id]
    assert await find(small.session, other, *name) == []


async def test_nobody_takes_the_key_of_a_name_beforehand(surgery: Surgery) -> None:
    with pytest.raises(ReservedId):
        await surgery.send(referral_id=key_of(surgery.practice_id, "urn:theirs", "R-1"))
