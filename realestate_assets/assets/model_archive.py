"""Every model ever trained, kept by its fingerprint in the lake: candidates as well as champions."""

import json
from collections.abc import Mapping

from realestate_assets.domain.valuation.model import MODEL_COLUMNS, ValueModel, model_path
from resources.lake.store import StoreResource


class ModelArchive:
    """Reads and writes models; each is parsed once a run. A file is never changed nor deleted."""

    def __init__(self, lake: StoreResource) -> None:
        self._lake = lake
        self._rows: dict[tuple[str, str], dict] = {}
        self._models: dict[str, ValueModel] = {}

    def put(self, county_slug: str, row: Mapping[str, object]) -> None:
        """Keep a row of MODEL_COLUMNS; one that is there already is left as it is."""
        # A candidate stored by an earlier version lacks what was added since.
        kept = {name: row.get(name) for name in MODEL_COLUMNS}
        key = county_slug, str(row["model_id"])
        self._rows[key] = kept
        if not self._lake.exists(model_path(*key)):
            self._lake.write_bytes(model_path(*key), json.dumps(kept, sort_keys=True).encode())

    def row(self, county_slug: str, model_id: str) -> dict | None:
        """A model's row of MODEL_COLUMNS; None where its file is gone."""
        key = county_slug, model_id
        if key not in self._rows:
            if not self._lake.exists(model_path(*key)):
                return None
            self._rows[key] = json.loads(self._lake.read_bytes(model_path(*key)))
        return self._rows[key]

    def model(self, county_slug: str, model_id: str) -> ValueModel | None:
        """A model; None where its file is gone or this version cannot read it any more."""
        if model_id not in self._models:
            row = self.row(county_slug, model_id)
            try:
                if row is None:
                    return None
                self._models[model_id] = ValueModel.from_row(row)
            except (KeyError, TypeError, ValueError):
                # A model of an earlier version of the code: it cannot value anything now.
                return None
        return self._models[model_id]
