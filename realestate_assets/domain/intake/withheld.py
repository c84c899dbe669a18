"""Names of people who asked to be forgotten, taken out of rows as they are received.

It is done before anything is kept: what is not in the raw rows is in no table, no memo and no reject.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.counties.column_map import ColumnMap
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.columns import PLATFORM_COLUMNS, raw_name
from realestate_assets.domain.intake.origins import origin_text

OWNER, MAILING = "owner_name", "owner_mailing_address"
NAMES = (OWNER, "seller_name", "buyer_name")

# Which of some names are of the list.
IsListed = Callable[[pa.Array], np.ndarray]


def withheld(raw: pa.Table, county: County, is_listed: IsListed) -> tuple[pa.Table, int]:
    """The rows without the names of the list, and in how many of them something was taken out.

    An owner's mailing address goes with the name. Columns that the source's map does not name go where they
    hold the name in a row that was found by the others.

    Args:
        raw: raw rows of the county.
        county: whose maps say which columns hold names.
        is_listed: tells which names are of the list.
    """
    touched = np.zeros(raw.num_rows, dtype=bool)
    for name in pc.unique(raw["_source"]).to_pylist():
        source = county.raw_sources.get(name)
        own = to_mask(pc.equal(raw["_source"], name))
        found = np.zeros(raw.num_rows, dtype=bool)
        known = {} if source is None else source.rules
        for field in NAMES:
            rule = known.get(field)
            if rule is None:
                continue
            named = own & is_listed(origin_text(raw, rule, field))
            rules = [rule, *([known[MAILING]] if field == OWNER and MAILING in known else [])]
            for column in (each for rule in rules for each in _columns(rule)):
                raw = _without(raw, column, named)
            found |= named
        touched |= found
    if touched.any():
        for column in raw.column_names:
            if column not in PLATFORM_COLUMNS and pa.types.is_string(raw[column].type):
                raw = _without(raw, column, touched & _named(raw[column], touched, is_listed))
    return raw, int(touched.sum())


def _columns(rule: ColumnMap) -> list[str]:
    return [raw_name(column) for column in rule.value_columns]


def _named(values: pa.ChunkedArray, rows: np.ndarray, is_listed: IsListed) -> np.ndarray:
    found = np.zeros(len(values), dtype=bool)
    found[rows] = is_listed(pc.filter(values, pa.array(rows)))
    return found


def _without(raw: pa.Table, column: str, rows: np.ndarray) -> pa.Table:
    if column not in raw.column_names or not rows.any():
        return raw
    values = pc.if_else(pa.array(rows), pa.scalar(None, raw[column].type), raw[column])
    return raw.set_column(raw.column_names.index(column), column, values)
