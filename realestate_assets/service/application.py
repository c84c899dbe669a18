"""The service put together: middleware, error handlers, routers. Nothing is global: each call makes one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from realestate_assets.operations.predict.warm import WarmModels
from realestate_assets.service import problems
from realestate_assets.service.background import Background, Bell
from realestate_assets.service.context import CORRELATION_ID, REQUEST_ID
from realestate_assets.service.figures import Figures
from realestate_assets.service.observed import Observed
from realestate_assets.service.pages import errors as page_errors
from realestate_assets.service.pages.all import PAGES
from realestate_assets.service.pages.static import Static
from realestate_assets.service.parts import Parts
from realestate_assets.service.routers import (
    analytics,
    audit,
    auth,
    corrections,
    counties,
    documentation,
    documents,
    door,
    events,
    exports,
    health,
    imports,
    invitations,
    keys,
    marks,
    notes,
    passwords,
    personal,
    photos,
    pipelines,
    places,
    predict,
    properties,
    scores,
    search,
    searches,
    system,
    teams,
    tenants,
    usage,
    users,
    webhooks,
)
from realestate_assets.service.security.gate import Gate
from realestate_assets.service.security.headers import SecurityHeaders
from realestate_assets.service.security.proxied import Proxied
from resources.home import PROJECT_ROOT

PREFIX = "/api/v1"
STATIC, BOARD = PROJECT_ROOT / "templates" / "web", PROJECT_ROOT / "templates" / "board"
TITLE, VERSION = "Real Estate OS", "1"
# Of the API, below its prefix; one module a resource.
ROUTERS: tuple[APIRouter, ...] = (
    auth.router,
    passwords.router,
    invitations.router,
    properties.router,
    places.router,
    scores.router,
    search.router,
    searches.router,
    marks.router,
    notes.router,
    photos.router,
    corrections.router,
    documents.router,
    counties.router,
    exports.router,
    imports.router,
    predict.router,
    events.router,
    pipelines.router,
    analytics.router,
    system.router,
    keys.router,
    users.router,
    teams.router,
    tenants.router,
    usage.router,
    audit.router,
    personal.router,
    webhooks.router,
)


def create_app(parts: Parts, *, works_in_background: bool = False) -> FastAPI:
    """The service over some parts.

    Args:
        parts: as `parts.build_parts` makes them.
        works_in_background: give events their positions and tell webhooks, as the service does.
    """
    bell = Bell()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        bell.bind(asyncio.get_running_loop())
        background = Background(parts, bell)
        if works_in_background:
            background.start()
        yield
        if works_in_background:
            await asyncio.to_thread(background.stop)

    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description="Properties, their values and scores, and what people make of them.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        responses={
            "default": {
                "model": problems.Problem,
                "description": "A problem (RFC 9457).",
                "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        },
    )
    app.state.parts = parts
    app.state.models = WarmModels(parts.resources["lake"])
    app.state.bell = bell
    app.state.figures = Figures(parts.engine)
    problems.install(app)
    app.include_router(health.router)
    app.include_router(documentation.router)
    app.include_router(door.router)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    for router in PAGES:
        app.include_router(router)
    page_errors.install(app)
    # What the deal boards use too stands with them.
    app.mount("/static/board", Static(directory=BOARD), name="static_board")
    app.mount("/static", Static(directory=STATIC), name="static")
    _add_middleware(app, parts)
    return app


def _add_middleware(app: FastAPI, parts: Parts) -> None:
    # The last one added is the first to see a request.
    app.add_middleware(Gate, parts=parts, prefix=PREFIX)
    if origins := [each for each in parts.settings.cors_origins.split(",") if each]:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            # Other sites use tokens and keys; the cookie is for our own pages.
            allow_credentials=False,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", REQUEST_ID],
            expose_headers=[
                "ETag",
                "RateLimit",
                "RateLimit-Policy",
                "Retry-After",
                REQUEST_ID,
                CORRELATION_ID,
            ],
            max_age=600,
        )
    app.add_middleware(
        SecurityHeaders,
        behind_tls=parts.settings.service_base_url.startswith("https://"),
        tiles_url=parts.settings.map_tiles_url,
    )
    app.add_middleware(Observed, count=app.state.figures.count, unforeseen=page_errors.unforeseen)
    app.add_middleware(Proxied, trusted=parts.settings.trusted_proxies)


def _operation_id(route: APIRoute) -> str:
    """`properties_list` for the function `list` of the tag `properties`: names that clients are made with."""
    tag = str(route.tags[0]) if route.tags else "service"
    return f"{tag}_{route.name}".replace("-", "_")
