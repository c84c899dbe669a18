"""Webhooks of a tenant: made with a secret that is shown once, changed, tried, and what was sent to them."""

import base64
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app import event_functions
from realestate_assets.app.events import Delivery, Webhook, WebhookPlace
from realestate_assets.app.secret import ServiceSecret
from realestate_assets.app.tenants import Tenant
from realestate_assets.operations.accounts import plans, quotas
from resources.errors import PermanentError

SECRET_PREFIX, PURPOSE = "whsec_", "webhook-secrets"
MAX_WEBHOOKS = 20
TEST_TYPE = "webhook.test"


@dataclass(frozen=True)
class Made:
    """A webhook with its secret, which is told this once."""

    webhook: Webhook
    secret: str


def checked_url(url: str) -> str:
    """An address that may be told; whether it leads inside is asked anew whenever something is sent.

    Raises:
        PermanentError: it is none, or carries a password.
    """
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or "@" in urlsplit(url).netloc or parts.fragment:
        raise PermanentError("Expected an address as https://host/path, without a user.", field="url")
    return url


def add_webhook(
    session: Session,
    secret: ServiceSecret,
    *,
    tenant_id: uuid.UUID,
    url: str,
    event_types: Sequence[str],
    counties: Sequence[str] | None,
) -> Made:
    """Make a webhook that is told what happens from now on.

    Raises:
        PermanentError: the address is none, or there are many webhooks already.
    """
    if len(list_webhooks(session)) >= MAX_WEBHOOKS:
        raise PermanentError(
            f"There are {MAX_WEBHOOKS} webhooks, which is the most of a tenant.", field="url"
        )
    webhook_id = uuid.uuid4()
    webhook = Webhook(
        webhook_id=webhook_id,
        tenant_id=tenant_id,
        url=checked_url(url),
        event_types=sorted(set(event_types)),
        counties=sorted(set(counties)) if counties is not None else None,
    )
    session.add(webhook)
    session.flush()
    place = WebhookPlace(webhook_id=webhook_id, tenant_id=tenant_id, position=event_functions.latest(session))
    session.add(place)
    session.flush()
    session.refresh(webhook)
    return Made(webhook, own_secret(secret, webhook))


def list_webhooks(session: Session) -> list[Webhook]:
    """All of the tenant, oldest first."""
    return list(session.scalars(sa.select(Webhook).order_by(Webhook.created_at, Webhook.webhook_id)))


def find_webhook(session: Session, webhook_id: uuid.UUID) -> Webhook | None:
    """One of the tenant, or none."""
    return session.scalars(sa.select(Webhook).where(Webhook.webhook_id == webhook_id)).one_or_none()


def change_webhook(session: Session, webhook: Webhook, changes: dict[str, Any]) -> Webhook:
    """Change address, types, counties or whether it is told at all.

    Raises:
        PermanentError: the address is none.
    """
    if "url" in changes:
        checked_url(changes["url"])
    for name, value in changes.items():
        setattr(webhook, name, sorted(set(value)) if isinstance(value, list) else value)
    webhook.updated_at = datetime.now(UTC)
    session.flush()
    return webhook


def try_webhook(session: Session, webhook: Webhook) -> Delivery:
    """Put a test message on its way."""
    return add_delivery(session, webhook, TEST_TYPE, [])


def add_delivery(session: Session, webhook: Webhook, kind: str, events: Sequence[dict[str, Any]]) -> Delivery:
    """Put events on their way to a webhook; what the plan does not hold is kept and can be sent later."""
    delivery_id = uuid.uuid4()
    body = {"delivery_id": str(delivery_id), "type": kind, "events": list(events)}
    delivery = Delivery(
        delivery_id=delivery_id, tenant_id=webhook.tenant_id, webhook_id=webhook.webhook_id, body=body
    )
    try:
        plan = session.scalars(sa.select(Tenant.plan)).one()
        quotas.take(session, webhook.tenant_id, plan, plans.MESSAGES)
    except quotas.QuotaExceededError as error:
        delivery.state, delivery.failure, delivery.ended_at = "dead", str(error.args[0]), datetime.now(UTC)
    session.add(delivery)
    session.flush()
    session.refresh(delivery)
    return delivery


def list_deliveries(
    session: Session, webhook_id: uuid.UUID, *, state: str | None, limit: int
) -> list[Delivery]:
    """What was sent to a webhook, newest first."""
    statement = sa.select(Delivery).where(Delivery.webhook_id == webhook_id)
    if state:
        statement = statement.where(Delivery.state == state)
    statement = statement.order_by(Delivery.created_at.desc(), Delivery.delivery_id).limit(limit)
    return list(session.scalars(statement))


def replay(session: Session, webhook_id: uuid.UUID, delivery_ids: Sequence[uuid.UUID] | None) -> int:
    """Put what was given up on its way again, all of it or some; how many."""
    statement = (
        sa.update(Delivery)
        .where(Delivery.webhook_id == webhook_id, Delivery.state == "dead")
        .values(state="waiting", attempts=0, next_at=sa.func.now(), ended_at=None)
        .returning(Delivery.delivery_id)
    )
    if delivery_ids is not None:
        statement = statement.where(Delivery.delivery_id.in_(delivery_ids))
    return len(session.execute(statement).all())


def renew_secret(session: Session, secret: ServiceSecret, webhook: Webhook) -> Made:
    """Give a webhook another secret; the old one signs nothing from now on."""
    webhook.generation += 1
    webhook.updated_at = datetime.now(UTC)
    session.flush()
    return Made(webhook, own_secret(secret, webhook))


def own_secret(secret: ServiceSecret, webhook: Webhook) -> str:
    """What signs the webhook's messages; kept nowhere, it follows from the service's secret."""
    named = webhook.webhook_id.bytes + webhook.generation.to_bytes(8, "big")
    made = hmac.digest(secret.key(PURPOSE), named, hashlib.sha256)
    return SECRET_PREFIX + base64.urlsafe_b64encode(made).decode().rstrip("=")
