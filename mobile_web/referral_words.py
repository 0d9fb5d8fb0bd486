"""The words of referrals for the person themselves, in their language; staff and practices read English.

What must never happen: a code of the list shown to somebody about whom it is.
"""

from mobile_web.languages import Language
from mobile_web.words import N_

NEEDS = {
    "company": N_("More company"),
    "active": N_("Being more active"),
    "mood": N_("Low mood or worry"),
    "bereaved": N_("After a loss"),
    "carer": N_("Caring for somebody"),
    "new-here": N_("New to the area"),
    "money": N_("Money or work"),
    "home": N_("Housing or things at home"),
    "purpose": N_("Something useful to do"),
    "long-term": N_("Living with a long-term condition"),
    "practical": N_("Practical help: lifts, small jobs"),
    "learning": N_("Learning something"),
}
"""The shipped list; a bank's own list is shown as the bank wrote it."""
SHOWN = {
    "received": N_("With the time bank"),
    "accepted": N_("Taken up"),
    "contacted": N_("You have spoken"),
    "started": N_("It has begun"),
    "closed": N_("Closed"),
    "declined": N_("Not taken up"),
    "with_them": N_("With the time bank"),
}
DID = {
    "send": N_("sent it"),
    "accept": N_("took it up"),
    "decline": N_("did not take it up"),
    "contact": N_("tried to reach you"),
    "become_member": N_("signed you up, at your wish"),
    "start": N_("said that it has begun"),
    "begin": N_("it began: you came, or an hour counts"),
    "close": N_("closed it"),
    "lapse": N_("it ended by itself"),
}
PARTS = {
    "who": N_("who you are"),
    "why": N_("why"),
    "what": N_("what was chosen"),
    "course": N_("its course"),
    "coded": N_("coded entries"),
    "words": N_("the letter in words"),
    "notes": N_("staff notes"),
    "log": N_("this list"),
    "measures": N_("how you said you were"),
}
"""A part of a referral, as the list of looks names it."""


def need(speaks: Language, code: str, words: str) -> str:
    """A need in the reader's language, where it is one of ours."""
    return speaks.say(words) if NEEDS.get(code) == words else words
