"""The states of a message, as data: what leads where, and what the provider's words mean.

A final state is never left. Everything that moves a message reads this table, so nothing can go backwards.
"""

from typing import Final, Literal

State = Literal[
    "pending",
    "sending",
    "maybe_sent",
    "accepted",
    "delivered",
    "undelivered",
    "failed",
    "withheld",
    "cancelled",
]

FINAL: Final = frozenset({"delivered", "undelivered", "failed", "withheld", "cancelled"})

LEADS_TO: Final[dict[str, frozenset[str]]] = {
    "pending": frozenset({"sending", "withheld", "cancelled", "failed", "delivered"}),
    "sending": frozenset(
        {"pending", "maybe_sent", "accepted", "delivered", "undelivered", "failed", "cancelled"}
    ),
    "maybe_sent": frozenset({"pending", "accepted", "delivered", "undelivered", "failed", "cancelled"}),
    "accepted": frozenset({"delivered", "undelivered", "failed"}),
}
"""`pending → delivered` is a letter posted or a call answered. One step back is not here: a message whose
provider's id proves to be another's, with the same words, is looked up again (`records`)."""

PROVIDER_SAYS: Final[dict[str, str]] = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "accepted",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}
"""A word that is not here changes nothing; it is kept as a receipt and shown."""


def may_become(state: str, target: str) -> bool:
    """Whether a message in `state` may become `target`."""
    return target in LEADS_TO.get(state, frozenset())


def after_callback(state: str, attempts: int, status: str) -> str:
    """The state once the provider has said `status`: the same, or one further on, never one back.

    A message that was tried and put back as not taken counts as sent: the provider knows better.
    """
    target = PROVIDER_SAYS.get(status)
    if state == "pending" and attempts == 0:
        return state
    known = "sending" if state == "pending" else state
    return target if target is not None and may_become(known, target) else state
