"""What is known of one property: its row, its months, its sources, comparables, contributions and owners.

All take the newest month of the property where none is given, and return nothing for a property of a county
that the tenant does not see, as for one that is not there.
"""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.operations.market.columns import KEY, properties, view, view_of

# Columns of the properties that hold JSON as text.
JSON_COLUMNS = (
    "points", "reasons", "review_reasons", "extra_features", "candidate_metrics", "champion_metrics",
    "value_bands",
)  # fmt: skip
HISTORY_FIELDS = (
    *KEY, "listing_status", "offer_state", "asking_price_usd", "is_asking_price_assumed", "sale_price_usd",
    "sale_date", "market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd",
    "likely_sale_p50_usd", "bird_dog_score", "score_class", "model_id", "days_on_market",
)  # fmt: skip
scores = view_of("scores")
comparables = view_of("comparables")
contributions = view_of("value_contributions")
memos = view_of("memos")
score_history = view(
    "score_history",
    (
        *KEY, "version_number", "model_id", "config_version", "value_status", "asking_price_usd",
        "market_value_p50_usd", "bird_dog_score", "score_class", "previous_month", "previous_score",
        "score_change", "change_explanation",
    ),
)  # fmt: skip
facts = view(
    "enrichment_facts",
    (
        *KEY, "field", "provider", "value", "is_personal", "is_used", "reason_code", "source_url",
        "retrieved_at", "vintage", "is_later_vintage", "confidence", "cost_usd", "is_simulated",
    ),
)  # fmt: skip
owners = view(
    "owners",
    (
        *KEY, "owner_name", "owner_mailing_address", "owner_since_date", "seller_name", "buyer_name",
        "sale_date", "is_simulated",
    ),
)  # fmt: skip
lifecycle = view("property_lifecycle", (*KEY, "status", "last_event_at", "event_count"))


def rows(session: Session, query: sa.Select[Any]) -> list[dict[str, Any]]:
    """The rows of a query; JSON that is kept as text becomes what it says."""
    return [_parsed(dict(row)) for row in session.execute(query).mappings()]


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    for name in JSON_COLUMNS:
        if isinstance(row.get(name), str):
            row[name] = json.loads(row[name])
    return row


def find_property(session: Session, property_id: str, month: str | None = None) -> dict[str, Any] | None:
    """All columns of a property in a month, its newest by default; None where there is none."""
    query = sa.select(properties).where(properties.c.property_id == property_id)
    if month is not None:
        query = query.where(properties.c.month == month)
    found = rows(session, query.order_by(properties.c.month.desc()).limit(1))
    return found[0] if found else None


def months_of(session: Session, property_id: str) -> list[dict[str, Any]]:
    """HISTORY_FIELDS of each month a property was seen in, the newest first."""
    shown = [properties.c[name] for name in HISTORY_FIELDS]
    query = sa.select(*shown).where(properties.c.property_id == property_id)
    return rows(session, query.order_by(properties.c.month.desc()))


def scores_of(session: Session, property_id: str) -> list[dict[str, Any]]:
    """Each version of a property's score with what moved it, the newest first."""
    c = score_history.c
    query = sa.select(score_history).where(c.property_id == property_id)
    return rows(session, query.order_by(c.month.desc(), c.version_number.desc()))


def _of(session: Session, table: sa.TableClause, row: dict[str, Any], *order: str) -> list[dict[str, Any]]:
    """Rows of a view about one property and month."""
    same = [table.c[name] == row[name] for name in KEY]
    return rows(session, sa.select(table).where(*same).order_by(*(table.c[name] for name in order)))


def score_of(session: Session, row: dict[str, Any]) -> dict[str, Any] | None:
    """The score of a property's row with its measures and reasons; None where it was not scored."""
    found = _of(session, scores, row)
    return found[0] if found else None


def comparables_of(session: Session, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The comparables of a property's row, the most alike first."""
    return _of(session, comparables, row, "comp_rank")


def contributions_of(session: Session, row: dict[str, Any]) -> list[dict[str, Any]]:
    """What makes its value, from the county's median on."""
    return _of(session, contributions, row, "contribution_rank")


def facts_of(session: Session, row: dict[str, Any]) -> list[dict[str, Any]]:
    """What each provider said of each field; a person's own data without the value."""
    return _of(session, facts, row, "field", "provider")


def owners_of(session: Session, row: dict[str, Any]) -> dict[str, Any] | None:
    """Owner, seller and buyer of a property's row: personal data, whose reading is to be written down."""
    found = _of(session, owners, row)
    return found[0] if found else None


def memo_of(session: Session, row: dict[str, Any]) -> dict[str, Any] | None:
    """The manifest of its memo; None where none was written."""
    found = _of(session, memos, row)
    return found[0] if found else None


def lifecycle_of(session: Session, row: dict[str, Any]) -> dict[str, Any] | None:
    """How far it has come; None before its first event."""
    found = _of(session, lifecycle, row)
    return found[0] if found else None
