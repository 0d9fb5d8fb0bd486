"""The words of wellbeing questions in the reader's language, for the screen, for paper and to read aloud.

A test holds that each English sentence is the one of `exchange.prescribing.scales`. Our Welsh and Bengali
are plain translations; nobody has validated them. What must never happen: a licensed item written down here.
"""

from collections.abc import Sequence

from exchange.prescribing.scales import Question
from mobile_web.languages import Language
from mobile_web.words import N_

TITLES = {
    "ons4": N_("How you find your life"),
    "ucla3": N_("Company"),
    "lonely": N_("One question about company"),
    "swemwbs": N_("The last two weeks"),
}
ROUNDS = {
    "start": N_("at the start"),
    "6_weeks": N_("after six weeks"),
    "3_months": N_("after three months"),
    "6_months": N_("after six months"),
}
PURPOSES = {
    "my_own_use": (
        N_("My own use"),
        N_("Kept so that you can see how it changes, with the coordinator if you like."),
    ),
    "referrer": (N_("Whoever put me in touch"), N_("They may be told, in the letter at the end.")),
    "totals": (N_("The time bank's totals"), N_("Counted together with many others, without your name.")),
}
"""A use of the answers → its name, and what it means."""

SAID = (
    N_("Overall, how satisfied are you with your life nowadays?"),
    N_("Overall, to what extent do you feel that the things you do in your life are worthwhile?"),
    N_("Overall, how happy did you feel yesterday?"),
    N_("Overall, how anxious did you feel yesterday?"),
    N_("How often do you feel that you lack companionship?"),
    N_("How often do you feel left out?"),
    N_("How often do you feel isolated from others?"),
    N_("How often do you feel lonely?"),
    N_("Not at all"),
    N_("Completely"),
    N_("Hardly ever or never"),
    N_("Some of the time"),
    N_("Often"),
    N_("Never"),
    N_("Hardly ever"),
    N_("Occasionally"),
    N_("Often or always"),
    N_("None of the time"),
    N_("Rarely"),
    N_("All of the time"),
)
"""Every sentence of the scales that are shipped, and how often is asked of those that are licensed."""

Choice = tuple[int, str, None]
"""An answer as the page's choices take it: the number, its words, nothing smaller."""


def question(speaks: Language, asked: Question) -> str:
    """The question; a licensed item as the operator entered it."""
    return speaks.say(asked.words) if asked.words in SAID else asked.words


def choices(speaks: Language, asked: Question) -> Sequence[Choice]:
    """Each answer with its words; a number alone where only the ends are named."""
    numbers = range(asked.low, asked.high + 1)
    if is_ladder(asked):
        return [(number, str(number), None) for number in numbers]
    return [(number, speaks.say(label), None) for number, label in zip(numbers, asked.labels, strict=True)]


def is_ladder(asked: Question) -> bool:
    """Whether it is a row of numbers of which only the ends have a name."""
    return len(asked.labels) != asked.high - asked.low + 1


def ends(speaks: Language, asked: Question) -> str:
    """What the ends of a row of numbers mean; empty where each answer has its words."""
    if not is_ladder(asked):
        return ""
    low, high = (speaks.say(label) for label in asked.labels)
    return speaks.say(
        "%(low)s is “%(first)s”, %(high)s is “%(last)s”.",
        low=asked.low,
        first=low,
        high=asked.high,
        last=high,
    )


PAPER = {
    "title": N_("A few questions about how you are"),
    "free": N_("You need not answer any of them, and nothing follows from that."),
    "uses": N_("First: what may your answers be used for? Tick what you say yes to."),
    "how": N_("Make a cross at one answer to each question."),
    "back": N_("Give this sheet to your coordinator, in an envelope if you like."),
    "name": N_("Name"),
    "day": N_("Day"),
    "nothing": N_("Nothing is asked at the moment."),
    "help": N_("If you are in danger or thinking of harming yourself, ring 999. Samaritans: 116 123."),
}
"""The fixed words of the sheet of paper."""


def on_paper(speaks: Language) -> dict[str, str]:
    """The sheet's fixed words in one language."""
    return {name: speaks.say(words) for name, words in PAPER.items()}
