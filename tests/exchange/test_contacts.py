"""Which numbers reach a person, and when a contact says who somebody is."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from exchange.errors import NotFound
from exchange.membership import contacts, members, sign_in
from exchange.membership.contacts import ContactDraft, normalise
from exchange.membership.errors import (
    AddressMissing,
    BadTelephone,
    NoSafeWay,
    NotReached,
    ProveFirst,
    TooManyAsking,
    TooManyContacts,
)
from exchange.membership.members import NewMember
from exchange.outbox import Event
from exchange.tenancy import banks_of_contact
from tests.small_bank import Small, a_number

SECRET = b"a secret for tests only"

REACHED = (
    ("07700 900123", "mobile"),
    ("01632 960001", "landline"),
    ("020 7946 0012", "landline"),
    ("0191 498 0123", "landline"),
    ("0300 123 1234", "landline"),
    ("07624 312345", "mobile"),
    ("+880 1712-345678", "mobile"),
)
NOT_REACHED = (
    "0000000000",
    "12345",
    "999",
    "070 1234 5678",
    "076 0123 4567",
    "0900 123 4567",
    "0909 879 0123",
    "0845 123 4567",
    "+33 899 12 34 56",
    "07700 901234",
)


@pytest.mark.parametrize(("typed", "kind"), REACHED)
def test_a_number_that_reaches_somebody_is_taken(typed: str, kind: str) -> None:
    assert normalise(typed)[0] == kind


@pytest.mark.parametrize("typed", NOT_REACHED)
def test_a_number_that_nobody_has_or_that_costs_its_caller_dearly_is_not(typed: str) -> None:
    with pytest.raises(BadTelephone):
        normalise(typed)


async def code_for(small: Small) -> str:
    events = (await small.session.scalars(select(Event).order_by(Event.event_id))).all()  # type: ignore[arg-type]
    return str([e.payload["secret"] for e in events if e.kind == "sign_in.code_requested"][-1])


async def test_typing_anothers_number_silences_nothing_of_theirs(small: Small) -> None:
    """Ann adds Ben's number to her own: it stays his alone, for texts, for signing in, and for balances."""
    ben, ann = small["Ben"], small["Ann"]
    his = (await contacts.of_member(small.session, small.bank_id, ben.member_id))[0].value
    hers = (await contacts.of_member(small.session, small.bank_id, ann.member_id))[0].value
    drafts = [ContactDraft(value=hers), ContactDraft(value=his)]
    await contacts.change(small.session, ann, ann.member_id, drafts, at=small.at)
    assert [m.member_id for m in await contacts.sharing(small.session, small.bank_id, his)] == [ben.member_id]
    reach = await contacts.reach(small.session, small.bank_id, ben.member_id)
    assert reach is not None
    assert not reach.is_shared
    staff_wrote_it = await contacts.change(small.session, small["Cora"], ann.member_id, drafts, at=small.at)
    assert all(contact.proved_at for contact in staff_wrote_it), "a control: what staff write down counts"
    assert len(await contacts.sharing(small.session, small.bank_id, his)) == 2


async def test_a_code_proves_a_number_and_guesses_run_out(small: Small) -> None:
    ann, number = small["Ann"], a_number()
    hers = (await contacts.of_member(small.session, small.bank_id, ann.member_id))[0].value
    drafts = [ContactDraft(value=hers), ContactDraft(value=number)]
    kept = await contacts.change(small.session, ann, ann.member_id, drafts, at=small.at)
    new = kept[1]
    assert await banks_of_contact(small.session, number) == []
    with pytest.raises(NotFound):
        await sign_in.request_proof(small.session, small["Ben"], new.contact_id, secret=SECRET, at=small.at)
    await sign_in.request_proof(small.session, ann, new.contact_id, secret=SECRET, at=small.at)
    code = await code_for(small)
    for guess in range(5):
        typed = f"{(int(code) + 1 + guess) % 10**6:06d}"
        assert not await sign_in.prove(small.session, ann, new.contact_id, typed, secret=SECRET, at=small.at)
    assert not await sign_in.prove(small.session, ann, new.contact_id, code, secret=SECRET, at=small.at)
    later = small.at + timedelta(minutes=20)
    await sign_in.request_proof(small.session, ann, new.contact_id, secret=SECRET, at=later)
    code = await code_for(small)
    assert await sign_in.prove(small.session, ann, new.contact_id, code, secret=SECRET, at=later)
    assert await banks_of_contact(small.session, number) == [small.bank_id]


async def test_the_last_known_contact_stays_until_another_is_proved(small: Small) -> None:
    ann = small["Ann"]
    with pytest.raises(ProveFirst):
        await contacts.change(
            small.session, ann, ann.member_id, [ContactDraft(value=a_number())], at=small.at
        )


async def test_a_contact_that_stays_keeps_its_language_and_its_key(small: Small) -> None:
    ann = small["Ann"]
    before = (await contacts.of_member(small.session, small.bank_id, ann.member_id))[0]
    before.language, key = "cy", before.contact_id
    drafts = [ContactDraft(value=before.value, is_discreet=True), ContactDraft(value="ann@example.org")]
    after = (await contacts.change(small.session, ann, ann.member_id, drafts, at=small.at))[0]
    assert (after.contact_id, after.language, after.is_discreet) == (key, "cy", True)


