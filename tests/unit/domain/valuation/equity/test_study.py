"""The study of any column, and its workbook."""

import json
from io import BytesIO

import numpy as np
import pandas as pd
from openpyxl import load_workbook

from realestate_assets.domain.valuation.equity.study import (
    StudiedValue,
    StudySettings,
    equity_study,
    load_study_settings,
    study_all,
)
from realestate_assets.domain.valuation.equity.workbook import workbook

MARKET = StudiedValue(level="market")


def sales(n: int = 300, seed: int = 4) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    price = np.exp(random.normal(13, 0.4, n))
    value = price * np.exp(random.normal(0, 0.08, n))
    place = np.where(np.arange(n) % 3 == 0, "98004", "98103")
    # One place is valued a quarter too high, and one sale far off.
    value = np.where(place == "98004", 1.25 * value, value)
    value[1] = 5 * price[1]
    return pd.DataFrame(
        {
            "month": "2015-03",
            "property_id": [f"{k:04d}" for k in range(n)],
            "street": ["=1+1"] * n,
            "place": place,
            "property_type": "condo",
            "living_area_sqft": random.uniform(600, 3000, n),
            "year_built": 1960,
            "sale_date": pd.Timestamp("2015-03-07"),
            "sale_price_usd": price,
            "market_value_p50_usd": value,
            "assessed_value_usd": np.where(np.arange(n) < 10, value, np.nan),
            "extra_features": [json.dumps({"vendor_value": v}) for v in value * 1.02],
        }
    )


def test_outliers_are_counted_and_both_figures_told():
    whole, trimmed = equity_study(sales(), "market_value_p50_usd", "market", 6).rows
    assert (whole["trimming"], trimmed["trimming"]) == ("all", "trimmed")
    assert whole["n"] - trimmed["n"] == whole["outliers"] >= 1
    assert trimmed["cod"] < whole["cod"]
    assert whole["cod_within"] < whole["cod"]


def test_the_place_that_is_off_leads_the_clusters_and_the_far_sale_the_list():
    study = equity_study(sales(), "market_value_p50_usd", "market", 6)
    first = study.clusters.iloc[0]
    assert first["place"] == "98004" and first["is_off"] and first["off_level_pct"] > 10
    assert study.sales.iloc[0]["property_id"] == "0001"
    assert "priced below its like, or valued too high" in study.sales.iloc[0]["reason"]


def test_a_vendors_value_in_the_countys_own_features_is_studied_and_a_column_of_few_sales_is_not():
    settings = StudySettings(
        values={"vendor_value": MARKET, "assessed_value_usd": MARKET, "nowhere": MARKET},
        least_cluster_sales=6,
    )
    assert [study.value_column for study in study_all(sales(), settings)] == ["vendor_value"]


def test_the_order_of_the_rows_changes_nothing():
    settings = load_study_settings()
    books = [
        workbook(study_all(frame, settings), "t")
        for frame in (sales(), sales().sample(frac=1, random_state=1))
    ]
    assert books[0] == books[1]


def test_the_workbook_holds_figures_groups_clusters_and_sales_and_no_formula():
    study = equity_study(sales(), "market_value_p50_usd", "market", 6)
    book = load_workbook(BytesIO(workbook([study], "Ratio study, King County")))
    assert book.sheetnames == ["Read me", "Figures", "Groups of value", "Clusters", "Sales to look at"]
    assert book["Read me"]["A1"].value is None or book["Read me"]["A2"].value == "Ratio study, King County"
    assert book["Figures"].max_row == 3
    assert book["Groups of value"].max_row == 5
    assert book["Clusters"].max_row == len(study.clusters) + 1
    rows = list(book["Sales to look at"].iter_rows(values_only=False))
    street = [cell for cell in rows[1] if cell.value == "=1+1"]
    assert street and street[0].data_type == "s"


def test_a_workbook_of_nothing_can_be_opened():
    book = load_workbook(BytesIO(workbook([], "t")))
    assert "Figures" in book.sheetnames
