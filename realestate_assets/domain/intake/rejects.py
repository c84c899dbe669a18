"""Rows of property_rejects: the received record as JSON, beside what was wrong with it."""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.json_text import escaped, member
from realestate_assets.domain.intake.columns import PLATFORM_COLUMNS, received_name
from realestate_assets.domain.tables import PROPERTY_REJECTS


def build_rejects(raw: pa.Table, reasons: pd.DataFrame, disposition: str) -> pa.Table:
    """Rows of property_rejects.

    Args:
        raw: the raw rows, one for each row of `reasons`.
        reasons: reason_code, reason_codes, field, reason and map_version, and duplicate_of for duplicates.
        disposition: rejected or duplicate.
    """
    count = raw.num_rows
    columns = {
        "county": raw["county"],
        "month": raw["month"],
        "source": raw["_source"],
        "source_file": raw["_file"],
        "file_sha256": raw["_file_sha256"],
        "source_row": raw["_row"],
        "disposition": pa.repeat(pa.scalar(disposition), count),
        "raw_record": raw_json(raw),
    }
    for name in ("reason_code", "reason_codes", "field", "reason", "duplicate_of", "map_version"):
        given = reasons[name] if name in reasons else [None] * count
        columns[name] = pa.array(given, pa.string(), from_pandas=True)
    return pa.table({name: columns[name] for name in PROPERTY_REJECTS.column_names}).cast(
        PROPERTY_REJECTS.plain_schema
    )


def raw_json(raw: pa.Table) -> pa.ChunkedArray:
    """Each row as a JSON object of the text values received, without columns its file does not have.

    Keys are in alphabetical order, so that the text does not depend on which other files were read.
    A line that could not be split stands under `_fault_text`.
    """
    names = sorted({*raw.column_names} - {*PLATFORM_COLUMNS}, key=received_name)
    pieces = [_member(received_name(name), raw[name]) for name in names]
    pieces.append(_member("_fault_text", raw["_fault_text"]))
    body = pc.binary_join_element_wise(*pieces, ", ", null_handling="skip")
    return pc.binary_join_element_wise("{", body, "}", "")


def _member(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """`"name": "value"`, null where the value is."""
    return member(name, escaped(column.cast(pa.string())))
