"""For whoever watches over the service: is it alive, can it work, how much is it doing."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from api.migrate import is_newest

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """The database answers too, with the tables of this version."""
    try:
        is_ready = await is_newest(request.app.state.database)
    except OSError:
        is_ready = False
    return JSONResponse({"status": "ok" if is_ready else "not ready"}, status_code=200 if is_ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> PlainTextResponse:
    """The connection pool and refused webhooks, in the Prometheus text format; nothing about anybody."""
    pool = request.app.state.database.engine.pool
    lines = [
        "# HELP evenhour_database_connections Connections of this process's pool.",
        "# TYPE evenhour_database_connections gauge",
        f'evenhour_database_connections{{state="in_use"}} {pool.checkedout()}',
        f'evenhour_database_connections{{state="idle"}} {pool.checkedin()}',
        "# HELP evenhour_webhooks_refused_total Requests to the provider's doors, unsigned or too large.",
        "# TYPE evenhour_webhooks_refused_total counter",
        f"evenhour_webhooks_refused_total {request.app.state.webhooks_refused}",
    ]
    return PlainTextResponse("\n".join(lines) + "\n")
