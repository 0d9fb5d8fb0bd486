"""Chance that is the same everywhere: one die per topic, so a new topic leaves the others as they were."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/London")


def die(seed: str, topic: str) -> Random:
    """A repeatable sequence for one topic."""
    return Random(f"{seed}/{topic}")  # noqa: S311  # a story's chance, nobody's secret


def key_of(bank_id: UUID, *words: object) -> UUID:
    """The id of something in the village, the same whenever it is written again."""
    return uuid5(bank_id, "/".join(str(word) for word in words))


def moment(at: datetime, *, days_ago: float, hour: int, minute: int = 0) -> datetime:
    """A clock time at the village, some days before `at`; never after `at`."""
    day = (at - timedelta(days=days_ago)).astimezone(ZONE)
    return min(at, day.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC))
