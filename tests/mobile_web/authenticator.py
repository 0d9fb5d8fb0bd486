"""A device that holds a passkey, in software: it signs what a real one would, or what it is told to."""

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

HERE = "https://bank.test"
TOUCHED, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(said: str) -> bytes:
    return urlsafe_b64decode(said + "=" * (-len(said) % 4))


@dataclass
class Device:
    """One key; `count` goes up with each signature."""

    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(16))
    handle: bytes = b""
    count: int = 0
    flags: int = TOUCHED | VERIFIED

    def make(self, asked: str, *, origin: str = HERE) -> str:
        """The answer to a page that asks for a new passkey."""
        options = json.loads(asked)
        self.handle = raw(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        made = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor2.dumps(cose)
        about = self._about(options["rp"]["id"], self.flags | ATTESTED) + made
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        return self._said(
            clientDataJSON=self._client("webauthn.create", options, origin), attestationObject=attestation
        )

    def open(self, asked: str, *, origin: str = HERE) -> str:
        """The answer to a page that asks who is there."""
        options = json.loads(asked)
        self.count += 1
        about, client = (
            self._about(options["rpId"], self.flags),
            self._client("webauthn.get", options, origin),
        )
        signed = self.key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._said(
            clientDataJSON=client, authenticatorData=about, signature=signed, userHandle=self.handle
        )

    def _about(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, options: dict[str, Any], origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin}).encode()

    def _said(self, **response: bytes) -> str:
        parts = {name: text(value) for name, value in response.items()}
        key = text(self.credential_id)
        return json.dumps({"id": key, "rawId": key, "type": "public-key", "response": parts})
