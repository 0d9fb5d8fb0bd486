"""What people call their columns: one table for each kind of file. Case, spaces and signs do not matter."""

from collections.abc import Mapping

WHO = {
    "giver": "giver, given by, from, provider, helper, who gave, service provider, from member",
    "receiver": "receiver, received by, to, recipient, who received, service recipient, to member",
}

MEMBERS: Mapping[str, str] = {
    "external_id": "id, member id, member number, member no, membership number, external id, reference, ref",
    "name": "name, display name, known as, preferred name, nickname, member, member name",
    "full_name": "full name, legal name",
    "first_name": "first name, forename, given name, christian name",
    "last_name": "last name, surname, family name",
    "telephone": "phone, mobile, telephone, phone number, telephone number, mobile number, mobile phone, "
    "cell, cellphone, tel, contact number, landline, home phone, home telephone",
    "email": "email, e-mail, email address, e-mail address, mail",
    "address": "address, postal address, home address, street, street address",
    "language": "language, preferred language, first language",
    "preferred_channel": "preferred channel, contact by, preferred contact, contact preference, channel",
    "is_adult": "adult, is adult, over 18, 18+, 18 or over, aged 18 or over, is over 18",
    "date_of_birth": "date of birth, dob, birth date, birthday, born",
    "joined_on": "joined, joined on, join date, date joined, member since, start date",
    "status": "status, membership status, membership",
    "small_area": "small area, area, neighbourhood, ward, lsoa, estate",
    "access_needs": "access needs, access, accessibility, needs, access requirements",
    "source": "source, heard from, how did you hear, referred by, source of joining",
    "is_listed": "listed, is listed, in directory, directory, show in directory",
    "may_text": "may text, safe to text, text ok, sms ok, can text",
    "may_email": "may email, safe to email, email ok, can email",
    "may_leave_voicemail": "may leave voicemail, safe to leave voicemail, voicemail ok, voicemail",
    "may_post": "may post, safe to post, post ok",
    "is_discreet": "discreet, is discreet, discreet contact",
    "safe_from": "safe from, contact from, ring after",
    "safe_until": "safe until, contact until, ring before",
    "age_band": "age band, age group",
    "ethnicity": "ethnicity, ethnic group",
    "disability": "disability, disabled",
}
LISTINGS: Mapping[str, str] = {
    "external_id": "id, listing id, external id, reference, ref",
    "kind": "type, kind, offer or request, offer/request, offer or ask, listing type",
    "title": "title, heading, headline, service",
    "description": "description, details, text, what, listing, words",
    "owner": "member, owner, name, member name, by, posted by, organisation",
    "owner_id": "member id, owner id, member number, member no",
    "owner_telephone": "phone, mobile, telephone, phone number, telephone number, mobile number",
}
HOURS: Mapping[str, str] = {
    "external_id": "id, exchange id, transaction id, external id, reference, ref, hours id",
    **WHO,
    "giver_id": "giver id, from id, provider id, giver number",
    "receiver_id": "receiver id, to id, recipient id, receiver number",
    "giver_telephone": "giver phone, giver mobile, giver telephone, from phone",
    "receiver_telephone": "receiver phone, receiver mobile, receiver telephone, to phone",
    "minutes": "minutes, mins, minutes given, length in minutes",
    "hours": "hours, duration, time, amount, hours given, length, time given, credits",
    "done_on": "date, done on, day, when, date of exchange, exchange date, date given",
    "skill": "skill, service, what, activity, task, category, description",
    "note": "note, notes, comment, comments, remarks",
}
CODES: Mapping[str, str] = {
    "code": "code, concept id, concept code, snomed code, snomed ct code, sctid, id",
    "words": "words, term, display, description, name, preferred term, label",
    "system": "system, code system, coding system, codesystem, terminology",
    "kind": "kind, type, list, need or flag",
}
SEVERAL = frozenset({"telephone"})
"""Fields that may stand in more than one column."""


def plain(header: str) -> str:
    """A header without what people write differently."""
    return "".join(c for c in header.casefold() if c.isalnum() or c == "+")


def fields_of(table: Mapping[str, str]) -> dict[str, str]:
    """Plain header → field; a field's own name counts too. The first field that claims a word has it."""
    found: dict[str, str] = {}
    for name, words in table.items():
        for word in (name, *words.split(", ")):
            found.setdefault(plain(word), name)
    return found
