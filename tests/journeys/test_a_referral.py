"""From the doctor's ten minutes to word back: three screens, a slip, the desk, a letter."""

import time
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from api.database import Database
from exchange.activities import codes
from exchange.membership import sign_in
from exchange.membership.tables import Member
from exchange.prescribing import practices
from exchange.prescribing.practice_tables import Suggestion
from exchange.prescribing.tables import ReferralLetter
from tests.exchange.activities.group import hold_a_group
from tests.mobile_web.pages import Street
from tests.small_practice import Surgery, open_surgery

TAPS_MAX = 14
SECONDS_MAX = 90
PAGES_OF_TYPING_MAX = 1
CLINIC = ("Gita", "Rex", "Omar")


@pytest.fixture
async def surgery(database: Database, street: Street) -> Surgery:
    """Two practices on the street; the doctor, reception and another doctor are signed in."""
    async with database.transaction(street.bank_id) as session:
        street.session = session
        made = await open_surgery(street)
        for name in CLINIC:
            token = await sign_in.start_session(
                session, street.bank_id, street[name].member_id, device="a desk", at=street.at
            )
            street.cookies[name] = token.text
    return made


async def prescribe(hand: Any) -> set[int]:
    """The three screens as a doctor fills them in; returns the screens on which something was typed."""
    await hand.tap("Prescribe an hour with neighbours")
    typed = {1}
    await hand.type("Full name", "Wilhelmina Quince")
    await hand.type("Date of birth", "3/5/1950")
    await hand.type("Address", "1 Quince Row")
    await hand.type("NHS number", "943 476 5919")
    await hand.type("Phone", "07700 900777")
    await hand.tap("It is safe to text them there")
    await hand.tap("Next")
    await hand.tap("More company")
    await hand.tap("After a loss")
    await hand.tap("Next")
    await hand.tap("Garden group")
    await hand.tap("agrees to be put in touch")
    await hand.tap("A letter in words")
    await hand.tap("Send")
    return typed


@pytest.mark.parametrize("size", [(390, 844), (1280, 800)], ids=["phone", "desk"])
async def test_three_screens_are_quick(phone_of: Any, surgery: Surgery, size: tuple[int, int]) -> None:
    async with phone_of("Gita", size=size) as gita:
        await gita.open("/")
        gita.taps, began = 0, time.monotonic()
        typed = await prescribe(gita)
        assert await gita.reads("Sent. Thank you.")
        assert gita.taps <= TAPS_MAX
        assert len(typed) <= PAGES_OF_TYPING_MAX
        assert time.monotonic() - began < SECONDS_MAX, "the page's own share of a doctor's ninety seconds"
        print(f"{size[0]} px: {gita.taps} taps, {time.monotonic() - began:.1f} s")


async def test_from_a_prescription_to_the_letter(
    phone_of: Any, surgery: Surgery, street: Street, database: Database
) -> None:
    poster = await garden_group(street, surgery, database)
    async with phone_of("Gita") as gita, phone_of("Cora") as cora:
        await gita.open("/")
        await prescribe(gita)
        typed = (await gita.page.inner_text("b.num")).replace("-", "")
        async with phone_of(None) as slip:
            await slip.open(f"/c/{typed}")
            await slip.tap("Please ring me")
            assert await slip.reads("A person rings you")
            assert not await slip.reads("Wilhelmina"), "a slip in a coat names nobody"
        await cora.open("/desk/referrals")
        assert await cora.reads("Wishes a call")
        await cora.tap("Open")
        assert await cora.reads("May fall") is False
        await cora.tap("Wants a hand")
        await cora.tap("Take it up")
        await cora.type("For staff", "She would love the garden")
        await cora.tap("We spoke")
        await cora.tap("They wish to be a member")
        await cora.type("How they told you", "On the phone to me")
        await cora.tap("Sign them up")
        assert not await cora.reads("began by itself")
        await signed_in(street, database, "Wilhelmina Quince")
        async with phone_of("Wilhelmina Quince", scripts=False) as wilhelmina:
            await wilhelmina.open(poster)
            await wilhelmina.tap("I am here")
            assert await wilhelmina.reads("Garden")
        await cora.page.reload()
        assert await cora.reads("began by itself")
        await cora.tap("Close it")
        await cora.page.get_by_label("Why").locator("visible=true").last.select_option("going_well")
        await cora.type("In words, for whoever referred", "She goes every Tuesday")
        await cora.page.get_by_role("button", name="Close it").click()
        assert await cora.reads("Closed")
        await gita.open("/practice")
        assert await gita.reads("Word back")
        await gita.tap("Wilhelmina Quince")
        assert await gita.reads("She goes every Tuesday")
        assert await gita.reads("871731000000106")
        assert not await gita.reads("She would love the garden"), "what staff wrote is for staff"
    async with database.transaction(street.bank_id) as session:
        (letter,) = await session.scalars(
            select(ReferralLetter).where(col(ReferralLetter.bank_id) == street.bank_id)
        )
        assert letter.facts["sessions"] == 1, "the check-in stands in the letter"


