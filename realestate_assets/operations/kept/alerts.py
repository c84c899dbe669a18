"""Kept searches looked at again: new homes and price cuts, each told once.

A look, what it found, the message to the webhook and the mail are one transaction, and a home at a price
has a unique key: two processes, or one that is killed, neither tell a thing twice nor lose it.
"""

import logging
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from realestate_assets.app.search_functions import tenants_to_look
from realestate_assets.app.searches import SavedSearch, SearchLook, SearchMatch
from realestate_assets.domain.counties.county import County
from realestate_assets.operations.events.webhooks import add_delivery, find_webhook
from realestate_assets.operations.kept.criteria import criteria_of
from realestate_assets.operations.market.columns import properties

_log = logging.getLogger(__name__)

# How long after a look the next one is.
BETWEEN = {"instant": timedelta(minutes=1), "daily": timedelta(days=1)}
KIND = "search.matches"
# A message shows so many homes, and says how many there are.
SHOWN = 100
# Puts one letter about what was found on its way.
Write = Callable[[Session, SavedSearch, "list[Found]"], None]
Transaction = Callable[[uuid.UUID | None], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Found:
    """A home that is told of."""

    property_id: str
    kind: str
    price_usd: float | None
    before_usd: float | None
    month: str


def look_at_due(transaction: Transaction, known: dict[str, County], write: Write | None = None) -> int:
    """Look at every search whose time has come; how many homes were told.

    Args:
        transaction: opens one of a tenant.
        known: the configured counties.
        write: writes to whoever keeps a search; None tells by the list and the webhook alone.
    """
    with transaction(None) as session:
        tenants = tenants_to_look(session)
    told = 0
    for tenant_id in tenants:
        while (found := _look_at_one(transaction, tenant_id, known, write)) is not None:
            told += found
    return told


def _look_at_one(
    transaction: Transaction, tenant_id: uuid.UUID, known: dict[str, County], write: Write | None
) -> int | None:
    with transaction(tenant_id) as session:
        due = (
            sa.select(SearchLook)
            .where(SearchLook.next_at <= sa.func.now())
            .order_by(SearchLook.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        look = session.scalars(due).one_or_none()
        if look is None:
            return None
        search = session.get_one(SavedSearch, look.search_id)
        found = record(session, search, known)
        if found:
            tell(session, search, found)
            if write is not None:
                write(session, search, found)
        look.looked_at = datetime.now(UTC)
        look.next_at = look.looked_at + BETWEEN[search.frequency]
        return len(found)


def begin(session: Session, search: SavedSearch, known: dict[str, County]) -> None:
    """Have a search looked at from now on: what it finds now is known and not told."""
    end(session, search.search_id)
    record(session, search, known, is_first=True)
    now = datetime.now(UTC)
    session.add(
        SearchLook(
            tenant_id=search.tenant_id, search_id=search.search_id, looked_at=now,
            next_at=now + BETWEEN[search.frequency],
        )
    )  # fmt: skip
    session.flush()


def end(session: Session, search_id: uuid.UUID) -> None:
    """Have a search looked at no more, and forget what it found."""
    session.execute(sa.delete(SearchMatch).where(SearchMatch.search_id == search_id))
    session.execute(sa.delete(SearchLook).where(SearchLook.search_id == search_id))


def record(
    session: Session, search: SavedSearch, known: dict[str, County], *, is_first: bool = False
) -> list[Found]:
    """Write down what is new since the last look; what of it is to be told."""
    today = datetime.now(UTC).date()
    try:
        asked = criteria_of(session, search, known, today)
    except ValidationError:
        # Kept by an earlier version. The others have their turn.
        _log.warning("the filters of search %s cannot be read any more", search.search_id)
        return []
    if asked is None:
        return []
    c, match = properties.c, SearchMatch
    # An asking price that is assumed moves with the model: it is no price that somebody cut.
    price = sa.func.coalesce(
        sa.case((c.is_asking_price_assumed.is_not(True), c.asking_price_usd)), sa.literal(0.0)
    )
    before = (
        sa.select(
            match.property_id, sa.func.min(match.price_usd).filter(match.price_usd > 0).label("least_usd")
        )
        .where(match.search_id == search.search_id)
        .group_by(match.property_id)
        .subquery()
    )
    is_new = before.c.property_id.is_(None)
    is_cut = sa.and_(price > 0, price < before.c.least_usd)
    is_priced = sa.and_(price > 0, before.c.least_usd.is_(None))
    kind = sa.case(
        (sa.and_(is_new, sa.literal(is_first)), "known"),
        (is_new, "new"),
        (is_cut, "price_cut"),
        else_="known",
    )
    rows = (
        sa.select(
            sa.literal(search.tenant_id, sa.UUID()), sa.literal(search.search_id, sa.UUID()), c.property_id,
            price, kind, before.c.least_usd, c.month,
        )
        .select_from(properties.outerjoin(before, before.c.property_id == c.property_id))
        .where(*asked.terms, sa.or_(is_new, is_cut, is_priced))
    )  # fmt: skip
    columns = ["tenant_id", "search_id", "property_id", "price_usd", "kind", "before_usd", "month"]
    written = session.execute(
        insert(match)
        .from_select(columns, rows)
        .on_conflict_do_nothing()
        .returning(match.property_id, match.kind, match.price_usd, match.before_usd, match.month)
    )
    found = [
        Found(row.property_id, row.kind, row.price_usd or None, row.before_usd, row.month)
        for row in written
        if row.kind != "known"
    ]
    return sorted(found, key=lambda each: (each.kind, each.property_id))


def tell(session: Session, search: SavedSearch, found: list[Found]) -> None:
    """Put one message on its way to the webhook of a search, where it has one."""
    webhook = find_webhook(session, search.webhook_id) if search.webhook_id else None
    if webhook is None:
        return
    add_delivery(session, webhook, KIND, [_event(search, each, len(found)) for each in found[:SHOWN]])


def _event(search: SavedSearch, found: Found, count: int) -> dict[str, Any]:
    return {
        "event_type": f"search.{found.kind}",
        "search_id": str(search.search_id),
        "search_name": search.name,
        "county": search.county,
        "month": found.month,
        "property_id": found.property_id,
        "price_usd": found.price_usd,
        "before_usd": found.before_usd,
        "found_count": count,
    }
