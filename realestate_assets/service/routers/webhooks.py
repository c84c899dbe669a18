"""Addresses that are told of events: made, changed, tried, and what was sent to them."""

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from realestate_assets.app import events as model
from realestate_assets.operations.accounts.tenants import counties_of
from realestate_assets.operations.events import webhooks
from realestate_assets.service import etags
from realestate_assets.service.dependencies import PartsOf, TenantSession, requires
from realestate_assets.service.paging import DEFAULT_LIMIT, MAX_LIMIT, Listed
from realestate_assets.service.problems import answered_problems, not_found, of_operation, unfit
from realestate_assets.service.schemas.webhooks import (
    Delivery,
    NewWebhook,
    Replay,
    Replayed,
    Webhook,
    WebhookChanges,
    WebhookWithSecret,
)
from realestate_assets.service.security.principal import Principal
from resources.errors import PermanentError

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

Reader = Annotated[Principal, Depends(requires("webhooks:read"))]
Manager = Annotated[Principal, Depends(requires("webhooks:manage"))]


@router.get("", name="list", response_model=Listed[Webhook], responses=answered_problems(401, 403))
def list_all(request: Request, session: TenantSession, _: Reader) -> Response:
    """Your webhooks, oldest first."""
    items = [Webhook.model_validate(each) for each in webhooks.list_webhooks(session)]
    return etags.answer(request, Listed[Webhook](items=items, next_cursor=None, total=len(items)))


@router.post("", status_code=201, responses=answered_problems(401, 403, 422))
def create(session: TenantSession, parts: PartsOf, principal: Manager, body: NewWebhook) -> WebhookWithSecret:
    """Have an address told of what happens from now on; the secret that signs it is shown this once."""
    _check_counties(session, body.counties)
    try:
        made = webhooks.add_webhook(
            session,
            parts.secret,
            tenant_id=principal.tenant_id,
            url=body.url,
            event_types=body.event_types,
            counties=body.counties,
        )
    except PermanentError as error:
        raise of_operation(error) from None
    return _with_secret(made)


@router.get("/{webhook_id}", response_model=Webhook, responses=answered_problems(401, 403, 404, 422))
def get(request: Request, session: TenantSession, _: Reader, webhook_id: uuid.UUID) -> Response:
    """One webhook."""
    return etags.answer(request, Webhook.model_validate(_own(session, webhook_id)))


@router.patch("/{webhook_id}", responses=answered_problems(401, 403, 404, 422))
def change(session: TenantSession, _: Manager, webhook_id: uuid.UUID, body: WebhookChanges) -> Webhook:
    """Change a webhook; what waits for it is sent to the new address."""
    webhook = _own(session, webhook_id)
    _check_counties(session, body.counties)
    changes = body.model_dump(exclude_unset=True)
    if any(changes.get(name, "") is None for name in ("url", "event_types", "is_active")):
        raise unfit("body", "Only the counties can be none.")
    try:
        return Webhook.model_validate(webhooks.change_webhook(session, webhook, changes))
    except PermanentError as error:
        raise of_operation(error) from None


@router.delete("/{webhook_id}", status_code=204, responses=answered_problems(401, 403, 404, 422))
def delete(session: TenantSession, _: Manager, webhook_id: uuid.UUID) -> None:
    """Remove a webhook with all that was to be sent to it."""
    session.delete(_own(session, webhook_id))


@router.post("/{webhook_id}/secret", responses=answered_problems(401, 403, 404, 422))
def renew(session: TenantSession, parts: PartsOf, _: Manager, webhook_id: uuid.UUID) -> WebhookWithSecret:
    """Give it another secret; the old one signs nothing from now on."""
    return _with_secret(webhooks.renew_secret(session, parts.secret, _own(session, webhook_id)))


@router.post("/{webhook_id}/test", status_code=202, responses=answered_problems(401, 403, 404, 422))
def test(session: TenantSession, _: Manager, webhook_id: uuid.UUID) -> Delivery:
    """Send a message without events; its outcome stands among the deliveries."""
    return _delivery(webhooks.try_webhook(session, _own(session, webhook_id)))


@router.get(
    "/{webhook_id}/deliveries",
    response_model=Listed[Delivery],
    responses=answered_problems(401, 403, 404, 422),
)
def deliveries(
    request: Request,
    session: TenantSession,
    _: Reader,
    webhook_id: uuid.UUID,
    state: Literal["waiting", "delivered", "dead"] | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Response:
    """What was sent, newest first, with the outcome of each last try; kept for 30 days."""
    _own(session, webhook_id)
    found = webhooks.list_deliveries(session, webhook_id, state=state, limit=limit)
    items = [_delivery(each) for each in found]
    return etags.answer(request, Listed[Delivery](items=items, next_cursor=None, total=None))


@router.post("/{webhook_id}/replay", status_code=202, responses=answered_problems(401, 403, 404, 422))
def replay(session: TenantSession, _: Manager, webhook_id: uuid.UUID, body: Replay) -> Replayed:
    """Send again what was given up."""
    _own(session, webhook_id)
    return Replayed(replayed_count=webhooks.replay(session, webhook_id, body.delivery_ids))


def _own(session: Session, webhook_id: uuid.UUID) -> model.Webhook:
    found = webhooks.find_webhook(session, webhook_id)
    if found is None:
        raise not_found("No webhook")
    return found


def _check_counties(session: Session, counties: list[str] | None) -> None:
    if counties is not None and not set(counties) <= frozenset(counties_of(session)):
        raise unfit("body.counties", "One of them is no county that you see.")


def _with_secret(made: webhooks.Made) -> WebhookWithSecret:
    told = Webhook.model_validate(made.webhook)
    return WebhookWithSecret(**told.model_dump(), secret=made.secret)


def _delivery(found: model.Delivery) -> Delivery:
    return Delivery(
        delivery_id=found.delivery_id,
        state=found.state,
        attempts=found.attempts,
        event_count=len(found.body["events"]),
        next_at=found.next_at if found.state == "waiting" else None,
        created_at=found.created_at,
        ended_at=found.ended_at,
        status_code=found.status_code,
        failure=found.failure,
        seconds=found.seconds,
    )
