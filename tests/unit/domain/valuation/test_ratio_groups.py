import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.tables.codes import RATIO_GROUPINGS
from realestate_assets.domain.valuation.ratio_groups import (
    ACROSS_PRICES,
    STUDY_COLUMNS,
    deciles,
    grouped_studies,
    study_row,
)


def valued(n: int = 200, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    price = np.exp(random.normal(13, 0.5, n))
    value = price * np.exp(random.normal(0, 0.1, n))
    return pd.DataFrame(
        {
            "sale_price_usd": price,
            "market_value_p10_usd": value * 0.88,
            "market_value_p50_usd": value,
            "market_value_p90_usd": value * 1.13,
            "zip": np.where(np.arange(n) < 15, "98004", "98103"),
            "property_type": np.where(np.arange(n) % 2 == 0, "condo", None),
        }
    )


def test_each_grouping_has_its_rows_and_their_sales_add_up():
    table = grouped_studies(valued(), valued(400), valued(410))
    assert tuple(table["grouping"].unique()) == RATIO_GROUPINGS
    sums = table.groupby("grouping")["n"].sum()
    of_year = ["county_year", "value_decile"]
    assert sums.pop("county_year_with_price_outliers") == 410
    assert sums.drop(of_year).eq(200).all() and sums[of_year].eq(400).all()
    assert sorted(table.loc[table["grouping"] == "price_decile", "group_value"]) == [
        f"{k:02d}" for k in range(1, 11)
    ]
    assert set(table.loc[table["grouping"] == "property_type", "group_value"]) == {"condo", "unknown"}


def test_a_group_below_the_least_number_of_sales_has_its_n_and_nothing_else():
    table = grouped_studies(valued()).set_index(["grouping", "group_value"])
    small = table.loc[("zip", "98004")]
    assert small["n"] == 15
    assert small.drop("n").isna().all()
    assert table.loc[("zip", "98103")].notna().all()


def test_within_a_band_of_prices_there_is_no_measure_that_compares_the_dear_with_the_cheap():
    table = grouped_studies(valued())
    banded = table[table["grouping"].isin(("price_decile", "value_decile"))]
    assert len(banded) == 20
    assert banded[[*ACROSS_PRICES, "prb_low", "mki_high"]].isna().all(axis=None)
    assert banded[["cod", "cod_low", "median_ratio", "median_ratio_high"]].notna().all(axis=None)


def test_coverage_and_intervals_stand_beside_the_figures():
    row = study_row(valued())
    assert tuple(row) == STUDY_COLUMNS
    assert 0.7 < row["interval_coverage"] < 0.9
    for name in ("median_ratio", "cod", "prd", "prb", "mki"):
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]


def test_sales_without_a_value_are_not_counted():
    sales = valued(60)
    sales.loc[:9, "market_value_p50_usd"] = np.nan
    assert study_row(sales)["n"] == 50


def test_no_sales_give_an_empty_table_with_all_columns():
    table = grouped_studies(valued().iloc[:0], None)
    assert table.empty and list(table) == ["grouping", "group_value", *STUDY_COLUMNS]


def test_equal_prices_stand_in_one_decile_and_few_prices_in_few():
    assert deciles(pd.Series([5.0] * 7)).nunique() == 1
    assert deciles(pd.Series(np.arange(1, 101.0))).value_counts().eq(10).all()
    assert deciles(pd.Series([3.0, 1.0, 2.0])).tolist() == ["10", "04", "07"]


def test_the_order_of_the_sales_does_not_matter():
    sales = valued()
    mixed = sales.sample(frac=1.0, random_state=3)
    pd.testing.assert_frame_equal(grouped_studies(mixed), grouped_studies(sales))


@pytest.mark.parametrize("column", ["zip", "property_type"])
def test_a_group_nobody_knows_is_named_unknown(column):
    sales = valued(60).assign(**{column: None})
    table = grouped_studies(sales)
    assert table.loc[table["grouping"] == column, "group_value"].tolist() == ["unknown"]
