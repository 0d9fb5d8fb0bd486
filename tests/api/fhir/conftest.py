"""The small bank's surgery, for Bundles."""

from tests.exchange.prescribing.conftest import surgery

__all__ = ["surgery"]
