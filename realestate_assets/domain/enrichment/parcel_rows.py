"""Parcel numbers as a dataset writes them, and which of a parcel's dated rows counts for a month."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import clean, to_date, to_integer
from realestate_assets.domain.core.parcel_numbers import normalize_apn
from realestate_assets.domain.counties.providers.socrata import ParcelKey, Vintage

# One number for parcel and day: the day is below this, for every date there is.
DAYS = 1 << 22
EPOCH = np.datetime64("1970-01-01", "D")
DAY_OFFSET = 800_000  # no date is that many days before 1970
UNKNOWN_DAY = -DAY_OFFSET - 1


def parcel_keys(text: pa.Array | pa.ChunkedArray, key: ParcelKey) -> pa.Array:
    """Parcel numbers in one spelling: no separators, padded; null where it cannot be one of the dataset.

    A number column comes as `1000010010.00000000`: the decimals are no part of the number.
    """
    plain = pc.replace_substring_regex(clean(text), r"^(\d+)\.0+$", r"\1")
    plain = normalize_apn(plain)
    if key.digits is None:
        return plain
    fits = pc.less_equal(pc.utf8_length(plain), key.digits)
    return pc.utf8_lpad(pc.if_else(fits, plain, pa.scalar(None, pa.string())), key.digits, "0")


def written_keys(keys: pa.Array, key: ParcelKey) -> pa.Array:
    """Parcel numbers as the dataset writes them."""
    if not key.pattern:
        return keys
    parts: list[pa.Array | str] = []
    at = 0
    for sign in key.pattern:
        parts.append(pc.utf8_slice_codeunits(keys, at, at + 1) if sign == "#" else sign)
        at += sign == "#"
    return pc.binary_join_element_wise(*parts, "")


def key_condition(written: list[str], key: ParcelKey) -> str:
    """The SoQL condition that asks for these parcels; they hold letters, digits and separators only."""
    listed = ",".join(f"'{value}'" if key.is_text else value.lstrip("0") or "0" for value in written)
    return f"{key.column} in({listed})"


def row_days(table: pa.Table, vintage: Vintage) -> tuple[np.ndarray, np.ndarray]:
    """Day number on which each row was known (UNKNOWN_DAY where that cannot be read), and its year."""
    if vintage.year:
        number = to_integer(clean(table[vintage.year]))[0]
        number = pc.if_else(pc.and_(pc.greater(number, 1600), pc.less(number, 2300)), number, None)
        year = np.asarray(pc.fill_null(number, 0)).astype(np.int64)
        known = year > 0
        # The end of the year is the day before the next one begins.
        months = ((year - 1970 + 1) * 12 + vintage.months_later).astype("datetime64[M]")
        days = months.astype("datetime64[D]") - 1
    else:
        dates = to_date(clean(table[vintage.date]))[0].to_pandas()
        known = dates.notna().to_numpy()
        stamps = pd.to_datetime(dates.where(known, None))
        later = stamps + pd.DateOffset(months=vintage.months_later) if vintage.months_later else stamps
        days = later.to_numpy().astype("datetime64[D]")
        year = stamps.dt.year.fillna(0).to_numpy().astype(np.int64)
    return np.where(known, (days - EPOCH).astype(np.int64), UNKNOWN_DAY), year


@dataclass(frozen=True)
class DatedGroups:
    """The rows of a dataset by parcel and vintage, in that order.

    Args:
        first: position of each group's first row.
        days: day number each group was known.
        slots: parcel and day as one number, ascending.
    """

    first: np.ndarray
    days: np.ndarray
    slots: np.ndarray

    @classmethod
    def of(cls, parcel: np.ndarray, days: np.ndarray) -> "DatedGroups":
        """Groups of rows that are sorted by parcel, then day."""
        slots, first = np.unique(_slots(parcel, days), return_index=True)
        return cls(first, days[first], slots)

    def known_at(self, parcel: np.ndarray, days: np.ndarray) -> np.ndarray:
        """The group that counts for each parcel on a day; -1 where the parcel has none.

        That is the latest one known by then; where there is only a later one, the first of those, so that it
        can be said, by its vintage, that the value came too late.
        """
        if not len(self.slots):
            return np.full(len(parcel), -1)
        before = np.searchsorted(self.slots, _slots(parcel, days), side="right") - 1
        after = np.minimum(before + 1, len(self.slots) - 1)
        own = np.where(parcel < 0, -2, parcel)
        found = np.where(self._parcel(np.maximum(before, 0)) == own, np.maximum(before, 0), -1)
        found = np.where((before < 0), -1, found)
        return np.where((found < 0) & (self._parcel(after) == own), after, found)

    def _parcel(self, groups: np.ndarray) -> np.ndarray:
        return self.slots[groups] // DAYS


def first_days(months: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Day number of the first day of each month, given as YYYY-MM."""
    stamps = np.asarray(months.to_pandas(), dtype="datetime64[M]")
    return (stamps.astype("datetime64[D]") - EPOCH).astype(np.int64)


def as_dates(days: np.ndarray) -> pa.Array:
    """Day numbers as dates."""
    return pa.array(days.astype(np.int32), pa.int32()).cast(pa.date32())


def _slots(parcel: np.ndarray, days: np.ndarray) -> np.ndarray:
    return parcel.astype(np.int64) * DAYS + days + DAY_OFFSET
