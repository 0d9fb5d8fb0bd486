"""Who may do what to which record: one table, used by both doors and tested exhaustively.

A verb is allowed when some role of the viewer stands in a row with that verb and with a relation that the
viewer has to the record. A relation is how the record looks from where the viewer stands: one's own, one
where one's yes is awaited, one that one took no part in. What must never happen: a verb that decides by
itself.
"""

from collections.abc import Iterable
from enum import StrEnum

from exchange.errors import NotAllowed, NotFound


class Role(StrEnum):
    """What a person is in one bank; a person may be several."""

    MEMBER = "member"
    COORDINATOR = "coordinator"
    ASSISTANT = "assistant"
    REPRESENTATIVE = "representative"
    PRACTICE = "practice"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Relation(StrEnum):
    """How a record looks from where the viewer stands."""

    OWN = "own"
    """About the viewer, or about an organisation the viewer represents."""
    LOGGER = "logger"
    """Hours that the viewer's side told us about."""
    AWAITED = "awaited"
    """Hours that wait for the yes of the viewer's side."""
    UNINVOLVED = "uninvolved"
    """About other people only."""
    CHECKER = "checker"
    """Hours of others that the viewer sees afresh: they did not write both sides down, or nobody else
    may check."""
    DEPUTISED = "deputised"
    """Hours that every coordinator took part in or wrote down, where the viewer is named to decide."""
    REFERRED = "referred"
    """A referral that the viewer's practice, or an organisation the viewer speaks for, made or may make."""
    BANK = "bank"
    """About the whole bank."""


STAFF = (Role.COORDINATOR, Role.ASSISTANT)
PEOPLE = (Role.MEMBER, Role.REPRESENTATIVE)

R, V = Relation, Role

