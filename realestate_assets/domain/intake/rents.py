"""Rental advertisements to rents: mapped, refused with a reason, reposts of one home taken together.

They never become properties: an advertisement says what a home rents for, and seldom which one it is.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.faults import Faults
from realestate_assets.domain.counties.column_map import RENT_COLUMNS
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sources import LandedSource
from realestate_assets.domain.intake.conditions import left_out_reasons, meets
from realestate_assets.domain.intake.coverage import lost_columns
from realestate_assets.domain.intake.mapping import map_rows
from realestate_assets.domain.intake.rejects import build_rejects
from realestate_assets.domain.intake.spelling import one_spelling
from realestate_assets.domain.intake.validation import validate_rents
from realestate_assets.domain.rents.params import load_rent_params
from realestate_assets.domain.rents.reposts import latest_of_each, repost_groups
from realestate_assets.domain.tables import RENTS

REPOST = "REPOST"


@dataclass(frozen=True)
class CanonicalRents:
    """What became of the advertisements of one source; rows of both tables together are the rows received."""

    rents: pa.Table
    rejects: pa.Table
    warnings: tuple[str, ...] = ()


def canonical_rents(raw: pa.Table, county: County, source: LandedSource, version: str) -> CanonicalRents:
    """Map, refuse and group the advertisements of one source; each month is worked on for itself.

    Args:
        raw: raw rows of the source.
        county: the county.
        source: a source that holds rents.
        version: of its map, for the rows that are refused.
    """
    counts = meets(raw, source)
    left_out = raw.filter(pa.array(~counts))
    refused = [build_rejects(left_out, left_out_reasons(left_out, version), "rejected")]
    rows = raw.filter(pa.array(counts))
    faults = Faults(rows.num_rows)
    table = map_rows(rows, source.rules, faults, county.timezone, RENT_COLUMNS)
    table = one_spelling(table, county.state, faults)
    forgiven = [name for name, rule in source.rules.items() if rule.out_of_range != "reject"]
    table = validate_rents(table, rows["month"], county.bounds, faults, forgiven)
    bad = faults.mask()
    warnings = tuple(lost_columns(rows, table, source.rules, ~bad))
    reasons = faults.by_row().assign(map_version=version)
    refused.append(build_rejects(rows.filter(pa.array(bad)), reasons, "rejected"))
    kept, received = table.filter(pa.array(~bad)), rows.filter(pa.array(~bad))
    rents, duplicates = _one_rent_each(kept, received, version)
    return CanonicalRents(rents, pa.concat_tables([*refused, duplicates]), warnings)


def _one_rent_each(table: pa.Table, received: pa.Table, version: str) -> tuple[pa.Table, pa.Table]:
    """The latest advertisement of each home and month, and rejects for those it stands for."""
    if not table.num_rows:
        return RENTS.empty(), build_rejects(received, pd.DataFrame(columns=["reason_code"]), "duplicate")
    ads = table.to_pandas(date_as_object=False)
    # The month is the market: what is posted again in the next one is a rent of that month, too.
    ads = ads.assign(market=received["month"].to_pandas(), town=ads["city"])
    groups = repost_groups(ads, load_rent_params().reposts)
    latest = latest_of_each(groups, ads["observed_date"])
    of_group = np.empty(groups.max() + 1, dtype=int)
    of_group[groups[latest]] = np.flatnonzero(latest)
    places = {
        "county": received["county"],
        "month": received["month"],
        "source": received["_source"],
        "source_file": received["_file"],
        "source_row": received["_row"],
        "is_simulated": pa.repeat(pa.scalar(False), table.num_rows),
        "advertisements": pa.array(np.bincount(groups)[groups], pa.int64()),
    }
    rents = pa.table({**places, **{name: table[name] for name in table.column_names}})
    key = [(name, "ascending") for name in RENTS.key]
    rents = rents.filter(pa.array(latest)).select(RENTS.column_names).cast(RENTS.plain_schema).sort_by(key)
    lost = np.flatnonzero(~latest)
    kept = received.take(pa.array(of_group[groups[lost]]))
    sentence = pc.binary_join_element_wise(
        "The same home as in a later advertisement, row ",
        kept["_row"].cast(pa.string()),
        " of ",
        kept["_file"],
        ".",
        "",
    )
    reasons = pd.DataFrame(
        {"reason_code": REPOST, "reason_codes": REPOST, "map_version": version}, index=lost
    )
    reasons["reason"] = sentence.to_pandas().to_numpy()
    return rents, build_rejects(received.take(pa.array(lost)), reasons, "duplicate")
