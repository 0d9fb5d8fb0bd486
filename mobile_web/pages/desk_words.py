"""Words on the desk: alerts nobody has yet, what texts cost, addresses left alone, the bank's own wording.

What must never happen: a wording saved that could not be sent, or a STOP lifted by anybody but its owner.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from exchange.errors import ExchangeError, NotFound
from exchange.membership import contacts, parties
from mobile_web.door import Door
from mobile_web.languages import NAMES
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.sentences import sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go

router = APIRouter()
WORDING_MAX = 1000
PENCE = 100


def pounds(pence: float) -> str:
    """An amount as people here write it."""
    return f"£{pence / PENCE:.2f}"


def called(template: str) -> str:
    """A text's name for a person: `hours_posted_gave` → `Hours posted gave`."""
    return template.replace("_", " ").capitalize()


@router.get("/desk/words")
async def overview(seen: Visiting) -> Response:
    must(seen, "queue.read")
    door, bank_id = Door(seen.request).words, seen.viewer.bank_id
    spent = await door.spending(seen.session, bank_id, at=seen.at)
    paused = await door.paused(seen.session, bank_id)
    owners = await contacts.owners(seen.session, bank_id, {one.address for one in paused})
    return await desk_page(
        seen,
        "desk/words.html",
        here="queue",
        spent=spent,
        bars=_bars(spent.segments_by_day),
        so_far=pounds(spent.pence),
        forecast=pounds(spent.pence_forecast),
        month=f"{spent.month:%B}",
        alerts=await door.alerts(seen.session, bank_id),
        paused=paused,
        owners=owners,
        names=await parties.names(seen.session, bank_id, {key for keys in owners.values() for key in keys}),
        moment=lambda at: ENGLISH.moment(at, seen.bank.time_zone),
        spoken=[(code, NAMES[code]) for code in seen.bank.languages],
        done=seen.request.query_params.get("done"),
    )


def _bars(by_day: Mapping[Any, int]) -> list[dict[str, Any]]:
    """One bar a day, as high as its share of the busiest day, of a hundred."""
    most = max(by_day.values(), default=0) or 1
    return [
        {
            "day": ENGLISH.day(day),
            "number": day.day,
            "height": round(100 * segments / most),
            "segments": segments,
        }
        for day, segments in by_day.items()
    ]


@router.post("/desk/words/alerts/{item}", dependencies=OURS)
async def take(seen: Visiting, item: ItemKey) -> Response:
    must(seen, "queue.read")
    await Door(seen.request).words.take_alert(seen.session, seen.viewer, item, at=seen.at)
    return go("/desk/words?done=alert")


@router.post("/desk/words/addresses")
async def put_right(seen: Visiting, form: Form) -> Response:
    """A coordinator has put a bouncing address right: it is told things again."""
    must(seen, "queue.read")
    channel, address = form.get("channel", ""), form.get("address", "")
    await Door(seen.request).words.put_right(seen.session, seen.viewer.bank_id, channel, address)
    return go("/desk/words?done=address")


@router.get("/desk/words/{language}")
async def wordings(seen: Visiting, language: str) -> Response:
    """Every text in one language, the bank's own marked."""
    must(seen, "queue.read")
    found = await Door(seen.request).words.texts(seen.session, seen.viewer.bank_id, language)
    return await desk_page(
        seen,
        "desk/wordings.html",
        here="queue",
        language=language,
        tongue=NAMES[language],
        texts=found,
        called=called,
        done=seen.request.query_params.get("done"),
    )


@router.get("/desk/words/{language}/{template}")
async def wording(seen: Visiting, language: str, template: str) -> Response:
    must(seen, "queue.read")
    return await _wording(seen, language, template, None)


async def _text(seen: Visit, language: str, template: str) -> Any:
    """One text as it is worded now; one that there is not is not found, whoever asks."""
    texts = await Door(seen.request).words.texts(seen.session, seen.viewer.bank_id, language)
    found = next((text for text in texts if text.template == template), None)
    if found is None:
        raise NotFound
    return found


async def _wording(seen: Visit, language: str, template: str, body: str | None) -> Response:
    door, bank_id = Door(seen.request).words, seen.viewer.bank_id
    text = await _text(seen, language, template)
    written = text.body if body is None else body
    errors, shown = {}, None
    try:
        shown = await door.preview(seen.session, bank_id, template, language, written)
    except ExchangeError as broken:
        errors = {"body": f"{sentence(ENGLISH, broken.code)} {broken}"}
    return await desk_page(
        seen,
        "desk/wording.html",
        here="queue",
        status=UNPROCESSABLE if errors else 200,
        language=language,
        text=text,
        title=called(template),
        written=written,
        preview=shown,
        counting=await door.counting(seen.session, bank_id, template, language),
        errors=errors,
    )


@router.post("/desk/words/{language}/{template}")
async def keep(seen: Visiting, language: str, template: str, form: Form) -> Response:
    """Look at a wording, use it, or go back to the standard one."""
    must(seen, "queue.read")
    await _text(seen, language, template)
    must(seen, "policy.change")
    door, body = Door(seen.request).words, form.get("body", "").replace("\r\n", "\n")[:WORDING_MAX]
    if form.get("act") == "standard":
        await door.forget(seen.session, seen.viewer.bank_id, template, language)
        return go(f"/desk/words/{language}?done=standard")
    if form.get("act") != "keep":
        return await _wording(seen, language, template, body)
    try:
        async with seen.attempt():
            await door.save(seen.session, seen.viewer, template, language, body, at=seen.at)
    except ExchangeError as broken:
        if broken.code != "wording_refused":
            raise
        return await _refused(seen, language, template, body, str(broken))
    return go(f"/desk/words/{language}?done=saved")


async def _refused(seen: Visit, language: str, template: str, body: str, why: str) -> Response:
    door, bank_id = Door(seen.request).words, seen.viewer.bank_id
    return await desk_page(
        seen,
        "desk/wording.html",
        here="queue",
        status=UNPROCESSABLE,
        counting=await door.counting(seen.session, bank_id, template, language),
        language=language,
        text=await _text(seen, language, template),
        title=called(template),
        written=body,
        preview=None,
        errors={"body": f"{sentence(ENGLISH, 'wording_refused')} {why}"},
    )
