"""Each statistical check's arithmetic, with data that fails it."""

import numpy as np
import pandas as pd
import pytest

from realestate_assets.checks.counts import counts_that_differ
from realestate_assets.checks.statistics import (
    asked_groups,
    constant_columns,
    high_reject_shares,
    incomplete_groups,
    price_outliers,
)
from realestate_assets.checks.valuation import outside_iaao_ranges, study
from realestate_assets.domain.tables import ENRICHMENT_FIELDS
from resources.partition import Partition

KING = Partition("king-wa", "2015-03")


def intake(**counts: int) -> list[dict]:
    base = {"sent": 15, "offers": 0, "delivered": 10, "accepted": 8, "duplicates": 1, "rejected": 1}
    base |= {"of_other_months": 4, "undated": 1}
    return [{"county": "king-wa", "month": "2015-03", "source": "sales", **base, **counts}]


def test_counts_that_add_up_are_no_fault():
    assert counts_that_differ({(KING, "sales"): 10}, intake()) == []


def test_a_row_lost_on_the_way_is_named_with_its_partition_and_source():
    (fault,) = counts_that_differ({(KING, "sales"): 10}, intake(accepted=7))
    assert (fault["county"], fault["month"], fault["source"]) == ("king-wa", "2015-03", "sales")
    assert (fault["accounted"], fault["lost"]) == (9, 1)


@pytest.mark.parametrize("place", ["of_other_months", "undated"])
def test_a_row_that_was_sent_and_stands_in_no_month_is_a_fault(place):
    (fault,) = counts_that_differ({(KING, "sales"): 10}, intake(**{place: 0}))
    assert fault["lost"] == {"of_other_months": 4, "undated": 1}[place]


def test_offers_that_sold_rows_tell_of_stand_somewhere_too():
    (fault,) = counts_that_differ({(KING, "sales"): 10}, intake(offers=2))
    assert fault["lost"] == 2
    assert counts_that_differ({(KING, "sales"): 10}, intake(offers=2, of_other_months=6)) == []


def test_what_one_source_lost_is_not_made_up_for_by_another():
    other = {**intake(delivered=0, accepted=9)[0], "source": "listings", "sent": 6, "duplicates": 0}
    received = {(KING, "sales"): 10, (KING, "listings"): 8}
    faults = counts_that_differ(received, [*intake(accepted=7), {**other, "delivered": 8}])
    assert [fault["source"] for fault in faults] == ["listings", "sales"]


def test_a_partition_with_rows_in_the_lake_and_none_in_the_warehouse_is_a_fault():
    (fault,) = counts_that_differ({(KING, "sales"): 3}, [])
    assert fault["accounted"] == 0


def test_a_file_manifest_that_says_otherwise_is_a_fault():
    assert counts_that_differ({(KING, "sales"): 10}, intake(delivered=11))


def test_only_sources_above_a_tenth_of_rejects_are_named():
    counts = pd.DataFrame(
        {"source": ["good", "bad", "empty"], "received": [100, 100, 0], "rejected": [10, 11, 0]}
    )
    assert [row["source"] for row in high_reject_shares(counts)] == ["bad"]


def test_a_price_far_off_its_county_is_an_outlier_and_another_countys_level_is_not():
    rng = np.random.default_rng(7)
    cheap, dear = 100 * np.exp(rng.normal(0, 0.2, 300)), 900 * np.exp(rng.normal(0, 0.2, 300))
    frame = pd.DataFrame(
        {
            "county": ["a"] * 300 + ["b"] * 301,
            "property_id": range(601),
            "price_per_sqft_usd": np.r_[cheap, dear, 9.0],
        }
    )
    assert price_outliers(frame)["property_id"].tolist() == [600]


def test_a_constant_column_is_found_and_a_rare_one_is_not():
    frame = pd.DataFrame({"flat": [0.0] * 60, "varied": range(60), "rare": [1.0] + [None] * 59})
    assert constant_columns(frame) == {"flat": 0.0}


def test_too_few_rows_say_nothing_about_variance():
    assert constant_columns(pd.DataFrame({"flat": [0.0] * 10})) == {}


def test_an_empty_enrichment_group_is_named():
    frame = pd.DataFrame({c.name: [1.0, 2.0] for c in ENRICHMENT_FIELDS})
    assert incomplete_groups(frame) == {}
    frame["flood_zone_code"] = None
    assert incomplete_groups(frame) == {"flood": 0.5}
    assert incomplete_groups(frame, {"rent"}) == {}


def test_what_most_properties_lack_by_nature_does_not_make_a_group_incomplete():
    frame = pd.DataFrame({c.name: [1.0, 2.0] for c in ENRICHMENT_FIELDS})
    frame[["base_flood_elevation_ft", "tax_delinquent_usd", "tax_sale_year"]] = None
    assert incomplete_groups(frame) == {}


def test_a_coordinate_of_the_record_counts_as_found():
    frame = pd.DataFrame({c.name: [1.0, 2.0] for c in ENRICHMENT_FIELDS})
    frame[["geocoded_latitude", "geocoded_longitude"]] = None
    assert incomplete_groups(frame) == {"location": 0.0}
    assert incomplete_groups(frame.assign(is_located=[True, True])) == {}


def test_a_group_is_asked_for_where_some_provider_has_a_fact_of_it():
    facts = pd.DataFrame(
        {"county": ["a", "a", "b"], "field": ["owner_name", "owner_since_date", "zoning_code"]}
    )
    assert asked_groups(facts) == {"a": {"owner"}, "b": {"parcel"}}


def sales(ratio: float) -> pd.DataFrame:
    price = np.linspace(200_000, 900_000, 60)
    noise = np.tile([0.92, 1.0, 1.08], 20)
    estimate = price * ratio * noise
    return pd.DataFrame(
        {
            "sale_price_usd": price,
            "market_value_p10_usd": estimate * 0.85,
            "market_value_p50_usd": estimate,
            "market_value_p90_usd": estimate * 1.15,
        }
    )


def test_values_thirty_percent_too_high_fall_outside_the_iaao_median_range():
    assert "median_ratio" in outside_iaao_ranges(study(sales(1.3)))
    assert "median_ratio" not in outside_iaao_ranges(study(sales(1.0)))


def test_a_figure_that_could_not_be_computed_is_not_outside():
    assert outside_iaao_ranges({"cod": None, "prd": 1.0}) == {}
