"""Whether the service lives, whether it can work, and its figures; for whoever runs it, without a sign-in."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from realestate_assets.service import looks
from realestate_assets.service.dependencies import PartsOf
from realestate_assets.service.schemas.health import Alive, Ready

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> Alive:
    """The process answers; nothing else is looked at."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Ready, "description": "Something is down."}})
def readyz(parts: PartsOf, response: Response) -> Ready:
    """What the service needs, and what of it is down."""
    checks = looks.look(looks.NEEDED, parts)
    ready = all(check.ok for check in checks)
    response.status_code = 200 if ready else 503
    return Ready(status="ready" if ready else "down", checks=checks)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """Figures of this process in Prometheus' text format."""
    return Response(generate_latest(request.app.state.figures.registry), media_type=CONTENT_TYPE_LATEST)
