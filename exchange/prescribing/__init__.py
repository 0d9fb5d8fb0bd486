"""The way from somebody who asks on a person's behalf to an hour given, and word back to whoever asked.

A practice, an organisation or a person asks; the bank takes it up, and in the end says what became of it,
within the person's consent. What must never happen: one practice's patient shown to another, a word about
health in a posting, an event or a message, or a referral that ends without word back.
"""
