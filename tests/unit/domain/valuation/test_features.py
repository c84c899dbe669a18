from pathlib import Path

import numpy as np
import pytest
import yaml

from realestate_assets.domain.valuation.features import (
    FORBIDDEN_FEATURES,
    NUMERIC_FEATURES,
    PLACE_FEATURE,
    TRAINING_COLUMNS,
    FeatureSet,
)
from tests.unit.domain.valuation.sold_homes import sold_homes

FEATURES_YML = Path(__file__).resolve().parents[4] / "dbt_project" / "models" / "marts" / "features.yml"
OWN_PRICE_WORDS = (
    "sale_price",
    "list_",
    "_roi",
    "undervalued",
    "appreciation",
    "equity",
    "on_market",
    "status",
)


def test_no_feature_is_made_from_the_own_price():
    used = {*NUMERIC_FEATURES, *PLACE_FEATURE.values()}
    assert not used & FORBIDDEN_FEATURES
    assert not [name for name in used for word in OWN_PRICE_WORDS if word in name]
    assert not [n for n in used if "price" in n and not n.startswith(("nearby_", "zip_"))]


def test_every_feature_and_training_column_is_a_column_of_the_features_model():
    model = yaml.safe_load(FEATURES_YML.read_text())["models"][0]
    assert set(TRAINING_COLUMNS) <= {column["name"] for column in model["columns"]}


def test_the_matrix_leaves_the_missing_missing_and_codes_places_by_what_training_knew():
    homes = sold_homes(months=1, per_month=3)
    homes["zip"] = ["98004", "98052", None]
    features = FeatureSet(("living_area_sqft", "bedrooms"), "zip", ("98052", "98103"))
    homes.loc[1, "bedrooms"] = np.nan
    matrix = features.matrix(homes)
    assert matrix[:, 0].tolist() == homes["living_area_sqft"].tolist()
    assert np.isnan(matrix[1, 1])
    assert np.isnan(matrix[0, 2])
    assert matrix[1, 2] == 0.0
    assert np.isnan(matrix[2, 2])


def test_flags_with_nulls_become_one_zero_and_missing():
    homes = sold_homes(months=1, per_month=3)
    homes["is_waterfront"] = np.array([True, False, None], dtype=object)
    matrix = FeatureSet(("is_waterfront",), "zip", ()).matrix(homes)
    assert matrix[:2, 0].tolist() == [1.0, 0.0]
    assert np.isnan(matrix[2, 0])


@pytest.mark.parametrize(("kind", "place"), [("county", "zip"), ("pooled", "county")])
def test_a_pooled_model_codes_counties_where_a_countys_own_codes_zips(kind, place):
    homes = sold_homes(months=1, per_month=50)
    features = FeatureSet.of_sales(homes, kind)
    assert features.place == place
    assert features.places == tuple(sorted(homes[place].unique()))
    assert FeatureSet.from_dict(features.to_dict()) == features
