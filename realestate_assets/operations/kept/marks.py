"""Homes that a person saved or dismissed."""

import uuid
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from realestate_assets.app.searches import PropertyMark

Mark = Literal["saved", "dismissed"]


def put(session: Session, tenant_id: uuid.UUID, user_id: uuid.UUID, property_id: str, mark: Mark) -> None:
    """Mark a home; the mark before is replaced."""
    row = {"tenant_id": tenant_id, "user_id": user_id, "property_id": property_id, "mark": mark}
    written = insert(PropertyMark).values(row)
    changed = {"mark": mark, "marked_at": sa.func.now()}
    session.execute(
        written.on_conflict_do_update(
            index_elements=["tenant_id", "user_id", "property_id"],
            set_=changed,
            where=PropertyMark.mark != mark,
        )
    )


def remove(session: Session, user_id: uuid.UUID, property_id: str) -> bool:
    """Take a mark away; whether there was one."""
    gone = sa.delete(PropertyMark).where(
        PropertyMark.user_id == user_id, PropertyMark.property_id == property_id
    )
    return session.execute(gone.returning(PropertyMark.property_id)).first() is not None


def of_user(user_id: uuid.UUID) -> sa.Select[Any]:
    """A person's marks."""
    return sa.select(PropertyMark).where(PropertyMark.user_id == user_id)
