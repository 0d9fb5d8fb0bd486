"""What an operator may set: a key that can be guessed is refused."""

import secrets

import pytest

from api.settings import is_weak


@pytest.mark.parametrize("key", ["", " " * 40, "a" * 32, "changeme" * 4, "0123456789abcdef" * 2, "short" * 6])
def test_a_key_that_might_be_guessed_is_weak(key: str) -> None:
    assert is_weak(key)


def test_a_random_key_is_not() -> None:
    """The control, as `openssl rand -hex 32` and Python make them."""
    assert not any(
        is_weak(make(32)) for make in (secrets.token_hex, secrets.token_urlsafe) for _ in range(50)
    )
