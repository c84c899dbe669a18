"""Models that stand already: what would be learned again from the same sales is taken as it stands.

A model follows from its sales, the parameters, the code that trains and the libraries it calls.
`data_fingerprint` names the first, exact to the bit, and `trained_with` the others; where both are those of
the row that an earlier run left, training would give that row again.
"""

import hashlib
import platform
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from realestate_assets import domain
from realestate_assets.domain.valuation.model import ValueModel, as_json
from realestate_assets.domain.valuation.params import ValuationParams
from realestate_assets.domain.valuation.train import fingerprint
from resources.code_version import code_version
from resources.errors import PermanentError
from resources.lake.files import partition_file
from resources.lake.store import StoreResource
from resources.partition import Partition

ASSET, TRAINED_WITH = "valuation_models", "trained_with"
# Of the domain: whatever training may call lies in one of them.
FOLDERS = ("core", "counties", "sales", "tables", "valuation")
LIBRARIES = ("lightgbm", "numpy", "pandas", "pyarrow", "scipy")


def training_files() -> list[Path]:
    """The modules whose change may change what is learned."""
    root = Path(domain.__file__).parent
    return [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))]


@lru_cache(maxsize=8)
def _code_and_libraries() -> str:
    libraries = [f"{name} {version(name)}" for name in LIBRARIES]
    return "\n".join([code_version(*map(str, training_files())), *libraries, platform.machine()])


def trained_with(params: ValuationParams) -> str:
    """SHA-256 of what a model follows from beside its sales: parameters, code, libraries."""
    # How many fits run at once shapes nothing.
    settings = as_json(params.model_dump(exclude={"training": {"parallel_fits"}}))
    text = f"{_code_and_libraries()}\n{settings}"
    return hashlib.sha256(text.encode()).hexdigest()


class StandingModels:
    """The rows that an earlier run left.

    Args:
        lake: where they lie.
        params: of this run.
        warn: is told of a file that cannot be read, whose model is trained anew.
    """

    def __init__(self, lake: StoreResource, params: ValuationParams, warn: Callable[[str], None]) -> None:
        self._lake, self._warn = lake, warn
        self.trained_with = trained_with(params)

    def row(self, partition: Partition, kind: str, sales: pd.DataFrame) -> dict | None:
        """The row of a partition, where its model was trained so from these sales; None otherwise."""
        found = self._stored(partition)
        if found is None or (found.get(TRAINED_WITH), found.get("kind")) != (self.trained_with, kind):
            return None
        if found["data_fingerprint"] != fingerprint(sales):
            return None
        # Its id is the hash of what it says: a row that was changed is none of training's.
        return found if ValueModel.from_row(found).model_id == found["model_id"] else None

    def _stored(self, partition: Partition) -> dict | None:
        path = partition_file(ASSET, partition)
        if not self._lake.exists(path):
            return None
        try:
            with self._lake.open_input(path) as file:
                rows = pq.read_table(file).to_pylist()
        except (pa.ArrowException, PermanentError, OSError) as error:
            self._warn(f"{path} cannot be read, its model is trained anew: {error}")
            return None
        return rows[0] if len(rows) == 1 else None
