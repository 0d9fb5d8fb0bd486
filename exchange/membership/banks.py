"""A time bank and its policy: what it allows below zero, when a coordinator looks, whom it is run by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

import ledger
from exchange.errors import NotFound
from exchange.membership import parties
from exchange.membership.contacts import ContactDraft, from_draft, normalise
from exchange.membership.errors import BadPolicy, ReminderTooLate
from exchange.membership.sign_in import Token, make_link
from exchange.membership.tables import (
    APPROVAL_RULES,
    DEPUTIES,
    ApprovalRule,
    Bank,
    Member,
    Party,
    RoleGrant,
)
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.tenancy import enter
from exchange.words import NAME_CHARACTERS_MAX, required

HOUR = "HOUR"
RULE_MAX = 100_000
REMINDER_DAYS_MAX = 60
LANGUAGES = ("en", "cy", "bn")
FIRST_RULES = {"first_exchange": 0, "over_minutes": 240, "at_home": 0, "same_pair": 8}
"""What a new bank asks a coordinator to look at; its administrator changes it."""

LIMITS: Mapping[str, tuple[int, int]] = {
    "floor_minutes": (-60 * 1000, 0),
    "ceiling_minutes": (0, 60 * 10000),
    "hours_age_days_max": (1, 3660),
    "objection_days": (0, 365),
    "coordinator_after_days": (1, 90),
}
"""Policy in whole numbers → smallest and largest allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBank:
    """What `create` made: the bank, its first administrator, and the link that signs them in once."""

    bank_id: UUID
    admin_id: UUID
    link: Token


async def get(session: AsyncSession, bank_id: UUID) -> Bank:
    """The bank's own row.

    Raises:
        NotFound: there is none, or the session does not see it.
    """
    bank = await session.get(Bank, (bank_id,))
    if bank is None:
        raise NotFound
    return bank


def today(bank: Bank, at: datetime) -> date:
    """The day it is at the bank when it is `at`."""
    return at.astimezone(ZoneInfo(bank.time_zone)).date()


async def create(
    session: AsyncSession,
    name: str,
    *,
    admin: str,
    at: datetime,
    time_zone: str = "Europe/London",
    bank_id: UUID | None = None,
) -> NewBank:
    """A bank with its books, its pot, and an administrator reached by telephone or e-mail.

    Raises:
        BadTelephone, BadEmail: the administrator could not be reached.
        BadPolicy: there is no such time zone.
    """
    if time_zone not in available_timezones():
        raise BadPolicy(field="time_zone")
    bank_id = bank_id or uuid7()
    kind, _ = normalise(admin)
    await enter(session, bank_id)
    bank = Bank(
        bank_id=bank_id,
        name=required(name, field="name", characters_max=NAME_CHARACTERS_MAX),
        pot_id=uuid7(),
        issuance_id=uuid7(),
        time_zone=time_zone,
        created_at=at,
    )
    session.add(bank)
    await session.flush()
    await ledger.open_books(session, bank_id, time_zone=bank.time_zone)
    await ledger.open_currency(session, bank_id, HOUR, minor_per_major=60, label="hours")
    await parties.create(session, bank_id, bank.pot_id, kind="pot", name="Community pot", floor=0, at=at)
    await parties.create(
        session, bank_id, bank.issuance_id, kind="issuance", name="Time bank", floor=None, at=at
    )
    session.add_all(
        ApprovalRule(bank_id=bank_id, kind=rule, threshold=threshold)
        for rule, threshold in FIRST_RULES.items()
    )
    admin_id = await _administrator(session, bank, admin, kind, at)
    return NewBank(
        bank_id=bank_id, admin_id=admin_id, link=await make_link(session, bank_id, admin_id, at=at)
    )


async def _administrator(session: AsyncSession, bank: Bank, admin: str, kind: str, at: datetime) -> UUID:
    member_id = uuid7()
    await parties.create(
        session, bank.bank_id, member_id, kind="member", name="Administrator", floor=bank.floor_minutes, at=at
    )
    session.add(
        Member(
            bank_id=bank.bank_id,
            member_id=member_id,
            full_name="Administrator",
            preferred_channel="email" if kind == "email" else "sms",
            source="founder",
            is_adult=True,
            joined_on=today(bank, at),
        )
    )
    await session.flush()
    session.add(from_draft(bank.bank_id, member_id, ContactDraft(value=admin), proved_at=at))
    session.add_all(
        RoleGrant(bank_id=bank.bank_id, grant_id=uuid7(), member_id=member_id, role=role)
        for role in ("administrator", "coordinator")
    )
    await session.flush()
    return member_id


