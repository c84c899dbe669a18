"""What happened, in an order that can be followed: the feed, and where it is sent to.

`ops.events` is written by runs whose transactions end in another order than they began, so that neither its
times nor a sequence of its rows can be followed without losing some. The feed gives each event a position
once it is there for everybody, by one publisher at a time: after one that was read comes no smaller one.
"""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, WORK_SCHEMA, Base, Made, Moment, OfTenant, new_id

DELIVERY_STATES = ("waiting", "delivered", "dead")


class FeedEntry(Base):
    """One event of the market in its place."""

    __tablename__ = "event_feed"
    __table_args__ = (
        sa.Index("event_feed_event_time", "event_time"),
        sa.Index("event_feed_county_position", "county", "position"),
        # Of the market: who sees which county is asked by the view.
        {
            "schema": WORK_SCHEMA,
            "comment": "Events of the market in the order in which they can be followed.",
            "info": {"is_shared": True, "grants": ()},
        },
    )

    position: Mapped[int] = mapped_column(sa.Identity(), primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    county: Mapped[str]
    event_type: Mapped[str]
    event_time: Mapped[Moment]


class Webhook(OfTenant, Base):
    """An address of a tenant that is told of events."""

    __tablename__ = "webhooks"
    __table_args__ = (
        sa.Index("webhooks_tenant_id", "tenant_id"),
        {"schema": APP_SCHEMA, "comment": "Addresses that are told of events, one row each."},
    )

    webhook_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    url: Mapped[str]
    event_types: Mapped[list[str]]
    # None: all that the tenant sees.
    counties: Mapped[list[str] | None]
    is_active: Mapped[bool] = mapped_column(server_default=sa.true())
    # Its secret follows from the service's, its id and this number; another number is another secret.
    generation: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Made]
    updated_at: Mapped[Made]


class WebhookPlace(OfTenant, Base):
    """How far a webhook has been told."""

    __tablename__ = "webhook_places"
    __table_args__ = ({"schema": WORK_SCHEMA, "comment": "How far each webhook has been told of the feed."},)

    webhook_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(f"{APP_SCHEMA}.webhooks.webhook_id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int]


class Delivery(OfTenant, Base):
    """Some events on their way to a webhook: tried until they are taken, or given up."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.CheckConstraint("state in ('waiting', 'delivered', 'dead')", name="state"),
        sa.Index("webhook_deliveries_due", "next_at", postgresql_where=sa.text("state = 'waiting'")),
        sa.Index("webhook_deliveries_webhook_id_created_at", "webhook_id", "created_at"),
        {"schema": WORK_SCHEMA, "comment": "What is sent to webhooks, each try's outcome with it."},
    )

    delivery_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(f"{APP_SCHEMA}.webhooks.webhook_id", ondelete="CASCADE")
    )
    body: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[Made]
    created_at: Mapped[Made]
    ended_at: Mapped[datetime | None] = mapped_column(postgresql.TIMESTAMP(timezone=True))
    # Of the last try.
    status_code: Mapped[int | None]
    failure: Mapped[str | None]
    seconds: Mapped[float | None]
