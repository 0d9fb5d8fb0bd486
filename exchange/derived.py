"""Ids that follow from other ids: a reversal's, a cover's, the hour that an appointment fills in.

They are of version 8, which callers may not choose: whoever took such an id first could keep a reversal from
ever being booked. Imports and texts make ids from what they read, of version 5, which stand in nobody's way.
"""

from uuid import UUID, uuid5

from exchange.errors import ReservedId

VERSION = 8
VERSION_AT = 76
"""The bit at which a UUID's version begins."""


def derived(base: UUID, what: str) -> UUID:
    """The id for `what` follows from `base`: the same each time, and nobody else's."""
    plain = uuid5(base, what).int
    return UUID(int=plain & ~(0xF << VERSION_AT) | VERSION << VERSION_AT)


def check_callers_id(chosen: UUID, *, own: UUID | None = None) -> None:
    """Refuse an id that a transfer of somebody else's will need; `own` is the one that may be used here.

    Raises:
        ReservedId: it is a derived id and not that one.
    """
    if chosen.version == VERSION and chosen != own:
        raise ReservedId
