"""The machine door's own page: every path from the same OpenAPI description, with nothing from elsewhere."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

router = APIRouter(include_in_schema=False)

PAGE = Environment(autoescape=True).from_string(
    """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Evenhour API</title>
<link rel="stylesheet" href="/static/evenhour.css"></head><body><main>
<h1>Evenhour API {{ info.version }}</h1><p>{{ info.summary }}</p>
<p><a href="openapi.json">openapi.json</a>. Sign in for a bearer token; durations are whole minutes; errors
are <code>application/problem+json</code> with a stable <code>code</code>; a POST that creates takes an
<code>id</code> of yours, and the same id again gives the first answer.</p>
{% for path, verbs in paths.items() %}{% for verb, about in verbs.items() %}
<section><h2><code>{{ verb|upper }} {{ path }}</code></h2><p>{{ about.description or about.summary }}</p>
{% if about.parameters %}<ul>{% for p in about.parameters %}
<li><code>{{ p.name }}</code> ({{ p.in }}{{ ", required" if p.required }})</li>{% endfor %}</ul>{% endif %}
</section>{% endfor %}{% endfor %}</main></body></html>"""
)


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> str:
    """Every path, its verbs and its parameters."""
    described: dict[str, Any] = request.app.openapi()
    return PAGE.render(info=described["info"], paths=described["paths"])
