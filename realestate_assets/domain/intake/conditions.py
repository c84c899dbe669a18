"""Rows that the source's `where` leaves out: counted among the rejects, so that what was received adds up."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask, to_number
from realestate_assets.domain.counties.column_map import ColumnMap
from realestate_assets.domain.counties.sample_source import RawSource
from realestate_assets.domain.counties.sources import Condition, FileSource
from realestate_assets.domain.intake.origins import column_text

# Not a fault of the row: checks of how much is refused leave it aside.
LEFT_OUT = "LEFT_OUT_BY_WHERE"


def meets(raw: pa.Table, source: RawSource) -> np.ndarray:
    """Mask of the rows of a source that meet all its conditions.

    A row that could not be split or decoded counts: it is refused with that reason.
    """
    kept = np.ones(raw.num_rows, dtype=bool)
    if not isinstance(source, FileSource):
        return kept
    for name, condition in source.where.items():
        kept &= _meets(raw, name, condition, source)
    return kept | to_mask(pc.is_valid(raw["_fault"]))


def left_out_reasons(raw: pa.Table, version: str) -> pd.DataFrame:
    """Why each of these rows is among the rejects, as `build_rejects` takes it."""
    reasons = {
        "reason_code": LEFT_OUT,
        "reason_codes": LEFT_OUT,
        "reason": "The row does not meet the conditions of the source's `where`.",
        "map_version": version,
    }
    return pd.DataFrame(reasons, index=range(raw.num_rows))


def _meets(raw: pa.Table, name: str, condition: Condition, source: FileSource) -> np.ndarray:
    text = column_text(raw, name, ColumnMap.model_validate({"from": name, "usual_nulls": False}))
    plain = pc.fill_null(pc.utf8_lower(text), "")
    kept = np.ones(raw.num_rows, dtype=bool)
    if condition.is_:
        kept &= to_mask(pc.is_in(plain, value_set=_texts(condition.is_)))
    if condition.not_:
        kept &= ~to_mask(pc.is_in(plain, value_set=_texts(condition.not_)))
    if condition.min is not None or condition.max is not None:
        values = to_number(text, decimal=source.decimal)[0]
        kept &= to_mask(pc.is_valid(values))
        if condition.min is not None:
            kept &= to_mask(pc.greater_equal(values, condition.min))
        if condition.max is not None:
            kept &= to_mask(pc.less_equal(values, condition.max))
    return kept


def _texts(values: tuple[str, ...]) -> pa.Array:
    return pa.array([value.strip().lower() for value in values], pa.string())
