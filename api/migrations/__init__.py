"""The database's history. Each migration makes tables, then says who may touch them (`tenancy`)."""
