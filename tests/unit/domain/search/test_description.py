"""The text that is embedded: what the record says, no price, nothing about what is missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.search.description import REMARKS_LENGTH, describe, point_ids
from realestate_assets.domain.tables import PROPERTIES

FULL = {
    "property_type": "single_family",
    "bedrooms": 3.0,
    "bathrooms": 2.25,
    "living_area_sqft": 2570.0,
    "lot_area_sqft": 7242.0,
    "year_built": 1951,
    "year_renovated": 1991,
    "stories": 2.0,
    "basement_sqft": 400.0,
    "garage_spaces": 2.0,
    "condition_code": 4,
    "quality_code": 9,
    "view_code": 3,
    "is_waterfront": True,
    "city": "SEATTLE",
    "state": "WA",
    "zip": "98125",
    "description": "Brick craftsman.",
    "list_price_usd": 600_000.0,
}


def properties(*rows: dict) -> pd.DataFrame:
    """Rows with every column of the table."""
    frame = pd.DataFrame([{**dict.fromkeys(PROPERTIES.column_names), **row} for row in rows])
    return frame.astype({"city": "str", "state": "str", "zip": "str"})


def one(**changes: object) -> str:
    return describe(properties({**FULL, **changes}))[0]


def test_a_full_record_is_described_in_a_few_words():
    assert one() == (
        "large single family house 3 bedrooms 2.25 bathrooms mid-size lot built 1950s renovated 2 floors "
        "basement garage good condition good construction good view waterfront Seattle WA 98125. "
        "Brick craftsman."
    )


def test_average_condition_grade_and_view_are_not_worth_words():
    text = one(condition_code=3, quality_code=7, view_code=0, is_waterfront=False)
    assert not any(word in text for word in ("condition", "construction", "view", "water"))


def test_one_of_a_kind_is_singular():
    assert "1 bedroom 1 bathroom " in one(bedrooms=1.0, bathrooms=1.0)


@pytest.mark.parametrize(
    ("column", "size", "word"),
    [
        ("living_area_sqft", 1000, "tiny single"),
        ("living_area_sqft", 1001, "small single"),
        ("living_area_sqft", 4000.5, "huge single"),
        ("lot_area_sqft", 3000, "tiny lot"),
        ("lot_area_sqft", 43_560, "half acre lot"),
        ("lot_area_sqft", 1_000_000, "several acres of land"),
    ],
)
def test_a_size_is_said_in_the_word_of_its_band(column, size, word):
    assert word in one(**{column: size})


def test_homes_of_alike_size_and_age_have_one_text():
    assert one(living_area_sqft=2400, lot_area_sqft=8000, year_built=1958) == one()


@pytest.mark.parametrize("column", [c for c in FULL if c != "list_price_usd"])
def test_a_missing_part_is_left_out_without_a_trace(column):
    text = one(**{column: None})
    assert not any(word in text.lower() for word in ("nan", "none", "<na>", "  "))
    assert len(text) < len(one())


def test_nothing_known_gives_an_empty_text():
    assert describe(properties({})).tolist() == [""]


def test_a_price_change_leaves_the_text_alone():
    assert one(list_price_usd=1.0, sale_price_usd=2.0) == one()


def test_remarks_are_cut_at_a_word():
    text = one(description="quiet street\n\n" * 100)
    remarks = text.split("98125. ")[1]
    assert len(remarks) <= REMARKS_LENGTH
    assert remarks.split()[-1] in ("quiet", "street")


def test_no_rows_give_no_texts():
    assert len(describe(properties({}).iloc[:0])) == 0


def test_each_row_is_described_by_itself():
    rows = [FULL, {}, {**FULL, "bedrooms": None}, {**FULL, "is_waterfront": None}]
    together = describe(properties(*rows)).tolist()
    assert together == [describe(properties(row))[0] for row in rows]


@given(st.text(max_size=400))
@settings(max_examples=40)
def test_any_remarks_are_described(remarks):
    text = one(description=remarks)
    assert text.startswith("large single family house")
    assert "\n" not in text


def test_point_ids_are_stable_and_differ_by_property_and_month():
    properties_of, months = pd.Series(["a", "a", "b"]), pd.Series(["2015-03", "2015-04", "2015-03"])
    ids = point_ids(properties_of, months)
    assert ids == point_ids(properties_of, months)
    assert len(set(ids)) == 3
    # Written down: another id would orphan every point in an index.
    assert ids[0] == "545b8fd8-52f8-565d-b446-774ee65fabca"


def test_numbers_of_any_numeric_type_give_the_same_text():
    floats = properties(FULL)
    integers = properties({**FULL, "bedrooms": 3, "condition_code": np.float64(4.0)})
    assert describe(floats)[0] == describe(integers)[0]
