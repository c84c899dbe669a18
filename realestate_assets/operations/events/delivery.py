"""Webhooks told: what is new is put on its way in order, and what is due is sent, signed and tried again.

A message may come twice (a process that ends between sending and noting it), never not at all: the receiver
tells copies by `delivery_id`. Every copy of the service may run this at the same time.
"""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app import event_functions
from realestate_assets.app.events import Delivery, Webhook, WebhookPlace
from realestate_assets.app.secret import ServiceSecret
from realestate_assets.operations.events.feed import Chosen, Event, events_after
from realestate_assets.operations.events.webhooks import add_delivery, own_secret
from resources.errors import PermanentError, TransientError
from resources.http.outbound import Answer, post

# A run makes tens of thousands of events at once: they go in messages of so many.
BATCH = 100
# Messages that one round puts on their way for a webhook, and sends for a tenant: the others have their turn.
ROUND = 20
KIND = "events"
# After each failure; after the last of them it is given up, a good day after the first try.
WAITS = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21600, 43200))
# Whoever sends takes it for so long: one that ended in the middle is taken up by another.
TAKEN = timedelta(minutes=2)
SIGNATURE_HEADER = "X-RealEstate-Signature"

Transaction = Callable[[uuid.UUID | None], AbstractContextManager[Session]]
Send = Callable[[str, bytes, dict[str, str]], Answer]


@dataclass(frozen=True)
class Told:
    """What one round did."""

    published: int = 0
    queued: int = 0
    delivered: int = 0
    failed: int = 0

    def __add__(self, other: "Told") -> "Told":
        return Told(*(getattr(self, n) + getattr(other, n) for n in self.__dataclass_fields__))


def publish(transaction: Transaction, *, is_recent_alone: bool = False) -> int:
    """Give all events that came since their positions; how many. As `event_functions.publish`, to the end."""
    total = 0
    while True:
        with transaction(None) as session:
            added = event_functions.publish(session, is_recent_alone=is_recent_alone)
        total += added
        if added < event_functions.PIECE:
            return total


def tell_webhooks(transaction: Transaction, secret: ServiceSecret, send: Send = post) -> Told:
    """Queue what is new for every tenant's webhooks, and send what is due.

    Args:
        transaction: opens one of a tenant.
        secret: of the service.
        send: sends one message.
    """
    with transaction(None) as session:
        tenants = event_functions.tenants_to_tell(session)
    told = Told()
    for tenant_id in tenants:
        with transaction(tenant_id) as session:
            told += Told(queued=_queue(session))
        # Its turn: the other tenants do not wait for whoever has much to be told, or does not answer.
        for _ in range(ROUND):
            done = _deliver_one(transaction, tenant_id, secret, send)
            if done is None:
                break
            told += done
            if done.failed:
                break
    return told


def _queue(session: Session) -> int:
    queued = 0
    active = sa.select(Webhook).where(Webhook.is_active)
    for webhook in session.scalars(active.order_by(Webhook.webhook_id)):
        # Held by one process: another one skips it, and would else put the same on its way.
        mine = sa.select(WebhookPlace).where(WebhookPlace.webhook_id == webhook.webhook_id)
        place = session.scalars(mine.with_for_update(skip_locked=True)).one_or_none()
        if place is None:
            continue
        chosen = Chosen(event_types=webhook.event_types, counties=webhook.counties or ())
        for _ in range(ROUND):
            latest = event_functions.latest(session)
            found = events_after(session, place.position, chosen, BATCH)
            if found:
                add_delivery(session, webhook, KIND, [_plain(event) for event in found])
                queued += 1
            last = found[-1].position if found else 0
            # Nothing up to `latest` is left where the message is not full.
            place.position = last if len(found) == BATCH else max(last, latest)
            if len(found) < BATCH:
                break
    return queued


def _plain(event: Event) -> dict:
    return asdict(event) | {"event_time": event.event_time.isoformat()}


def _deliver_one(
    transaction: Transaction, tenant_id: uuid.UUID, secret: ServiceSecret, send: Send
) -> Told | None:
    """Send the tenant's next due message; None where there is none."""
    with transaction(tenant_id) as session:
        due = (
            sa.select(Delivery)
            .join(Webhook, Webhook.webhook_id == Delivery.webhook_id)
            # What waits for one that is switched off waits until it is on.
            .where(Webhook.is_active, Delivery.state == "waiting", Delivery.next_at <= sa.func.now())
            .order_by(Delivery.next_at)
            .limit(1)
            .with_for_update(of=Delivery, skip_locked=True)
        )
        delivery = session.scalars(due).one_or_none()
        if delivery is None:
            return None
        webhook = session.get_one(Webhook, delivery.webhook_id)
        # Taken before it is sent, in a transaction of its own: none is open while others answer.
        delivery.attempts += 1
        delivery.next_at = datetime.now(UTC) + TAKEN
        delivery_id, url, body, attempts = delivery.delivery_id, webhook.url, delivery.body, delivery.attempts
        key = own_secret(secret, webhook)
    status, failure, seconds = _send(url, body, key, send)
    is_taken = status is not None and 200 <= status < 300
    with transaction(tenant_id) as session:
        found = session.get(Delivery, delivery_id)
        if found is not None:
            found.status_code, found.failure, found.seconds = status, failure, round(seconds, 3)
            _settle(found, attempts, is_taken)
    return Told(delivered=1) if is_taken else Told(failed=1)


def _settle(delivery: Delivery, attempts: int, is_taken: bool) -> None:
    now = datetime.now(UTC)
    if is_taken:
        delivery.state, delivery.ended_at = "delivered", now
    elif attempts > len(WAITS):
        delivery.state, delivery.ended_at = "dead", now
    else:
        delivery.next_at = now + WAITS[attempts - 1]


def _send(url: str, body: dict, key: str, send: Send) -> tuple[int | None, str | None, float]:
    text = json.dumps(body, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "realestate-os-webhooks/1",
        SIGNATURE_HEADER: signature(key, text, int(time.time())),
    }
    try:
        answer = send(url, text, headers)
    except (PermanentError, TransientError) as error:
        return None, str(error), 0.0
    failure = None if 200 <= answer.status < 300 else f"The receiver answered {answer.status}."
    return answer.status, failure, answer.seconds


def signature(key: str, body: bytes, at: int) -> str:
    """What a receiver holds a message against: HMAC-SHA256 over the time, a point and the body.

    Args:
        key: the webhook's secret.
        body: as it is sent.
        at: seconds since 1970; an old one is a copy of somebody's.
    """
    made = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"
