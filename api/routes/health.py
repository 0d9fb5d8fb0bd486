"""For whoever watches over the service: is it alive, can it work, how much is it doing."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy import text

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """The database answers too."""
    try:
        async with request.app.state.database.transaction(None) as session:
            await session.execute(text("select 1"))
    except Exception:  # noqa: BLE001  # whatever is wrong with the database, the answer is: not ready
        return JSONResponse({"status": "no database"}, status_code=503)
    return JSONResponse({"status": "ok"})


@router.get("/metrics")
async def metrics(request: Request) -> PlainTextResponse:
    """The connection pool, in the Prometheus text format; nothing about anybody."""
    pool = request.app.state.database.engine.pool
    lines = [
        "# HELP evenhour_database_connections Connections of this process's pool.",
        "# TYPE evenhour_database_connections gauge",
        f'evenhour_database_connections{{state="in_use"}} {pool.checkedout()}',
        f'evenhour_database_connections{{state="idle"}} {pool.checkedin()}',
    ]
    return PlainTextResponse("\n".join(lines) + "\n")
