"""Files that people bring in by the service: into the landing area, as a dropped file, with its checks.

A file is looked at as a run would read it before it stays; what is wrong with single rows is found by the run
and kept with the row. The market is everybody's: the tenant that looks after the installation alone brings
files.
"""

import re
import shutil
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.base import new_id
from realestate_assets.app.imports import FileImport
from realestate_assets.app.tenants import Tenant
from realestate_assets.domain.counties.county import County
from realestate_assets.landing.arrivals import land_file
from realestate_assets.landing.paths import is_unfinished, place_of
from realestate_assets.landing.reading import read
from realestate_assets.operations.market.columns import view, view_of
from resources.errors import PermanentError
from resources.lake.files import Store

# Larger ones are put into the landing folder itself.
MAX_BYTES = 50_000_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,99}")
# Of a name that is taken, so that nothing is written over.
MARK_CHARACTERS = 8
LANDED = "landed"

landed_files = view("landed_files", ("county", "path", "state", "row_count", "reason", "decided_at"))
source_files = view_of("source_files")
property_rejects = view_of("property_rejects")


class NotOperatorError(PermanentError):
    """The tenant does not look after the installation."""


@dataclass(frozen=True)
class Upload:
    """A file as it came.

    Args:
        path: where it lies for the while.
        name: as its owner calls it.
        sha256: of its bytes.
        size_bytes: of the file.
    """

    path: Path
    name: str
    sha256: str
    size_bytes: int


def bring(
    session: Session,
    landing: Store,
    county: County,
    upload: Upload,
    by: tuple[uuid.UUID, uuid.UUID],
    source: str | None = None,
) -> FileImport:
    """Land a file of a county.

    Args:
        session: of the tenant.
        landing: the landing area.
        county: whose file it is.
        upload: the file.
        by: tenant and user.
        source: the source, where several would fit.

    Raises:
        NotOperatorError: the tenant does not look after the installation.
        PermanentError: the file, its name or its columns fit no source of the county; it is not landed.
    """
    tenant_id, user_id = by
    if session.scalar(sa.select(Tenant.is_operator)) is not True:
        raise NotOperatorError("Files of the market are brought by who looks after the installation.")
    if not NAME.fullmatch(upload.name) or is_unfinished(upload.name):
        raise PermanentError(
            "A name has letters, digits, blanks, points, hyphens and underscores, and ends as what it is.",
            field="file_name",
        )
    import_id = new_id()
    with tempfile.TemporaryDirectory(prefix="realestate-import-") as folder:
        named = Path(folder) / f"{import_id.hex[:MARK_CHARACTERS]}-{upload.name}"
        shutil.copyfile(upload.path, named)
        path = land_file(landing, county, named, source)
    place = place_of(path)
    try:
        rows = read(landing, county, place).sent
        made = FileImport(
            import_id=import_id,
            tenant_id=tenant_id,
            landed_by=user_id,
            county=county.slug,
            source=place.source,
            file_name=upload.name,
            path=path,
            sha256=upload.sha256,
            size_bytes=upload.size_bytes,
            row_count=rows,
        )
        session.add(made)
        session.flush()
    except BaseException:
        landing.delete(path)
        raise
    session.refresh(made)
    return made


def found() -> sa.Select[Any]:
    """Files that the tenant brought."""
    return sa.select(FileImport)


def progress(session: Session, imports: Sequence[FileImport]) -> dict[uuid.UUID, dict[str, Any]]:
    """What became of files, by import: state, reason, and rows that runs took in, refused or found twice.

    Rows are known once a run has read the file; accepted, duplicate and rejected ones are all it has read.
    """
    paths = [each.path for each in imports]
    ledger = {
        row.path: row
        for row in session.execute(sa.select(landed_files).where(landed_files.c.path.in_(paths)))
    }
    return {each.import_id: _of(session, each, ledger.get(each.path)) for each in imports}


def _of(session: Session, one: FileImport, known: sa.Row[Any] | None) -> dict[str, Any]:
    name = place_of(one.path).file
    of_file = [(table.c.county == one.county, table.c.source == one.source, table.c.source_file == name)
               for table in (source_files, property_rejects)]  # fmt: skip
    received = session.scalar(sa.select(sa.func.sum(source_files.c.rows_received)).where(*of_file[0]))
    kind = property_rejects.c.disposition
    counted = sa.select(kind, sa.func.count()).where(*of_file[1]).group_by(kind)
    counts: dict[str, int] = {row[0]: row[1] for row in session.execute(counted)}
    rejected, duplicates = counts.get("rejected", 0), counts.get("duplicate", 0)
    return {
        "state": known.state if known is not None else LANDED,
        "reason": known.reason if known is not None else "",
        "rows_read": None if received is None else int(received),
        "rows_accepted": None if received is None else int(received) - rejected - duplicates,
        "rows_duplicate": None if received is None else duplicates,
        "rows_rejected": None if received is None else rejected,
    }
