"""The rules of this room, each an error whose docstring is the rule."""


class WordsRule(ValueError):
    """A rule about words out and words in."""

    def __init__(self, detail: str = "") -> None:
        rule = (type(self).__doc__ or "").strip()
        super().__init__(f"{rule} ({detail})" if detail else rule)


class UnknownTemplate(WordsRule):
    """Every message is made from a template that exists."""


class UnknownPlaceholder(WordsRule):
    """A text may name only the placeholders its template declares."""


class MissingPlaceholder(WordsRule):
    """A text must say everything its template declares, and every parameter must be given."""


class UnknownParameter(WordsRule):
    """A message is given the parameters its template declares and no others."""


class TextTooLong(WordsRule):
    """A text message must fit the number of segments its template states."""


class UnknownLanguage(WordsRule):
    """A bank's own wording is in a language the templates speak."""


class UnknownMessage(WordsRule):
    """What is marked or answered must be a message of this bank."""


class NotOnTheDesk(WordsRule):
    """Only an open letter or call can be marked as done."""


class UnknownAlert(WordsRule):
    """Only an alert of this bank can be taken."""


class NobodyToTell(WordsRule):
    """A safety message names at least one person to tell."""


class NoMessageMayBeLeft(WordsRule):
    """Where a contact is not safe for voicemail, no message is left there."""
