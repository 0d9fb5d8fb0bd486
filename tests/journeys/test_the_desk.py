"""A coordinator's morning on a phone: sign somebody up, write their hour down, choose how the bank works."""

from typing import Any

from tests.mobile_web.pages import Street


async def test_signed_up_at_a_table_and_their_hour_written_down(phone_of: Any, street: Street) -> None:
    async with phone_of("Cora") as cora:
        await cora.open("/desk/sign-up")
        await cora.type("The name they use", "Dot Parry")
        await cora.tap("They are 18 or over")
        await cora.type("Phone number or e-mail", "12")
        await cora.tap("By phone: a person rings")
        await cora.tap("Sign them up")
        assert await cora.reads("Check the phone number")
        await cora.type("Phone number or e-mail", "020 7946 0321")
        await cora.tap("Sign them up")
        assert await cora.reads("Dot Parry is a member now")

        await cora.tap("Write down an hour")
        await cora.type("Name or phone number", "Ben")
        await cora.tap("Find")
        await cora.tap("Ben")
        await cora.page.get_by_label("Dot Parry").check()
        await cora.tap("1 h 30 min")
        await cora.type("Why do you write it down for them?", "Has no mobile")
        await cora.type("How do you know?", "Rang me on Tuesday")
        await cora.tap("Write it down")
        assert await cora.reads("Dot Parry gave Ben 1 h 30 min")
        assert await cora.reads("Waiting for Ben to say yes")


async def test_every_page_of_the_desk_is_sound(phone_of: Any, street: Street) -> None:
    ann = street["Ann"].member_id
    async with phone_of("admin") as admin:
        for path in ("/desk", "/desk/members", "/desk/policy", f"/desk/members/{ann}/gift", "/desk/act"):
            await admin.open(path)
        assert "Policy" in await admin.page.inner_text("nav")


async def test_every_page_of_settings_is_sound(phone_of: Any, street: Street) -> None:
    async with phone_of("Ann") as ann, phone_of(None) as stranger:
        for path in (
            "/settings",
            "/settings/contacts",
            "/settings/sessions",
            "/settings/walls",
            "/gifts/new",
        ):
            await ann.open(path)
        for path in ("/sign-in", f"/join/{street.bank_id}", "/nowhere"):
            await stranger.open(path)
        assert await stranger.reads("We can't find that")
