"""The books of a time bank: who may still receive how much, and why anybody should believe it.

Every product in this field has had balances drift. A transfer was deleted and the total kept it; a tap on a
slow phone paid twice; two requests read the same balance and both wrote. None of these were bugs in
arithmetic. They were books that let such things be written. So this room is built around what cannot be
written, and only then around what can.

A transfer is one row that names both sides, a positive whole number, and both balances and versions after
it. There is no half of it to lose, no sign to turn, no total kept somewhere else. Accountants want two
entries for each; a view shows them. Versions count each account's entries from one without a gap, so that
a row that is missing shows, as a page torn from a numbered book does.

Rows are never changed and never deleted. What was wrong is answered by its opposite, which points back, and
can be booked once. Nobody needs to be trusted with this: the service's own database role may read these
tables and call the functions in `sql/`, and has no other right to them. Those functions are the only code
that writes. They compare the bank they are told with the bank the transaction was opened for, take the
locks of all accounts in the order of their ids, judge each item by what those before it leave, and write
all of a list or none of it. That is also the fast way: the database is asked once for a hundred transfers,
not four hundred times.

The caller makes the transfer's id, and it is the idempotency key. The same id with the same contents gets
the first answer, however often it comes; with other contents it is refused. A refused transfer leaves
nothing behind, so the same id may be tried again once the reason is gone. TigerBeetle decides otherwise and
burns the id of a transfer that failed, since its clients retry blindly and must get one answer for ever.
Ours are people: a coordinator raises the limit and presses the same button, and the hour that was already
given is booked under the id the phone made when it was told.

Two dates are kept apart. `happened_on` is the day an hour was given; `booked_at` is when we wrote it, and
does not run backwards. Hours are told late, out of order, by paper and by telephone, so a balance as of a
day sums what happened by then, not what was written by then. When a period is closed, what is told later
is booked in the open one and says for which day: a figure once reported stays true.

Holds lower what is available without moving anything, and end once. Currencies never meet: hours have 60
minor units because an hour's minutes have no exact decimals, a community currency may have 100, and no
transfer crosses from one to the other. A bank that wants an exchange makes it two transfers in one list,
through accounts of its own, where everybody can see the rate.

Last, proof. All of this is worth what the database's owner is worth, unless somebody outside can tell. So
each bank's transfers are folded into a Merkle tree, the way certificates are logged in public, and each
new root is chained to the last. Eight words in the minutes of a meeting then fix every row booked before
it. A member can be given a proof of one transfer and check it with no database and no trust in us; an
audit recomputes everything and names the first row that is wrong, and says what it did not look at.

What this room does not know: people, hours as people say them, the web. It holds integers under keys that
others made. Other rooms use only what is exported here. What must never happen: a row written by anything
but the functions in `sql/`.
"""

from ledger.accounts import (
    Balance,
    Rest,
    balance,
    balances,
    busy_account_id,
    close_account,
    freeze,
    move_floors,
    open_account,
    open_currency,
    set_limits,
    unfreeze,
)
from ledger.auditing import (
    audit,
)
from ledger.books import (
    close_period,
    first_open_day,
    open_books,
)
from ledger.chain import (
    Seal,
)
from ledger.direct import (
    BooksLost,
    Direct,
    open_direct,
)
from ledger.errors import (
    AccountClosed,
    AccountFrozen,
    AlreadyReversed,
    AnotherBank,
    BadAmount,
    BadCurrency,
    BadCursor,
    BadDay,
    BadPhrase,
    BalanceNotZero,
    BalanceTooLarge,
    CaptureExceedsHold,
    CeilingCrossed,
    CurrencyMismatch,
    DayInFuture,
    DifferentAccountSameId,
    DifferentCurrencySameCode,
    DifferentHoldSameId,
    DifferentTransferSameId,
    FloorAboveCeiling,
    FloorCrossed,
    HoldEnded,
    HoldsRemain,
    LedgerError,
    NotSealedYet,
    PeriodClosed,
    PeriodGoesBack,
    RepeatedId,
    ReversalStands,
    SameAccount,
    SealDoesNotFollow,
    TooManyItems,
    UnknownAccount,
    UnknownCurrency,
    UnknownFormat,
    UnknownHold,
    UnknownSeal,
    UnknownTimeZone,
    UnknownTransfer,
    all_rules,
)
from ledger.exports import (
    FORMATS,
    export,
)
from ledger.findings import (
    AuditReport,
    Finding,
    Progress,
)
from ledger.holds import (
    Hold,
    banks_with_due_holds,
    capture,
    expire_holds,
    find_hold,
    hold,
    release,
)
from ledger.periods import (
    PeriodStatement,
    period_statement,
)
from ledger.phrases import (
    phrase_of,
)
from ledger.proofs import (
    Consistency,
    Inclusion,
    agrees_with,
    read_proof,
)
from ledger.proving import (
    consistency_proof,
    inclusion_proof,
)
from ledger.seals import (
    newest_seals,
    seal,
)
from ledger.statements import (
    Entry,
    Page,
    statement,
)
from ledger.transfers import (
    Outcome,
    Posted,
    Transfer,
    post,
    post_each,
    reverse,
)

__all__ = [
    "FORMATS",
    "AccountClosed",
    "AccountFrozen",
    "AlreadyReversed",
    "AnotherBank",
    "AuditReport",
    "BadAmount",
    "BadCurrency",
    "BadCursor",
    "BadDay",
    "BadPhrase",
    "Balance",
    "BalanceNotZero",
    "BalanceTooLarge",
    "BooksLost",
    "CaptureExceedsHold",
    "CeilingCrossed",
    "Consistency",
    "CurrencyMismatch",
    "DayInFuture",
    "DifferentAccountSameId",
    "DifferentCurrencySameCode",
    "DifferentHoldSameId",
    "DifferentTransferSameId",
    "Direct",
    "Entry",
    "Finding",
    "FloorAboveCeiling",
    "FloorCrossed",
    "Hold",
    "HoldEnded",
    "HoldsRemain",
    "Inclusion",
    "LedgerError",
    "NotSealedYet",
    "Outcome",
    "Page",
    "PeriodClosed",
    "PeriodGoesBack",
    "PeriodStatement",
    "Posted",
    "Progress",
    "RepeatedId",
    "Rest",
    "ReversalStands",
    "SameAccount",
    "Seal",
    "SealDoesNotFollow",
    "TooManyItems",
    "Transfer",
    "UnknownAccount",
    "UnknownCurrency",
    "UnknownFormat",
    "UnknownHold",
    "UnknownSeal",
    "UnknownTimeZone",
    "UnknownTransfer",
    "agrees_with",
    "all_rules",
    "audit",
    "balance",
    "balances",
    "banks_with_due_holds",
    "busy_account_id",
    "capture",
    "close_account",
    "close_period",
    "consistency_proof",
    "expire_holds",
    "export",
    "find_hold",
    "first_open_day",
    "freeze",
    "hold",
    "inclusion_proof",
    "move_floors",
    "newest_seals",
    "open_account",
    "open_books",
    "open_currency",
    "open_direct",
    "period_statement",
    "phrase_of",
    "post",
    "post_each",
    "read_proof",
    "release",
    "reverse",
    "seal",
    "set_limits",
    "statement",
    "unfreeze",
]
