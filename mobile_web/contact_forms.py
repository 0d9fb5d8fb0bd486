"""A form about contacts: from what was typed to drafts, with a sentence beside what cannot be read.

What must never happen: a safe hour that was typed and is lost without a word.
"""

from collections.abc import Mapping, Sequence

from exchange.errors import ExchangeError
from exchange.membership import contacts
from exchange.membership.contacts import ContactDraft
from exchange.membership.errors import SafeHoursUnread
from exchange.membership.tables import Contact
from mobile_web import answers
from mobile_web.languages import NAMES
from mobile_web.sentences import sentence
from mobile_web.visit import Visit

CONTACTS_MAX = 8
NOTHING_UNREAD: Mapping[str, str] = {}
ASKED = ("may_write", "may_leave_voicemail", "may_post", "is_discreet")


def draft_of(contact: Contact) -> ContactDraft:
    """A contact as it stands, ready to be changed."""
    return ContactDraft(
        value=contact.value,
        kind=contact.kind,
        may_write=contact.may_write,
        may_leave_voicemail=contact.may_leave_voicemail,
        may_post=contact.may_post,
        safe_from=contact.safe_from,
        safe_until=contact.safe_until,
        is_discreet=contact.is_discreet,
        language=contact.language,
    )


def drafts_from(form: Mapping[str, str]) -> list[ContactDraft]:
    """The contacts of a form, numbered from 0; an emptied one is gone."""
    found = []
    for number in _filled(form):
        yes = [form.get(f"{name}_{number}") == "yes" for name in ASKED]
        may_write, may_leave_voicemail, may_post, is_discreet = yes
        found.append(
            ContactDraft(
                value=form[f"value_{number}"],
                kind="post" if form.get(f"kind_{number}") == "post" else None,
                may_write=may_write,
                may_leave_voicemail=may_leave_voicemail,
                may_post=may_post,
                is_discreet=is_discreet,
                safe_from=answers.clock(form.get(f"safe_from_{number}")),
                safe_until=answers.clock(form.get(f"safe_until_{number}")),
                language=_language(form.get(f"language_{number}")),
            )
        )
    return found


def _language(chosen: str | None) -> str | None:
    """The language of what is sent there: empty for the usual one, None when the form did not ask."""
    return chosen if chosen == "" or chosen in NAMES else None


def _filled(form: Mapping[str, str]) -> list[int]:
    """The numbers of the contacts that a form has; two empty places stand at its end."""
    return [number for number in range(CONTACTS_MAX + 2) if form.get(f"value_{number}")]


def clocks_unread(form: Mapping[str, str]) -> dict[str, str]:
    """Safe hours that nobody can read, as typed, under the names they have when the form is shown again."""
    return {
        f"{name}_{shown}": form[f"{name}_{number}"]
        for shown, number in enumerate(_filled(form))
        for name in ("safe_from", "safe_until")
        if form.get(f"{name}_{number}") and answers.clock(form[f"{name}_{number}"]) is None
    }


def unreachable(
    seen: Visit, drafts: Sequence[ContactDraft], unread: Mapping[str, str] = NOTHING_UNREAD
) -> dict[str, str]:
    """A sentence for each contact that is not one, and for each time that is none, under its own field."""
    errors = {name: sentence(seen.speaks, SafeHoursUnread.code) for name in unread}
    for number, draft in enumerate(drafts):
        if draft.safe_from is not None and draft.safe_from == draft.safe_until:
            errors[f"safe_until_{number}"] = sentence(seen.speaks, SafeHoursUnread.code)
        if draft.kind == "post":
            continue
        try:
            contacts.normalise(draft.value)
        except ExchangeError as broken:
            errors[f"value_{number}"] = sentence(seen.speaks, broken.code)
    return errors
