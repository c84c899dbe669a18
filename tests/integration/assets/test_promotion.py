"""Promotion on a real warehouse and lake: good candidates are used, bad ones not, and why is told."""

import json
from types import SimpleNamespace

import dagster as dg
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from realestate_assets.assets.promotion import model_promotion
from realestate_assets.assets.valuation import MODEL_SCHEMA
from realestate_assets.checks.promotion import candidates_are_promoted
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.tables import MODEL_PROMOTIONS
from realestate_assets.domain.valuation.features import NUMERIC_FEATURES
from realestate_assets.domain.valuation.model import ValueModel, model_path
from realestate_assets.domain.valuation.params import load_params
from realestate_assets.domain.valuation.train import train, training_sales
from realestate_assets.partitions import COUNTY_MONTH
from resources.partition import Partition
from resources.warehouse.conform import conform
from resources.warehouse.io_manager import NO_JOURNAL, WarehouseIOManager
from tests.unit.assets.frame_io import FrameIO, features_spec, range_tags
from tests.unit.domain.valuation.sold_homes import sold_homes

pytestmark = pytest.mark.integration

KING = "king-wa"
MONTHS = ("2014-11", "2014-12", "2015-01")
FEATURES = features_spec()


@pytest.fixture(scope="module")
def homes() -> pd.DataFrame:
    return sold_homes(months=10, per_month=60, noise=0.08)


def with_shuffled_features(homes: pd.DataFrame) -> pd.DataFrame:
    """The same sales with the features of others: nothing can be learned from them."""
    order = np.random.default_rng(5).permutation(len(homes))
    names = [*NUMERIC_FEATURES, "zip"]
    return homes.assign(**{name: homes[name].to_numpy()[order] for name in names})


def with_raised_prices(homes: pd.DataFrame) -> pd.DataFrame:
    return homes.assign(sale_price_usd=homes["sale_price_usd"] * 1.3)


def candidate(homes: pd.DataFrame, month: str) -> dict:
    row = train(training_sales(homes, month, False), "county", load_params()).to_row()
    return {"county": KING, "month": month, "status": "trained", **row}


@pytest.fixture(scope="module")
def good(homes) -> dict[str, dict]:
    return {month: candidate(homes, month) for month in MONTHS}


@pytest.fixture(scope="module")
def shuffled(homes) -> dict:
    return candidate(with_shuffled_features(homes), "2015-01")


@pytest.fixture(scope="module")
def raised(homes) -> dict:
    return candidate(with_raised_prices(homes), "2015-01")


@pytest.fixture
def stocked(warehouse, homes):
    """The true prices, as the warehouse has them."""
    required = {"source": "s", "observed_date": homes["sale_date"], "is_list_price_assumed": True}
    required |= {"sale_validity": VALID}
    known = {name: homes[name] for name in homes.dropna(axis=1, how="all") if name in FEATURES.column_names}
    blank = dict.fromkeys(FEATURES.column_names)
    rows = pd.DataFrame({**blank, **known, **required}, index=homes.index)[FEATURES.column_names]
    warehouse.ensure_tables([FEATURES])
    partitions = [Partition(KING, month) for month in homes["month"].unique()]
    warehouse.replace_partitions(FEATURES, rows, partitions)
    return warehouse


def run(warehouse, lake, candidates: list[dict]) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """Decisions, models in use and the metadata of each partition, of one run over the candidates' months."""
    months = [row["month"] for row in candidates]
    upstream = [dg.AssetSpec(n, partitions_def=COUNTY_MONTH) for n in ("features", "valuation_models")]
    frame = pa.Table.from_pylist(candidates, schema=MODEL_SCHEMA).to_pandas()

    class Candidates(FrameIO):
        def load_input(self, context):
            return pa.Table.from_pandas(
                super().load_input(context), schema=MODEL_SCHEMA, preserve_index=False
            )

    used = dg.InMemoryIOManager()
    result = dg.materialize(
        [model_promotion, *(spec.with_io_manager_key("frames") for spec in upstream)],
        selection=[model_promotion],
        resources={
            "frames": Candidates({"valuation_models": frame}),
            "lake_io": used,
            "warehouse_io": WarehouseIOManager(
                warehouse=warehouse, tables={"model_promotions": MODEL_PROMOTIONS}, journal=NO_JOURNAL
            ),
            "warehouse": warehouse,
            "lake": lake,
        },
        tags=range_tags(KING, min(months), max(months)),
    )
    decided = warehouse.read("select * from raw.model_promotions order by month").to_pandas()
    models = result.output_for_node("model_promotion", "promoted_models").to_pandas().set_index("month")
    said = {
        Partition.parse(m.partition).month: m.metadata
        for m in result.asset_materializations_for_node("model_promotion")
        if m.asset_key.path[-1] == "promoted_models"
    }
    return decided.set_index("month"), models, said


def check(warehouse, month: str) -> dg.AssetCheckResult:
    context = SimpleNamespace(has_partition_key=True, partition_keys=[f"{KING}|{month}"])
    return candidates_are_promoted.node_def.compute_fn.decorated_fn(context, warehouse=warehouse)


