"""What the API says of files that are brought in."""

import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Import(BaseModel):
    """A file that was landed, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    import_id: uuid.UUID
    landed_by: uuid.UUID
    county: str
    source: str = Field(description="Source of the county whose columns it has.")
    file_name: str
    size_bytes: int
    sha256: str
    row_count: int = Field(description="Rows of the file.")
    landed_at: datetime
    state: str = Field(
        "landed",
        description="landed, then as the landing area has it: waiting, inspecting, admitted, duplicate, "
        "quarantined or refused.",
    )
    reason: str = Field("", description="Why its rows are not used.")
    rows_read: int | None = Field(
        None, description="Rows that runs of its months have read; null before. The sum of the three below."
    )
    rows_accepted: int | None = None
    rows_duplicate: int | None = None
    rows_rejected: int | None = Field(
        None, description="Refused with a reason each, as `/counties/{county}/rejects` tells."
    )


IMPORT: dict[str, Any] = {
    "import_id": "a7a3f5de-1c57-4a4f-8b53-0b0b8f0e7c55",
    "landed_by": "7a1d2a50-58a0-4a3b-8f5b-3c8f2d1f7c22",
    "county": "king-wa",
    "source": "king_county_sales",
    "file_name": "sales-2015-05.csv",
    "size_bytes": 184320,
    "sha256": "0" * 64,
    "row_count": 1200,
    "landed_at": "2026-11-28T10:00:00Z",
    "state": "admitted",
    "reason": "",
    "rows_read": 1200,
    "rows_accepted": 1170,
    "rows_duplicate": 12,
    "rows_rejected": 18,
}
