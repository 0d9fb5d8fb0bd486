"""The ledger's tables: private to this room."""
