"""Whether the service lives, whether it can work, and its figures; for whoever runs it, without a sign-in."""

import logging
from collections.abc import Callable

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from realestate_assets.operations.migrate import version
from realestate_assets.service.dependencies import PartsOf
from realestate_assets.service.parts import Parts
from realestate_assets.service.schemas.health import Alive, Check, Ready

_log = logging.getLogger(__name__)

router = APIRouter(tags=["health"])

POWERS_SQL = sa.text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")


@router.get("/healthz")
def healthz() -> Alive:
    """The process answers; nothing else is looked at."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Ready, "description": "Something is down."}})
def readyz(parts: PartsOf, response: Response) -> Ready:
    """What the service needs, and what of it is down."""
    checks = [_check(name, look, parts) for name, look in LOOKS.items()]
    ready = all(check.ok for check in checks)
    response.status_code = 200 if ready else 503
    return Ready(status="ready" if ready else "down", checks=checks)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """Figures of this process in Prometheus' text format."""
    return Response(generate_latest(request.app.state.figures.registry), media_type=CONTENT_TYPE_LATEST)


def _database(parts: Parts) -> str:
    with parts.engine.connect() as connection:
        if connection.execute(POWERS_SQL).scalar():
            return "the role passes row-level security"
    return ""


def _tables(parts: Parts) -> str:
    found, newest = version(parts.resources["warehouse"])
    return "" if found and found >= newest else "run `realestate migrate`"


def _lake(parts: Parts) -> str:
    parts.resources["lake"].exists("_ready")
    return ""


# Each says what is wrong, or nothing, or raises.
LOOKS: dict[str, Callable[[Parts], str]] = {"database": _database, "tables": _tables, "lake": _lake}


def _check(name: str, look: Callable[[Parts], str], parts: Parts) -> Check:
    try:
        wrong = look(parts)
    except Exception:
        # Whoever asks is not known, and the reason may name hosts: it is for the log.
        _log.warning("%s does not answer", name, exc_info=True)
        wrong = "it does not answer; the service's log says why"
    return Check(name=name, ok=not wrong, detail=wrong)
