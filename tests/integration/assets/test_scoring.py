"""The scores asset: a trained model, comparables and features of a real warehouse become scored rows."""

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from realestate_assets.assets.offers import OFFER_SCHEMA
from realestate_assets.assets.scoring import scores
from realestate_assets.domain.offers.asks import asked_sales
from realestate_assets.domain.offers.cases import purchases
from realestate_assets.domain.offers.model import learn_offers
from realestate_assets.domain.offers.params import load_offer_params
from realestate_assets.domain.rents.learned import LearnedRents, rent_estimates
from realestate_assets.domain.rents.params import load_rent_params
from realestate_assets.domain.scoring.config import load_scoring_config
from realestate_assets.domain.tables import COMPARABLES, SCORES
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.params import load_params
from realestate_assets.domain.valuation.train import train
from realestate_assets.extent import get_county
from realestate_assets.partitions import COUNTY_MONTH
from resources.partition import Partition
from resources.warehouse.conform import conform
from tests.unit.assets.frame_io import FrameIO, features_spec, range_tags
from tests.unit.domain.offers.offered_homes import blind
from tests.unit.domain.offers.test_gain import with_gains

pytestmark = pytest.mark.integration

FEATURES = features_spec()
MONTHS = ("2015-03", "2015-04")
NO_FACTS = pd.DataFrame(columns=["property_id", "field", "vintage", "is_later_vintage"])
NO_OFFER_MODELS = pd.DataFrame(columns=OFFER_SCHEMA.names)


def feature_rows(month: str, count: int, seed: int) -> pd.DataFrame:
    """Homes whose worth follows their area."""
    random = np.random.default_rng(seed)
    area = random.uniform(800, 4000, count)
    worth = 150_000 + 200 * area
    data = {
        "county": "king-wa",
        "month": month,
        "property_id": [f"{month}-{k:04d}" for k in range(count)],
        "zip": random.choice(["98004", "98125"], count),
        "latitude": 47.6 + random.uniform(-0.05, 0.05, count),
        "longitude": -122.2 + random.uniform(-0.05, 0.05, count),
        "property_type": "single_family",
        "living_area_sqft": area,
        "lot_area_sqft": 6000.0,
        "bedrooms": 3.0,
        "bathrooms": 2.0,
        "year_built": 1980,
        "condition_code": random.integers(2, 6, count),
        "quality_code": 7,
        "zip_median_rent_usd": 1_800.0,
        "list_price_usd": worth * random.uniform(0.7, 1.2, count),
        "is_list_price_assumed": True,
        "is_simulated": False,
        "sale_price_usd": worth * np.exp(random.normal(0, 0.05, count)),
        "sale_date": pd.Timestamp(f"{month}-10").date(),
        "sale_validity": "VALID",
        "source": "s",
        "market_heat_pct": 99.0,
        "market_appreciation_pct": 4.0,
    }
    blank = dict.fromkeys(FEATURES.column_names)
    return pd.DataFrame({**blank, **data}, index=range(count))[FEATURES.column_names]


@pytest.fixture(scope="module")
def model_row() -> dict:
    history = pd.concat([feature_rows(f"2014-{m:02d}", 60, m) for m in range(5, 13)])
    table = conform(history, FEATURES).to_pandas(date_as_object=False)
    return train(table[list(TRAINING_COLUMNS)], "county", load_params()).to_row()


@pytest.fixture(scope="module")
def offer_models() -> pd.DataFrame:
    """Learned where the homes asked furthest below their worth, 3 %, resold with a gain and no others."""
    sales, records = with_gains()
    known, params = blind(sales), load_offer_params()
    asked = asked_sales(records, known, "2015-01", 24, 730)
    learned = learn_offers(
        asked, purchases(records, known, "2016-06", params.gain), "king-wa", params
    ).to_row()
    return pd.DataFrame([{"county": "king-wa", "month": month, **learned} for month in MONTHS])


def model_rows(model_row: dict, *months: str) -> pd.DataFrame:
    rows = [{"county": "king-wa", "month": m, "status": "trained", **model_row} for m in months]
    for month in set(MONTHS) - set(months):
        empty = dict.fromkeys(model_row)
        rows.append({"county": "king-wa", "month": month, "status": "INSUFFICIENT_SALES", **empty})
    return pd.DataFrame(rows)


def comparable_rows(subjects: pd.DataFrame) -> pd.DataFrame:
    """Two sales a home, none for the first."""
    rows = []
    for home in subjects.iloc[1:].to_dict("records"):
        for rank in (1, 2):
            numbers = {c.name: 0.0 for c in COMPARABLES.columns if c.kind == "float"}
            price = 150_000 + 200 * home["living_area_sqft"]
            rows.append(
                {
                    **dict.fromkeys(COMPARABLES.column_names),
                    **numbers,
                    **{name: home[name] for name in ("county", "month", "property_id")},
                    "comp_rank": rank,
                    "adj_repair_usd": 0.0,
                    "adjusted_price_usd": price,
                    "weight": 0.5,
                    "is_simulated": False,
                }
            )
    return pd.DataFrame(rows)


@pytest.fixture
def subjects(warehouse) -> pd.DataFrame:
    frame = pd.concat([feature_rows(month, 40, 90 + k) for k, month in enumerate(MONTHS)], ignore_index=True)
    frame.loc[3, "list_price_usd"] = None
    frame.loc[4, "living_area_sqft"] = None
    warehouse.ensure_tables([FEATURES])
    warehouse.replace_partitions(FEATURES, frame, [Partition("king-wa", month) for month in MONTHS])
    return frame


