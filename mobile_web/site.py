"""The door's routes in one router, for the application to mount at the root."""

from fastapi import APIRouter

from mobile_web import assets, design


def build() -> APIRouter:
    """Every page of the human door."""
    router = APIRouter(include_in_schema=False)
    for room in (assets.router, design.router):
        router.include_router(room)
    return router
