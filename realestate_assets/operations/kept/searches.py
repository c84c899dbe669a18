"""Kept searches: who sees which, made, changed, taken away."""

import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.searches import SavedSearch, SearchMatch
from realestate_assets.domain.counties.county import County
from realestate_assets.operations.events.webhooks import find_webhook
from realestate_assets.operations.kept import alerts
from realestate_assets.operations.kept.criteria import tells_homes_apart
from realestate_assets.operations.market.counts import newest_month
from realestate_assets.operations.market.search import counties_seen
from resources.errors import PermanentError

# What another answer follows from; a change of it begins the alert anew.
ASKED = ("county", "sentence", "without", "filters", "is_alerted")
MAX_SEARCHES = 200


def seen_by(user_id: uuid.UUID) -> sa.Select[Any]:
    """A person's own searches and those that are shared with the tenant."""
    return sa.select(SavedSearch).where(
        sa.or_(SavedSearch.user_id == user_id, SavedSearch.is_shared.is_(True))
    )


def find(session: Session, user_id: uuid.UUID, search_id: uuid.UUID) -> SavedSearch | None:
    """A search that the person sees, or none."""
    return session.scalars(seen_by(user_id).where(SavedSearch.search_id == search_id)).one_or_none()


def add(session: Session, search: SavedSearch, known: dict[str, County]) -> SavedSearch:
    """Keep a search.

    Raises:
        PermanentError: a field of it cannot be; there are too many.
    """
    count = sa.select(sa.func.count()).where(SavedSearch.user_id == search.user_id)
    if session.execute(count).scalar_one() >= MAX_SEARCHES:
        raise PermanentError(
            f"There are {MAX_SEARCHES} searches, which is the most of a person.", field="name"
        )
    _check(session, search, known)
    session.add(search)
    session.flush()
    session.refresh(search)
    if search.is_alerted:
        alerts.begin(session, search, known)
    return search


def change(
    session: Session, search: SavedSearch, changes: dict[str, Any], known: dict[str, County]
) -> SavedSearch:
    """Change a search; asked for something else, it tells of what comes from now on.

    Raises:
        PermanentError: a field of it cannot be.
    """
    before = {name: getattr(search, name) for name in (*ASKED, "frequency")}
    for name, value in changes.items():
        setattr(search, name, value)
    with session.no_autoflush:
        _check(session, search, known)
    search.updated_at = datetime.now(UTC)
    session.flush()
    if any(getattr(search, name) != before[name] for name in before):
        if search.is_alerted:
            alerts.begin(session, search, known)
        else:
            alerts.end(session, search.search_id)
    return search


def matches_of(search_id: uuid.UUID) -> sa.Select[Any]:
    """What a search has told of."""
    return sa.select(SearchMatch).where(SearchMatch.search_id == search_id, SearchMatch.kind != "known")


def _check(session: Session, search: SavedSearch, known: dict[str, County]) -> None:
    seen = counties_seen(session, known)
    if search.county not in seen and newest_month(session, search.county) is None:
        raise PermanentError("It is no county of yours.", field="county")
    if (search.sentence is None) == (search.filters is None):
        raise PermanentError("Give a sentence or filters, one of both.", field="sentence")
    if search.sentence is not None and search.county not in seen:
        raise PermanentError("Sentences are read for configured counties alone.", field="county")
    if search.is_alerted and not tells_homes_apart(search, seen, datetime.now(UTC).date()):
        raise PermanentError(
            "It has no fact or filter by which a new home could be told.", field="is_alerted"
        )
    if search.webhook_id is not None and find_webhook(session, search.webhook_id) is None:
        raise PermanentError("It is no webhook of yours.", field="webhook_id")
