"""The Census Bureau's codes for what is no figure: annotation values, and medians that are "or more".

Source: "Notes on ACS Estimate and Annotation Values" and "ACS Median Jam Values", census.gov. A median beyond
the last interval of its question is published as one dollar above it (250,001 for "250,000 or more"), one
below the first as one dollar under it: bounds, not amounts, that a ratio must not be computed from.
"""

import pyarrow as pa
import pyarrow.compute as pc

# Digit that an annotation value repeats nine times -> reason code.
ANNOTATIONS = {
    "2": "TOO_FEW_ANSWERS",
    "3": "OPEN_ENDED",
    "5": "NOT_APPLICABLE",
    "6": "TOO_FEW_ANSWERS",
    "8": "NOT_APPLICABLE",
    "9": "TOO_FEW_ANSWERS",
}
_ANNOTATION = r"^-(?P<digit>2{9}|3{9}|5{9}|6{9}|8{9}|9{9})(?:\.0+)?$"
# Enrichment field -> the bounds that its median is published as, of releases before 2015 and since.
OPEN_ENDS = {
    "zip_median_income_usd": (2_499, 250_001),
    "zip_median_home_value_usd": (9_999, 1_000_001, 2_000_001),
    "zip_median_rent_usd": (99, 2_001, 3_501),
}


def is_annotation(text: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Mask of the texts that are an annotation value; null where the text is."""
    return pc.match_substring_regex(text, _ANNOTATION)


def figures_alone(text: pa.Array, is_code: pa.Array) -> pa.Array:
    """The texts, null where `is_code` holds a reason or is true."""
    code = is_code if pa.types.is_boolean(is_code.type) else pc.is_valid(is_code)
    return pc.if_else(pc.fill_null(code, False), pa.scalar(None, pa.string()), text)


def no_figure(field: str, text: pa.Array) -> pa.Array:
    """Reason code of each text that stands for no figure of the field; null where it is one, or missing."""
    code = pc.struct_field(pc.extract_regex(text, _ANNOTATION), [0])
    digit = pc.utf8_slice_codeunits(code, 0, 1)
    at = pc.index_in(digit, value_set=pa.array(list(ANNOTATIONS)))
    reason = pc.take(pa.array(list(ANNOTATIONS.values())), at)
    if bounds := OPEN_ENDS.get(field):
        plain = pc.replace_substring_regex(text, r"\.0+$", "")
        is_bound = pc.is_in(plain, value_set=pa.array([str(bound) for bound in bounds]))
        reason = pc.if_else(is_bound, pa.scalar("OPEN_ENDED"), reason)
    return reason
