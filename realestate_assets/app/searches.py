"""What people keep: searches that tell of new homes, and homes they like or want to see no more."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, WORK_SCHEMA, Base, Made, OfTenant, new_id, of_user

FREQUENCIES = ("instant", "daily")
MARKS = ("saved", "dismissed")
# What a look found: there before, new, or cheaper than ever before.
KINDS = ("known", "new", "price_cut")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class SavedSearch(OfTenant, Base):
    """A sentence or filters under a name."""

    __tablename__ = "saved_searches"
    __table_args__ = (
        of_user(),
        sa.UniqueConstraint("tenant_id", "search_id"),
        sa.Index("saved_searches_tenant_id_user_id", "tenant_id", "user_id"),
        sa.CheckConstraint("(sentence is null) <> (filters is null)", name="sentence_or_filters"),
        sa.CheckConstraint(f"frequency in ({_listed(FREQUENCIES)})", name="frequency"),
        {"schema": APP_SCHEMA, "comment": "Searches that people keep, one row each."},
    )

    search_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID]
    name: Mapped[str]
    county: Mapped[str]
    sentence: Mapped[str | None]
    # Keys of the sentence's facts that do not filter.
    without: Mapped[list[str]]
    filters: Mapped[dict[str, Any] | None] = mapped_column(postgresql.JSONB(none_as_null=True))
    is_shared: Mapped[bool] = mapped_column(server_default=sa.false())
    is_alerted: Mapped[bool] = mapped_column(server_default=sa.false())
    frequency: Mapped[str] = mapped_column(server_default="daily")
    # Whether an alert writes to whoever keeps it.
    email: Mapped[bool] = mapped_column(server_default=sa.true())
    # That is told as well.
    webhook_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey(f"{APP_SCHEMA}.webhooks.webhook_id", ondelete="SET NULL")
    )
    created_at: Mapped[Made]
    updated_at: Mapped[Made]


def _of_search() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "search_id"],
        [f"{APP_SCHEMA}.saved_searches.tenant_id", f"{APP_SCHEMA}.saved_searches.search_id"],
        ondelete="CASCADE",
    )


class SearchLook(OfTenant, Base):
    """When a search is looked at next; whoever looks holds the row."""

    __tablename__ = "search_looks"
    __table_args__ = (
        _of_search(),
        sa.Index("search_looks_next_at", "next_at"),
        {"schema": WORK_SCHEMA, "comment": "When each search with an alert is looked at next."},
    )

    search_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime | None] = mapped_column(postgresql.TIMESTAMP(timezone=True))
    next_at: Mapped[Made]


class SearchMatch(OfTenant, Base):
    """A home of a search at a price: by its key it is told once, whoever looks and however often."""

    __tablename__ = "search_matches"
    __table_args__ = (
        sa.PrimaryKeyConstraint("search_id", "property_id", "price_usd"),
        _of_search(),
        sa.CheckConstraint(f"kind in ({_listed(KINDS)})", name="kind"),
        sa.Index("search_matches_search_id_found_at", "search_id", "found_at"),
        {"schema": WORK_SCHEMA, "comment": "Homes of each search with an alert, and the prices told."},
    )

    search_id: Mapped[uuid.UUID]
    property_id: Mapped[str]
    # 0 where no price is asked.
    price_usd: Mapped[float] = mapped_column(sa.Double())
    kind: Mapped[str]
    before_usd: Mapped[float | None] = mapped_column(sa.Double())
    month: Mapped[str]
    found_at: Mapped[Made]


class PropertyMark(OfTenant, Base):
    """What a person thinks of a home."""

    __tablename__ = "property_marks"
    __table_args__ = (
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "property_id"),
        of_user(),
        sa.CheckConstraint(f"mark in ({_listed(MARKS)})", name="mark"),
        {"schema": APP_SCHEMA, "comment": "Homes that people saved or dismissed, one row a person and home."},
    )

    user_id: Mapped[uuid.UUID]
    property_id: Mapped[str]
    mark: Mapped[str]
    marked_at: Mapped[Made]
