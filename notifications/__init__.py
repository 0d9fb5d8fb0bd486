"""Words out and words in: messages, their delivery, and the texts people send back.

Knows no books, no hours and no members' records: recipients are opaque keys, and what is said arrives as
parameters of a template. What must never happen: a message lost, one sent twice, a text nobody reads, or
somebody put in danger by a word of ours.
"""

from notifications.channels.contract import Channel as ChannelProtocol
from notifications.days import When, when_said
from notifications.delivery import deliver_due
from notifications.desk import (
    CallOutcome,
    DeskItem,
    call_list,
    letters,
    mark_called,
    mark_printed,
    mark_seen_to,
    problems,
)
from notifications.digests import keep_for_digest, tell_digests
from notifications.errors import WordsRule
from notifications.forgetting import forget_claims, forget_digests, forget_older, forget_person
from notifications.inbound import (
    ThreadLine,
    UnreadText,
    claim_inbound,
    claim_one_of,
    record_inbound,
    settle_text,
    unread_texts,
)
from notifications.invitations import Invitation, invitation
from notifications.notice import Address, Attachment, Channel, Kind, Notice
from notifications.numbers import line_of
from notifications.own_texts import (
    Preview,
    example_values,
    forget_text,
    own_texts,
    preview,
    save_text,
    standard_text,
)
from notifications.parsing import Intent, normalise, parse
from notifications.pauses import PausedAddress, forget_bounces, paused_addresses, record_start, record_stop
from notifications.policy import Hours, Policy, is_out_of_hours, parse_quiet_hours
from notifications.questions import OpenQuestion, ask, forget_question, open_question
from notifications.queueing import (
    cancel_queued,
    leave_unsaid,
    message_id,
    once_a_day,
    queue,
    queue_many,
    unsaid,
)
from notifications.records import record_status
from notifications.safety import (
    DutyPerson,
    OpenAlert,
    escalate_due,
    open_alerts,
    raise_alert,
    take_alert,
    take_alerts_of,
)
from notifications.segments import measure
from notifications.spending import Spending, month_spending
from notifications.ways import Way, keep_to_ways
from notifications.wording import said
from notifications.work import banks_with_messages

__all__ = [
    "Address",
    "Attachment",
    "CallOutcome",
    "Channel",
    "ChannelProtocol",
    "DeskItem",
    "DutyPerson",
    "Hours",
    "Intent",
    "Invitation",
    "Kind",
    "Notice",
    "OpenAlert",
    "OpenQuestion",
    "PausedAddress",
    "Policy",
    "Preview",
    "Spending",
    "ThreadLine",
    "UnreadText",
    "Way",
    "When",
    "WordsRule",
    "ask",
    "banks_with_messages",
    "call_list",
    "cancel_queued",
    "claim_inbound",
    "claim_one_of",
    "deliver_due",
    "escalate_due",
    "example_values",
    "forget_bounces",
    "forget_claims",
    "forget_digests",
    "forget_older",
    "forget_person",
    "forget_question",
    "forget_text",
    "invitation",
    "is_out_of_hours",
    "keep_for_digest",
    "keep_to_ways",
    "leave_unsaid",
    "letters",
    "line_of",
    "mark_called",
    "mark_printed",
    "mark_seen_to",
    "measure",
    "message_id",
    "month_spending",
    "normalise",
    "once_a_day",
    "open_alerts",
    "open_question",
    "own_texts",
    "parse",
    "parse_quiet_hours",
    "paused_addresses",
    "preview",
    "problems",
    "queue",
    "queue_many",
    "raise_alert",
    "record_inbound",
    "record_start",
    "record_status",
    "record_stop",
    "said",
    "save_text",
    "settle_text",
    "standard_text",
    "take_alert",
    "take_alerts_of",
    "tell_digests",
    "unread_texts",
    "unsaid",
    "when_said",
]
