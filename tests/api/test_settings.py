"""What an operator may set: a key that can be guessed is refused."""

import secrets
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.commands.runtime import showing
from api.database import NoAddress, asyncpg_url
from api.settings import Settings, is_weak


@pytest.mark.parametrize("key", ["", " " * 40, "a" * 32, "changeme" * 4, "0123456789abcdef" * 2, "short" * 6])
def test_a_key_that_might_be_guessed_is_weak(key: str) -> None:
    assert is_weak(key)


def test_a_random_key_is_not() -> None:
    """The control, as `openssl rand -hex 32` and Python make them."""
    assert not any(
        is_weak(make(32)) for make in (secrets.token_hex, secrets.token_urlsafe) for _ in range(50)
    )


@pytest.mark.parametrize("url", ["nonsense", "", "mysql://a:b@host/x", "postgresql://a:secret@host:port/x"])
def test_what_is_no_address_of_postgresql_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(NoAddress) as refused:
        asyncpg_url(url)
    assert "secret" not in str(refused.value)
    assert asyncpg_url("postgres://a:b@host/x") == "postgresql+asyncpg://a:b@host/x"


@pytest.mark.parametrize("hours", ["24:00-08:00", "21:60-08:00", "at night", "21-8"])
def test_quiet_hours_that_no_clock_shows_are_refused(hours: str) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, quiet_hours=hours)
    assert Settings(_env_file=None, quiet_hours="21:00-08:00").quiet_hours


def test_the_key_is_made_once_whoever_begins_at_the_same_moment(tmp_path: Path) -> None:
    first, second = (Settings(_env_file=None, data_dir=tmp_path / "var") for _ in range(2))
    made = first.data_dir / "secret.key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "exists", lambda path: path != made and path.is_dir())
        keys = {first.secret, second.secret}
    assert len(keys) == 1
    assert not is_weak(keys.pop().decode())
    assert (made.stat().st_mode & 0o777, list(first.data_dir.iterdir())) == (0o600, [made])


async def test_progress_goes_to_standard_error_and_only_of_what_takes_long(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for lines in (40, 400):
        async with showing(tenths_from=100) as progress:
            for done in range(lines + 1):
                progress("Trying the lines", done, lines)
    said = capsys.readouterr()
    assert said.out == ""
    assert [line for line in said.err.splitlines() if line.strip()] == [
        f"Trying the lines, {tenth}0 %".replace(" 00 %", " 0 %") for tenth in range(11)
    ]
