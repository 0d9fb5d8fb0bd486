"""What these tests share: a bank's policy, and notices to tell."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from notifications import Address, Notice, Policy

PHONE = "+447700900123"


@pytest.fixture
def policy() -> Policy:
    return Policy(bank_name="Rushey Green", contact="020 7946 0123")


@pytest.fixture
def gift() -> Callable[..., Notice]:
    """A gift to tell of; any part may be given."""

    def make(**parts: Any) -> Notice:
        address = parts.pop("address", None) or Address(channel="sms", to=parts.pop("to", PHONE))
        known: dict[str, Any] = {
            "event_id": uuid7(),
            "recipient_id": uuid7(),
            "template": "gift_received",
            "parameters": {"giver": "Ann", "duration": "1 h"},
            "language": "en",
            "address": address,
        }
        return Notice(**(known | parts))

    return make


@pytest.fixture
def by_id() -> UUID:
    return uuid7()
