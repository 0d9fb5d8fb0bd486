"""A small bank to test in: an administrator, a coordinator, three members, the pot and one organisation."""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from exchange.hours.log import Telling
from exchange.membership import banks, members, organisations, viewer
from exchange.membership.contacts import ContactDraft
from exchange.membership.members import NewMember
from exchange.membership.viewer import Viewer

NUMBERS = count(1)


def a_number() -> str:
    """A mobile number that no other test of this run uses, so that each finds one bank only.

    The thousand that are kept for drama are too few; nothing is ever sent to these.
    """
    return f"+4474000{next(NUMBERS):05d}"


@dataclass
class Small:
    """A bank as tests see it; `people` maps a first name to what the permission table sees."""

    session: AsyncSession
    bank_id: UUID
    at: datetime
    people: dict[str, Viewer] = field(default_factory=dict)
    organisation_id: UUID = field(default_factory=uuid7)

    def __getitem__(self, name: str) -> Viewer:
        return self.people[name]

    async def reload(self, name: str) -> Viewer:
        loaded = await viewer.load(self.session, self.bank_id, self.people[name].member_id)
        assert loaded is not None
        self.people[name] = loaded
        return loaded

    async def add(self, name: str, *, by: str = "admin", **choices: Any) -> Viewer:
        draft = NewMember(
            name=name,
            contacts=choices.pop("contacts", [ContactDraft(value=a_number())]),
            is_adult=True,
            **choices,
        )
        member = await members.sign_up(self.session, self.people[by], draft, at=self.at)
        loaded = await viewer.load(self.session, self.bank_id, member.member_id)
        assert loaded is not None
        self.people[name] = loaded
        return loaded


def gave(to: Viewer | UUID, minutes: int = 60, **more: Any) -> Telling:
    """I gave somebody an hour, yesterday unless said otherwise."""
    with_id = to if isinstance(to, UUID) else to.member_id
    defaults = {"hours_id": uuid7(), "direction": "gave", "done_on": date(2026, 5, 11)}
    return Telling(with_id=with_id, minutes=minutes, **(defaults | more))


async def make(session: AsyncSession, bank_id: UUID, at: datetime) -> Small:
    """Write the small bank through the same verbs as everything else, with no approval rules."""
    made = await banks.create(session, "Lantern Street", admin="admin@example.org", bank_id=bank_id, at=at)
    admin = await viewer.load(session, bank_id, made.admin_id)
    assert admin is not None
    bank = Small(session, bank_id, at, {"admin": admin})
    await banks.set_approval_rules(session, admin, {})
    for name in ("Cora", "Ann", "Ben", "Cyd"):
        await bank.add(name)
    await organisations.grant(session, admin, bank["Cora"].member_id, "coordinator")
    await bank.reload("Cora")
    await organisations.add(session, admin, "Day centre", organisation_id=bank.organisation_id, at=at)
    return bank
