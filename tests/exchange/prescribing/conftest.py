"""Two practices beside the small bank's people."""

import pytest

from tests.small_bank import Small
from tests.small_practice import Surgery, open_surgery


@pytest.fixture
async def surgery(small: Small) -> Surgery:
    return await open_surgery(small)
