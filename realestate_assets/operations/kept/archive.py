"""Homes that a tenant puts away, for everybody in it."""

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from realestate_assets.app.archive import ArchivedProperty


def put_away(
    session: Session, tenant_id: uuid.UUID, user_id: uuid.UUID, property_id: str, reason: str | None
) -> None:
    """Put a home away; one that is stays so, with what was said first."""
    row = {"tenant_id": tenant_id, "property_id": property_id, "reason": reason, "archived_by": user_id}
    session.execute(insert(ArchivedProperty).values(row).on_conflict_do_nothing())


def bring_back(session: Session, property_id: str) -> bool:
    """Have a home in the lists again; whether it was put away."""
    gone = sa.delete(ArchivedProperty).where(ArchivedProperty.property_id == property_id)
    return session.execute(gone.returning(ArchivedProperty.property_id)).first() is not None


def found(session: Session, property_id: str) -> ArchivedProperty | None:
    """Who put a home away, when and why; None where nobody did."""
    asked = sa.select(ArchivedProperty).where(ArchivedProperty.property_id == property_id)
    return session.scalars(asked).one_or_none()
