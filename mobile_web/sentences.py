"""One sentence for each broken rule, in the reader's language, beside the field it is about.

The keys are the stable codes of `exchange`; a test holds that none is missing. What must never happen: a
rule's code, or English from the domain, on a member's page.
"""

from collections.abc import Collection

from exchange.errors import ExchangeError
from mobile_web.languages import Language
from mobile_web.words import N_

SENTENCES = {
    "rule_broken": N_("That is not possible here."),
    "not_found": N_("We can't find that. It may have been moved, or it isn't yours to see."),
    "not_allowed": N_("That is for somebody else to do. Ask your coordinator."),
    "same_id_other_contents": N_("This page was sent before with other answers. Please begin again."),
    "text_too_long": N_("That is too long. Please shorten it."),
    "text_missing": N_("Please fill this in."),
    "bad_cursor": N_("We can't find that page of the list. Please begin at the top."),
    "bad_telephone": N_("Check the phone number. In the UK it has ten or eleven digits."),
    "bad_email": N_("Check the e-mail address. It looks like name@example.org."),
    "contact_missing": N_("Give us one way to reach you: a phone number, an e-mail or an address."),
    "not_reached": N_("Tick the number or address at which they answered you."),
    "no_safe_way": N_("We won't write there. Add a phone number that a person may ring, or an address."),
    "safe_hours_unread": N_(
        "Write the time like 18:00 or 6pm, the end other than the beginning, or leave it empty."
    ),
    "address_missing": N_("We need the address to post letters to."),
    "adults_only": N_("Members are 18 or over. Ask us about groups for younger people."),
    "unknown_language": N_("This time bank doesn't write in that language yet."),
    "reserved_id": N_("Something went wrong with this page. Please start again."),
    "wording_refused": N_("That text cannot be sent like this."),
    "too_many_asking": N_("Many people are asking just now. Please ring us instead."),
    "too_many_contacts": N_("That is more than there is room for. Type the codes of the new ones first."),
    "too_many_codes": N_("Many codes were asked for today. Try again tomorrow, or ring us."),
    "prove_first": N_("Keep one that we know until you have typed the code we send to the new one."),
    "wrong_code": N_("That code is wrong or too old. Check it, or ask for a new one."),
    "code_used": N_("You have used this code already. To sign in here, ask for a new one."),
    "passkey_refused": N_("That passkey opens nothing here. Try again, or ask for a code."),
    "too_many_passkeys": N_("That is more than there is room for. Remove one that you don't use."),
    "link_used": N_("This link was used before or is too old. You can ask for a code instead."),
    "not_signed_in": N_("Please sign in first."),
    "member_not_active": N_("This person is not an active member at the moment."),
    "with_oneself": N_("That is you. Choose somebody else."),
    "already_decided": N_("This was decided before, another way."),
    "bad_policy": N_("That is outside what a time bank may choose here."),
    "reminder_too_late": N_("Remind before the day on which it comes to a coordinator."),
    "last_administrator": N_("A time bank keeps at least one administrator."),
    "minutes_out_of_range": N_("Give the time in whole minutes, from 1 minute to 24 hours."),
    "day_in_future": N_("That day has not come yet. Tell us once it has happened."),
    "day_too_long_ago": N_("That is longer ago than this time bank looks back. Ask your coordinator."),
    "wrong_state": N_("That can no longer be done with this hour."),
    "minutes_changed": N_("The time was changed since. Please look at it again."),
    "reason_missing": N_("Say why you do this for somebody else."),
    "evidence_missing": N_("Say how you know: a signed slip, a phone call, who heard it."),
    "objection_too_late": N_("The time to ask about this hour is over. Talk to your coordinator."),
    "below_floor": N_("They would go below the limit. Cover it from the pot, or raise the limit."),
    "pot_empty": N_("The community pot doesn't have that many hours."),
    "not_enough_hours": N_("You don't have that many hours to give away."),
    "over_ceiling": N_("They already have as many hours as a gift may add to."),
    "shared_telephone": N_("You both use this phone, so your coordinator will ask the other person."),
    "bad_code": N_("That is not one of our codes. Check each sign: there are twelve, in groups of four."),
    "bad_activity": N_("That is more than an activity can be. Please check this answer."),
    "activity_in_wrong_state": N_("This is over or off. Choose another day."),
    "place_in_wrong_state": N_("You can no longer change this place. Ask your coordinator."),
    "not_enough_for_place": N_(
        "You don't have enough hours left for this. Give an hour, or ask your coordinator."
    ),
    "too_many_companions": N_("That is more company than there is room for."),
    "not_today": N_("This isn't on now. You can check in from one hour before until one hour after."),
    "check_in_in_wrong_state": N_("This check-in was decided before, another way."),
    "ask_coordinator": N_("Please ask the coordinator."),
    "came_by_reason": N_("Say how you know that they came: a slip, a list, who told you."),
    "unknown_skill": N_("We don't know that kind of help. Choose one from the list."),
    "skill_not_allowed": N_("We leave that to professionals. Your coordinator knows whom to ring."),
    "unknown_choice": N_("Please choose one of the answers on the page."),
    "unknown_time": N_("Choose days and parts of the day, or leave them all empty for any time."),
    "dates_crossed": N_("The last day is before the first day. Please check them."),
    "last_day_over": N_("That last day is over. Choose one that is still to come, or leave it empty."),
    "days_never_meet": N_("None of these days lies between the first day and the last day."),
    "choose_when": N_("Choose a day and a time, or say that you will find one together."),
    "choose_words": N_("Write in a few words what it is."),
    "radius_out_of_range": N_(
        "Say how far in kilometres, from 0 (only here) to 100. Leave it empty for anywhere."
    ),
    "listing_in_wrong_state": N_("This has changed since. Please look at it again."),
    "review_too_far": N_("Choose a day within the next year."),
    "circle_decided": N_("Somebody has decided on this circle already, another way."),
    "appointment_in_wrong_state": N_("This has changed since. Please look at it again."),
    "somebody_else_said_yes": N_("Somebody else said yes first. Thank you for being ready to help!"),
    "not_asked": N_("This person was not asked for this."),
    "nobody_to_ask": N_("Choose somebody to ask."),
    "too_many_asked": N_("Ten people are asked already. Please wait for their answers."),
    "starts_too_far": N_("Choose a time within the next two years."),
    "coordinator_first": N_(
        "A coordinator looks at this kind of help first. Write it as an ask, or ring us."
    ),
    "starts_in_past": N_("That time is over. Choose one that is still to come."),
    "not_yet": N_("Its time has not come yet. Tell us afterwards."),
    "people_changed": N_("Something has changed for one of the people since. Please look again."),
    "bad_nhs_number": N_("Check the NHS number: it has ten digits, and the last one fits the others."),
    "bad_chi_number": N_("Check the CHI number: it begins with the day of birth and has ten digits."),
    "bad_birth_date": N_("Check the date of birth. Write it like 3/5/1950."),
    "bad_ods_code": N_("An ODS code is letters and digits, such as G85123."),
    "ods_code_taken": N_("Another practice here has that ODS code."),
    "mailbox_not_secure": N_("Letters go only to a mailbox that somebody recorded as secure."),
    "own_mobile": N_("Practice staff sign in by their work e-mail, never by their own phone."),
    "unknown_need": N_("Choose from the list."),
    "bad_code_list": N_("Each line of the list needs a code, its words and its kind, each code once."),
    "reason_not_chosen": N_("Tick what it is for, or write what the person hopes for."),
    "nothing_chosen": N_("Choose at least one thing, or a talk."),
    "unknown_suggestion": N_("That is full or over. Please choose something else."),
    "consent_missing": N_("Ask the person first: without their yes nothing is sent."),
    "basis_missing": N_("Choose on what footing the details are kept."),
    "back_not_chosen": N_("Choose what may be told afterwards."),
    "no_way_to_reach": N_("Give one way to reach the person."),
    "referral_in_wrong_state": N_("That can no longer be done here."),
    "unknown_reason": N_("Choose one of the reasons."),
    "unknown_tier": N_("Choose one of the three."),
    "person_erased": N_("This person's details were erased."),
    "not_their_wish": N_("Somebody joins when they choose to: write down how they told you."),
    "draft_sent": N_("This was sent already."),
    "bad_answers": N_("Choose an answer to each question, or say that you would rather not."),
    "not_asked_now": N_("This is not asked at the moment."),
    "nobody_on_duty": N_("Somebody must be on duty."),
    "bad_clearance": N_("Check the days, and say of a role whether it is eligible for a check and why."),
    "company_needed": N_("Somebody has to go along on this visit. Ask your coordinator."),
    "visit_in_wrong_state": N_("This visit has changed since. Please look at it again."),
    "fund_empty": N_("The fund doesn't have that many hours left."),
    "expiry_in_past": N_("Choose a day that is still to come."),
    "fixed_once_approved": N_("Others said yes to this as it is. End it and suggest it anew."),
    "somebody_booked": N_("Somebody has booked under what was said before. Ask them first, or change less."),
    "leader_not_found": N_("Nobody is listed by one of these names, or several people are."),
    "slot_taken": N_("Somebody else has this time already. Choose another one."),
    "outside_hours": N_("That is not a time at which this can be booked."),
    "booking_in_wrong_state": N_("This booking is over or was given up before."),
    "bad_notes": N_("A sheet has 1 to 200 notes of at least a minute, and a last day still to come."),
    "note_not_usable": N_("This note was used before, is too old, or isn't ours. Ask your coordinator."),
    "too_many_tries": N_("Too many codes were wrong. Wait an hour, or ask your coordinator."),
    "own_note": N_("Notes are for others than those who gave them out."),
    "length_missing": N_("Write the hours, like 2 or 1:30."),
    "no_use_allowed": N_("First say what your answers may be used for. You may say no to all of it."),
    "choose_answer": N_("Choose an answer, or say that you would rather not."),
    "choose_person": N_("Choose who it was with."),
    "nobody_by_that_name": N_("Nobody found by that name"),
    "choose_direction": N_("Choose who gave the time."),
    "choose_minutes": N_("Choose how long it took."),
    "choose_day": N_("Choose the day, or write it like 3/5/2026."),
    "form_not_ours": N_("This page was open too long. Go back, load it again, and send it once more."),
    "form_too_large": N_("That is more than we can take in one go. Please shorten it."),
    "method_not_allowed": N_("We can't find that. It may have been moved, or it isn't yours to see."),
    "invalid_request": N_("We couldn't read that. Please go back and check what you wrote."),
    "unexpected": N_("Something went wrong on our side. Nothing was saved. Please try again."),
}


def sentence(speaks: Language, code: str) -> str:
    """What a reader is told."""
    return speaks.say(SENTENCES.get(code, SENTENCES["rule_broken"]))


def of_rule(speaks: Language, broken: ExchangeError, fields: Collection[str] | None = None) -> dict[str, str]:
    """The sentence under its field's name, for the page that is shown again.

    `""` stands for no one field; so does a field that is not among the page's `fields`.
    """
    field = broken.field or ""
    is_there = fields is None or field in fields
    return {field if is_there else "": sentence(speaks, broken.code)}
