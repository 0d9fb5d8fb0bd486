"""Rules about people."""

from exchange.errors import ExchangeError


class BadTelephone(ExchangeError):
    """That is not a telephone number we can reach; in the UK it has ten or eleven digits."""

    code = "bad_telephone"
    field = "contact"


class BadEmail(ExchangeError):
    """That is not an e-mail address."""

    code = "bad_email"
    field = "contact"


class ContactMissing(ExchangeError):
    """We need one way to reach this person: a telephone, an e-mail or an address for letters."""

    code = "contact_missing"
    field = "contact"


class NotReached(ExchangeError):
    """Only a number or address at which somebody was spoken with is theirs: tick where they answered."""

    code = "not_reached"
    field = "reached"


class NoSafeWay(ExchangeError):
    """Nothing may be sent there: we need another way too, a telephone to ring or an address."""

    code = "no_safe_way"
    field = "contact"


class SafeHoursUnread(ExchangeError):
    """Write safe hours like 18:00 and 21:30, the second other than the first; or leave both empty."""

    code = "safe_hours_unread"
    field = "safe_from"


class AddressMissing(ExchangeError):
    """Letters need an address."""

    code = "address_missing"
    field = "address"


class AdultsOnly(ExchangeError):
    """Members are 18 or over; ask the coordinator about groups for younger people."""

    code = "adults_only"
    field = "is_adult"


class UnknownLanguage(ExchangeError):
    """This bank does not write in that language."""

    code = "unknown_language"
    field = "language"


class WrongCode(ExchangeError):
    """That code is wrong or too old; ask for a new one."""

    code = "wrong_code"
    field = "code"


class CodeUsed(ExchangeError):
    """That code has signed somebody in already; to sign in once more, ask for a new one."""

    code = "code_used"
    field = "code"


class LinkUsed(ExchangeError):
    """This link was used before or is too old; ask for a new one."""

    code = "link_used"


class NotSignedIn(ExchangeError):
    """Sign in first."""

    code = "not_signed_in"


class MemberNotActive(ExchangeError):
    """This person is not an active member at the moment."""

    code = "member_not_active"
    field = "with"


class WithOneself(ExchangeError):
    """That is you: choose somebody else."""

    code = "with_oneself"
    field = "with"


class AlreadyDecided(ExchangeError):
    """This was decided before, another way."""

    code = "already_decided"


class BadPolicy(ExchangeError):
    """That is outside what a policy may say."""

    code = "bad_policy"


class ReminderTooLate(ExchangeError):
    """Reminders come before the day on which a coordinator takes the hours up."""

    code = "reminder_too_late"
    field = "reminder_days"


class LastAdministrator(ExchangeError):
    """A bank keeps at least one administrator."""

    code = "last_administrator"


class ProveFirst(ExchangeError):
    """Keep a contact that we know until the new one is proved by its code."""

    code = "prove_first"
    field = "contact"


class TooManyAsking(ExchangeError):
    """So many people wait to join that no more can ask here: please ring instead."""

    code = "too_many_asking"


class TooManyContacts(ExchangeError):
    """That is more ways to be reached than there is room for; prove the new ones first."""

    code = "too_many_contacts"
    field = "contact"


class PasskeyRefused(ExchangeError):
    """That passkey opens nothing here: it was removed, asked too long ago, or made for another address."""

    code = "passkey_refused"


class TooManyPasskeys(ExchangeError):
    """Eight passkeys are enough for one person; remove one that is not used before adding another."""

    code = "too_many_passkeys"


class OwnMobile(ExchangeError):
    """Practice staff sign in by their work e-mail, never by a telephone of their own."""

    code = "own_mobile"
    field = "contact"


class TooManyCodes(ExchangeError):
    """So many codes were asked for today, for this contact or from here, that the next waits a day."""

    code = "too_many_codes"
    field = "contact"
