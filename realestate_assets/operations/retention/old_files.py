"""Files that nobody needs any more: unused models, what was put aside, what killed processes left."""

import shutil
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from realestate_assets.dbt.place import manifests_folder
from realestate_assets.landing.inspection import QUARANTINE
from realestate_assets.operations.retention.removal import Removal
from resources.lake.files import Store
from resources.warehouse.warehouse import Warehouse

REASON = ".reason.json"
MODELS = "models"
# What dbt and the docs build leave in the temporary folder when they are killed.
TEMPORARY = ("realestate-dbt-*", "realestate-docs-*")
# Ids of the models that something was valued by, or that were champions.
USED_SQL = """
select used_id as id from raw.model_promotions union select champion_id from raw.model_promotions
union select model_id from raw.scores
"""
TABLES_SQL = (
    "select to_regclass('raw.model_promotions') is not null and to_regclass('raw.scores') is not null as are"
)


def unused_models(lake: Store, warehouse: Warehouse, before: datetime, apply: bool) -> Removal:
    """Models of the archive that value nothing and never were champions."""
    if not warehouse.read(TABLES_SQL)["are"][0].as_py():
        return Removal()
    used = set(warehouse.read(USED_SQL)["id"].to_pylist())
    models = [path for path in lake.list_files(MODELS) if Path(path).stem not in used]
    return _old_files(lake, models, before, apply)


def quarantined(landing: Store, before: datetime, apply: bool) -> Removal:
    """Files that were put aside, by when that was, with their reasons."""
    names = set(landing.list_files(QUARANTINE))
    reasons = [name for name in names if name.endswith(REASON) and landing.modified(name) < before]
    files = [name.removesuffix(REASON) for name in reasons]
    # The file first: one that was left alone would never be found again.
    found = [_old_files(landing, [name], None, apply) for name in files if name in names]
    _old_files(landing, reasons, None, apply)
    times = [each.oldest for each in found if each.oldest]
    return Removal(len(found), sum(each.bytes for each in found), min(times, default=None))


def leftovers(stores: Iterable[Store], before: datetime, apply: bool) -> Removal:
    """Temp files in local stores, and folders of killed processes; what is still written to stays."""
    paths = [
        path
        for store in stores
        if not store.is_s3
        for path in Path(store.root).rglob(".*.tmp")
        if path.is_file() and not path.is_symlink()
    ]
    paths += [path for pattern in TEMPORARY for path in Path(tempfile.gettempdir()).glob(pattern)]
    paths += manifests_folder().glob(".parse-*")
    limit, count, size, oldest = before.timestamp(), 0, 0, time.time()
    for path in paths:
        written, held = _last_written(path)
        if written >= limit:
            continue
        count, size, oldest = count + 1, size + held, min(oldest, written)
        if apply and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif apply:
            path.unlink(missing_ok=True)
    return Removal(count, size, datetime.fromtimestamp(oldest, UTC) if count else None)


def _old_files(store: Store, paths: Iterable[str], before: datetime | None, apply: bool) -> Removal:
    times = {path: store.modified(path) for path in paths}
    chosen = {path: at for path, at in times.items() if before is None or at < before}
    size = sum(store.size(path) for path in chosen)
    if apply:
        for path in chosen:
            store.delete(path)
    return Removal(len(chosen), size, min(chosen.values(), default=None))


def _last_written(path: Path) -> tuple[float, int]:
    """When anything of a file or folder was last written, and how many bytes it holds."""
    try:
        found = [each.lstat() for each in (path, *path.rglob("*"))]
    except FileNotFoundError:
        # Being removed by its own process just now.
        return time.time(), 0
    return max(each.st_mtime for each in found), sum(each.st_size for each in found)
