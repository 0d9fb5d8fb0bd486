"""What tests of groups ask again and again."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

import ledger
from exchange.activities import moments, proposing, sessions
from exchange.activities.proposing import Proposal
from exchange.activities.tables import Activity
from exchange.membership import parties
from tests.small_bank import Small

TUESDAY = date(2026, 5, 12)
"""The day that `at` is noon (UTC) of; the lunch is at one o'clock in the summer, which is noon."""


@dataclass
class Group:
    """An approved activity, and the key of its first session."""

    activity: Activity
    session_id: UUID


def lunch(small: Small, **choices: Any) -> Proposal:
    """The day centre's weekly lunch, with these choices."""
    plain = {
        "activity_id": uuid7(),
        "host_id": small.organisation_id,
        "title": "Lunch together",
        "location": "Lantern Hall",
        "first_on": TUESDAY,
        "starts": time(13, 0),
        "minutes": 60,
        "repeats": "weekly",
    }
    return Proposal(**(plain | choices))


async def hold_a_group(small: Small, *, is_trusted: bool = False, **choices: Any) -> Group:
    """Propose and approve it."""
    proposal = lunch(small, **choices)
    made = await proposing.propose(small.session, small["admin"], proposal, at=small.at)
    await proposing.approve(
        small.session, small["Cora"], made.activity_id, is_trusted=is_trusted, at=small.at
    )
    return Group(made, sessions.key(made.activity_id, proposal.first_on))


async def balance_of(small: Small, party_id: UUID) -> int:
    party = await parties.get(small.session, small.bank_id, party_id)
    return (await ledger.balance(small.session, small.bank_id, party.account_id)).posted


async def available_of(small: Small, party_id: UUID) -> int:
    party = await parties.get(small.session, small.bank_id, party_id)
    return (await ledger.balance(small.session, small.bank_id, party.account_id)).available


def now(small: Small) -> moments.Moment:
    return moments.read(None, is_kept=False, at=small.at)
