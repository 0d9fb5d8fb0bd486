"""The application: both doors, one database, and a worker beside them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from importlib.metadata import version

from fastapi import FastAPI
from starlette.datastructures import State

import mobile_web
import notifications
from api import errors, paper
from api.clock import now
from api.database import Database
from api.fhir import routes as fhir
from api.middleware import CarefulHeaders, DiscreetFailures, RetryLostRaces
from api.openreferral import routes as openreferral
from api.routes import (
    activities,
    activity_changes,
    appointments,
    circles,
    concerns,
    desk,
    desk_lists,
    docs,
    gifts,
    health,
    hours,
    joining,
    listings,
    me,
    measures,
    members,
    organisations,
    printing,
    referrals,
    resources,
    search,
    set_aside,
    sign_in,
    suggestions,
    time_notes,
    topics,
    visits,
    webhooks,
)
from api.settings import Settings
from api.words_desk import WordsDesk
from api.worker import Worker, channels, close_channel

log = logging.getLogger("evenhour")

PREFIX = "/api/v1"
ROUTES = (
    sign_in,
    me,
    joining,
    desk,
    desk_lists,
    measures,
    members,
    topics,
    organisations,
    hours,
    gifts,
    listings,
    search,
    appointments,
    circles,
    activity_changes,
    activities,
    time_notes,
    resources,
    printing,
    webhooks,
    referrals,
    suggestions,
    concerns,
    visits,
    set_aside,
)


def create_app(
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime] = now,
    with_worker: bool = True,
) -> FastAPI:
    """The whole service over one database, with a worker in it unless one runs beside it."""
    app = FastAPI(
        title="Evenhour",
        version=version("evenhour"),
        summary="A time bank: an hour you give is an hour you may receive.",
        lifespan=_lifespan(with_worker=with_worker),
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    equip(app, settings, database, clock)
    for pages in mobile_web.page_rooms():
        app.include_router(pages, include_in_schema=False)
    for room in (*ROUTES, docs):
        app.include_router(mobile_web.Room(room.router.routes), prefix=PREFIX)
    app.include_router(fhir.router)
    app.include_router(openreferral.router)
    app.include_router(health.router)
    errors.install(app)
    app.add_middleware(RetryLostRaces, too_large=errors.too_large)
    app.add_middleware(DiscreetFailures, answer=errors.unexpected)
    app.add_middleware(CarefulHeaders)
    return app


def equip(app: FastAPI, settings: Settings, database: Database, clock: Callable[[], datetime]) -> None:
    """Give the application what it works with, in place of whatever it had."""
    app.state = State()
    app.state.database = database
    app.state.settings = settings
    app.state.clock = clock
    app.state.secret = settings.secret
    app.state.public_url = settings.public_url.rstrip("/")
    app.state.desk = notifications
    app.state.words = WordsDesk(settings)
    app.state.paper = paper
    app.state.channels = channels(settings)
    app.state.webhooks_refused = 0


def _lifespan(*, with_worker: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if with_worker:
                await stack.enter_async_context(_working(app))
            yield
        for channel in set(app.state.channels.values()):
            await close_channel(channel)
        await app.state.database.close()

    return lifespan


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    state = app.state
    worker = Worker(state.database, state.settings, state.channels, state.clock)
    is_stopped = asyncio.Event()
    task = asyncio.create_task(worker.run(is_stopped))
    yield
    is_stopped.set()
    await task
