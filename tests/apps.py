"""Applications to borrow: building one, with all its routes, takes longer than most tests that ask it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from fastapi import FastAPI

from api.app import create_app, equip
from api.database import Database
from api.settings import Settings


class Shelf:
    """Built when none is free, put back after each test; what they work with is given anew each time."""

    def __init__(self) -> None:
        self._free: list[FastAPI] = []

    @contextmanager
    def lend(self, build: Callable[[], FastAPI]) -> Iterator[FastAPI]:
        app = self._free.pop() if self._free else build()
        yield app
        self._free.append(app)


SERVICES = Shelf()


@contextmanager
def service_lent(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Iterator[FastAPI]:
    """The whole service, as it is served, without a worker in it."""
    with SERVICES.lend(partial(create_app, settings, database, with_worker=False)) as app:
        equip(app, settings, database, clock)
        yield app
