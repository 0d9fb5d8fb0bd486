"""What the provider of text messages tells us: texts that came in, and what became of ours.

Only signed requests are heard; the signature is checked over the form's bytes as they came.
"""

from typing import Annotated
from uuid import UUID
from xml.sax.saxutils import escape

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

import notifications
from api import texts
from api.database import Database
from api.middleware import WEBHOOK_BYTES_MAX
from notifications.channels.twilio import signature_is_valid

router = APIRouter(tags=["webhooks"], prefix="/webhooks/twilio")

FORBIDDEN = 403
SENDER_CHARACTERS_MAX = 32


async def signed_form(request: Request) -> dict[str, str]:
    """The form of a request that the provider signed.

    Raises:
        HTTPException: 403, for anything else and for what is too large; nothing is recorded but a count.
    """
    token = request.app.state.settings.twilio_auth_token
    raw = await request.body()
    if len(raw) > WEBHOOK_BYTES_MAX:
        raise _refused(request)
    signature = request.headers.get("x-twilio-signature", "")
    query = f"?{request.url.query}" if request.url.query else ""
    public = request.app.state.settings.public_url.rstrip("/") + request.url.path + query
    urls = {public, str(request.url)}
    if not token or not any(signature_is_valid(token, url, raw, signature) for url in urls):
        raise _refused(request)
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _refused(request: Request) -> HTTPException:
    """Nothing is kept of it but that there was one more."""
    request.app.state.webhooks_refused += 1
    return HTTPException(FORBIDDEN, "This request was not signed by the provider.")


SignedForm = Annotated[dict[str, str], Depends(signed_form)]


def twiml(answer: str | None) -> Response:
    """What the provider reads: an answer on the spot, or none."""
    said = f"<Message>{escape(answer)}</Message>" if answer else ""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'
    return Response(body, media_type="text/xml")


@router.post("/sms")
async def sms(request: Request, form: SignedForm) -> Response:
    """A text came in. A repeated provider id is answered 200 and changes nothing."""
    text = texts.Text(
        provider="twilio",
        provider_id=form.get("MessageSid") or form.get("SmsSid", ""),
        sender=form.get("From", "")[:SENDER_CHARACTERS_MAX],
        body=form.get("Body", ""),
    )
    database: Database = request.app.state.database
    async with database.transaction(None) as session:
        received = await texts.receive(
            session, text, request.app.state.settings, at=request.app.state.clock()
        )
    return twiml(received.on_the_spot)


@router.post("/status")
async def status(request: Request, form: SignedForm, bank: UUID, message: UUID) -> Response:
    """What became of a message of ours; in any order, any number of times."""
    database: Database = request.app.state.database
    async with database.transaction(bank) as session:
        await notifications.record_status(
            session,
            bank,
            message,
            form.get("MessageSid", ""),
            form.get("MessageStatus", ""),
            at=request.app.state.clock(),
        )
    return twiml(None)
