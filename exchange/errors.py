"""Rules of the field as named errors. The docstring is the rule; the code is what machines read.

A door decides how a rule is shown (`api/errors.py`, `mobile_web`); nothing here knows a status code.
"""

from typing import ClassVar


class ExchangeError(Exception):
    """A rule of the time bank was broken, and nothing was written."""

    code: ClassVar[str] = "rule_broken"
    field: str | None = None

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)
        if field is not None:
            self.field = field


class NotFound(ExchangeError):
    """There is nothing here by that name, or nothing you may know of."""

    code = "not_found"


class NotAllowed(ExchangeError):
    """Your role does not include this."""

    code = "not_allowed"


class SameIdOtherContents(ExchangeError):
    """This id was used before for something else."""

    code = "same_id_other_contents"
    field = "id"


class TextTooLong(ExchangeError):
    """That is longer than there is room for."""

    code = "text_too_long"


class TextMissing(ExchangeError):
    """This must not be empty."""

    code = "text_missing"


class BadCursor(ExchangeError):
    """That is not a place in this list; begin again without a cursor."""

    code = "bad_cursor"
    field = "cursor"


class UnknownChoice(ExchangeError):
    """That is not one of the answers to choose from."""

    code = "unknown_choice"


class WordingRefused(ExchangeError):
    """That wording cannot be sent: it is too long, says something unknown, or leaves out what it is for."""

    code = "wording_refused"
    field = "body"


class ReservedId(ExchangeError):
    """This id is kept for what follows from something else; choose a random one."""

    code = "reserved_id"
    field = "id"
