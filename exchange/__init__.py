"""The people and their promises: who gave what to whom, who agreed, and what became of it.

Rules of the field live here as named errors and tables of data. The books are asked through the ledger's
public verbs; words leave as events in the outbox, in the same transaction as what they tell of. What must
never happen: an hour in the books that nobody else said yes to, or a web framework imported here.
"""
