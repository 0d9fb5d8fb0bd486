"""How often sign-in codes may be asked for: by number, by address, by network; each costs somebody a text.

Counted before it is known whether anybody has the number, so the answer tells nothing. What must never
happen: a number or an address kept as it is; only keyed hashes are, and for two days.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.membership.errors import TooManyCodes
from exchange.membership.tables import CodeRequest

DAILY_MAX: Final = {"number": 10, "address": 60, "network": 300}
"""A library's reading room is one address; a telephone company's customers may share a network."""
HOME_BITS, PROVIDER_BITS = 64, 48
"""IPv6: one home is a /64, its provider's site a /48. IPv4: the address itself, and its /24."""
KEPT: Final = timedelta(days=2)


async def count(
    session: AsyncSession, contact: str, host: str | None, *, secret: bytes, at: datetime
) -> None:
    """Count one request for a code to a contact, whether anybody has it or not.

    `host` is the address that asks, as the web server knows it; this machine's own is not counted.

    Raises:
        TooManyCodes: the number, the address or the network has had its share today. Nothing is counted.
    """
    facts = {"number": contact, **places(host)}
    limits = {_key(secret, name, fact): DAILY_MAX[name] for name, fact in facts.items()}
    rows = [{"key": key, "day": at.date(), "asked": 1} for key in sorted(limits)]
    stored = insert(CodeRequest).values(rows)
    found = await session.execute(
        stored.on_conflict_do_update(
            constraint="code_request_pkey", set_={"asked": col(CodeRequest.asked) + 1}
        ).returning(col(CodeRequest.key), col(CodeRequest.asked))
    )
    if any(row.asked > limits[row.key] for row in found):
        raise TooManyCodes


def places(host: str | None) -> dict[str, str]:
    """The address and the network that a request came from; none for this machine, or no address at all."""
    try:
        found = ip_address(host or "")
    except ValueError:
        return {}
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return {}
    bits = (32, 24) if isinstance(found, IPv4Address) else (HOME_BITS, PROVIDER_BITS)
    home, network = (ip_network((found, n), strict=False) for n in bits)
    return {"address": str(home), "network": str(network)}


async def forget(session: AsyncSession, *, at: datetime) -> None:
    """Drop counts that matter no longer."""
    await session.execute(delete(CodeRequest).where(col(CodeRequest.day) < (at - KEPT).date()))


def _key(secret: bytes, name: str, fact: str) -> str:
    return hmac.new(secret, f"code request {name} {fact}".encode(), hashlib.sha256).hexdigest()
