"""What a referral says, and whether it may be sent: who, why, what, consent, each read or refused by name."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.hours.errors import MinutesOutOfRange
from exchange.membership import banks
from exchange.membership.contacts import normalise
from exchange.membership.errors import AdultsOnly, BadEmail, BadTelephone, UnknownLanguage
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer
from exchange.prescribing import codes, funds, numbers, suggestions
from exchange.prescribing.errors import (
    BackNotChosen,
    BadBirthDate,
    BasisMissing,
    ConsentMissing,
    FundEmpty,
    NothingChosen,
    NoWayToReach,
    ReasonNotChosen,
    UnknownReason,
)
from exchange.prescribing.tables import (
    BACKS,
    BASES,
    ReferralChoice,
    ReferralPerson,
    ReferralWhy,
)
from exchange.words import NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean, required

HEARD = ("in_person", "telephone", "in_writing")
CHOICES_MAX = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The person, and how to reach them safely."""

    name: str
    born_on: date | None = None
    address: str | None = None
    nhs_number: str | None = None
    chi_number: str | None = None
    telephone: str | None = None
    email: str | None = None
    language: str = "en"
    may_text: bool = False
    may_leave_voicemail: bool = False
    may_post: bool = False
    safe_from: time | None = None
    safe_until: time | None = None
    is_discreet: bool = True
    not_to_say: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Codes of the list, and the person's own words."""

    needs: Sequence[str] = ()
    flags: Sequence[str] = ()
    aspiration: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The person's yes, how it was heard, the footing their details are kept on, and what may be told."""

    consents: bool
    heard: str = "in_person"
    basis: str = ""
    back: str = ""
    may_measure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReferral:
    """A whole referral. `what` are suggestions; `talks` is 'talk to them'; `lift` says where and when."""

    referral_id: UUID
    route: str
    referrer_id: UUID | None
    who: Who
    why: Why
    what: Sequence[UUID] = ()
    talks: bool = False
    lift: str | None = None
    consent: Consent
    carries_minutes: int = 0
    """Hours to spend, from the fund of whoever refers."""
    pledge_minutes: int = 0
    """What the person would like to give in their turn; a wish, never a debt."""
    invites: bool = False
    """Text them an invitation, where that is safe."""
    identifier: tuple[str, str] | None = None
    """The system and the value by which the practice's own software knows it."""

    def fingerprint(self) -> str:
        """The same for a repeat, another for other contents."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()


@dataclass(slots=True)
class Checked:
    """What was read and found right."""

    person: ReferralPerson
    why: ReferralWhy
    choices: list[ReferralChoice] = field(default_factory=list)


async def check(session: AsyncSession, viewer: Viewer, new: NewReferral, *, at: datetime) -> Checked:
    """Everything that was given, read; the first thing that is wrong raises its rule."""
    bank = await banks.get(session, viewer.bank_id)
    person = check_who(bank, new.route, new.referral_id, new.who, at=at)
    why = await check_why(session, viewer, new)
    choices = await check_what(session, viewer, new, at=at)
    check_consent(new.consent)
    await check_carried(session, viewer, new)
    return Checked(person, why, choices)


def check_who(bank: Bank, route: str, referral_id: UUID, who: Who, *, at: datetime) -> ReferralPerson:
    """The person, read; a practice gives the birth date and the address, others need not.

    Raises:
        TextMissing, TextTooLong, BadBirthDate, AdultsOnly, BadNhsNumber, BadChiNumber, BadTelephone,
        BadEmail, NoWayToReach, UnknownLanguage
    """
    is_practice = route == "practice"
    name = required(who.name, field="name", characters_max=NAME_CHARACTERS_MAX)
    _check_born(who.born_on, banks.today(bank, at), is_needed=is_practice)
    address = clean(who.address, field="address")
    if is_practice:
        address = required(who.address, field="address")
    telephone, email, is_mobile = _ways(who)
    may_post = who.may_post and address is not None
    if not (telephone or email or may_post):
        raise NoWayToReach
    if who.language not in bank.languages:
        raise UnknownLanguage
    return ReferralPerson(
        bank_id=bank.bank_id,
        referral_id=referral_id,
        name=name,
        born_on=who.born_on,
        address=address,
        nhs_number=numbers.nhs_number(nhs) if (nhs := (who.nhs_number or "").strip()) else None,
        chi_number=numbers.chi_number(chi) if (chi := (who.chi_number or "").strip()) else None,
        telephone=telephone,
        email=email,
        language=who.language,
        may_text=who.may_text and is_mobile,
        may_leave_voicemail=who.may_leave_voicemail,
        may_post=may_post,
        safe_from=who.safe_from,
        safe_until=who.safe_until,
        is_discreet=who.is_discreet,
        not_to_say=clean(who.not_to_say, field="not_to_say"),
    )


def _check_born(born_on: date | None, today: date, *, is_needed: bool) -> None:
    if born_on is None:
        if is_needed:
            raise BadBirthDate
        return
    if not numbers.is_likely(born_on, today):
        raise BadBirthDate
    if numbers.years_since(born_on, today) < numbers.ADULT_YEARS:
        raise AdultsOnly(field="born_on")


def _ways(who: Who) -> tuple[str | None, str | None, bool]:
    telephone = email = None
    is_mobile = False
    if (who.telephone or "").strip():
        kind, telephone = normalise(str(who.telephone))
        if kind == "email":
            raise BadTelephone(field="telephone")
        is_mobile = kind == "mobile"
    if (who.email or "").strip():
        kind, email = _mail(str(who.email))
        if kind != "email":
            raise NoWayToReach(field="email")
    return telephone, email, is_mobile


def _mail(typed: str) -> tuple[str, str]:
    try:
        return normalise(typed)
    except (BadEmail, BadTelephone) as broken:
        broken.field = "email"
        raise


async def check_why(session: AsyncSession, viewer: Viewer, new: NewReferral) -> ReferralWhy:
    """Needs, flags and words, read; a practice says at least one need or a hope.

    Raises:
        UnknownNeed, ReasonNotChosen, TextTooLong
    """
    why = ReferralWhy(
        bank_id=viewer.bank_id,
        referral_id=new.referral_id,
        needs=await codes.check(session, viewer, "need", new.why.needs),
        flags=await codes.check(session, viewer, "flag", new.why.flags),
        aspiration=clean(new.why.aspiration, field="aspiration", characters_max=NOTE_CHARACTERS_MAX),
        note=clean(new.why.note, field="note", characters_max=NOTE_CHARACTERS_MAX),
    )
    if new.route == "practice" and not (why.needs or why.aspiration):
        raise ReasonNotChosen
    return why


async def check_what(
    session: AsyncSession, viewer: Viewer, new: NewReferral, *, at: datetime
) -> list[ReferralChoice]:
    """What was chosen, read, in order; those who are no practice may leave it at a talk.

    Raises:
        NothingChosen, UnknownSuggestion, TextTooLong
    """
    lift = clean(new.lift, field="lift")
    talks = new.talks or (new.route != "practice" and not new.what and not lift)
    rows: list[tuple[str, str, str | None, UUID | None, UUID | None]] = []
    for suggestion_id in list(dict.fromkeys(new.what))[:CHOICES_MAX]:
        found = await suggestions.chosen(session, viewer.bank_id, suggestion_id, at=at)
        rows.append((found.kind, found.words, found.when_words, suggestion_id, found.activity_id))
    if lift:
        rows.append(("lift", lift, None, None, None))
    if talks:
        rows.append((suggestions.TALK, suggestions.TALK_WORDS, None, None, None))
    if not rows:
        raise NothingChosen
    return [
        ReferralChoice(
            bank_id=viewer.bank_id,
            referral_id=new.referral_id,
            number=number,
            kind=kind,
            words=words,
            when_words=when_words,
            suggestion_id=suggestion_id,
            activity_id=activity_id,
        )
        for number, (kind, words, when_words, suggestion_id, activity_id) in enumerate(rows, 1)
    ]


CARRIED_MAX = 24 * 60


async def check_carried(session: AsyncSession, viewer: Viewer, new: NewReferral) -> None:
    """Hours that a prescription carries are there in the fund of whoever refers.

    Raises:
        FundEmpty, MinutesOutOfRange
    """
    if not 0 <= new.carries_minutes <= CARRIED_MAX or not 0 <= new.pledge_minutes <= CARRIED_MAX:
        raise MinutesOutOfRange(field="carries_minutes")
    if new.carries_minutes == 0:
        return
    left = await funds.left_of(session, viewer, new.referrer_id) if new.referrer_id else 0
    if left < new.carries_minutes:
        raise FundEmpty(field="carries_minutes")


def check_consent(consent: Consent) -> None:
    """The person's yes, the footing, and what may be told: three questions, each answered.

    Raises:
        ConsentMissing, BasisMissing, BackNotChosen, UnknownReason
    """
    if not consent.consents:
        raise ConsentMissing
    if consent.heard not in HEARD:
        raise UnknownReason(field="heard")
    if consent.basis not in BASES:
        raise BasisMissing
    if consent.back not in BACKS:
        raise BackNotChosen
