"""Features by hand calculation, and what changes in them when the world around changes."""

import math

import pandas as pd
import pytest

from realestate_assets.dbt.project import dbt_manifest
from realestate_assets.extent import get_county

pytestmark = [pytest.mark.integration]

MARCH = {"county": "king-wa", "month": "2015-03"}


def feature(market, property_id):
    return market.row("marts.features", **MARCH, property_id=property_id)


def own_price_columns():
    columns = dbt_manifest()["nodes"]["model.realestate.features"]["columns"]
    return {name for name, column in columns.items() if column["config"]["meta"].get("own_price")}


def test_the_zip_median_rests_on_the_four_earlier_sales(first):
    row = feature(first, "subject")
    assert row["zip_sale_count"] == 4
    assert row["zip_median_price_per_sqft_usd"] == pytest.approx((250 + 300) / 2)


def test_a_median_of_fewer_than_three_sales_is_unknown(first):
    stats = first.row(
        "intermediate.int_zip__market_stats",
        county="king-wa",
        month="2015-01",
        zip="98101",
        is_simulated=False,
    )
    assert stats["zip_sale_count"] == 2
    assert math.isnan(stats["zip_median_price_per_sqft_usd"])


def test_the_subjects_ratios_are_those_of_the_hand_calculation(first):
    row = feature(first, "subject")
    roll_value = 180_000 / get_county("king-wa").assessment_ratio
    # 3652 days from 2005-03-01 to 2015-03-01.
    years = 3652 / 365.25
    expected = {
        "price_per_sqft_usd": 240.0,
        "age_years": 25.0,
        "effective_age_years": 5.0,
        "bed_bath_ratio": 2.0,
        "lot_to_building_ratio": 3.0,
        "assessed_value_usd": 180_000.0,
        "roll_market_value_usd": roll_value,
        "tax_rate_pct": 2400 / roll_value * 100,
        "estimated_equity_usd": roll_value - 120_000,
        "list_to_assessed_ratio": 240 / 180,
        "years_since_last_sale": years,
        "appreciation_since_last_sale_pct": 100.0,
        "annual_appreciation_rate_pct": (2 ** (1 / years) - 1) * 100,
        "month_of_year": 3.0,
        "days_on_market": 30.0,
        "price_to_zip_median_ratio": 240 / 275,
        "price_to_income_ratio": 4.0,
        "rent_to_price_pct": 0.5,
        "potential_roi_pct": (275_000 / 240_000 - 1) * 100,
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert row["is_condo"] and not row["is_single_family"] and row["is_status_active"]
    assert row["is_undervalued"] and row["is_absentee_owner"]
    # 9.9986 years: the tenth year is not complete on the first of March.
    assert not row["is_long_tenure"]


def test_the_subjects_owner_is_a_company_in_another_state_with_unpaid_taxes(first):
    row = feature(first, "subject")
    assert row["owner_type"] == "company" and row["is_corporate_owner"]
    assert row["is_absentee_out_of_state"]
    assert row["tenure_years"] == pytest.approx(3652 / 365.25)
    assert (row["tax_delinquent_usd"], row["tax_sale_year"]) == (3200.0, 2013)
    # Taxes and state; the owner is no bank and has not held for ten years.
    assert row["distress_signal_count"] == 2


def test_of_two_quick_sales_the_later_is_kept_with_its_reason_and_counts_nowhere(first):
    assert feature(first, "resold")["sale_validity"] == "RESOLD_WITHIN_365_DAYS"
    earlier = first.row("marts.features", county="king-wa", month="2014-11", property_id="resold")
    assert earlier["sale_validity"] == "VALID"
    valid = first.warehouse.read("select property_id, month from intermediate.int_sales__valid").to_pylist()
    assert {"property_id": "resold", "month": "2015-03"} not in valid
    assert {"property_id": "resold", "month": "2014-11"} in valid
    trend = first.row("marts.market_trends", **MARCH, zip="ALL", is_simulated=False)
    assert trend["sale_count"] == 0


def test_an_earlier_sale_of_the_same_property_is_its_last_sale(first):
    row = feature(first, "resold")
    assert row["last_sale_price_usd"] == 200_000
    assert row["years_since_last_sale"] == pytest.approx(111 / 365.25)
    assert row["appreciation_since_last_sale_pct"] == pytest.approx(25.0)
    assert row["price_per_sqft_usd"] == 250.0


def test_what_nobody_knows_is_null(first):
    row = feature(first, "resold")
    unknown = ["list_price_usd", "assessed_value_usd", "tax_rate_pct", "estimated_equity_usd", "age_years",
               "is_condo", "is_absentee_owner", "price_to_income_ratio", "rent_to_price_pct"]  # fmt: skip
    assert row[unknown].isna().all()


def test_generated_sales_make_no_real_figure_and_real_ones_no_generated_figure(first):
    assert feature(first, "subject")["zip_sale_count"] == 4
    generated = feature(first, "generated_subject")
    assert generated["zip_sale_count"] == 1
    assert math.isnan(generated["zip_median_price_per_sqft_usd"])
    assert pd.isna(generated["is_undervalued"])


def test_two_builds_of_the_same_rows_give_the_same_tables(first, again):
    for table, frame in first.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[table], obj=table)


def test_the_future_changes_nothing_and_the_own_price_only_its_own_columns(again, changed):
    moved = set()
    for property_id in ("subject", "resold", "generated_subject"):
        before, after = feature(again, property_id), feature(changed, property_id)
        moved |= {name for name in before.index if not (before[name] == after[name] or pd.isna(before[name]))}
    assert moved == own_price_columns()


def test_a_build_of_one_month_leaves_the_others_alone(again, changed):
    for table in ("marts.features", "intermediate.int_zip__market_stats", "marts.data_quality"):
        before, after = (
            m.tables[table].query("county == 'king-wa' and month != '2015-03'").reset_index(drop=True)
            for m in (again, changed)
        )
        pd.testing.assert_frame_equal(before, after, obj=table)


def test_a_partition_without_rows_is_emptied(again, changed):
    for table in ("marts.features", "marts.market_trends", "marts.data_quality", "marts.pipeline_throughput"):
        assert (again.tables[table]["county"] == "cook-il").any()
        assert not (changed.tables[table]["county"] == "cook-il").any()
