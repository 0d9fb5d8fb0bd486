"""The rules of the books, each with a name. A door turns them into words for people; nothing here knows how.

What must never happen: a rule broken in the database that reaches a caller without its name.
"""

from datetime import date
from functools import cache
from typing import Any, ClassVar
from uuid import UUID


class LedgerError(Exception):
    """A rule of the books was broken, and nothing was written."""

    code: ClassVar[str] = "ledger_error"

    def __init__(self, **facts: Any) -> None:
        super().__init__(type(self).__doc__)
        self.facts = facts
        self.item: int | None = facts.pop("item", None)
        """Where a list was given: the index of the item that broke the rule."""

    def __str__(self) -> str:
        where = "" if self.item is None else f" (item {self.item})"
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{type(self).__doc__}{where}" + (f" [{facts}]" if facts else "")

    def _id(self, name: str) -> UUID:
        return UUID(str(self.facts[name]))

    def _number(self, name: str) -> int:
        return int(self.facts[name])

    def _day(self, name: str) -> date:
        return date.fromisoformat(str(self.facts[name]))


class AboutAnAccount(LedgerError):
    """A rule about one account was broken."""

    @property
    def account_id(self) -> UUID:
        return self._id("account_id")


class AboutATransfer(LedgerError):
    """A rule about one transfer was broken."""

    @property
    def transfer_id(self) -> UUID:
        return self._id("transfer_id")


class FloorCrossed(AboutAnAccount):
    """An account may not pay more than stands above its floor and is not set aside."""

    code = "floor_crossed"

    @property
    def shortfall_minor(self) -> int:
        return self._number("shortfall_minor")


class CeilingCrossed(AboutAnAccount):
    """An account may not receive more than its ceiling allows."""

    code = "ceiling_crossed"

    @property
    def excess_minor(self) -> int:
        return self._number("excess_minor")


class AccountFrozen(AboutAnAccount):
    """Nothing moves on a frozen account."""

    code = "account_frozen"


class AccountClosed(AboutAnAccount):
    """Nothing moves on a closed account."""

    code = "account_closed"


class UnknownAccount(AboutAnAccount):
    """Both sides of a transfer are accounts of this bank."""

    code = "unknown_account"


class DifferentAccountSameId(AboutAnAccount):
    """An account's id names one account: it was opened with another currency or other limits."""

    code = "different_account_same_id"


class FloorAboveCeiling(AboutAnAccount):
    """A floor is not above its ceiling."""

    code = "floor_above_ceiling"


class SameAccount(AboutAnAccount):
    """A transfer has two different sides."""

    code = "same_account"


class CurrencyMismatch(AboutAnAccount):
    """A transfer moves one currency between two accounts that both hold it."""

    code = "currency_mismatch"


class UnknownCurrency(LedgerError):
    """An account holds a currency that its bank has opened."""

    code = "unknown_currency"


class BadCurrency(LedgerError):
    """A currency's code is 2 to 12 capital letters and digits, and its major unit has at least one minor."""

    code = "bad_currency"


class DifferentCurrencySameCode(LedgerError):
    """A currency's code names one currency: it was opened with another minor unit or label."""

    code = "different_currency_same_code"


class UnknownTransfer(AboutATransfer):
    """Only a transfer that was booked can be reversed or proved."""

    code = "unknown_transfer"


class DifferentTransferSameId(AboutATransfer):
    """A transfer's id names one transfer: it was booked with other contents."""

    code = "different_transfer_same_id"


class RepeatedId(AboutATransfer):
    """A list names each transfer once."""

    code = "repeated_id"


class AlreadyReversed(AboutATransfer):
    """A transfer is reversed once."""

    code = "already_reversed"

    @property
    def reversal_id(self) -> UUID:
        return self._id("reversal_id")


class ReversalStands(AboutATransfer):
    """A reversal is not itself reversed: book the transfer again."""

    code = "reversal_stands"


class BadAmount(LedgerError):
    """An amount is a whole number of minor units from 1 to 2 to the power of 53."""

    code = "bad_amount"


class BalanceTooLarge(LedgerError):
    """No balance goes beyond 2 to the power of 53, which every reader of JSON still holds exactly."""

    code = "balance_too_large"


class TooManyItems(LedgerError):
    """A list has at most 10,000 items."""

    code = "too_many_items"


class BadDay(LedgerError):
    """A day is one of the calendar's; its first and its last, 0001-01-01 and 9999-12-31, stand for none."""

    code = "bad_day"


class DayInFuture(LedgerError):
    """What is booked has happened: its day is not after today in the bank's time zone."""

    code = "day_in_future"

    @property
    def happened_on(self) -> date:
        return self._day("happened_on")


class PeriodClosed(LedgerError):
    """Nothing is booked on a day before the first open day, unless the transfer may be booked late."""

    code = "period_closed"

    @property
    def open_from(self) -> date:
        return self._day("open_from")


class AboutAHold(LedgerError):
    """A rule about one hold was broken."""

    @property
    def hold_id(self) -> UUID:
        return self._id("hold_id")


class UnknownHold(AboutAHold):
    """Only what was set aside can be captured or released."""

    code = "unknown_hold"


class DifferentHoldSameId(AboutAHold):
    """A hold's id names one hold: it was made with other contents."""

    code = "different_hold_same_id"


class HoldEnded(AboutAHold):
    """A hold ends once: captured, released, or when its time runs out."""

    code = "hold_ended"

    @property
    def state(self) -> str:
        return str(self.facts["state"])


class CaptureExceedsHold(AboutAHold):
    """A capture pays no more than was set aside."""

    code = "capture_exceeds_hold"

    @property
    def held_minor(self) -> int:
        return self._number("held_minor")


class HoldsRemain(AboutAnAccount):
    """An account is closed when nothing on it is set aside any more."""

    code = "holds_remain"


class BalanceNotZero(AboutAnAccount):
    """An account is closed at zero, or with a word on where the rest goes."""

    code = "balance_not_zero"

    @property
    def balance_minor(self) -> int:
        return self._number("balance_minor")


class PeriodGoesBack(LedgerError):
    """A closed day stays closed."""

    code = "period_goes_back"

    @property
    def open_from(self) -> date:
        return self._day("open_from")


class UnknownTimeZone(LedgerError):
    """A bank's days are in a time zone that the database knows by name."""

    code = "unknown_time_zone"


class SealDoesNotFollow(LedgerError):
    """A seal follows the last one and holds every transfer up to its watermark."""

    code = "seal_does_not_follow"


class UnknownSeal(LedgerError):
    """A proof is given against a seal of this bank."""

    code = "unknown_seal"


class NotSealedYet(AboutATransfer):
    """A transfer is proved once it is under a seal."""

    code = "not_sealed_yet"


class BadPhrase(LedgerError):
    """A seal's phrase is its words as they were given out, in their order."""

    code = "bad_phrase"


class UnknownFormat(LedgerError):
    """The books are exported in one of the formats that are listed."""

    code = "unknown_format"


class BadCursor(LedgerError):
    """A cursor is what the page before gave out."""

    code = "bad_cursor"


class AnotherBank(LedgerError):
    """A transaction writes into the one bank it was opened for."""

    code = "another_bank"


@cache
def all_rules() -> dict[str, type[LedgerError]]:
    """Every rule by its code."""
    found: dict[str, type[LedgerError]] = {}
    waiting: list[type[LedgerError]] = [LedgerError]
    while waiting:
        rule = waiting.pop()
        waiting.extend(rule.__subclasses__())
        if "code" in rule.__dict__ and rule is not LedgerError:
            found[rule.code] = rule
    return found