async def approval_rules(session: AsyncSession, bank_id: UUID) -> dict[str, ApprovalRule]:
    """The bank's reasons for a coordinator to look, by kind."""
    rows = await session.scalars(select(ApprovalRule).where(col(ApprovalRule.bank_id) == bank_id))
    return {rule.kind: rule for rule in rows}


async def set_policy(session: AsyncSession, viewer: Viewer, changes: Mapping[str, Any]) -> Bank:
    """Change the bank's policy; `changes` maps columns of `Bank` to new values.

    Members who stand at the bank's floor move with it; one that a coordinator raised for somebody stays.

    Raises:
        BadPolicy: a value outside what a policy may say; `field` names it.
        ReminderTooLate: a reminder would come when a coordinator has the hours already.
    """
    require(viewer.roles, "policy.change", [Relation.BANK])
    bank = await get(session, viewer.bank_id)
    floor = bank.floor_minutes
    allowed = {field: await _allowed(session, bank, field, value) for field, value in changes.items()}
    for field, value in allowed.items():
        setattr(bank, field, value)
    if any(day >= bank.coordinator_after_days for day in bank.reminder_days):
        raise ReminderTooLate
    if bank.floor_minutes != floor:
        await _move_members(session, bank, was=floor)
    if bank.deputy == "named" and bank.named_approver_id is None:
        raise BadPolicy(field="named_approver_id")
    if "time_zone" in changes:
        try:
            await ledger.open_books(session, bank.bank_id, time_zone=bank.time_zone)
        except ledger.UnknownTimeZone as unknown:
            raise BadPolicy(field="time_zone") from unknown
    await session.flush()
    return bank


async def _move_members(session: AsyncSession, bank: Bank, *, was: int) -> None:
    """The bank's limit is everybody's, but for those to whom a coordinator gave another."""
    members = await session.scalars(
        select(col(Party.account_id)).where(col(Party.bank_id) == bank.bank_id, col(Party.kind) == "member")
    )
    await ledger.move_floors(session, bank.bank_id, members.all(), was=was, floor=bank.floor_minutes)


async def _allowed(session: AsyncSession, bank: Bank, field: str, value: Any) -> Any:
    if field in LIMITS:
        low, high = LIMITS[field]
        is_good = isinstance(value, int) and low <= value <= high
    elif field == "name":
        return required(value, field=field, characters_max=NAME_CHARACTERS_MAX)
    elif field == "telephone":
        return normalise(value)[1] if value else None
    elif field == "named_approver_id":
        if value is not None and await session.get(Member, (bank.bank_id, value)) is None:
            raise NotFound(field=field)
        is_good = True
    else:
        is_good = field in WORDS and WORDS[field](value)
    if not is_good:
        raise BadPolicy(field=field)
    return value


WORDS: Mapping[str, Any] = {
    "time_zone": lambda value: value in available_timezones(),
    "languages": lambda value: bool(value) and set(value) <= set(LANGUAGES),
    "deputy": lambda value: value in DEPUTIES,
    "reminder_days": lambda value: (
        isinstance(value, list)
        and value == sorted(set(value))
        and all(0 < day <= REMINDER_DAYS_MAX for day in value)
    ),
}
"""Policy in words → whether a value may stand."""


async def set_approval_rules(
    session: AsyncSession, viewer: Viewer, rules: Mapping[str, tuple[int, int]]
) -> None:
    """Replace the approval rules: kind → (threshold, period in days).

    Raises:
        BadPolicy: an unknown kind, or a number that is not positive.
    """
    require(viewer.roles, "policy.change", [Relation.BANK])
    for kind, (threshold, period_days) in rules.items():
        if kind not in APPROVAL_RULES or not 0 <= threshold <= RULE_MAX or not 1 <= period_days <= RULE_MAX:
            raise BadPolicy(field=kind)
    await session.get(Bank, (viewer.bank_id,), with_for_update=True)  # two at once: one after the other
    await session.execute(delete(ApprovalRule).where(col(ApprovalRule.bank_id) == viewer.bank_id))
    session.add_all(
        ApprovalRule(bank_id=viewer.bank_id, kind=kind, threshold=threshold, period_days=period_days)
        for kind, (threshold, period_days) in rules.items()
    )
    await session.flush()


async def pot(session: AsyncSession, bank: Bank) -> Party:
    """The community pot: gifts, emergency hours, unclaimed hours."""
    return await parties.get(session, bank.bank_id, bank.pot_id)
