"""The `openaddresses` provider: coordinates from a county's OpenAddresses file, by parcel number or address.

The file is read once a run and joined as a whole. Where a key stands for places too far apart, it stands for
none of them.
"""

from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.providers.openaddresses import OpenAddressesProvider
from realestate_assets.providers.address_file import PLACE, read_addresses
from realestate_assets.providers.address_keys import address_levels, file_lines, parcel_numbers, places_of
from realestate_assets.providers.base import EnrichmentRequest, Origin, field_facts, no_facts
from realestate_assets.providers.calls import first_reason
from realestate_assets.providers.replies import failed_facts
from resources.errors import PermanentError
from resources.lake.files import Store

LATITUDE, LONGITUDE = "geocoded_latitude", "geocoded_longitude"


class OpenAddresses:
    """Answers from one file."""

    simulated = False
    fields = (LATITUDE, LONGITUDE)

    def __init__(self, config: OpenAddressesProvider, store: Store, county: County) -> None:
        self._config, self._store, self._county = config, store, county
        self.name = config.name
        self._read: tuple[pa.Table, dict[str, pa.Table], datetime] | None = None

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields; REFERENCE_MISSING for all of them where there is no file.

        Raises:
            PermanentError: the file cannot be read, lacks a column, or has no position in the county.
        """
        wanted = tuple(field for field in self.fields if field in request.fields)
        if not wanted or not request.size:
            return no_facts()
        if self._read is None and not self._store.exists(self._config.file):
            origin = Origin(self.name, source_url=self._config.source_url)
            return failed_facts(request, wanted, "REFERENCE_MISSING", origin)
        addresses, indexes, modified = self._read = self._read or self._indexed()
        row, has_key = self._rows(request.properties, indexes)
        reason = first_reason((~has_key, "NO_KEY"), (row < 0, "NO_MATCH"), size=request.size)
        origin = Origin(
            self.name,
            source_url=self._config.source_url,
            retrieved_at=modified,
            vintage=date.fromisoformat(self._config.vintage),
            confidence=self._config.confidence,
        )
        at = pa.array(row, mask=row < 0)
        values = {LATITUDE: pc.take(addresses["lat"], at), LONGITUDE: pc.take(addresses["lon"], at)}
        parts = [
            field_facts(request, name, values[name].cast(pa.string()), reason, origin) for name in wanted
        ]
        return pa.concat_tables([no_facts(), *parts])

    def _indexed(self) -> tuple[pa.Table, dict[str, pa.Table], datetime]:
        config = self._config
        id_column = config.id_column.lower()
        columns: tuple[str, ...] = (id_column,) if "apn" in config.ask_by else ()
        columns += PLACE if "address" in config.ask_by else ()
        table = read_addresses(self._store, config.file, columns, self.name)
        table = self._in_county(table)
        if config.ask_by == ("apn",) and table[id_column].null_count == table.num_rows:
            raise PermanentError(
                f"{config.file} has no {config.id_column.upper()} in any row: it cannot be joined by that.",
                county=self._county.slug,
                source=self.name,
                field=config.id_column,
                remedy="Add `address` to the provider's ask_by.",
            )
        keys = {}
        if "apn" in config.ask_by:
            keys["apn"] = parcel_numbers(table[id_column], config.id_groups)
        if "address" in config.ask_by:
            keys |= address_levels(file_lines(table, self._county.state), is_file=True)
        indexes = {level: places_of(each, table) for level, each in keys.items()}
        return table, indexes, self._store.modified(config.file)

    def _in_county(self, table: pa.Table) -> pa.Table:
        box = self._county.bounds
        lon, lat = (np.asarray(table[name]) for name in ("lon", "lat"))
        inside = (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
        if table.num_rows and not inside.any():
            raise PermanentError(
                f"no address of {self._config.file} lies in the county; the first is at {lat[0]}, {lon[0]}.",
                county=self._county.slug,
                source=self.name,
                field="file",
                remedy="Name the county's own file.",
            )
        return table.filter(pa.array(inside))

    def _rows(self, properties: pa.Table, indexes: dict[str, pa.Table]) -> tuple[np.ndarray, np.ndarray]:
        """The file's row of each property, -1 where there is none, and whether it has a key to ask by."""
        keys: dict[str, pa.ChunkedArray] = {}
        for kind in self._config.ask_by:
            keys |= {"apn": properties["apn"]} if kind == "apn" else address_levels(properties, is_file=False)
        row = np.full(properties.num_rows, -1)
        has_key = np.zeros(properties.num_rows, dtype=bool)
        for level, each in keys.items():
            has_key |= np.asarray(pc.is_valid(each))
            at = pc.index_in(each, value_set=indexes[level]["key"].combine_chunks())
            found = np.asarray(pc.fill_null(pc.take(indexes[level]["row"], at), -1))
            row = np.where(row >= 0, row, found)
        return row, has_key
