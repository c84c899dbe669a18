"""The text of a property that is embedded for search, from the record's own fields, and its point id.

No price stands in the text: a price change must not move the vector, and price is a filter of the search
instead. Sizes and years are said in words ("large", "small lot", "built 1950s"): a sentence model does not
count, it knows that "spacious" is near "large" and not how far 2,570 is from 2,400. Missing parts are left
out, average ones (condition 3, grade 7, no view) too, and no commas stand between the parts, so that the
words that tell homes apart weigh more: about 26 tokens without remarks.
"""

import uuid
from collections.abc import Mapping

import numpy as np
import pandas as pd

REMARKS_LENGTH = 200
# Fixed for ever: a changed namespace would orphan every point already in an index.
POINT_NAMESPACE = uuid.UUID("6f0c6a0e-3d5b-5c1e-9a61-2b7f4f6f2d10")

PROPERTY_TYPE_WORDS = {
    "single_family": "single family house",
    "condo": "condo apartment",
    "townhouse": "townhouse",
    "multi_family": "multi family building",
    "manufactured": "manufactured home",
    "land": "vacant land",
    "other": "property",
}
CONDITION_WORDS = {1: "poor condition, needs work", 2: "fair condition", 4: "good condition"}
CONDITION_WORDS[5] = "very good condition"
VIEW_WORDS = {1: "fair view", 2: "average view", 3: "good view", 4: "excellent view"}
# Upper bounds in square feet, each with the word for what lies at or below it.
LIVING_AREA_WORDS: dict[float, str] = {
    1000: "tiny",
    1500: "small",
    2200: "mid-size",
    3000: "large",
    4000: "very large",
    np.inf: "huge",
}
LOT_WORDS: dict[float, str] = {
    3_000: "tiny lot",
    6_000: "small lot",
    10_000: "mid-size lot",
    21_780: "large lot",
    43_560: "half acre lot",
    217_800: "one acre or more",
    np.inf: "several acres of land",
}
QUALITY_WORDS = {
    **dict.fromkeys(range(1, 5), "cheap construction"),
    **dict.fromkeys((5, 6), "simple construction"),
    **dict.fromkeys((8, 9), "good construction"),
    **dict.fromkeys((10, 11), "high quality construction"),
    **dict.fromkeys((12, 13), "luxury construction"),
}


def _plain_number(values: pd.Series) -> pd.Series:
    """Numbers as short text: 2.0 -> 2, 2.25 -> 2.25; missing stays missing."""
    numbers = values.astype("Float64").round(2)
    return numbers.map("{:g}".format, na_action="ignore").astype("string").where(numbers < 1e6)


def _sized(values: pd.Series, words: Mapping[float, str]) -> pd.Series:
    """The word of the first bound that a size does not exceed; none for an unknown size."""
    sizes = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    found = np.array([*words.values(), None], dtype=object)[np.searchsorted(list(words), sizes)]
    return pd.Series(found, index=values.index, dtype="string")


def _decade(years: pd.Series) -> pd.Series:
    decades = years.astype("Float64") // 10 * 10
    return decades.astype("Int64").astype("string") + "s"


def _words(values: pd.Series, words: Mapping[int, str]) -> pd.Series:
    return values.astype("Int64").map(words, na_action="ignore").astype("string")


def _counted(values: pd.Series, singular: str) -> pd.Series:
    number = _plain_number(values)
    is_one = (number == "1").fillna(False).to_numpy(dtype=bool)
    plural = pd.Series(np.where(is_one, singular, singular + "s"), index=values.index, dtype="string")
    return number + " " + plural


def _flagged(values: pd.Series, word: str) -> pd.Series:
    said = values.astype("boolean").fillna(False).to_numpy(dtype=bool)
    return pd.Series(word, index=values.index, dtype="string").where(said)


def _title(values: pd.Series) -> pd.Series:
    return values.astype("string").str.title()


def _remarks(values: pd.Series) -> pd.Series:
    """The first words of the remarks, white space collapsed, cut at a word."""
    text = values.astype("string").str.replace(r"\s+", " ", regex=True).str.strip()
    is_long = (text.str.len() > REMARKS_LENGTH).fillna(False)
    cut = text.str.slice(0, REMARKS_LENGTH).str.replace(r"\s\S*$", "", regex=True)
    return text.mask(is_long, cut)


def describe(properties: pd.DataFrame) -> pd.Series:
    """One text per property row, in the order of the rows; empty where nothing is known."""
    p = properties
    kind = p["property_type"].astype("string").map(PROPERTY_TYPE_WORDS, na_action="ignore")
    place = [_title(p["city"]), p["state"].astype("string"), p["zip"].astype("string")]
    parts = [
        _sized(p["living_area_sqft"], LIVING_AREA_WORDS),
        kind.astype("string"),
        _counted(p["bedrooms"], "bedroom"),
        _counted(p["bathrooms"], "bathroom"),
        _sized(p["lot_area_sqft"], LOT_WORDS),
        "built " + _decade(p["year_built"]),
        _flagged(p["year_renovated"] > 0, "renovated"),
        _counted(p["stories"], "floor"),
        _flagged(p["basement_sqft"] > 0, "basement"),
        _flagged(p["garage_spaces"] > 0, "garage"),
        _words(p["condition_code"], CONDITION_WORDS),
        _words(p["quality_code"], QUALITY_WORDS),
        _words(p["view_code"], VIEW_WORDS),
        _flagged(p["is_waterfront"], "waterfront"),
        *place,
    ]
    facts = _joined(parts, " ", p.index)
    return _joined([facts, _remarks(p["description"])], ". ", p.index).fillna("").astype("string")


def _joined(parts: list[pd.Series], separator: str, index: pd.Index) -> pd.Series:
    """Parts put together, the missing ones left out; missing where all are."""
    text = pd.Series(pd.NA, index=index, dtype="string")
    for part in parts:
        known = part.where(part.str.len() > 0)
        text = (text + separator + known).fillna(text).fillna(known)
    return text


def point_ids(property_ids: pd.Series, months: pd.Series) -> list[str]:
    """Deterministic ids: the same property and month is the same point in every run."""
    return [
        str(uuid.uuid5(POINT_NAMESPACE, f"{property_id}|{month}"))
        for property_id, month in zip(property_ids.tolist(), months.tolist(), strict=True)
    ]
