"""Every room's tables, imported so that migrations and the house rules see them all."""

import exchange.tables
import ledger.tables
import notifications.tables

ROOMS_WITH_TABLES = (exchange.tables, ledger.tables, notifications.tables)
