"""The words of referrals in the reader's language, for the person and for an organisation that asks for them.

Staff and practices read English. What must never happen: a code of the list shown to the person it is about.
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
FLAGS = {
    "836881000000105": N_("There is a safeguarding concern: ring us first"),
    "visit-two": N_("Visit in twos"),
    "phone-read": N_("Somebody else may read their phone"),
    "falls": N_("May fall: steps, rugs, ice"),
    "allergy": N_("Severe allergy: ask before food"),
}
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
SHOWN_OF_OTHERS = SHOWN | {"contacted": N_("They have spoken")}
DID_OF_OTHERS = DID | {
    "contact": N_("tried to reach them"),
    "become_member": N_("signed them up, at their wish"),
    "begin": N_("it began: they came, or an hour counts"),
}
"""The same, for somebody who asked for another."""
ENDED = {
    "not_fitting": N_("It does not fit what neighbours here can do."),
    "full": N_("There is no room at the moment."),
    "other": N_("It was not taken up."),
    "going_well": N_("It goes on without us: they take part by themselves."),
    "finished": N_("What was planned is done."),
    "signposted": N_("They were shown the way to another service."),
    "moved": N_("They moved away, or their life changed."),
    "person_said_no": N_("They do not wish it."),
    "not_taken_up": N_("The time bank did not take it up in time."),
    "not_reached": N_("They could not be reached."),
    "not_begun": N_("They were reached, and nothing began."),
    "ran_its_time": N_("The agreed time is over."),
}
"""Why it ended, for an organisation that asked; a test holds that none is missing."""
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
    return speaks.say(words) if words in (NEEDS.get(code), FLAGS.get(code)) else words
