"""Reference files as lookup tables: read once a run, keyed by ZIP or parcel number, every value as text."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from realestate_assets.domain.core.addresses import normalize_zip
from realestate_assets.domain.core.convert import clean, float_text
from realestate_assets.domain.core.parcel_numbers import normalize_apn
from realestate_assets.domain.counties.enrichment_config import TableProvider
from realestate_assets.providers.bounds import check_size
from resources.errors import PermanentError
from resources.lake.files import Store


@dataclass(frozen=True)
class LookupTable:
    """Keys, each once, and the columns of values in their order."""

    keys: pa.Array
    columns: dict[str, pa.Array]
    modified: datetime


class ReferenceTables:
    """The reference folder's tables; each is read when first asked for and kept for the run."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._read: dict[str, LookupTable | None] = {}

    def lookup(self, config: TableProvider) -> LookupTable | None:
        """The table of a provider; None where its file is not there.

        Raises:
            PermanentError: the file cannot be read, lacks a column, or holds two records for one key.
        """
        known = config.model_dump_json()
        if known not in self._read:
            there = self.store.exists(config.file)
            self._read[known] = _lookup_table(self.store, config) if there else None
        return self._read[known]


def normalized_keys(values: pa.Array | pa.ChunkedArray, join: str) -> pa.Array | pa.ChunkedArray:
    """ZIPs or parcel numbers in one spelling; null where the text is none."""
    text = clean(values)
    return normalize_zip(text)[0] if join == "zip" else normalize_apn(text)


def _lookup_table(store: Store, config: TableProvider) -> LookupTable:
    wanted = list(dict.fromkeys([*config.fields.values(), *config.bedroom_rents]))
    table = _read(store, config, list(dict.fromkeys([config.key_column, *wanted])))
    keys = normalized_keys(_as_text(table[config.key_column]), config.join)
    columns = {name: clean(_as_text(table[name])) for name in wanted}
    frame = pa.table([keys, *columns.values()], names=[f"c{i}" for i in range(len(wanted) + 1)]).to_pandas()
    # A ZIP may stand in a file once for each area it lies in: the same figures twice say nothing new.
    frame = frame[frame["c0"].notna()].drop_duplicates()
    if (repeated := frame["c0"].duplicated()).any():
        key = frame.loc[repeated, "c0"].iloc[0]
        raise PermanentError(
            f"{config.file} holds different records for the key {key} in {config.key_column} "
            f"({repeated.sum():,} repeated keys).",
            source=config.name,
            field=config.key_column,
            remedy="Keep one record a key.",
        )
    texts = [pa.array(frame[name], pa.string(), from_pandas=True) for name in frame.columns]
    return LookupTable(texts[0], dict(zip(wanted, texts[1:], strict=True)), store.modified(config.file))


def _read(store: Store, config: TableProvider, wanted: list[str]) -> pa.Table:
    check_size(store, config.file, config.name)
    try:
        with store.open_input(config.file) as stream:
            if config.file.lower().endswith(".parquet"):
                file = pq.ParquetFile(stream)
                _check_columns(config, wanted, file.schema_arrow.names)
                return file.read(columns=wanted)
            # Keys stay text: as numbers they would lose their leading zeros.
            options = pacsv.ConvertOptions(column_types=dict.fromkeys(wanted, pa.string()))
            table = pacsv.read_csv(stream, convert_options=options)
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise PermanentError(f"{config.file} cannot be read: {reason}", source=config.name) from error
    _check_columns(config, wanted, table.column_names)
    return table.select(wanted)


def _check_columns(config: TableProvider, wanted: list[str], there: list[str]) -> None:
    if missing := [name for name in wanted if name not in there]:
        raise PermanentError(
            f"{config.file} has no column {', '.join(missing)}; it has {', '.join(there[:40])}.",
            source=config.name,
            field=missing[0],
            remedy="Correct the provider's key_column, fields or bedroom_rents in the configuration.",
        )


def _as_text(column: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    if pa.types.is_string(column.type):
        return column
    return float_text(column) if pa.types.is_floating(column.type) else column.cast(pa.string())
