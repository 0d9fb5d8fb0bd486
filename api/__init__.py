"""The machine door, and the place where all rooms are joined.

Settings stop here; sessions are opened here; errors become status codes here. What must never happen:
a rule of the field written in this room. Rules live in `exchange`, books in `ledger`, words in
`notifications`.
"""
