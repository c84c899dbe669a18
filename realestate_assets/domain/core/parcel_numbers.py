"""Parcel numbers in one spelling, and those that a spreadsheet or a column of numbers has spoilt.

A double holds 15 digits. A whole number up to that length which comes as `123456789.0` is still all there.
One that comes as `2.22623E+17`, or with more digits and a fraction of zeros, has lost its last ones: two
parcels may have become one text, and no rule can part them again.
"""

from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import Converted, to_mask

Texts: TypeAlias = "pa.Array | pa.ChunkedArray"

_WHOLE_NUMBER = r"^0*(\d{1,15}|\d{1,3}(,\d{3}){1,4})\.0+$"
_ROUNDED = r"^0*([1-9]\d{15,}|[1-9]\d{0,2}(,\d{3}){5,})\.0+$|^0*\d([.,]\d+)?[eE]\+\d+$|^0*\d[.,]\d+[eE]-?\d+$"
_NOTHING = pa.scalar(None, pa.string())


def normalize_apn(apn: Texts) -> Texts:
    """Parcel numbers without separators, upper case, leading zeros kept.

    `123456789.0` is the number without its fraction. All zeros is a placeholder, and what has lost its digits
    is no number: both are null.
    """
    text = pc.if_else(is_rounded(apn), _NOTHING, whole_numbers(apn))
    plain = pc.replace_substring_regex(pc.utf8_upper(text), r"[^0-9A-Z]", "")
    return pc.if_else(pc.match_substring_regex(plain, "^0*$"), _NOTHING, plain)


def read_apn(apn: Texts) -> Converted:
    """Parcel numbers in one spelling, and a mask of those that have lost their last digits."""
    return normalize_apn(apn), to_mask(is_rounded(apn))


def whole_numbers(text: Texts) -> Texts:
    """`123456789.0` as 123456789; `12.34.567`, whose points are separators, stays as it is."""
    trimmed = pc.utf8_trim_whitespace(text)
    digits = pc.replace_substring_regex(trimmed, r"\.0+$|,", "")
    return pc.if_else(pc.match_substring_regex(trimmed, _WHOLE_NUMBER), digits, text)


def padded(text: Texts, width: int) -> Texts:
    """Numbers with the zeros given back that a spreadsheet took; one that has lost its digits as it came."""
    return pc.if_else(is_rounded(text), text, pc.utf8_lpad(whole_numbers(text), width, "0"))


def is_rounded(text: Texts) -> Texts:
    """Whether a text is a number that has passed through a double and lost its last digits there."""
    return pc.match_substring_regex(pc.utf8_trim_whitespace(text), _ROUNDED)
