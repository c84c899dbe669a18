"""Of the service's own requests, in `work`: counts for limits, and answers to requests that come again."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import WORK_SCHEMA, Base, Made, Moment, OfTenant


class RateCount(Base):
    """How many requests came under a key within the running minute."""

    __tablename__ = "rate_counts"
    __table_args__ = (
        sa.Index("rate_counts_begun_at", "begun_at"),
        # Counted before it is known who asks.
        {"schema": WORK_SCHEMA, "comment": "Requests by user, key or address.", "info": {"is_shared": True}},
    )

    # Hash of user, key or address.
    counted: Mapped[bytes] = mapped_column(primary_key=True)
    begun_at: Mapped[Moment]
    count: Mapped[int] = mapped_column(sa.Integer())


class IdempotentRequest(OfTenant, Base):
    """A request with an idempotency key, and its answer, encrypted, once there is one."""

    __tablename__ = "idempotent_requests"
    __table_args__ = (
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "key_hash"),
        sa.Index("idempotent_requests_begun_at", "begun_at"),
        {"schema": WORK_SCHEMA, "comment": "Requests with an idempotency key, and their answers, for a day."},
    )

    user_id: Mapped[uuid.UUID]
    key_hash: Mapped[bytes]
    request_hash: Mapped[bytes]
    begun_at: Mapped[Made]
    answered_at: Mapped[datetime | None] = mapped_column(sa.TIMESTAMP(timezone=True))
    status: Mapped[int | None] = mapped_column(sa.Integer())
    content_type: Mapped[str | None]
    body_sealed: Mapped[bytes | None]
