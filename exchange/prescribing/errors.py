"""Rules about referrals, and about those who make them."""

from exchange.errors import ExchangeError


class BadNhsNumber(ExchangeError):
    """That is not an NHS number: it has ten digits, and the last one fits the others."""

    code = "bad_nhs_number"
    field = "nhs_number"


class BadChiNumber(ExchangeError):
    """That is not a CHI number: it begins with the day of birth, and the last digit fits the others."""

    code = "bad_chi_number"
    field = "chi_number"


class BadBirthDate(ExchangeError):
    """That is not the birth date of anybody living."""

    code = "bad_birth_date"
    field = "born_on"


class BadOdsCode(ExchangeError):
    """An ODS code is letters and digits, such as G85123."""

    code = "bad_ods_code"
    field = "ods_code"


class OdsCodeTaken(ExchangeError):
    """Another practice of this bank has that ODS code."""

    code = "ods_code_taken"
    field = "ods_code"


class MailboxNotSecure(ExchangeError):
    """Letters are sent only to a mailbox that somebody recorded as secure."""

    code = "mailbox_not_secure"
    field = "mailbox"


class UnknownNeed(ExchangeError):
    """That is not in the list of needs and concerns."""

    code = "unknown_need"
    field = "needs"


class BadCodeList(ExchangeError):
    """A list of codes has a system, a code and words in each line."""

    code = "bad_code_list"
    field = "file"


class ReasonNotChosen(ExchangeError):
    """Say what it is for: tick a need, or write what the person hopes for."""

    code = "reason_not_chosen"
    field = "needs"


class NothingChosen(ExchangeError):
    """Choose at least one thing, or a talk."""

    code = "nothing_chosen"
    field = "what"


class UnknownSuggestion(ExchangeError):
    """That cannot be chosen here, or is full or over."""

    code = "unknown_suggestion"
    field = "what"


class ConsentMissing(ExchangeError):
    """Without the person's yes nothing is sent."""

    code = "consent_missing"
    field = "consents"


class BasisMissing(ExchangeError):
    """Say on what footing the details are kept."""

    code = "basis_missing"
    field = "basis"


class BackNotChosen(ExchangeError):
    """Say what may be told afterwards."""

    code = "back_not_chosen"
    field = "back"


class NoWayToReach(ExchangeError):
    """Give one way to reach the person."""

    code = "no_way_to_reach"
    field = "telephone"


class ReferralInWrongState(ExchangeError):
    """This can no longer be done to this referral."""

    code = "referral_in_wrong_state"


class UnknownReason(ExchangeError):
    """Choose one of the reasons."""

    code = "unknown_reason"
    field = "reason"


class UnknownTier(ExchangeError):
    """Choose one of the three tiers."""

    code = "unknown_tier"
    field = "tier"


class PersonErased(ExchangeError):
    """This person's details were erased."""

    code = "person_erased"


class NotTheirWish(ExchangeError):
    """Somebody becomes a member when they choose to: say how they told you."""

    code = "not_their_wish"
    field = "evidence"


class FundEmpty(ExchangeError):
    """The fund does not have that many hours left."""

    code = "fund_empty"
    field = "minutes"


class ExpiryInPast(ExchangeError):
    """Choose a day that is still to come."""

    code = "expiry_in_past"
    field = "expires_on"


class BadAnswers(ExchangeError):
    """Answer each question with one of its answers."""

    code = "bad_answers"
    field = "answers"


class NoUseAllowed(ExchangeError):
    """Answers are kept only for a use that their owner said yes to, and that is asked first."""

    code = "no_use_allowed"


class NotAskedNow(ExchangeError):
    """This is not asked at the moment."""

    code = "not_asked_now"


class NobodyOnDuty(ExchangeError):
    """Somebody must be on duty."""

    code = "nobody_on_duty"
    field = "member_id"


class BadClearance(ExchangeError):
    """A role says whether it is eligible for a check and why, and a driving paper has a last day."""

    code = "bad_clearance"
    field = "kind"


class CompanyNeeded(ExchangeError):
    """This visit needs company: the first one, or with somebody who was referred, one of the staff."""

    code = "company_needed"
    field = "company_id"


class VisitInWrongState(ExchangeError):
    """This can no longer be done to this visit."""

    code = "visit_in_wrong_state"


class DraftSent(ExchangeError):
    """This was sent already."""

    code = "draft_sent"
