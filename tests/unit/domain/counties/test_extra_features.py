"""What a source may give the value model: facts known before the sale, and nothing made from it."""

import pytest
from pydantic import ValidationError

from realestate_assets.domain.counties.extra_features import may_be_features
from realestate_assets.domain.counties.sources import FileSource

COLUMNS = {
    "apn": "id",
    "observed_date": "recorded",
    "sale_price_usd": {"from": ["amount", "amount_2"]},
    "list_price_usd": "wanted",
    "days_on_market": "days",
}


def source(**features) -> FileSource:
    return FileSource.model_validate(
        {"kind": "file", "name": "sales", "columns": COLUMNS, "features": features, "null_values": ["-"]}
    )


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("amount", "maps to sale_price_usd"),
        ("Amount 2", "maps to sale_price_usd"),
        ("wanted", "maps to list_price_usd"),
        ("days", "maps to days_on_market"),
        ({"formula": "amount / 2"}, "maps to sale_price_usd"),
        ({"sum": {"rooms": 1.0, "wanted": 0.1}}, "maps to list_price_usd"),
        ({"case": {"column": "kind", "when": {"A": "amount"}}}, "maps to sale_price_usd"),
        ({"from": "amount", "known_before_sale": True}, "maps to sale_price_usd"),
        ("Price_Per_SQFT_LISTING", "reads as if"),
        ("SellingPricePerSqft", "reads as if"),
        ("AssessedValue", "reads as if"),
        ("total_tax", "reads as if"),
        ("Pending Date", "reads as if"),
    ],
)
def test_what_is_made_from_the_sale_is_refused_by_name(rule, said):
    with pytest.raises(ValidationError, match=said):
        source(fact=rule)


@pytest.mark.parametrize(
    "column", ["Rooms", "Style", "District", "HOA Dues", "Half Baths", "Wholesale", "Wall"]
)
def test_a_fact_of_the_home_is_taken(column):
    assert source(fact=column).features["fact"].source_columns == (column,)


def test_a_figure_that_was_known_before_is_taken_where_somebody_vouches_for_it():
    found = source(roll={"from": "AssessedValue2010", "known_before_sale": True})
    assert found.features["roll"].known_before_sale


@pytest.mark.parametrize(
    ("name", "rule", "said"),
    [
        ("bedrooms", "beds", "map it under columns"),
        ("Rooms", "Rooms", "is no name"),
        ("walls", {"sum": {"a": 1.0}, "kind": "category"}, "sum and formula give numbers"),
        ("walls", {"constant": "x"}, "is made by one of"),
        ("area", {"from": "a", "unit": "sqm"}, "no unit"),
        ("walls", {"from": "a", "kind": "category", "factor": 2}, "factor is of numbers"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(name, rule, said):
    with pytest.raises(ValidationError, match=said):
        source(**{name: rule})


def test_what_a_source_says_for_all_columns_holds_for_its_features():
    assert source(rooms="Rooms").feature_rules["rooms"].null_values == ("-",)


def test_a_source_without_features_is_told_by_the_same_settings_as_before():
    bare = FileSource.model_validate({"kind": "file", "name": "sales", "columns": COLUMNS})
    assert "features" not in bare.model_dump(mode="json", exclude_defaults=True)


def test_columns_that_may_be_features_are_those_that_nothing_is_made_of():
    rules = source().columns
    assert may_be_features(["id", "Rooms", "Final price", "wanted", "Wall"], rules) == ["Rooms", "Wall"]
