"""A column map proposed for a file nobody has described: by the names of its columns and what they hold."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.addresses import normalize_zip
from realestate_assets.domain.core.convert import Converted, clean, to_boolean, to_date, to_number
from realestate_assets.domain.counties.column_map import MAPPABLE_COLUMNS, UNIT_FACTORS
from realestate_assets.domain.intake.proposal_words import DATE_FORMATS, FIELD_WORDS, VALUE_WORDS
from resources.warehouse.table_spec import Column

# Below this a column is named to the person, not mapped.
LEAST_CONFIDENCE = 0.5
SAMPLE_ROWS = 20_000
MOST_CODES = 60
# Zero says "not known" where nothing real is zero.
NEVER_ZERO = ("living_area_sqft", "lot_area_sqft", "year_built", "year_renovated", "stories", "latitude")


@dataclass(frozen=True)
class Proposal:
    """A canonical column, the rule proposed for it, and how sure it is (0 to 1)."""

    field: str
    rule: Mapping[str, object]
    confidence: float
    columns: tuple[str, ...]


def propose(table: pa.Table, state: str) -> list[Proposal]:
    """A rule for each canonical column that the file seems to hold, in the order of the canonical columns.

    Args:
        table: the file's columns as text.
        state: two letters of the county's state.
    """
    sample = table.slice(0, SAMPLE_ROWS)
    texts = {name: clean(sample[name]) for name in sample.column_names}
    found = {name: best for name in FIELD_WORDS if (best := _best(name, texts)) is not None}
    _bathrooms(found, texts)
    _dates_and_status(found)
    if "state" not in found:
        found["state"] = Proposal("state", {"constant": state}, 1.0, ())
    return [found[name] for name in MAPPABLE_COLUMNS if name in found]


def _best(field: str, texts: Mapping[str, pa.Array]) -> Proposal | None:
    """The column whose name and values fit the field best."""
    fits = []
    for name, text in texts.items():
        likeness = _likeness(field, name)
        if likeness and len(text) > text.null_count:
            rule, share = _rule(field, MAPPABLE_COLUMNS[field], name, text)
            fits.append(Proposal(field, rule, round(likeness * share, 2), (name,)))
    best = max(fits, key=lambda fit: fit.confidence, default=None)
    return best if best and best.confidence >= LEAST_CONFIDENCE else None


def _likeness(field: str, name: str) -> float:
    """How much a column's name is one of the field's; letters and digits are compared."""
    plain = _plain(name)
    words = [_plain(word) for word in (*FIELD_WORDS[field], field)]
    if plain in words:
        return 0.98 - 0.02 * min(words.index(plain), 10)
    parts = {_plain(part) for part in re.split(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])", name) if part}
    near = [word for word in words if len(word) > 3 and (word in parts or plain.startswith(word))]
    return 0.7 if near else 0.0


def _rule(field: str, column: Column, name: str, text: pa.Array) -> tuple[dict[str, object], float]:
    """The rule for a column, and the share of its values that come out."""
    rule: dict[str, object] = {"from": name}
    there = len(text) - text.null_count
    if column.kind == "date":
        return _date_rule(rule, text, there)
    if column.allowed:
        return _code_rule(rule, field, text, there)
    if field == "apn":
        return _apn_rule(rule, text), 1.0
    if field == "zip":
        return rule, 1 - normalize_zip(text)[1].sum() / there
    if column.kind == "boolean":
        return rule, 1 - to_boolean(text)[1].sum() / there
    if column.kind in ("float", "integer"):
        return _number_rule(rule, field, column, text, there)
    return rule, 1.0


def _number_rule(
    rule: dict[str, object], field: str, column: Column, text: pa.Array, there: int
) -> tuple[dict[str, object], float]:
    values, bad = to_number(text)
    comma = to_number(text, decimal=",")
    if bad.sum() > comma[1].sum():
        rule["decimal"] = ","
        values, bad = comma
    name = _plain(str(rule["from"]))
    if field.endswith("_sqft") and ("acre" in name or name.endswith("ac")):
        rule["unit"] = "acre"
    elif field.endswith("_sqft") and ("sqm" in name or "m2" in name):
        rule["unit"] = "sqm"
    if field in NEVER_ZERO and pc.any(pc.equal(values, 0.0)).as_py():
        rule["null_values"] = "0"
    low = column.minimum if column.minimum is not None else -np.inf
    high = column.maximum if column.maximum is not None else np.inf
    known = (
        np.asarray(pc.fill_null(values, np.nan), dtype=float) * UNIT_FACTORS[str(rule.get("unit", "count"))]
    )
    nothing = (known == 0) & ("null_values" in rule)
    fitting = ((known >= low) & (known <= high)) | nothing
    return rule, float(fitting.sum() / there)


def _date_rule(rule: dict[str, object], text: pa.Array, there: int) -> tuple[dict[str, object], float]:
    read = {form: _share(to_date(text, (form,) if form else ()), there) for form in DATE_FORMATS}
    best = max(read, key=lambda form: read[form])
    return ({**rule, "format": best} if best else rule), read[best]


def _share(converted: Converted, there: int) -> float:
    return float(1 - converted[1].sum() / there)


def _code_rule(
    rule: dict[str, object], field: str, text: pa.Array, there: int
) -> tuple[dict[str, object], float]:
    counts = pc.value_counts(text.drop_null()).to_pylist()
    if len(counts) > MOST_CODES:
        return rule, 0.0
    codes, read = {}, 0
    for each in sorted(counts, key=lambda pair: -pair["counts"]):
        ours = _code_of(field, each["values"])
        if ours:
            codes[each["values"]] = ours
            read += each["counts"]
    return {**rule, "codes": codes, "unknown_code": "null"}, read / there


def _code_of(field: str, value: str) -> str | None:
    """Our code for a value of the file: the first whose words it holds."""
    spaced = f" {re.sub(r'[^a-z0-9]+', ' ', value.lower())} "
    for code, words in VALUE_WORDS[field].items():
        if any(f" {word}" in spaced for word in words):
            return code
    return None


def _apn_rule(rule: dict[str, object], text: pa.Array) -> dict[str, object]:
    """Numbers that are mostly of one length lost zeros where they are shorter."""
    lengths = pc.value_counts(pc.utf8_length(text.drop_null())).to_pylist()
    digits = pc.all(pc.match_substring_regex(text.drop_null(), r"^\d+$")).as_py()
    longest = max((each["values"] for each in lengths), default=0)
    most = sum(each["counts"] for each in lengths if each["values"] == longest)
    total = sum(each["counts"] for each in lengths)
    if digits and len(lengths) > 1 and most > total / 2:
        return {**rule, "pad": longest, "required": True}
    return {**rule, "required": True}


def _bathrooms(found: dict[str, Proposal], texts: Mapping[str, pa.Array]) -> None:
    """Full and half baths in columns of their own, added."""
    full = _named(texts, r"(full.*ba?th|ba?th.*full|^fba?th)")
    half = _named(texts, r"(half.*ba?th|ba?th.*half|^hba?th)")
    if full and half:
        rule = {"sum": {full: 1.0, half: 0.5}}
        found["bathrooms"] = Proposal("bathrooms", rule, 0.95, (full, half))


def _named(names: Sequence[str] | Mapping[str, object], pattern: str) -> str | None:
    return next((name for name in names if re.search(pattern, _plain(name))), None)


def _dates_and_status(found: dict[str, Proposal]) -> None:
    """The row's own date is that of the sale, else of the listing; a file of sales alone says sold."""
    dated = found.get("sale_date") or found.get("list_date")
    if "observed_date" not in found and dated is not None:
        rule = {**dated.rule, "required": True}
        found["observed_date"] = Proposal("observed_date", rule, dated.confidence, dated.columns)
    if "listing_status" not in found and "sale_price_usd" in found:
        found["listing_status"] = Proposal("listing_status", {"constant": "sold"}, 0.8, ())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
