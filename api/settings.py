"""What an operator may set, from the environment or `.env`, each with the prefix `EVENHOUR_`."""

import os
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
SECRET_BYTES = 32
SECRET_CHARACTERS_MIN = 32
SECRET_DIFFERENT_MIN = 8


class WeakSecret(ValueError):
    """With a database of your own, EVENHOUR_SECRET_KEY must be set to at least 32 random characters.

    Repeated ones are not random: openssl rand -hex 32
    """


def is_weak(key: str) -> bool:
    """Whether somebody might guess it: short, of few different signs, or the same words again and again."""
    bare = key.strip()
    is_repeated = bare in (bare + bare)[1:-1]
    return len(bare) < SECRET_CHARACTERS_MIN or len(set(bare)) < SECRET_DIFFERENT_MIN or is_repeated


def _keep_once(path: Path, key: str) -> None:
    """Of several processes that begin at once the first one's key stays, and none ever reads half of it."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    made.touch(mode=0o600)
    made.write_text(key)
    with suppress(FileExistsError):
        os.link(made, path)
    made.unlink()


class Settings(BaseSettings):
    """Every setting of the service; names are the outside contract."""

    model_config = SettingsConfigDict(env_prefix="EVENHOUR_", env_file=".env", extra="ignore")

    database_url: str | None = None
    """The application's role, on any PostgreSQL 15 or later; unset means the embedded one."""
    database_owner_url: str | None = None
    """The role that owns the tables: migrate, backup, restore, distribute. Nothing else uses it."""
    data_dir: Path = Path("./var")
    public_url: str = "http://127.0.0.1:8000"
    secret_key: str | None = None
    sms_provider: Literal["console", "twilio"] = "console"
    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = None
    twilio_from: str | None = None
    twilio_api_url: str | None = None
    """A stand-in for the provider's address, used by tests and rehearsals."""
    smtp_url: str | None = None
    """`smtp://user:password@host:587`; unset means e-mail goes to the console's message log."""
    mail_from: str = "Evenhour <no-reply@localhost>"
    quiet_hours: str = Field(default="21:00-08:00", pattern=rf"^(off|{CLOCK}-{CLOCK})$")
    sms_budget_number_day: int = Field(default=20, ge=0)
    """Segments per number and day."""
    sms_budget_bank_day: int = Field(default=2000, ge=0)
    """Segments per bank and day."""
    workers: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _refuse_a_weak_secret(self) -> Self:
        if self.database_url and is_weak(self.secret_key or ""):
            raise WeakSecret(" ".join((WeakSecret.__doc__ or "").split()))
        if self.sms_provider == "twilio" and not (
            self.twilio_account_sid and self.twilio_auth_token and self.twilio_from
        ):
            raise ValueError(
                "EVENHOUR_SMS_PROVIDER=twilio also needs EVENHOUR_TWILIO_ACCOUNT_SID, "
                "EVENHOUR_TWILIO_AUTH_TOKEN and EVENHOUR_TWILIO_FROM."
            )
        return self

    @cached_property
    def secret(self) -> bytes:
        """The key that signs form tokens; made once under the data folder, mode 0600, unless set."""
        if self.secret_key:
            return self.secret_key.encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            _keep_once(path, secrets.token_urlsafe(SECRET_BYTES))
        return path.read_text().strip().encode()

    @property
    def messages_path(self) -> Path:
        """Where the console channel appends every message, one JSON object a line."""
        return self.data_dir / "messages.jsonl"
