"""The `table` provider: a reference file the user supplies, joined by ZIP or parcel number."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.enrichment_config import TableProvider
from realestate_assets.providers.base import EnrichmentRequest, Origin, field_facts, no_facts
from realestate_assets.providers.census_codes import figures_alone, no_figure
from realestate_assets.providers.reference import LookupTable, ReferenceTables, normalized_keys

BEDROOM_RENT = "bedroom_rent_usd"


class ReferenceTableProvider:
    """Answers from one file; what the file says of a key holds for every property with that key."""

    simulated = False

    def __init__(self, config: TableProvider, tables: ReferenceTables) -> None:
        self._config, self._tables = config, tables
        self.name = config.name
        self.fields = (*config.fields, *((BEDROOM_RENT,) if config.bedroom_rents else ()))

    def fetch(self, request: EnrichmentRequest) -> pa.Table:
        """Facts for the wanted fields; REFERENCE_MISSING for all of them where there is no file."""
        wanted = [field for field in self.fields if field in request.fields]
        table = self._tables.lookup(self._config)
        if table is None:
            nothing = pa.nulls(request.size, pa.string())
            reason = pa.repeat("REFERENCE_MISSING", request.size)
            origin = Origin(self.name, source_url=self._config.source_url)
            parts = [field_facts(request, field, nothing, reason, origin) for field in wanted]
        else:
            parts = self._answer(request, wanted, table)
        return pa.concat_tables([no_facts(), *parts])

    def _answer(self, request: EnrichmentRequest, wanted: list[str], table: LookupTable) -> list[pa.Table]:
        keys = normalized_keys(request.properties[self._config.join], self._config.join)
        at = pc.index_in(keys, value_set=table.keys)
        reason = pc.if_else(
            pc.is_null(keys),
            pa.scalar("NO_KEY"),
            pc.if_else(pc.is_null(at), pa.scalar("NO_MATCH"), pa.scalar(None, pa.string())),
        )
        origin = Origin(
            self.name,
            source_url=self._config.source_url,
            retrieved_at=table.modified,
            vintage=date.fromisoformat(self._config.vintage),
            confidence=self._config.confidence,
        )
        parts = []
        for field in wanted:
            if field == BEDROOM_RENT and self._config.bedroom_rents:
                value, why = self._bedroom_rent(request, table, at, reason)
            else:
                value, why = pc.take(table.columns[self._config.fields[field]], at), reason
            # Files made from the Bureau's tables carry its codes; amounts of other files cannot be these.
            code = no_figure(field, value)
            value, why = figures_alone(value, code), pc.coalesce(why, code)
            parts.append(field_facts(request, field, value, why, origin))
        return parts

    def _bedroom_rent(
        self, request: EnrichmentRequest, table: LookupTable, at: pa.Array, reason: pa.Array
    ) -> tuple[pa.Array, pa.Array]:
        """The rent column of the property's bedrooms; the last one serves all above."""
        bedrooms = request.properties["bedrooms"].cast(pa.float64())
        rents = pa.concat_arrays([table.columns[name] for name in self._config.bedroom_rents])
        last = len(self._config.bedroom_rents) - 1
        column = np.clip(np.floor(np.asarray(pc.fill_null(bedrooms, 0.0))), 0, last).astype("int64")
        index = pc.add(pc.multiply(pa.array(column), len(table.keys)), at.cast(pa.int64()))
        known = pc.is_valid(bedrooms)
        index = pc.if_else(known, index, pa.scalar(None, pa.int64()))
        why = pc.coalesce(reason, pc.if_else(known, pa.scalar(None, pa.string()), pa.scalar("NO_KEY")))
        return pc.take(rents, index), why
