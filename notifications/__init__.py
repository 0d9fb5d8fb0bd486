"""Words out and words in: messages, their delivery, and the texts people send back.

Knows no books, no hours and no members' records: recipients are opaque keys, and what is said arrives as
parameters of a template. What must never happen: a message lost, one sent twice, a text nobody reads, or
somebody put in danger by a word of ours.
"""

from notifications.channels.contract import Channel as ChannelProtocol
from notifications.delivery import deliver_due
from notifications.desk import (
    CallOutcome,
    DeskItem,
    call_list,
    letters,
    mark_called,
    mark_printed,
    problems,
)
from notifications.errors import WordsRule
from notifications.inbound import (
    ThreadLine,
    UnreadText,
    claim_inbound,
    record_inbound,
    settle_text,
    unread_texts,
)
from notifications.notice import Address, Attachment, Channel, Kind, Notice
from notifications.numbers import line_of
from notifications.parsing import Intent, parse
from notifications.pauses import paused_addresses, record_start, record_stop
from notifications.policy import Hours, Policy, parse_quiet_hours
from notifications.queueing import cancel_queued, message_id, queue, queue_many
from notifications.records import record_status
from notifications.work import banks_with_messages

__all__ = [
    "Address",
    "Attachment",
    "CallOutcome",
    "Channel",
    "ChannelProtocol",
    "DeskItem",
    "Hours",
    "Intent",
    "Kind",
    "Notice",
    "Policy",
    "ThreadLine",
    "UnreadText",
    "WordsRule",
    "banks_with_messages",
    "call_list",
    "cancel_queued",
    "claim_inbound",
    "deliver_due",
    "letters",
    "line_of",
    "mark_called",
    "mark_printed",
    "message_id",
    "parse",
    "parse_quiet_hours",
    "paused_addresses",
    "problems",
    "queue",
    "queue_many",
    "record_inbound",
    "record_start",
    "record_status",
    "record_stop",
    "settle_text",
    "unread_texts",
]
