"""Text to typed values, a whole column at a time; what cannot be read is marked, never guessed.

A converter takes trimmed text with nulls and gives the typed column and a mask of the values it could not
read (which are null in the column).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from resources.errors import PermanentError

# Texts that mean "nothing here", in any case; a column map may add its own.
NULL_TOKENS = ("", "na", "n/a", "null", "none", "nan", "nat", "<na>")
TRUE_TOKENS = ("1", "1.0", "true", "t", "yes", "y")
FALSE_TOKENS = ("0", "0.0", "false", "f", "no", "n")

NUMBER = r"^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?([eE][+-]?\d{1,3})?$|^[+-]?\.\d+([eE][+-]?\d{1,3})?$"
ISO_DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?)?$"
# A time of day other than midnight, with its offset.
MOMENT = r"^\d{4}-\d{2}-\d{2}[T ](?!00:00(:00(\.0+)?)?\s?(Z|UTC|[+-]))\d{2}:\d{2}.*(Z|UTC|[+-]\d{2}:?\d{2})$"
# Formats of dates that are no strptime pattern: days as Excel counts them, and as old Excel for Mac did.
SERIAL_EPOCHS = {"serial": "1899-12-30", "serial_1904": "1904-01-01"}
SERIAL_FIRST, SERIAL_LAST = 60, 2_958_465
# Whole numbers a float holds exactly.
LARGEST_INTEGER = float(2**53)

# Below these a float of 16, 32 and 64 bits holds every whole number, or every one of 15 digits.
LARGEST_EXACT = {16: 2.0**11, 32: 2.0**24, 64: 1e15}

Converted = tuple[pa.Array, np.ndarray]


def clean(
    text: pa.ChunkedArray | pa.Array,
    null_values: Sequence[str] = (),
    *,
    usual: bool = True,
    codes: Iterable[str] = (),
) -> pa.Array:
    """Trimmed text with every way of saying nothing as null.

    Args:
        text: what was received.
        null_values: texts that mean nothing here, in any case.
        usual: NULL_TOKENS mean nothing too; without it an empty text alone does.
        codes: texts that have a meaning of their own, so that none of NULL_TOKENS is taken for nothing.
    """
    array = pc.utf8_trim_whitespace(one_chunk(text))
    tokens = {*(NULL_TOKENS if usual else ())} - {code.strip().lower() for code in codes}
    tokens |= {"", *(value.strip().lower() for value in null_values)}
    is_null = pc.is_in(pc.utf8_lower(array), value_set=pa.array(sorted(tokens)))
    return pc.if_else(is_null, pa.scalar(None, pa.string()), array)


def to_number(
    text: pa.Array, null_values: Sequence[str] = (), decimal: str = ".", marks: Sequence[str] = ("$",)
) -> Converted:
    """Floats: a mark of the currency, blanks and thousands commas are allowed, `1,23` is not.

    Args:
        text: trimmed text with nulls.
        null_values: texts that mean nothing here; a number stands for all its spellings.
        decimal: sign before the fraction; the other one of comma and point separates thousands.
        marks: signs and codes of the currency that may stand before or behind an amount.
    """
    plain = pc.replace_substring_regex(text, _marks_pattern(tuple(marks)), "")
    if decimal == ",":
        swapped = pc.replace_substring(pc.replace_substring(plain, ".", "\0"), ",", ".")
        plain = pc.replace_substring(swapped, "\0", ",")
    fits = pc.match_substring_regex(plain, NUMBER)
    digits = pc.replace_substring(pc.if_else(fits, plain, pa.scalar(None, pa.string())), ",", "")
    values = pc.utf8_ltrim(digits, "+").cast(pa.float64())
    values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
    bad = to_mask(pc.and_(pc.is_valid(text), pc.is_null(values)))
    for token in null_values:  # `0` stands for `0.0` too
        if re.match(NUMBER, token):
            values = pc.if_else(pc.equal(values, float(token)), pa.scalar(None, pa.float64()), values)
    return values, bad


@lru_cache
def _marks_pattern(marks: tuple[str, ...]) -> str:
    """Blanks, signs of a currency anywhere, and its words where an amount begins or ends."""
    signs = "".join(re.escape(mark) for mark in marks if len(mark) == 1)
    words = "|".join(re.escape(mark) for mark in marks if len(mark) > 1)
    edges = rf"|^\s*(?i:{words})|(?i:{words})\s*$" if words else ""
    return rf"[\s{signs}]{edges}"


def to_integer(
    text: pa.Array, null_values: Sequence[str] = (), decimal: str = ".", marks: Sequence[str] = ("$",)
) -> Converted:
    """Whole numbers; `2017.0` is one, `2017.5` is not."""
    values, bad = to_number(text, null_values, decimal, marks)
    whole = pc.and_(pc.equal(values, pc.round(values)), pc.less_equal(pc.abs(values), LARGEST_INTEGER))
    bad |= to_mask(pc.invert(whole))
    return pc.if_else(whole, values, pa.scalar(None, pa.float64())).cast(pa.int64()), bad


def to_date(text: pa.Array, formats: Sequence[str] = (), timezone: str | None = None) -> Converted:
    """Dates by the first format that fits; without formats ISO 8601, whose time of day is left out.

    Distinct values are parsed once: a file of a million rows holds a few hundred days.

    Args:
        text: trimmed text with nulls.
        formats: strptime patterns.
        timezone: the clock that says which day a moment with an offset belongs to; None takes the day as it
            is written. Midnight as written stays on its day: that is how a day without a time is kept.
    """
    encoded = pc.dictionary_encode(text)
    distinct = encoded.dictionary.to_pandas()
    found = pd.Series(pd.NaT, index=distinct.index, dtype="datetime64[s]")
    if formats:
        for pattern in formats:
            found = found.fillna(_parse_dates(distinct, pattern, timezone))
    else:
        iso = distinct.where(distinct.str.match(ISO_DATE).fillna(False).astype(bool))
        found = _parse_dates(iso.str.slice(0, 10), "%Y-%m-%d", None)
        if timezone:
            moments = iso.where(iso.str.match(MOMENT).fillna(False).astype(bool))
            moments = moments.str.replace(r"\s?UTC$", "Z", regex=True)
            utc = pd.to_datetime(moments, format="ISO8601", errors="coerce", utc=True)
            found = utc.dt.tz_convert(timezone).dt.tz_localize(None).astype("datetime64[s]").fillna(found)
    days = pa.array(found, from_pandas=True).cast(pa.timestamp("s")).cast(pa.date32(), safe=False)
    values = pc.take(days, encoded.indices)
    return values, to_mask(pc.and_(pc.is_valid(text), pc.is_null(values)))


def _parse_dates(texts: pd.Series, pattern: str, timezone: str | None) -> pd.Series:
    if pattern in SERIAL_EPOCHS:
        return _serial_dates(texts, SERIAL_EPOCHS[pattern])
    try:
        parsed = pd.to_datetime(texts, format=pattern, errors="coerce")
    except (ValueError, re.error) as error:
        raise PermanentError(
            f"{pattern!r} is not a date format: {error}.", field="format", remedy="Use strptime's signs."
        ) from error
    if isinstance(parsed.dtype, pd.DatetimeTZDtype):
        written = parsed.dt.tz_localize(None)  # the day as written, not as it is in Greenwich
        local = parsed.dt.tz_convert(timezone).dt.tz_localize(None) if timezone else written
        parsed = local.where(written.dt.normalize() != written, written)
    return parsed.astype("datetime64[s]")


def _serial_dates(texts: pd.Series, epoch: str) -> pd.Series:
    """Days that a spreadsheet counts; its first sixty are left out: it believes that 1900 was a leap year."""
    days = pd.to_numeric(texts.where(texts.str.fullmatch(r"\d{2,7}(\.\d+)?").fillna(False).astype(bool)))
    days = np.floor(days.where((days > SERIAL_FIRST) & (days <= SERIAL_LAST)))
    return (pd.Timestamp(epoch) + pd.to_timedelta(days, unit="D")).astype("datetime64[s]")


def to_boolean(text: pa.Array) -> Converted:
    """1/0, true/false, t/f, yes/no and y/n in any case."""
    lower = pc.utf8_lower(text)
    is_true = pc.is_in(lower, value_set=pa.array(TRUE_TOKENS))
    is_false = pc.is_in(lower, value_set=pa.array(FALSE_TOKENS))
    values = pc.if_else(pc.or_(is_true, is_false), is_true, pa.scalar(None, pa.bool_()))
    return values, to_mask(pc.and_(pc.is_valid(text), pc.is_null(values)))


def to_code(text: pa.Array, codes: dict[str, str]) -> Converted:
    """Codes of the source as codes of ours, in any case."""
    keys = pa.array([key.strip().lower() for key in codes], pa.string())
    position = pc.index_in(pc.utf8_lower(text), value_set=keys)
    values = pc.take(pa.array([str(code) for code in codes.values()], pa.string()), position)
    return values, to_mask(pc.and_(pc.is_valid(text), pc.is_null(position)))


def to_allowed(text: pa.Array, allowed: Sequence[str]) -> Converted:
    """Text that already is one of our codes, but for case, blanks and hyphens."""
    code = pc.replace_substring_regex(pc.utf8_lower(text), r"[\s-]+", "_")
    known = pc.is_in(code, value_set=pa.array(allowed))
    values = pc.if_else(known, code, pa.scalar(None, pa.string()))
    return values, to_mask(pc.and_(pc.is_valid(text), pc.is_null(values)))


def float_text(numbers: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Floats as text: whole numbers digit by digit as far as the type keeps them, larger ones as 2.2e+17.

    Arrow writes a double of eleven digits as 1.721100001e+10 and a single of nine as if all were known.
    """
    text = numbers.cast(pa.string())
    limit = LARGEST_EXACT[numbers.type.bit_width]
    doubles = numbers.cast(pa.float64())
    whole = pc.equal(doubles, pc.round(doubles))
    exact = pc.and_(whole, pc.less(pc.abs(doubles), limit))
    integers = pc.if_else(exact, doubles, pa.scalar(None, pa.float64())).cast(pa.int64()).cast(pa.string())
    rounded = pc.and_(pc.invert(exact), pc.match_substring_regex(text, r"^-?\d+$"))
    if pc.any(rounded).as_py():
        shown = [f"{value:.9e}" if value is not None else None for value in doubles.to_pylist()]
        text = pc.if_else(rounded, pa.array(shown, pa.string()), text)
    return pc.coalesce(integers, text)


def to_mask(condition: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """A condition as a numpy mask; unknown is false."""
    return np.asarray(pc.fill_null(condition, False)).astype(bool)


def first_of(columns: Sequence[pa.Array]) -> pa.Array:
    """The first value that is there, row by row."""
    return columns[0] if len(columns) == 1 else pc.coalesce(*columns)


def scaled(values: pa.Array, factor: float) -> pa.Array:
    """Values times a unit factor."""
    return values if factor == 1.0 else pc.multiply(values, factor)


def one_chunk(array: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as one array."""
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


CONVERTERS: dict[str, tuple[Callable[..., Converted], str, str]] = {
    "integer": (to_integer, "NUMBER_UNREADABLE", "is not a whole number"),
    "float": (to_number, "NUMBER_UNREADABLE", "is not a number"),
    "date": (to_date, "DATE_UNREADABLE", "is not a date of the expected form"),
    "boolean": (to_boolean, "BOOLEAN_UNREADABLE", "is neither yes nor no"),
}
