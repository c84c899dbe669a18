"""What the drift checks and the card read from a real warehouse."""

import json
from types import SimpleNamespace

import dagster as dg
import pandas as pd
import pytest

from realestate_assets.assets.model_cards import model_cards
from realestate_assets.checks.drift import errors_have_not_drifted, features_have_not_drifted
from realestate_assets.domain.tables import MODEL_PROMOTIONS, RATIO_STUDIES
from realestate_assets.domain.valuation.model import card_path
from realestate_assets.partitions import COUNTY_MONTH
from resources.warehouse.io_manager import NO_JOURNAL, WarehouseIOManager
from tests.integration.assets.test_ratio_studies import stock
from tests.unit.assets.frame_io import range_tags
from tests.unit.assets.test_model_cards import FEBRUARY, JANUARY, KING, decision

pytestmark = pytest.mark.integration


def test_errors_unlike_those_of_the_model_in_use_are_told_by_the_check(warehouse):
    warehouse.ensure_tables([MODEL_PROMOTIONS, RATIO_STUDIES])
    metrics = json.dumps({"own": {"median_ratio": 1.0, "cod": 10.0}})
    rows = [
        decision(candidate_metrics=metrics),
        decision(month="2015-02", candidate_id="b", promoted=False, candidate_metrics="{}"),
    ]
    partitions = [JANUARY, FEBRUARY]
    warehouse.replace_partitions(MODEL_PROMOTIONS, pd.DataFrame(rows), partitions)

    def check(cod: float):
        study = dict.fromkeys(RATIO_STUDIES.column_names) | {"county": KING, "month": "2015-02", "n": 100}
        study |= {"grouping": "county_month", "group_value": "all", "median_ratio": 1.0, "cod": cod}
        warehouse.replace_partitions(
            RATIO_STUDIES, pd.DataFrame([study | {"is_simulated": False}]), [FEBRUARY]
        )
        context = SimpleNamespace(has_partition_key=True, partition_keys=[FEBRUARY.key])
        return errors_have_not_drifted.node_def.compute_fn.decorated_fn(context, warehouse=warehouse)

    assert check(11.0).passed
    # February is valued by January's model, whose figures count.
    found = check(13.0)
    assert not found.passed
    assert "COD 13.0 against 10.0" in found.metadata["drifted"].value[FEBRUARY.key][0]


def test_the_asset_reads_its_decisions_and_the_feature_check_its_features(warehouse, lake):
    stock(warehouse, ("2015-01", "2015-02"), n=120)
    warehouse.ensure_tables([MODEL_PROMOTIONS])
    kept = decision(month="2015-02", promoted=False)
    warehouse.replace_partitions(MODEL_PROMOTIONS, pd.DataFrame([kept]), [FEBRUARY])
    lake.write_bytes(card_path(JANUARY), b"card")
    names = ("features", "promoted_models", "model_promotions")
    io = WarehouseIOManager(
        warehouse=warehouse, tables={"model_promotions": MODEL_PROMOTIONS}, journal=NO_JOURNAL
    )
    upstream = [dg.AssetSpec(n, partitions_def=COUNTY_MONTH).with_io_manager_key("io") for n in names]
    result = dg.materialize(
        [model_cards, *upstream],
        selection=[model_cards],
        resources={"warehouse": warehouse, "lake": lake, "io": io},
        tags=range_tags(KING, "2015-02", "2015-02"),
    )
    (said,) = result.asset_materializations_for_node("model_cards")
    # The month keeps January's model: its card is January's.
    assert said.metadata["model_card"].value == lake.uri(card_path(JANUARY))
    context = SimpleNamespace(has_partition_key=True, partition_keys=[FEBRUARY.key])
    check = features_have_not_drifted.node_def.compute_fn.decorated_fn
    assert check(context, warehouse=warehouse).passed
    warehouse.execute("update marts.features set living_area_sqft = 1000 where month = '2015-01'")
    warehouse.execute("update marts.features set living_area_sqft = 4000 where month = '2015-02'")
    found = check(context, warehouse=warehouse)
    assert not found.passed
    assert list(found.metadata["shifted"].value[FEBRUARY.key]) == ["living_area_sqft"]
