"""Extra features of raw rows as one JSON object a row: facts of a source's own, on their way to the model."""

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_code, to_mask, to_number
from realestate_assets.domain.core.faults import Faults
from realestate_assets.domain.counties.extra_features import ExtraFeature
from realestate_assets.domain.intake.origins import calculated, origin_text, summed

# Longer texts are remarks, no categories; what is cut alike is one category.
MOST_LETTERS = 60
NOTHING = pa.scalar(None, pa.string())


def extra_features(raw: pa.Table, features: Mapping[str, ExtraFeature], faults: Faults) -> pa.Array:
    """`{"name": value, …}` of each row as text, names in their order; what is unknown is left out.

    Null where nothing is known. A number that cannot be read refuses the row, as in a column map.

    Args:
        raw: raw rows of one source.
        features: by name how each is made.
        faults: gets what cannot be read.
    """
    broken = to_mask(pc.is_valid(raw["_fault"]))
    pairs = []
    for name, rule in sorted(features.items()):
        values, bad, text, code, what = _made(raw, name, rule)
        faults.add(bad & ~broken, code, name, f"{name} '{{}}' {what}.", text)
        if rule.required:
            absent = to_mask(pc.is_null(values)) & ~bad & ~broken
            faults.add(absent, "REQUIRED_MISSING", name, f"{name} is missing.")
        pairs.append(pc.binary_join_element_wise(json.dumps(name), _as_json(values), ": "))
    if not pairs:
        return pa.nulls(raw.num_rows, pa.string())
    # Arrow gives no rows back where it joins a single column of nulls.
    joined = pairs[0] if len(pairs) == 1 else pc.binary_join_element_wise(*pairs, ", ", null_handling="skip")
    whole = pc.binary_join_element_wise("{", joined, "}", "")
    return pc.if_else(pc.equal(joined, ""), NOTHING, whole)


def _made(raw: pa.Table, name: str, rule: ExtraFeature) -> tuple:
    """Values, the rows that could not be read, their text, and what that fault is called."""
    number = ("NUMBER_UNREADABLE", "is not a number")
    if rule.sum or rule.formula is not None:
        made = summed(raw, rule, ()) if rule.sum else calculated(raw, rule, str(rule.formula), ())
        return _scaled(made[0], rule), made[1], made[2], *number
    text = origin_text(raw, rule, name)
    coded, unknown = to_code(text, rule.codes) if rule.codes else (text, np.zeros(len(text), dtype=bool))
    if unknown.any() and rule.unknown_code == "reject":
        bad = unknown
        code = ("CODE_UNKNOWN", "is not a known code")
    else:
        bad, code = np.zeros(len(text), dtype=bool), number
    if rule.kind == "category":
        return pc.utf8_slice_codeunits(coded, 0, MOST_LETTERS), bad, text, *code
    values, unreadable = to_number(
        coded, rule.null_values, "." if rule.codes else rule.decimal or ".", ("$", "USD", "US$")
    )
    return _scaled(values, rule), bad | unreadable, text, *(code if bad.any() else number)


def _scaled(values: pa.Array, rule: ExtraFeature) -> pa.Array:
    return values if rule.factor == 1.0 else pc.multiply(values, rule.factor)


def _as_json(values: pa.Array) -> pa.Array:
    """Numbers and texts as JSON; distinct values are written once."""
    encoded = pc.dictionary_encode(values)
    written = [None if value is None else json.dumps(value) for value in encoded.dictionary.to_pylist()]
    return pc.take(pa.array(written, pa.string()), encoded.indices)
