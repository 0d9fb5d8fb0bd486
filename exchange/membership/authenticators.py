"""What is said to a device that holds passkeys, and what it says back: the one place that knows WebAuthn.

The library takes a second to load and most commands never need it, so it is loaded where it is used. What
must never happen: an answer taken for good without its question, its address and the owner's own touch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

UUID_BYTES: Final = 16
ANSWER_CHARACTERS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are good: the host they belong to, and the address as a browser names it."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose passkey it is; the device keeps both keys and hands them back, so that we know the bank."""

    bank_id: UUID
    member_id: UUID

    @property
    def handle(self) -> bytes:
        return self.bank_id.bytes + self.member_id.bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a device says, read and not yet believed."""

    text: str
    challenge: bytes
    credential_id: str
    owner: Owner | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """The public half of a key that a device has just made."""

    credential_id: str
    public_key: bytes
    sign_count: int


def site_of(public_url: str) -> Site | None:
    """Where passkeys are good, by the service's address; None where browsers allow none.

    That is at a bare IP address, and where the way is not encrypted (this machine's own name excepted).
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    is_safe = parts.scheme == "https" or host == "localhost"
    if not is_safe or not host or _is_number(host):
        return None
    return Site(host, f"{parts.scheme}://{parts.netloc}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def to_make(
    site: Site, owner: Owner, *, challenge: bytes, bank_name: str, name: str, known: Sequence[str]
) -> str:
    """What a device is asked, as JSON, to make a key of its own that it shows only to its owner."""
    import webauthn  # noqa: PLC0415 - see above
    from webauthn.helpers import structs  # noqa: PLC0415 - see above

    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=bank_name,
        user_id=owner.handle,
        user_name=name,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(one)) for one in known
        ],
    )
    return webauthn.options_to_json(options)


def to_open(site: Site, *, challenge: bytes) -> str:
    """What a device is asked, as JSON, to sign somebody in; it offers the keys that it has for us."""
    import webauthn  # noqa: PLC0415 - see above
    from webauthn.helpers import structs  # noqa: PLC0415 - see above

    wish = structs.UserVerificationRequirement.REQUIRED
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=wish
    )
    return webauthn.options_to_json(options)


def read_made(text: str) -> Answer | None:
    """What a device said when it was asked for a key; None for what is nothing of the kind."""
    from webauthn.helpers import parse_registration_credential_json  # noqa: PLC0415 - see above

    try:
        found = parse_registration_credential_json(text[:ANSWER_CHARACTERS_MAX])
        challenge = _challenge(found.response.client_data_json)
    except Exception:  # noqa: BLE001 - a stranger's bytes go through three parsers, each with errors of its own
        return None
    return Answer(text=text, challenge=challenge, credential_id=found.id, owner=None)


def read_opened(text: str) -> Answer | None:
    """What a device said when it was asked to sign somebody in; None for what is nothing of the kind."""
    from webauthn.helpers import parse_authentication_credential_json  # noqa: PLC0415 - see above

    try:
        found = parse_authentication_credential_json(text[:ANSWER_CHARACTERS_MAX])
        challenge = _challenge(found.response.client_data_json)
        handle = found.response.user_handle or b""
        owner = Owner(UUID(bytes=handle[:UUID_BYTES]), UUID(bytes=handle[UUID_BYTES:]))
    except Exception:  # noqa: BLE001 - a stranger's bytes go through three parsers, each with errors of its own
        return None
    return Answer(text=text, challenge=challenge, credential_id=found.id, owner=owner)


def _challenge(client_data: bytes) -> bytes:
    from webauthn.helpers import parse_client_data_json  # noqa: PLC0415 - see above

    return parse_client_data_json(client_data).challenge


def made(site: Site, answer: Answer) -> NewKey | None:
    """The key that the device made, when all about its answer is right."""
    import webauthn  # noqa: PLC0415 - see above

    try:
        found = webauthn.verify_registration_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no key
        return None
    return NewKey(
        credential_id=answer.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
    )


def opened(site: Site, answer: Answer, *, public_key: bytes, sign_count: int) -> int | None:
    """How often the device has signed now, when it signed this answer with that key; else None."""
    import webauthn  # noqa: PLC0415 - see above

    try:
        found = webauthn.verify_authentication_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it opens nothing
        return None
    return found.new_sign_count
