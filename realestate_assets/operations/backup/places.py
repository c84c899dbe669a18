"""What an installation consists of: its stores of files, and its databases."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realestate_assets.operations.dagster_home import prepare_dagster_home
from realestate_assets.operations.services import store_at
from realestate_assets.settings import Settings
from resources.errors import PermanentError
from resources.lake.files import Store
from resources.vectors.vectors import Vectors
from resources.warehouse.dagster_storage import storage_url
from resources.warehouse.warehouse import Warehouse

# Files that people write. `.env` holds secrets and stays where it is.
OWN = "own"
COUNTIES = "counties/"
COUNTY_FILE = re.compile(rf"{COUNTIES}[\w-][\w.-]*\.yaml")


@dataclass(frozen=True)
class Places:
    """Stores by area, databases by name, and where the vectors are made again."""

    stores: dict[str, Store]
    databases: dict[str, str]
    warehouse: Warehouse
    vector_index: Vectors
    reviews_file: Path
    county_folder: Path | None

    def own_files(self) -> dict[str, Path]:
        """What people wrote, by the name in a backup."""
        found = {self.reviews_file.name: self.reviews_file} if self.reviews_file.is_file() else {}
        if self.county_folder:
            counties = (path for path in self.county_folder.glob("*.yaml") if path != self.reviews_file)
            found |= {f"{COUNTIES}{path.name}": path for path in sorted(counties)}
        return found

    def own_path(self, name: str) -> Path | None:
        """Where such a file belongs; None where nothing says so.

        Raises:
            PermanentError: it is none of those that a backup holds.
        """
        if name == self.reviews_file.name:
            return self.reviews_file
        if not COUNTY_FILE.fullmatch(name):
            raise PermanentError(f"The backup names {name!r}, which is nothing that people write here.")
        return self.county_folder / Path(name).name if self.county_folder else None


def places_of(settings: Settings, resources: Mapping[str, Any]) -> Places:
    """Those of the settings and their resources; the databases are made where they are missing."""
    prepare_dagster_home(settings)
    warehouse: Warehouse = resources["warehouse"]
    return Places(
        stores={name: resources[name] for name in ("lake", "landing", "reference")},
        databases={"warehouse": warehouse.database_url(), "dagster": storage_url()},
        warehouse=warehouse,
        vector_index=resources["vector_index"],
        reviews_file=settings.reviews_file,
        county_folder=settings.county_config_dir,
    )


def vault_store(address: str, settings: Settings, places: Places) -> Store:
    """The place of the backups.

    Raises:
        PermanentError: it lies within what is backed up, or the other way round.
    """
    store = store_at(address if "://" in address else str(Path(address).expanduser().resolve()), settings)
    for name, other in places.stores.items():
        if store.is_s3 == other.is_s3 and _overlap(store.root, other.root):
            raise PermanentError(
                f"Backups cannot lie at {store.uri()}: {name} lies at {other.uri()}.",
                remedy="Give a folder or bucket of its own, best on another disk.",
            )
    return store


def _overlap(one: str, other: str) -> bool:
    first, second = (text.rstrip("/") + "/" for text in (one, other))
    return first.startswith(second) or second.startswith(first)
