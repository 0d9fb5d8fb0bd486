"""Measures of wellbeing: questions, answers, how they are scored, and what asks for a person today.

ONS4 is four single items and is never summed; UCLA-3 sums to 3 to 9. SWEMWBS is scored only for a bank with
a licence of its own, with items it entered. What must never happen: a question sent or answered by text, or
a score by which people are ranked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exchange.prescribing.errors import BadAnswers


@dataclass(frozen=True, slots=True)
class Question:
    """One item: its words, the smallest and largest answer, and what the ends or each answer mean."""

    words: str
    low: int
    high: int
    labels: tuple[str, ...]


HOW_OFTEN = ("Hardly ever or never", "Some of the time", "Often")
ONS4 = (
    Question("Overall, how satisfied are you with your life nowadays?", 0, 10, ("Not at all", "Completely")),
    Question(
        "Overall, to what extent do you feel that the things you do in your life are worthwhile?",
        0,
        10,
        ("Not at all", "Completely"),
    ),
    Question("Overall, how happy did you feel yesterday?", 0, 10, ("Not at all", "Completely")),
    Question("Overall, how anxious did you feel yesterday?", 0, 10, ("Not at all", "Completely")),
)
UCLA3 = tuple(
    Question(words, 1, 3, HOW_OFTEN)
    for words in (
        "How often do you feel that you lack companionship?",
        "How often do you feel left out?",
        "How often do you feel isolated from others?",
    )
)
LONELY = (
    Question(
        "How often do you feel lonely?",
        1,
        5,
        ("Never", "Hardly ever", "Occasionally", "Some of the time", "Often or always"),
    ),
)
SHIPPED: Mapping[str, tuple[Question, ...]] = {"ons4": ONS4, "ucla3": UCLA3, "lonely": LONELY}
"""Measure → its questions. SWEMWBS has none here: its words are licensed."""

SWEMWBS_ITEMS = 7
SWEMWBS_LOW = 7
SWEMWBS_METRIC = (
    7.00, 9.51, 11.25, 12.40, 13.33, 14.08, 14.75, 15.32, 15.84, 16.36, 16.88, 17.43, 17.98, 18.59, 19.25,
    19.98, 20.73, 21.54, 22.35, 23.21, 24.11, 25.03, 26.02, 27.03, 28.13, 29.31, 30.70, 32.55, 35.00,
)  # fmt: skip
"""Raw sum 7 to 35 → metric score, as its owners publish it."""
SWEMWBS_LABELS = ("None of the time", "Rarely", "Some of the time", "Often", "All of the time")
BLEAK_ONS4_MAX = 2
BLEAK_ANXIOUS_MIN = 9
BLEAK_METRIC_MAX = 14.75


def licensed(items: Sequence[str]) -> tuple[Question, ...]:
    """The licensed items as the operator entered them.

    Raises:
        BadAnswers: there are not seven.
    """
    if len(items) != SWEMWBS_ITEMS or not all(item.strip() for item in items):
        raise BadAnswers
    return tuple(Question(item, 1, 5, SWEMWBS_LABELS) for item in items)


def check(questions: Sequence[Question], answers: Sequence[int]) -> list[int]:
    """One whole number for each question, within its ends.

    Raises:
        BadAnswers
    """
    if len(answers) != len(questions):
        raise BadAnswers
    for question, answer in zip(questions, answers, strict=True):
        if type(answer) is not int or not question.low <= answer <= question.high:
            raise BadAnswers
    return list(answers)


def score(measure: str, answers: Sequence[int]) -> float | None:
    """The measure's one figure; None for ONS4, whose four items are never put together."""
    match measure:
        case "ons4":
            return None
        case "ucla3" | "lonely":
            return float(sum(answers))
        case _:
            return SWEMWBS_METRIC[sum(answers) - SWEMWBS_LOW]


def is_bleak(measure: str, answers: Sequence[int]) -> bool:
    """Whether a person should ring today: the lowest answers, each by itself."""
    match measure:
        case "ons4":
            return min(answers[:3]) <= BLEAK_ONS4_MAX or answers[3] >= BLEAK_ANXIOUS_MIN
        case "ucla3":
            return sum(answers) == len(answers) * HOW_OFTEN.index("Often") + len(answers)
        case "lonely":
            return answers[0] == LONELY[0].high
        case _:
            return SWEMWBS_METRIC[sum(answers) - SWEMWBS_LOW] <= BLEAK_METRIC_MAX
