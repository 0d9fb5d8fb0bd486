"""What people here say for a kind of help: the bank's own words, understood as soon as they are added."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from exchange.directory import own_words, taxonomy
from exchange.errors import ExchangeError
from mobile_web.because import skill
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, Visit, Visiting, go

router = APIRouter()


@router.get("/desk/sayings")
async def sayings(seen: Visiting) -> Response:
    must(seen, "listing.teach")
    return await _sayings(seen, {}, {})


async def _sayings(seen: Visit, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    known = await own_words.every(seen.session, seen.viewer)
    skills = sorted((skill(ENGLISH, code), code) for code in taxonomy.load().skills)
    return await desk_page(
        seen,
        "desk/sayings.html",
        here="queue",
        status=UNPROCESSABLE if errors else 200,
        known=[(word, code, skill(ENGLISH, code)) for word, code in known],
        skills=[("", "Choose"), *((code, name) for name, code in skills)],
        form=form,
        errors=errors,
    )


@router.post("/desk/sayings")
async def change(seen: Visiting, form: Form) -> Response:
    """Add a word or take one away; a repeat changes nothing."""
    word, code = form.get("word", ""), form.get("skill", "")
    try:
        async with seen.attempt():
            if form.get("take") == "yes":
                await own_words.remove(seen.session, seen.viewer, word, code)
            else:
                await own_words.add(seen.session, seen.viewer, word, code, at=seen.at)
    except ExchangeError as broken:
        if broken.code == "not_allowed":
            raise
        return await _sayings(seen, form, of_rule(ENGLISH, broken, ("word", "skill")))
    return go("/desk/sayings")
