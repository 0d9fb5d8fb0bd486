"""Applications to borrow: building one, with all its routes, takes longer than most tests that ask it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fastapi import FastAPI


class Shelf:
    """Built when none is free, put back after each test; what they work with is given anew each time."""

    def __init__(self) -> None:
        self._free: list[FastAPI] = []

    @contextmanager
    def lend(self, build: Callable[[], FastAPI]) -> Iterator[FastAPI]:
        app = self._free.pop() if self._free else build()
        yield app
        self._free.append(app)
