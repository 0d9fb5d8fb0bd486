"""Rules about groups, codes, time notes and rooms."""

from exchange.errors import ExchangeError


class BadCode(ExchangeError):
    """That is not a code of ours: a code has twelve signs, and one of these is wrong or missing."""

    code = "bad_code"
    field = "code"
