"""`kill -9` at random moments, two workers, a provider that misbehaves: none lost, none sent twice."""

import pytest

from api.bench_notifications import kill_trials
from api.database import Addresses
from notifications.channels.standin import Faults

WORSE = Faults(error_after_accept=0.15, hang_after_accept=0.1, too_many_requests=0.1)
"""Three times the faults of the long form, since there are far fewer messages to meet them."""


async def test_killed_workers_lose_nothing_and_send_nothing_twice(addresses: Addresses) -> None:
    trials = await kill_trials(addresses.application, kills=6, seed=412, faults=WORSE)
    assert (trials.lost, trials.doubled, trials.unsettled) == (0, 0, 0), trials
    assert trials.looked_up > 0, "the trials never came near what they try"


async def test_a_sender_that_does_not_look_up_fails_the_same_trials(addresses: Addresses) -> None:
    trials = await kill_trials(
        addresses.application, kills=4, seed=412, is_naive=True, faults=WORSE, until_doubled=True
    )
    assert trials.doubled > 0, trials


@pytest.mark.long
async def test_a_thousand_kills(addresses: Addresses) -> None:
    trials = await kill_trials(addresses.application, kills=1000, seed=7)
    assert (trials.lost, trials.doubled, trials.unsettled) == (0, 0, 0), trials
