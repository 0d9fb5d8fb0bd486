"""Callbacks in any order, any number of times: the final state is right and nothing goes backwards."""

import random
from itertools import pairwise

import pytest

from notifications.states import FINAL, LEADS_TO, PROVIDER_SAYS, after_callback, may_become

STORIES = {
    "delivered": ["accepted", "queued", "sending", "sent", "delivered"],
    "undelivered": ["queued", "sending", "sent", "undelivered"],
    "failed": ["queued", "sending", "failed"],
}
STARTS = [("sending", 1), ("maybe_sent", 1), ("accepted", 1), ("pending", 2)]
RANK = {"pending": 0, "sending": 1, "maybe_sent": 1, "accepted": 2} | dict.fromkeys(FINAL, 3)


def told(dice: random.Random) -> tuple[str, list[str]]:
    """One message's whole story, shuffled and doubled, with some nonsense in it."""
    end = dice.choice(sorted(STORIES))
    statuses = STORIES[end] * dice.randint(1, 3) + dice.choices(["", "read?", "received"], k=2)
    dice.shuffle(statuses)
    return end, statuses


def test_ten_thousand_shuffled_stories_end_as_they_should() -> None:
    dice = random.Random(412)
    for _ in range(10_000):
        end, statuses = told(dice)
        state, attempts = dice.choice(STARTS)
        seen = [state]
        for status in statuses:
            state = after_callback(state, attempts, status)
            seen.append(state)
        assert state == end, statuses
        assert all(RANK[before] <= RANK[after] for before, after in pairwise(seen)), seen


def test_the_last_word_winning_would_go_backwards() -> None:
    """The control: applying each callback as it comes ends wrong in most of the same stories."""
    dice = random.Random(412)
    wrong = 0
    for _ in range(1_000):
        end, statuses = told(dice)
        wrong += [PROVIDER_SAYS[s] for s in statuses if s in PROVIDER_SAYS][-1] != end
    assert wrong > 500


@pytest.mark.parametrize("final", sorted(FINAL))
def test_a_final_state_is_never_left(final: str) -> None:
    assert final not in LEADS_TO
    assert {after_callback(final, 3, status) for status in PROVIDER_SAYS} == {final}


def test_a_message_never_tried_is_not_moved_by_a_stray_callback() -> None:
    assert after_callback("pending", 0, "delivered") == "pending"
    assert not may_become("pending", "accepted")
