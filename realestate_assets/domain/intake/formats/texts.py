"""Typed values as the text that a CSV of them would hold, and the table made of them."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from realestate_assets.domain.core.convert import LARGEST_EXACT
from realestate_assets.domain.counties.sources import LandedSource
from realestate_assets.domain.intake.columns import check_columns, name_columns
from realestate_assets.domain.intake.file_bytes import Place, sound_text
from realestate_assets.domain.intake.raw_rows import RowFaults, Split


def value_text(value: object) -> str | None:
    """A value as text: whole numbers digit by digit as far as a double holds them, larger ones as 2.2e+17.

    Days without a time, and midnights, are ISO dates; what a document nests is JSON.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return _number_text(float(value))
    if isinstance(value, dt.datetime):
        day = value.time() == dt.time() and value.tzinfo is None
        return value.date().isoformat() if day else value.isoformat(sep=" ")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _number_text(number: float) -> str | None:
    if np.isnan(number):
        return None
    if not number.is_integer():
        return repr(number)
    return str(int(number)) if abs(number) < LARGEST_EXACT[64] else f"{number:.9e}"


def as_split(
    columns: Mapping[str, Sequence[object]], source: LandedSource, place: Place, notes: tuple[str, ...] = ()
) -> Split:
    """Columns of values as rows of text, once it is sure that they are this source's.

    Raises:
        PermanentError: there are no rows, or a required column is missing.
    """
    names = name_columns(list(columns), place)
    check_columns(source, names, place)
    count = len(next(iter(columns.values()), ()))
    if not count:
        raise place.error("is empty: it has columns and no rows.", "Land the complete file again.")
    faults: RowFaults = {}
    arrays = [_array(values, faults) for values in columns.values()]
    return Split(pa.table(arrays, names=names), np.arange(1, count + 1), faults, notes)


def _array(values: Sequence[object], faults: RowFaults) -> pa.Array:
    out = []
    for number, value in enumerate(values, start=1):
        text, sound = sound_text(value_text(value))
        if not sound:
            faults[number] = ("ENCODING_BROKEN", None)
        out.append(text)
    return pa.array(out, pa.string())