def test_good_candidates_are_promoted_in_order_of_month_each_against_the_one_before(stocked, lake, good):
    decided, models, said = run(stocked, lake, list(reversed(good.values())))
    assert decided["decision"].tolist() == ["FIRST_MODEL", "PROMOTED", "PROMOTED"], decided[
        "reasons"
    ].tolist()
    ids = [good[month]["model_id"] for month in MONTHS]
    assert decided["used_id"].tolist() == ids
    assert decided["champion_id"].tolist()[1:] == ids[:2]
    # A month's sales: those after the champion's training range.
    assert decided["compared_sales"].tolist() == [0, 60, 60]
    assert models["model_id"].tolist() == ids
    assert models["model_month"].tolist() == list(MONTHS)
    assert "COD" in said["2015-01"]["why"].value
    assert check(stocked, "2015-01").passed


@pytest.mark.parametrize("bad", ["shuffled", "raised"])
def test_a_worse_candidate_is_not_promoted_and_the_check_and_the_metadata_say_why(
    stocked, lake, good, bad, request
):
    worse = request.getfixturevalue(bad)
    decided, models, said = run(stocked, lake, [good["2014-11"], good["2014-12"], worse])
    row = decided.loc["2015-01"]
    assert row["decision"] == "KEPT_CANDIDATE_WORSE" and not row["promoted"]
    assert row["used_id"] == good["2014-12"]["model_id"] == models.loc["2015-01", "model_id"]
    assert models.loc["2015-01", "model_month"] == "2014-12"
    reasons = json.loads(row["reasons"])
    wrong = {"shuffled": "cod", "raised": "median_ratio 1.3"}[bad]
    assert any(reason.startswith(wrong) for reason in reasons), reasons
    assert "sales that neither has learned from" in reasons[0]
    assert reasons[0] in said["2015-01"]["why"].value
    result = check(stocked, "2015-01")
    assert not result.passed and result.severity == dg.AssetCheckSeverity.WARN
    assert reasons[0] in result.metadata["why"].value
    assert result.metadata["listed"].value[0]["candidate_id"] == worse["model_id"]


@pytest.mark.parametrize("bad", ["shuffled", "raised"])
def test_a_worse_candidate_of_a_month_that_has_a_model_does_not_replace_it(stocked, lake, good, bad, request):
    worse = request.getfixturevalue(bad)
    run(stocked, lake, list(good.values()))
    decided, models, _ = run(stocked, lake, [worse])
    row = decided.loc["2015-01"]
    assert row["used_id"] == row["champion_id"] == good["2015-01"]["model_id"]
    # Both out of fold, on all the sales the two share.
    assert row["compared_sales"] == 8 * 60
    assert models["model_id"].tolist() == [good["2015-01"]["model_id"]]


def test_champion_and_challenger_are_both_kept(stocked, lake, good, shuffled):
    run(stocked, lake, [good["2014-11"], good["2014-12"], shuffled])
    for row in (good["2014-11"], good["2014-12"], shuffled):
        kept = json.loads(lake.read_bytes(model_path(KING, row["model_id"])))
        assert ValueModel.from_row(kept).model_id == row["model_id"]


@pytest.mark.parametrize("last", ["good", "shuffled"])
def test_a_run_repeated_decides_the_same(stocked, lake, good, shuffled, last):
    candidates = [good["2014-11"], good["2014-12"], good["2015-01"] if last == "good" else shuffled]
    first = run(stocked, lake, candidates)
    again = run(stocked, lake, candidates)
    pd.testing.assert_frame_equal(again[0], first[0])
    pd.testing.assert_frame_equal(again[1], first[1])
    alone = run(stocked, lake, candidates[2:])
    pd.testing.assert_frame_equal(alone[0], first[0])
    pd.testing.assert_frame_equal(alone[1], first[1].loc[["2015-01"]])


def test_the_good_candidate_comes_back_after_a_bad_one(stocked, lake, good, shuffled):
    first = run(stocked, lake, list(good.values()))
    run(stocked, lake, [shuffled])
    back = run(stocked, lake, [good["2015-01"]])
    pd.testing.assert_frame_equal(back[0], first[0])


def test_a_month_without_a_candidate_keeps_the_earlier_model_and_one_without_any_has_none(
    stocked, lake, good
):
    nothing = {"county": KING, "status": "INSUFFICIENT_SALES"}
    decided, models, _ = run(
        stocked, lake, [nothing | {"month": "2014-10"}, good["2014-11"], nothing | {"month": "2014-12"}]
    )
    assert decided["decision"].tolist() == ["NO_MODEL", "FIRST_MODEL", "KEPT_NO_CANDIDATE"]
    assert models["status"].tolist() == ["INSUFFICIENT_SALES", "trained", "trained"]
    assert models.loc["2014-12", "model_id"] == good["2014-11"]["model_id"]


def test_a_bad_first_candidate_is_used_with_a_warning_and_replaced_by_a_good_one(stocked, lake, homes, good):
    bad = candidate(with_raised_prices(homes), "2014-11")
    decided, _, _ = run(stocked, lake, [bad, good["2014-12"]])
    assert decided["decision"].tolist() == ["FIRST_MODEL_OUTSIDE_RANGES", "PROMOTED"]
    assert not check(stocked, "2014-11").passed


def test_a_model_that_this_version_cannot_read_is_no_champion(stocked, lake, good):
    run(stocked, lake, [good["2014-11"]])
    lake.write_bytes(model_path(KING, good["2014-11"]["model_id"]), b'{"model_id": "old"}')
    decided, _, _ = run(stocked, lake, [good["2014-12"]])
    assert decided.loc["2014-12", "decision"] == "FIRST_MODEL"


def test_decisions_fit_their_table(stocked, lake, good):
    decided, _, _ = run(stocked, lake, [good["2014-11"]])
    assert conform(decided.reset_index(), MODEL_PROMOTIONS).num_rows == 1
