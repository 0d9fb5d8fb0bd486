"""What a web server imports: the application for the settings of this environment."""

from fastapi import FastAPI

from api.app import create_app
from api.database import Database, locate
from api.settings import Settings


def create() -> FastAPI:
    """The service with a worker in it."""
    settings = Settings()
    return create_app(settings, Database(locate(settings).application))


def create_without_worker() -> FastAPI:
    """The service alone; `evenhour worker` runs beside it."""
    settings = Settings()
    return create_app(settings, Database(locate(settings).application), with_worker=False)
