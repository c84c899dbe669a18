"""Notes of people on homes: shared with the tenant, or their own."""

import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.notes import PropertyNote
from resources.errors import PermanentError

MAX_NOTES = 200


def seen_by(user_id: uuid.UUID, property_id: str) -> sa.Select[Any]:
    """Notes on a home that a person sees: those of the tenant and their own; none that was removed."""
    return sa.select(PropertyNote).where(
        PropertyNote.property_id == property_id,
        PropertyNote.removed_at.is_(None),
        sa.or_(PropertyNote.is_private.is_(False), PropertyNote.user_id == user_id),
    )


def find(session: Session, user_id: uuid.UUID, property_id: str, note_id: uuid.UUID) -> PropertyNote | None:
    """A note that the person sees, or none."""
    query = seen_by(user_id, property_id).where(PropertyNote.note_id == note_id)
    return session.scalars(query.with_for_update()).one_or_none()


def add(session: Session, note: PropertyNote) -> PropertyNote:
    """Write a note down.

    Raises:
        PermanentError: the person has MAX_NOTES of this home.
    """
    mine = seen_by(note.user_id, note.property_id).where(PropertyNote.user_id == note.user_id)
    count = session.scalar(sa.select(sa.func.count()).select_from(mine.subquery()))
    if (count or 0) >= MAX_NOTES:
        raise PermanentError(f"There are {MAX_NOTES} notes of yours on this home already.", field="text")
    session.add(note)
    session.flush()
    session.refresh(note)
    return note


def edit(
    session: Session, note: PropertyNote, text: str | None = None, is_private: bool | None = None
) -> PropertyNote:
    """Change a note; None leaves what it is."""
    note.text = note.text if text is None else text
    note.is_private = note.is_private if is_private is None else is_private
    note.edited_at = datetime.now(UTC)
    session.flush()
    return note


def remove(session: Session, note: PropertyNote) -> None:
    """Take a note away, and its text with it; that there was one stays."""
    note.text, note.removed_at = "", datetime.now(UTC)
    session.flush()
