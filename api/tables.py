"""Every room's tables, imported so that migrations and the house rules see them all."""

import ledger.tables  # noqa: F401
import notifications.tables  # noqa: F401
