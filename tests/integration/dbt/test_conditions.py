"""Supply, change of prices and heat of a month: from what was known before it, or unknown."""

import numpy as np
import pandas as pd
import pytest

from realestate_assets.dbt.build import run_dbt
from realestate_assets.domain.tables import TABLES
from resources.errors import PermanentError
from resources.partition import Partition
from tests.integration.dbt.conftest import load_derived
from tests.integration.dbt.raw import listing, load, sale, snapshot

pytestmark = [pytest.mark.integration]

MONTHS = [f"{year}-{month:02d}" for year in (2013, 2014) for month in range(1, 13)] + [
    "2015-01",
    "2015-02",
    "2015-03",
]
PARTITIONS = [Partition("king-wa", month) for month in MONTHS]
SCORED = "2015-01"
TABLE = "intermediate.int_zip__conditions"
BUILD = ["run", "--select", "+int_zip__conditions"]


def months_of_market():
    """Each month one home is offered, and 20 sell for 98 % of their ask, at 1 % more than before."""
    rng = np.random.default_rng(5)
    rows = []
    for at, month in enumerate(MONTHS):
        level = 200 * 1.01**at * np.exp(rng.normal(0, 0.02, 20))
        rows += [
            sale(
                f"s{month}{k}",
                f"{month}-10",
                round(1000 * price, 2),
                list_price_usd=round(1000 * price / 0.98, 2),
            )
            for k, price in enumerate(level)
        ]
        rows.append(listing(f"o{month}", f"{month}-12", 300_000.0))
    # Sales of a ZIP of its own: too few for a change, enough for none of its figures.
    rows.append(sale("lonely", "2014-12-05", 240_000.0, zip="98102"))
    return rows


def built(warehouse, rows):
    """The conditions of all months, and of one that is scored."""
    warehouse.ensure_tables(TABLES.values())
    load(warehouse, "properties", rows, PARTITIONS)
    load_derived(warehouse, PARTITIONS)
    run_dbt(warehouse, BUILD)
    return snapshot(warehouse, TABLE).sort_values(["month", "market_place"], ignore_index=True)


@pytest.fixture(scope="module")
def before(module_warehouse):
    return built(module_warehouse, months_of_market())


def of_month(frame, month, place="98101"):
    found = frame[(frame["month"] == month) & (frame["market_place"] == place)]
    assert len(found) == 1
    return found.iloc[0]


def test_the_figures_of_a_month_are_those_worked_by_hand(before):
    row = of_month(before, SCORED)
    # Offers of the year before, none of which was heard of again; 240 sales of the place in twelve months.
    assert (row["zip_offer_count"], row["zip_months_of_supply"]) == (12, pytest.approx(12 / 20))
    assert row["market_heat_pct"] == pytest.approx(98, abs=0.01)
    assert (row["market_heat_basis"], row["market_heat_sales"]) == ("zip", 120)
    assert row["market_appreciation_pct"] == pytest.approx(100 * (1.01**12 - 1), abs=1.5)
    assert (row["market_appreciation_basis"], row["market_appreciation_sales"]) == ("zip", 120)
    assert row["market_appreciation_month"] == SCORED


def test_a_zip_of_few_sales_has_the_figures_of_its_county(before):
    rows = before[(before["month"] == "2014-12") & (before["market_place"] == "98102")]
    assert rows["market_appreciation_basis"].tolist() == rows["market_heat_basis"].tolist() == ["county"]
    assert rows["zip_months_of_supply"].isna().all()


def test_without_enough_months_before_all_is_unknown(before):
    first = of_month(before, MONTHS[0])
    # The outside rate of the county's file is of 2024: later than every month here.
    figures = ["zip_offer_count", "zip_months_of_supply", "market_appreciation_pct", "market_heat_pct"]
    assert first[figures].isna().all()
    # Fifteen months of records make a change; fourteen do not.
    assert pd.isna(of_month(before, "2014-03")["market_appreciation_pct"])
    assert of_month(before, "2014-04")["market_appreciation_basis"] == "zip"


def test_facts_of_the_month_or_later_change_nothing_of_the_month(before, module_warehouse):
    later = [
        # All that was on offer is sold in the month, far above its ask, and told with a sale of long ago.
        *(sale(f"o{month}", f"{SCORED}-09", 900_000.0, list_price_usd=300_000.0) for month in MONTHS[12:24]),
        *(
            sale(f"late{k}", f"{SCORED}-20", 9_000_000.0, sale_date=pd.Timestamp("2014-11-20").date())
            for k in range(80)
        ),
        *(listing(f"new{k}", f"{SCORED}-03", 1.0) for k in range(50)),
    ]
    kept = [row for row in months_of_market() if row["month"] < SCORED]
    after = built(module_warehouse, [*kept, listing(f"o{SCORED}", f"{SCORED}-12", 1.0), *later])
    earlier = before["month"] <= SCORED
    pd.testing.assert_frame_equal(
        after[after["month"] <= SCORED].reset_index(drop=True), before[earlier].reset_index(drop=True)
    )


BROKEN = {
    "supply_and_stock_are_not_negative": "zip_offer_count = -1",
    "supply_is_known_only_with_the_stock": "zip_offer_count = null, zip_months_of_supply = 1",
    "a_change_of_prices_names_its_basis_and_month": "market_appreciation_basis = null",
    "a_change_of_own_prices_rests_on_enough_sales_of_its_month": "market_appreciation_sales = 99",
    "an_outside_rate_lies_before_the_month_or_is_marked_as_later": (
        "market_appreciation_basis = 'outside', market_appreciation_month = month"
    ),
    "heat_names_its_basis_and_rests_on_enough_sales": "market_heat_sales = 19",
}


def test_each_claim_about_the_figures_fails_where_it_is_broken(before, module_warehouse):
    for at, change in enumerate(BROKEN.values()):
        module_warehouse.execute(f"update {TABLE} set {change} where month = '2014-{at + 5:02d}'")
    with pytest.raises(PermanentError) as failed:
        run_dbt(
            module_warehouse,
            ["test", "--select", "int_zip__conditions", "--exclude-resource-type", "unit_test"],
        )
    assert [name for name in BROKEN if name not in str(failed.value)] == []
