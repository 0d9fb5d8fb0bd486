"""The kinds of things that happen. House rule: each has words in every language, or says why not."""

EVENT_KINDS = frozenset(
    {
        "sign_in.code_requested",
        "member.asked_to_join",
        "member.welcomed",
        "hours.logged",
        "hours.amended",
        "hours.confirmed_by_voice",
        "hours.needs_approval",
        "hours.posted",
        "hours.declined",
        "hours.refused",
        "hours.withdrawn",
        "hours.objected",
        "hours.dismissed",
        "hours.reversed",
        "hours.reminder",
        "gift.given",
        "listing.made_for_you",
        "listing.needs_coordinator",
        "listing.cleared",
        "listing.review_due",
    }
)
