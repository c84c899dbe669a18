"""Raw rows of a county to properties and rejects: every row becomes a property, a duplicate or a reject."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.faults import Faults
from realestate_assets.domain.core.identity import POSITION, positions, property_ids
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sample_source import RawSource
from realestate_assets.domain.counties.sources import RENTALS, LandedSource
from realestate_assets.domain.intake.conditions import left_out_reasons, meets
from realestate_assets.domain.intake.coverage import lost_columns, unlocated
from realestate_assets.domain.intake.deduplicate import (
    HOME_UNIT,
    IS_TRANSFER,
    Deduplicated,
    deduplicate,
)
from realestate_assets.domain.intake.extra_features import extra_features
from realestate_assets.domain.intake.mapping import map_rows, map_versions
from realestate_assets.domain.intake.offers import as_offered, is_offer_record
from realestate_assets.domain.intake.rejects import build_rejects
from realestate_assets.domain.intake.rents import canonical_rents
from realestate_assets.domain.intake.spelling import one_spelling, replaced
from realestate_assets.domain.intake.validation import validate
from realestate_assets.domain.sales.rules import SaleRules, load_sale_rules
from realestate_assets.domain.sales.validity import deed_faults
from realestate_assets.domain.tables import PROPERTIES, PROPERTY_REJECTS, RENTS
from resources.errors import PermanentError
from resources.partition import Partition
from resources.warehouse.table_spec import TableSpec

DUPLICATE_SENTENCES = {
    "EXACT_COPY": "Every value received is the same as in another row of the source; kept is",
    "OTHER_DEED": "Another deed of the same home in the same month; the sale kept is",
    "DUPLICATE_APN": "Same parcel number as the record kept:",
    "DUPLICATE_ADDRESS": "Same address as the record kept:",
    "DUPLICATE_NEARBY": "Same place, living area and bedrooms as the record kept:",
}


# Where a raw row lies: not what it says.
PLACE_COLUMNS = ("_file", "_row")


@dataclass(frozen=True)
class Canonical:
    """What became of raw rows; the rows of all tables together are the rows received.

    `warnings` tell of mapped columns that came out empty, a sentence each.
    """

    properties: pa.Table
    rejects: pa.Table
    warnings: tuple[str, ...] = ()
    rents: pa.Table = field(default_factory=RENTS.empty)

    def counts(self) -> dict[Partition, dict[str, int]]:
        """accepted, duplicates and rejected by partition, for partitions that have rows."""
        counts: dict[Partition, dict[str, int]] = {}
        parts = {
            "accepted": pa.concat_tables(
                table.select(["county", "month"]) for table in (self.properties, self.rents)
            ),
            "duplicates": self.rejects.filter(pc.equal(self.rejects["disposition"], "duplicate")),
            "rejected": self.rejects.filter(pc.equal(self.rejects["disposition"], "rejected")),
        }
        for kind, table in parts.items():
            grouped = table.group_by(["county", "month"]).aggregate([([], "count_all")])
            for row in grouped.to_pylist():
                found = counts.setdefault(Partition.of(row), dict.fromkeys(parts, 0))
                found[kind] = row["count_all"]
        return counts

    def reasons(self) -> dict[Partition, dict[str, int]]:
        """Rows that became no property by reason code, by partition."""
        counts: dict[Partition, dict[str, int]] = {}
        grouped = self.rejects.group_by(["county", "month", "reason_code"]).aggregate([([], "count_all")])
        for row in grouped.to_pylist():
            counts.setdefault(Partition.of(row), {})[row["reason_code"]] = row["count_all"]
        return counts


def together(parts: Iterable[Canonical]) -> Canonical:
    """What became of the rows of several counties."""
    found = [Canonical(PROPERTIES.empty(), PROPERTY_REJECTS.empty()), *parts]
    return Canonical(
        pa.concat_tables(part.properties for part in found),
        pa.concat_tables(part.rejects for part in found),
        tuple(warning for part in found for warning in part.warnings),
        pa.concat_tables(part.rents for part in found),
    )


def canonicalise(raw: pa.Table, county: County) -> Canonical:
    """Map, normalise, validate and de-duplicate the raw rows of one county; rents are kept apart.

    Each partition is worked on for itself: the result does not depend on which others are given.

    Args:
        raw: raw rows of the county, any months and sources.
        county: the county.

    Raises:
        PermanentError: rows of a source the county no longer has.
    """
    versions = map_versions(county)
    accepted_raw: list[pa.Table] = []
    accepted, refused, warnings, rents = [], [], [], [RENTS.empty()]
    places, names = [np.empty(0, dtype=np.int64)], sorted(pc.unique(raw["_source"]).to_pylist())
    for name in names:
        if name not in versions:
            raise PermanentError(
                "raw_listings holds rows of a source the county's YAML does not have.",
                county=county.slug,
                source=name,
                remedy="Restore the source, or materialize raw_listings again.",
            )
        source = county.raw_sources[name]
        rows = raw if len(names) == 1 else raw.filter(pc.equal(raw["_source"], name))
        if isinstance(source, LandedSource) and source.holds == RENTALS:
            found = canonical_rents(rows, county, source, versions[name])
            rents.append(found.rents)
            refused.append(found.rejects)
            warnings += [f"{county.slug}/{name}: {sentence}" for sentence in found.warnings]
            continue
        counts = meets(rows, source)
        left_out = rows.filter(pa.array(~counts))
        refused.append(build_rejects(left_out, left_out_reasons(left_out, versions[name]), "rejected"))
        rows = rows if counts.all() else rows.filter(pa.array(counts))
        table, faults = _map_source(rows, county, source)
        bad = faults.mask()
        # Of an offer what its sale told is taken out by us.
        kept = ~bad & ~is_offer_record(rows)
        lost = [*unlocated(source.rules, table), *lost_columns(rows, table, source.rules, kept)]
        warnings += [f"{county.slug}/{name}: {sentence}" for sentence in lost]
        places.append(np.flatnonzero(~bad) + sum(part.num_rows for part in accepted_raw))
        accepted.append(table.filter(pa.array(~bad)))
        accepted_raw.append(rows)
        reasons = faults.by_row().assign(map_version=versions[name])
        refused.append(build_rejects(rows.filter(pa.array(bad)), reasons, "rejected"))
        # A file may be large: what is done with is let go.
        del table, rows
    if not accepted:
        rejects = _ordered(pa.concat_tables([PROPERTY_REJECTS.empty(), *refused]), PROPERTY_REJECTS)
        return Canonical(PROPERTIES.empty(), rejects, tuple(warnings), pa.concat_tables(rents))
    table = pa.concat_tables(accepted)
    accepted.clear()
    # Rows as received are many and long: they stay where they are, and are looked up.
    received, at = pa.concat_tables(accepted_raw), np.concatenate(places)
    merged = deduplicate(table, received.drop_columns([*PLACE_COLUMNS, "_file_sha256"]), at)
    ids = property_ids(merged.records, county.fips, merged.records[HOME_UNIT])
    properties = merged.records.append_column("property_id", ids)
    duplicates = _duplicates(received, at, table, merged, properties["property_id"], versions)
    del table, merged
    return Canonical(
        _ordered(properties, PROPERTIES),
        _ordered(pa.concat_tables([*refused, duplicates]), PROPERTY_REJECTS),
        tuple(warnings),
        pa.concat_tables(rents),
    )


def _map_source(rows: pa.Table, county: County, source: RawSource) -> tuple[pa.Table, Faults]:
    """Canonical rows of one source, and what is wrong with them."""
    faults = Faults(rows.num_rows)
    table = one_spelling(map_rows(rows, source.rules, faults, county.timezone), county.state, faults)
    table = as_offered(table, is_offer_record(rows))
    # A date without a price is no sale we know anything of.
    unsold = pc.is_null(table["sale_price_usd"])
    table = replaced(table, "sale_date", pc.if_else(unsold, pa.scalar(None, pa.date32()), table["sale_date"]))
    # Before the checks: a row that nothing identifies is refused there.
    by_place = isinstance(source, LandedSource) and source.identity == "coordinates"
    position = positions(table) if by_place else pa.nulls(rows.num_rows, pa.string())
    table = table.append_column(POSITION, position)
    forgiven = [name for name, rule in source.rules.items() if rule.out_of_range != "reject"]
    table = validate(table, rows["month"], county.bounds, faults, forgiven)
    extra = extra_features(rows, source.feature_rules, faults)
    is_transfer = _is_transfer(table, load_sale_rules().changed_by(county.sale_validity))
    assumed = pa.array(np.zeros(rows.num_rows, dtype=bool))
    if source.holds == "sales":
        # What passed between relatives for ten dollars was never asked of anybody.
        is_sale = pc.and_(pc.is_valid(table["sale_price_usd"]), pc.invert(is_transfer))
        assumed = pc.and_(pc.is_null(table["list_price_usd"]), is_sale)
        price = pc.if_else(assumed, table["sale_price_usd"], table["list_price_usd"])
        table = replaced(table, "list_price_usd", price)
    derived = {
        "county": rows["county"],
        "month": rows["month"],
        "source": rows["_source"],
        "source_file": rows["_file"],
        "source_row": rows["_row"],
        "is_simulated": pa.repeat(pa.scalar(source.is_simulated), rows.num_rows),
        "is_list_price_assumed": assumed,
        "extra_features": extra,
        IS_TRANSFER: is_transfer,
        HOME_UNIT: pa.nulls(rows.num_rows, pa.string())
        if source.parcel_number_tells_units
        else table["unit"],
    }
    return pa.table({**derived, **{name: table[name] for name in table.column_names}}), faults


def _is_transfer(table: pa.Table, rules: SaleRules) -> pa.Array:
    """True where the row's deed, by itself, says nothing about market prices; see domain/sales."""
    columns = ("deed_type", "sale_verdict", "sale_price_usd", "parcels_in_sale", "seller_name", "buyer_name")
    sold = table.select(columns).to_pandas()
    faulty = pd.DataFrame(deed_faults(sold, rules)).any(axis=1)
    return pa.array((faulty & sold["sale_price_usd"].notna()).to_numpy(dtype=bool))


