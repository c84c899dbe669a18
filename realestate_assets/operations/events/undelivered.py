"""Messages to a tenant's webhooks that have not arrived."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.events import Delivery


class Undelivered(NamedTuple):
    """How many wait and how many were given up, and since when the oldest waits."""

    waiting_count: int
    dead_count: int
    oldest_waiting_at: datetime | None


def undelivered(session: Session) -> Undelivered:
    """Of the tenant of the transaction."""
    waiting = Delivery.state == "waiting"
    row = session.execute(
        sa.select(
            sa.func.count().filter(waiting),
            sa.func.count().filter(Delivery.state == "dead"),
            sa.func.min(Delivery.created_at).filter(waiting),
        )
    ).one()
    return Undelivered(*row)
