"""A bank's public groups as open data: Open Referral UK 3.0, the UK profile of HSDS 3.0.

Anybody may read it, from any page, without signing in. What must never happen: anything here that a stranger
could not read on the bank's public page.
"""
