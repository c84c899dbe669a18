"""Faults put into the sample on purpose, so that every rule that refuses a row has something to refuse.

Each kind takes the columns and the rows to spoil. Kinds go round over the months: in a year each one occurs.
"""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from realestate_assets.sample.addresses import Text
from realestate_assets.sample.records import Record
from realestate_assets.sample.seeds import month_number

DIRT_SHARE = 0.04
FAULT, FAULT_TEXT = "_fault", "_fault_text"
Spoiler = Callable[[Record, np.ndarray, np.ndarray], None]


def _set(column: str, value: str | None) -> Spoiler:
    def spoil(record: Record, rows: np.ndarray, _clean: np.ndarray) -> None:
        record[column][rows] = value

    return spoil


def _swap_sign(record: Record, rows: np.ndarray, _clean: np.ndarray) -> None:
    record["lon"][rows] = pd.Series(record["lon"][rows]).str.lstrip("-").to_numpy(object)


def _swap_coordinates(record: Record, rows: np.ndarray, _clean: np.ndarray) -> None:
    record["lat"][rows], record["lon"][rows] = record["lon"][rows], record["lat"][rows].copy()


def _letter_for_digit(record: Record, rows: np.ndarray, _clean: np.ndarray) -> None:
    record["building_sqft"][rows] = (
        pd.Series(record["building_sqft"][rows]).str.slice(0, -1).to_numpy(object) + "O"
    )


def _unsplit(code: str, columns: slice, ending: str) -> Spoiler:
    """A row the reader could not split or decode: no values, only its text."""

    def spoil(record: Record, rows: np.ndarray, _clean: np.ndarray) -> None:
        names = [name for name in record if not name.startswith("_")]
        shown = pd.DataFrame({name: record[name][rows] for name in names[columns]}).fillna("")
        line = shown.iloc[:, 0].str.cat([shown[name] for name in shown.columns[1:]], sep=",") + ending
        for name in names:
            record[name][rows] = None
        record[FAULT][rows] = code
        record[FAULT_TEXT][rows] = line.to_numpy(object)

    return spoil


def _copy(record: Record, rows: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Rows become copies of clean ones; the rows copied from."""
    origin = clean[np.arange(len(rows)) % len(clean)]
    for values in record.values():
        values[rows] = values[origin]
    return origin


def _exact_copy(record: Record, rows: np.ndarray, clean: np.ndarray) -> None:
    _copy(record, rows, clean)


def _same_parcel(record: Record, rows: np.ndarray, clean: np.ndarray) -> None:
    """The same parcel number written with blanks instead of hyphens, under another record number."""
    origin = _copy(record, rows, clean)
    record["parcel_number"][rows] = _replaced(record["parcel_number"][origin], "-", " ")
    record["record_no"][rows] = record["record_no"][origin] + "-B"


def _same_address(record: Record, rows: np.ndarray, clean: np.ndarray) -> None:
    """The same address in another spelling and without parcel number."""
    origin = _copy(record, rows, clean)
    record["parcel_number"][rows] = None
    record["record_no"][rows] = record["record_no"][origin] + "-C"
    record["situs_address"][rows] = _other_spelling(record["situs_address"][origin])
    record["situs_zip"][rows] = pd.Series(record["situs_zip"][origin]).str.slice(0, 5).to_numpy(object)


def _other_spelling(streets: Text) -> Text:
    """Lower case, two blanks for one, and the short form of the last word for its long one or back."""
    pairs = {"street": "st", "avenue": "ave", "drive": "dr", "road": "rd", "lane": "ln", "court": "ct"}
    lower = pd.Series(streets).str.lower().str.rstrip(".")
    for long, short in pairs.items():
        lower = lower.str.replace(rf"\b{long}$", short, regex=True)
    return lower.str.replace(" ", "  ").to_numpy(object)


def _replaced(values: Text, old: str, new: str) -> Text:
    return pd.Series(values).str.replace(re.escape(old), new, regex=True).to_numpy(object)


KINDS: tuple[Spoiler, ...] = (
    _set("situs_address", None),
    _exact_copy,
    _set("asking_price", None),
    _set("asking_price", "call agent"),
    _same_parcel,
    _letter_for_digit,
    _set("recorded_on", "31/31/2015"),
    _same_address,
    _set("asking_price", "0"),
    _set("asking_price", "-450000"),
    _set("asking_price", "999999999999"),
    _unsplit("ROW_TOO_SHORT", slice(0, 7), ""),
    _set("building_sqft", "0"),
    _set("building_sqft", "2500000"),
    _swap_sign,
    _set("built", "1066"),
    _unsplit("ENCODING_BROKEN", slice(0, None), " caf\ufffd"),
    _set("built", "2999"),
    _swap_coordinates,
    _set("beds", "33"),
    _set("use_type", "Spaceship"),
    _unsplit("ROW_TOO_LONG", slice(0, None), ",surplus,columns"),
)


def add_dirt(record: Record, month: str, rng: np.random.Generator) -> None:
    """Spoil a few rows of a month in place."""
    count = len(record["record_no"])
    record[FAULT], record[FAULT_TEXT] = np.full((2, count), None, dtype=object)
    spoiled = min(max(1, round(DIRT_SHARE * count)), count // 2)
    order = rng.permutation(count)
    rows, clean = order[:spoiled], order[spoiled:]
    kind = (month_number(month) * spoiled + np.arange(spoiled)) % len(KINDS)
    for index in np.unique(kind):
        KINDS[index](record, rows[kind == index], clean)