def run(
    warehouse,
    models: pd.DataFrame,
    comparables: pd.DataFrame,
    first: str,
    last: str,
    offer_models: pd.DataFrame = NO_OFFER_MODELS,
) -> pd.DataFrame:
    names = ("features", "promoted_models", "comparables", "offer_models", "rent_estimates")
    homes = warehouse.read_partitions("marts", "features", [Partition("king-wa", m) for m in MONTHS])
    rents = rent_estimates(
        homes.to_pandas(date_as_object=False),
        LearnedRents(None),
        NO_FACTS,
        get_county("king-wa").underwriting,
        load_rent_params(),
    )
    given = {"offer_models": offer_models, "rent_estimates": rents}
    upstream = [dg.AssetSpec(n, partitions_def=COUNTY_MONTH).with_io_manager_key("frames") for n in names]
    result = dg.materialize(
        [scores, *upstream],
        selection=[scores],
        resources={
            "frames": FrameIO({"promoted_models": models, "comparables": comparables, **given}),
            "warehouse_io": dg.InMemoryIOManager(),
            "warehouse": warehouse,
        },
        tags=range_tags("king-wa", first, last),
    )
    # What the warehouse would make of it: types, nulls, ranges.
    return conform(result.output_for_node("scores"), SCORES).to_pandas()


def test_every_property_is_valued_scored_and_fits_the_table(warehouse, subjects, model_row, offer_models):
    comps = comparable_rows(subjects[subjects["living_area_sqft"].notna()])
    rows = run(warehouse, model_rows(model_row, *MONTHS), comps, *MONTHS, offer_models)
    rows = rows.set_index("property_id")
    assert len(rows) == 80
    priceless, areless = rows.loc["2015-03-0003"], rows.loc["2015-03-0004"]
    assert areless["value_status"] == "MISSING_INPUTS"
    assert np.isnan(areless["bird_dog_score"])
    assert priceless["value_status"] == "valued"
    assert np.isnan(priceless["discount_to_value_pct"])
    assert not np.isnan(priceless["bird_dog_score"])
    assert rows.loc["2015-03-0000", "comparable_count"] == 0
    others = rows.drop(["2015-03-0003", "2015-03-0004"])
    assert others["bird_dog_score"].notna().all()
    assert others["model_id"].nunique() == 1
    # What is asked far below its worth scores better than what is asked far above.
    cheap, dear = others["discount_to_value_pct"] > 15, others["discount_to_value_pct"] < -5
    assert others.loc[cheap, "bird_dog_score"].mean() > others.loc[dear, "bird_dog_score"].mean() + 15
    assert others.loc[cheap, "discount_probability"].min() > others.loc[dear, "discount_probability"].max()


def test_a_run_of_one_month_gives_what_a_run_of_two_gives(warehouse, subjects, model_row):
    comps = comparable_rows(subjects[subjects["living_area_sqft"].notna()])
    models = model_rows(model_row, *MONTHS)
    both = run(warehouse, models, comps, *MONTHS)
    alone = run(warehouse, models, comps.sample(frac=1, random_state=1), "2015-03", "2015-03")
    pd.testing.assert_frame_equal(both[both["month"] == "2015-03"], alone, check_exact=True)


def test_a_month_without_a_model_says_so_and_the_other_is_scored(warehouse, subjects, model_row):
    comps = comparable_rows(subjects[subjects["living_area_sqft"].notna()])
    rows = run(warehouse, model_rows(model_row, "2015-04"), comps, *MONTHS)
    by_month = rows.groupby("month")["bird_dog_score"].count()
    assert by_month.to_dict() == {"2015-03": 0, "2015-04": 40}
    march = rows[rows["month"] == "2015-03"]
    assert set(march["value_status"]) == {"INSUFFICIENT_SALES", "MISSING_INPUTS"}
    assert march["model_id"].isna().all()


def test_a_month_without_properties_gives_no_rows(warehouse, subjects, model_row):
    nothing = comparable_rows(subjects.iloc[:2]).iloc[:0]
    assert len(run(warehouse, model_rows(model_row), nothing, "2015-05", "2015-05")) == 0


def test_a_changed_price_moves_the_score_and_not_the_value(warehouse, subjects, model_row):
    comps = comparable_rows(subjects[subjects["living_area_sqft"].notna()])
    models = model_rows(model_row, *MONTHS)
    before = run(warehouse, models, comps, "2015-04", "2015-04")
    cheaper = subjects.assign(list_price_usd=subjects["list_price_usd"] * 0.8)
    warehouse.replace_partitions(FEATURES, cheaper, [Partition("king-wa", month) for month in MONTHS])
    after = run(warehouse, models, comps, "2015-04", "2015-04")
    for name in ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd", "arv_usd"):
        assert before[name].equals(after[name])
    assert (after["bird_dog_score"] >= before["bird_dog_score"]).all()
    assert (after["bird_dog_score"] > before["bird_dog_score"]).any()


def test_every_column_that_scores_and_settings_read_is_a_documented_feature():
    read = set(load_scoring_config().key_fields) | {"hoa_monthly_usd", "bedroom_rent_usd", "tenure_years"}
    read |= {"is_absentee_out_of_state", "is_bank_owner", "is_tax_delinquent"}
    read |= {"tax_delinquent_usd", "tax_sale_year"}
    read |= {"effective_age_years", "zip_price_per_sqft_trend_pct", "is_flood_hazard_area"}
    assert read <= set(FEATURES.column_names)