async def test_who_asks_to_join_is_known_by_their_number_once_welcomed(small: Small) -> None:
    number = a_number()
    draft = NewMember(name="Dot", contacts=[ContactDraft(value=number)], is_adult=True)
    asked = await members.ask_to_join(small.session, small.bank_id, draft, at=small.at)
    assert await contacts.sharing(small.session, small.bank_id, number) == []
    await members.accept(small.session, small["Cora"], asked.member_id, at=small.at)
    assert len(await contacts.sharing(small.session, small.bank_id, number)) == 1


async def test_who_asks_to_join_is_known_only_where_they_answered(small: Small) -> None:
    anns = (await contacts.of_member(small.session, small.bank_id, small["Ann"].member_id))[0].value
    typed = [ContactDraft(value=anns), ContactDraft(value=a_number()), ContactDraft(value=a_number())]
    draft = NewMember(name="Dot", contacts=typed, is_adult=True)
    known = {}
    for reached in (None, [2], [0, 1]):
        asked = (await members.ask_to_join(small.session, small.bank_id, draft, at=small.at)).member_id
        theirs = await contacts.of_member(small.session, small.bank_id, asked)
        with pytest.raises(NotReached):
            await members.accept(small.session, small["Cora"], asked, reached=[uuid7()], at=small.at)
        named = None if reached is None else [theirs[each].contact_id for each in reached]
        await members.accept(small.session, small["Cora"], asked, reached=named, at=small.at)
        for contact in theirs:
            await small.session.refresh(contact)
        known[str(reached)] = [contact.proved_at is not None for contact in theirs]
        await members.set_status(small.session, small["admin"], asked, "left")
    assert known == {
        "None": [False, True, False],
        "[2]": [False, False, True],
        "[0, 1]": [True, True, False],
    }


async def test_a_machine_that_asks_for_hundreds_is_stopped(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "ASKING_MAX", 3)
    for number in range(4):
        draft = NewMember(name=f"N{number}", contacts=[ContactDraft(value=a_number())], is_adult=True)
        if number < 3:
            await members.ask_to_join(small.session, small.bank_id, draft, at=small.at)
        else:
            with pytest.raises(TooManyAsking):
                await members.ask_to_join(small.session, small.bank_id, draft, at=small.at)


async def test_a_phone_that_is_not_safe_gets_no_code_by_somebody_elses_wish(small: Small) -> None:
    ann, ben, number = small["Ann"], small["Ben"], a_number()
    unsafe = [ContactDraft(value=number, may_write=False)]
    await contacts.change(small.session, small["Cora"], ben.member_id, unsafe, at=small.at)
    hers = (await contacts.of_member(small.session, small.bank_id, ann.member_id))[0].value
    drafts = [ContactDraft(value=hers), ContactDraft(value=number)]
    kept = await contacts.change(small.session, ann, ann.member_id, drafts, at=small.at)
    await sign_in.request_proof(small.session, ann, kept[1].contact_id, secret=SECRET, at=small.at)
    events = (await small.session.scalars(select(Event))).all()
    assert [e for e in events if e.kind == "sign_in.code_requested"] == []


async def test_strangers_numbers_are_not_collected(small: Small) -> None:
    ann = small["Ann"]
    hers = (await contacts.of_member(small.session, small.bank_id, ann.member_id))[0].value
    for more in (3, 40):
        drafts = [ContactDraft(value=hers), *(ContactDraft(value=a_number()) for _ in range(more))]
        with pytest.raises(TooManyContacts):
            await contacts.change(small.session, ann, ann.member_id, drafts, at=small.at)


async def test_an_email_that_is_not_safe_is_never_written_to(small: Small) -> None:
    """Beside it stands a number to ring; and the same address called safe is the control."""
    number = a_number()
    for is_safe, channel in ((False, "call"), (True, "email")):
        ways = [
            ContactDraft(value=f"dot-{is_safe}@example.org", may_write=is_safe),
            ContactDraft(value=number, may_write=False),
        ]
        draft = NewMember(name="Dot", contacts=ways, is_adult=True, preferred_channel="email")
        asked = await members.ask_to_join(small.session, small.bank_id, draft, at=small.at)
        reach = await contacts.reach(small.session, small.bank_id, asked.member_id)
        assert reach is not None
        assert reach.channel == channel
    alone = NewMember(name="Dot", contacts=[ContactDraft(value="d@x.org", may_write=False)], is_adult=True)
    with pytest.raises(NoSafeWay):
        await members.ask_to_join(small.session, small.bank_id, alone, at=small.at)


async def test_who_wants_letters_is_written_to_at_the_address_they_gave(small: Small) -> None:
    wishes = {"preferred_channel": "letter", "contacts": [ContactDraft(value=a_number())]}
    dot = await small.add("Dot", address="3 Park Road", **wishes)
    reach = await contacts.reach(small.session, small.bank_id, dot.member_id)
    assert reach is not None
    assert (reach.channel, reach.to) == ("letter", "3 Park Road")
    with pytest.raises(AddressMissing):
        await small.add("Eve", **wishes)
    with pytest.raises(AddressMissing):
        await members.change(
            small.session, small["Ann"], small["Ann"].member_id, {"preferred_channel": "letter"}
        )
