"""The door's routes in one router, for the application to mount at the root."""

from fastapi import APIRouter

from mobile_web import assets, design
from mobile_web.pages import (
    answering,
    appointments,
    codes,
    desk,
    desk_circles,
    desk_credits,
    desk_groups,
    desk_help,
    desk_hours,
    desk_members,
    desk_organisations,
    desk_policy,
    desk_practices,
    desk_referrals,
    desk_sayings,
    desk_suggestions,
    desk_systems,
    desk_wellbeing,
    desk_words,
    groups,
    helping,
    home,
    joining,
    keeping,
    listing,
    printing,
    referrals,
    referring,
    rooms,
    roster,
    scanning,
    settings,
    settings_news,
    signing_in,
    statement,
    suggesting,
    telling,
    wellbeing,
)

ROOMS = (
    assets.router,
    design.router,
    signing_in.router,
    joining.router,
    home.router,
    keeping.router,
    scanning.router,
    printing.router,
    telling.router,
    answering.router,
    codes.router,
    suggesting.router,
    groups.router,
    roster.router,
    rooms.router,
    statement.router,
    helping.router,
    appointments.router,
    listing.router,
    settings.router,
    settings_news.router,
    desk.router,
    desk_circles.router,
    desk_help.router,
    desk_sayings.router,
    desk_hours.router,
    desk_members.router,
    desk_organisations.router,
    desk_policy.router,
    desk_words.router,
    desk_systems.router,
    desk_practices.router,
    desk_referrals.router,
    desk_suggestions.router,
    desk_credits.router,
    referring.router,
    referrals.router,
    desk_groups.router,
    wellbeing.router,
    desk_wellbeing.router,
)
"""In this order: `/hours/new` is asked before `/hours/{item}`."""


def build() -> APIRouter:
    """Every page of the human door."""
    router = APIRouter(include_in_schema=False)
    for room in ROOMS:
        router.include_router(room)
    return router