async def garden_group(street: Street, surgery: Surgery, database: Database) -> str:
    """The garden group meets now, its poster counts by itself, and the suggestion names it."""
    async with database.transaction(street.bank_id) as session:
        street.session = session
        group = await hold_a_group(street, is_trusted=True, title="Garden")
        named = await session.get_one(Suggestion, (street.bank_id, surgery.suggestion_id))
        named.activity_id = group.activity.activity_id
        code = await codes.issue(session, street.bank_id, "poster", group.session_id, at=street.at)
    return code.path


async def signed_in(street: Street, database: Database, full_name: str) -> None:
    """The new member's telephone has a session."""
    async with database.transaction(street.bank_id) as session:
        (who,) = await session.scalars(
            select(col(Member.member_id)).where(
                col(Member.bank_id) == street.bank_id, col(Member.full_name) == full_name
            )
        )
        token = await sign_in.start_session(session, street.bank_id, who, device="hers", at=street.at)
        street.cookies[full_name] = token.text


async def test_what_was_wrong_keeps_its_answers_and_reception_finishes(
    phone_of: Any, surgery: Surgery
) -> None:
    async with phone_of("Gita", scripts=False, size=(320, 640)) as gita, phone_of("Rex") as rex:
        await gita.open("/refer/new")
        await gita.type("Full name", "Wilhelmina Quince")
        await gita.type("Date of birth", "3/5/2050")
        await gita.type("NHS number", "943 476 5918")
        await gita.tap("Next")
        assert await gita.reads("Check the date of birth")
        assert await gita.page.get_by_label("NHS number").input_value() == "943 476 5918"
        await gita.type("Date of birth", "3.5.50")
        await gita.type("NHS number", "943 476 5919")
        await gita.type("Address", "1 Quince Row")
        await gita.type("Phone", "07700 900777")
        await gita.tap("Next")
        await gita.tap("More company")
        await gita.tap("Next")

        await rex.open("/practice")
        assert await rex.reads("Begun and not sent")
        await rex.tap("Wilhelmina Quince")
        await rex.tap("Next")
        assert await rex.reads("Step 3 of 3"), "reception does not see why"
        await rex.tap("Send")
        assert await rex.reads("Choose at least one thing")
        await rex.tap("Time bank: talk to them")
        await rex.tap("agrees to be put in touch")
        await rex.tap("Only that it is closed")
        await rex.tap("Send")
        assert await rex.reads("Sent. Thank you.")
        assert not await rex.reads("More company")


async def test_another_practice_sees_nothing(
    phone_of: Any, surgery: Surgery, street: Street, database: Database
) -> None:
    async with database.transaction(street.bank_id) as session:
        street.session = session
        sent = await surgery.send()
        await practices.change(session, street["Cora"], surgery.practice_id, {"hears": "codes"})
    async with phone_of("Omar") as omar:
        await omar.open("/practice")
        assert not await omar.reads("Quince")
        for path in ("", "/slip.pdf", "/letter.pdf", "/log"):
            answer = await omar.page.request.get(f"{omar.address}/referrals/{sent.referral_id}{path}")
            assert answer.status == 404, path