PERMISSIONS: dict[str, dict[Relation, tuple[Role, ...]]] = {
    "hours.read": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR), R.DEPUTISED: (V.MEMBER,)},
    "hours.log": {R.OWN: PEOPLE, R.UNINVOLVED: STAFF},
    "hours.confirm": {R.AWAITED: PEOPLE, R.UNINVOLVED: STAFF},
    "hours.decline": {R.AWAITED: PEOPLE, R.UNINVOLVED: STAFF},
    "hours.withdraw": {R.LOGGER: PEOPLE, R.UNINVOLVED: STAFF},
    "hours.approve": {R.CHECKER: (V.COORDINATOR,), R.DEPUTISED: (V.MEMBER, V.ADMINISTRATOR)},
    "hours.refuse": {R.UNINVOLVED: (V.COORDINATOR,), R.DEPUTISED: (V.MEMBER, V.ADMINISTRATOR)},
    "hours.object": {R.OWN: PEOPLE, R.UNINVOLVED: STAFF},
    "hours.dismiss": {R.UNINVOLVED: (V.COORDINATOR,), R.DEPUTISED: (V.MEMBER, V.ADMINISTRATOR)},
    "hours.reverse": {R.UNINVOLVED: (V.COORDINATOR,), R.DEPUTISED: (V.MEMBER, V.ADMINISTRATOR)},
    "passkey.keep": {R.OWN: (V.PRACTICE,)},
    "gift.give": {R.OWN: PEOPLE},
    "gift.from_pot": {R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "statement.read": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "limits.raise": {R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR), R.DEPUTISED: (V.MEMBER,)},
    "member.read": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "member.change": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "member.block": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "member.sign_up": {R.BANK: (*STAFF, V.ADMINISTRATOR)},
    "member.accept": {R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "member.sign_out": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "member.pause": {R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "member.end": {R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "member.grant": {R.UNINVOLVED: (V.ADMINISTRATOR,)},
    "organisation.add": {R.BANK: (*STAFF, V.ADMINISTRATOR)},
    "organisation.represent": {R.BANK: (V.COORDINATOR, V.ADMINISTRATOR)},
    "directory.read": {R.BANK: (V.MEMBER, V.REPRESENTATIVE, *STAFF, V.ADMINISTRATOR)},
    "listing.read": {R.BANK: (V.MEMBER, V.REPRESENTATIVE, *STAFF, V.ADMINISTRATOR)},
    "listing.write": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "listing.clear": {R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "listing.teach": {R.BANK: (*STAFF, V.ADMINISTRATOR)},
    "listing.match": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "listing.hold": {R.OWN: (*STAFF, V.ADMINISTRATOR), R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "appointment.read": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "appointment.ask": {R.OWN: PEOPLE, R.UNINVOLVED: STAFF},
    "appointment.offer": {R.OWN: PEOPLE, R.UNINVOLVED: STAFF},
    "appointment.answer": {R.OWN: PEOPLE, R.UNINVOLVED: STAFF},
    "appointment.change": {R.OWN: PEOPLE, R.UNINVOLVED: STAFF},
    "circle.read": {R.BANK: (*STAFF, V.ADMINISTRATOR)},
    "circle.propose": {R.BANK: (*STAFF, V.ADMINISTRATOR)},
    "circle.decide": {R.BANK: (V.COORDINATOR, V.ADMINISTRATOR)},
    "activity.read": {R.BANK: (*PEOPLE, *STAFF, V.ADMINISTRATOR)},
    "activity.propose": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "activity.change": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "activity.decide": {R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "place.book": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "session.help": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "session.correct": {R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "card.make": {R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "resource.offer": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "resource.book": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "resource.change": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "note.issue": {R.OWN: PEOPLE, R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "note.read": {R.OWN: PEOPLE, R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR)},
    "note.use": {R.OWN: PEOPLE, R.UNINVOLVED: (V.REPRESENTATIVE, *STAFF, V.ADMINISTRATOR)},
    "practice.manage": {R.BANK: (V.COORDINATOR, V.ADMINISTRATOR)},
    "practice.connect": {R.BANK: (V.ADMINISTRATOR,)},
    "referral.make": {
        R.OWN: (V.MEMBER,),
        R.REFERRED: (V.PRACTICE, V.REPRESENTATIVE),
        R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR),
    },
    "referral.read": {
        R.OWN: (V.MEMBER,),
        R.REFERRED: (V.PRACTICE, V.REPRESENTATIVE),
        R.UNINVOLVED: (*STAFF, V.ADMINISTRATOR),
    },
    "referral.decide": {R.UNINVOLVED: (V.COORDINATOR,)},
    "referral.care": {R.UNINVOLVED: STAFF},
    "referral.log": {R.OWN: (V.MEMBER,), R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "measure.answer": {R.OWN: (V.MEMBER,), R.UNINVOLVED: STAFF},
    "measure.allow": {R.OWN: (V.MEMBER,), R.UNINVOLVED: STAFF},
    "measure.see_to": {R.BANK: STAFF},
    "concern.raise": {R.BANK: (*PEOPLE, *STAFF, V.PRACTICE, V.ADMINISTRATOR)},
    "clearance.read": {R.OWN: (V.MEMBER,), R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "clearance.keep": {R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "visit.plan": {R.OWN: (V.MEMBER,), R.UNINVOLVED: STAFF},
    "fund.manage": {R.BANK: (V.COORDINATOR, V.ADMINISTRATOR)},
    "credit.give": {R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "credit.read": {R.OWN: (V.MEMBER,), R.UNINVOLVED: (V.COORDINATOR, V.ADMINISTRATOR)},
    "queue.read": {R.BANK: (*STAFF, V.ADMINISTRATOR)},
    "policy.read": {R.BANK: (*STAFF, V.ADMINISTRATOR, V.AUDITOR)},
    "policy.change": {R.BANK: (V.ADMINISTRATOR,)},
    "books.audit": {R.BANK: (V.COORDINATOR, V.ADMINISTRATOR, V.AUDITOR)},
    "data.import": {R.BANK: (V.ADMINISTRATOR,)},
}
"""verb → relation to the record → roles. What is not written here is not allowed."""


def may(roles: Iterable[Role], verb: str, relations: Iterable[Relation]) -> bool:
    """Whether any of `roles` may do `verb` to a record that stands in `relations` to the viewer."""
    rows = PERMISSIONS[verb]
    held = frozenset(roles)
    return any(held.intersection(rows.get(relation, ())) for relation in relations)


READ_BEFORE: dict[str, str] = {
    "hours": "hours.read",
    "limits": "hours.read",
    "gift": "statement.read",
    "statement": "statement.read",
    "member": "member.read",
    "referral": "referral.read",
    "credit": "credit.read",
    "visit": "visit.plan",
    "clearance": "clearance.read",
    "measure": "measure.answer",
}
"""The record that a verb is about (its first word) → what one must be allowed to know that it is there."""


def require(roles: Iterable[Role], verb: str, relations: Iterable[Relation]) -> None:
    """Pass when the table allows it.

    Raises:
        NotFound: the viewer may not even know that such a record is there.
        NotAllowed: the viewer may know, and not do this.
    """
    held, found = frozenset(roles), frozenset(relations)
    if may(held, verb, found):
        return
    read = READ_BEFORE.get(verb.partition(".")[0])
    if read and Relation.BANK not in found and not may(held, read, found):
        raise NotFound
    raise NotAllowed
