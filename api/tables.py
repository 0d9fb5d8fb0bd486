"""Every room's tables, imported so that migrations and the house rules see them all."""

import notifications.tables  # noqa: F401
