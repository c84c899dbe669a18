"""Files that people bring in by the service: who, what, and where it landed."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from realestate_assets.app.base import APP_SCHEMA, Base, Made, OfTenant, new_id


class FileImport(OfTenant, Base):
    """A file that was landed."""

    __tablename__ = "file_imports"
    __table_args__ = (
        sa.UniqueConstraint("path"),
        sa.Index("file_imports_tenant_id_landed_at", "tenant_id", "landed_at"),
        {"schema": APP_SCHEMA, "comment": "Files that people landed by the service, one row each."},
    )

    import_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    # No reference: who brought it stays known by its id when the account is gone.
    landed_by: Mapped[uuid.UUID]
    county: Mapped[str]
    source: Mapped[str]
    # As its owner called it.
    file_name: Mapped[str]
    # Below the landing root.
    path: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    # Rows of the whole file.
    row_count: Mapped[int]
    landed_at: Mapped[Made]