def _duplicates(
    raw: pa.Table,
    at: np.ndarray,
    table: pa.Table,
    merged: Deduplicated,
    ids: pa.ChunkedArray,
    versions: Mapping[str, str],
) -> pa.Table:
    """Rejects for the accepted rows that were merged into another one."""
    lost = np.flatnonzero(merged.code != None)  # noqa: E711 - element by element
    kept = table.select(["source", "source_file", "source_row"]).take(pa.array(merged.winner_of[lost]))
    sentence = pa.array([DUPLICATE_SENTENCES[code] for code in merged.code[lost]], pa.string())
    row = kept["source_row"].cast(pa.string())
    reasons = pd.DataFrame({"reason_code": merged.code[lost], "reason_codes": merged.code[lost]})
    reasons["reason"] = pc.binary_join_element_wise(
        sentence, " row ", row, " of ", kept["source_file"], " (", kept["source"], ").", ""
    ).to_pandas()
    reasons["duplicate_of"] = pc.take(ids, pa.array(merged.record_of[lost])).to_pandas()
    received = raw.take(pa.array(at[lost]))
    reasons["map_version"] = received["_source"].to_pandas().map(versions)
    return build_rejects(received, reasons, "duplicate")


def _ordered(table: pa.Table, spec: TableSpec) -> pa.Table:
    key = [(name, "ascending") for name in spec.key]
    return table.select(spec.column_names).sort_by(key).combine_chunks()
