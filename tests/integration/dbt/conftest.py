"""One small market, built once: four months of sales in King County and one month in Cook County.

Earlier sales of ZIP 98101 as 2015-03 knows them: 200, 300, 250 and 400 USD per sq ft.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import pytest

from realestate_assets.dbt.build import run_dbt
from realestate_assets.domain.enrichment.ownership import owner_signals
from realestate_assets.domain.sales.rules import load_sale_rules
from realestate_assets.domain.sales.validity import sale_validity
from realestate_assets.domain.tables import TABLES
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource
from tests.conftest import _fresh_warehouse
from tests.integration.dbt.raw import Row, day, listing, load, sale, snapshot

KING = [
    Partition("king-wa", month)
    for month in ("2014-11", "2014-12", "2015-01", "2015-02", "2015-03", "2015-04")
]
COOK = Partition("cook-il", "2015-03")
BUILD = ["build", "--exclude-resource-type", "unit_test"]
TABLES_BUILT = (
    "intermediate.int_zip__market_stats",
    "intermediate.int_zip__conditions",
    "intermediate.int_property__sale_history",
    "marts.features",
    "marts.deal_board",
    "marts.market_trends",
    "marts.data_quality",
    "marts.data_quality_history",
    "marts.record_quality",
    "marts.pipeline_throughput",
    "marts.score_history",
)

SALES = [
    sale("resold", "2014-11-10", 200_000.0),
    sale("second", "2014-12-10", 330_000.0, living_area_sqft=1100.0),
    sale("third", "2015-01-10", 250_000.0),
    sale("generated", "2015-01-15", 900_000.0, is_simulated=True),
    sale("fourth", "2015-02-10", 400_000.0),
]
SUBJECT = listing(
    "subject",
    "2015-03-20",
    240_000.0,
    street="12 ELM ST",
    property_type="condo",
    bedrooms=2.0,
    bathrooms=1.0,
    lot_area_sqft=3000.0,
    year_built=1990,
    year_renovated=2010,
    assessed_value_usd=180_000.0,
    last_sale_date=day("2005-03-01"),
    last_sale_price_usd=120_000.0,
    owner_mailing_address="9 OAK ST, RENO NV 89501",
    days_on_market=30,
)
RESALE = sale("resold", "2015-03-05", 250_000.0)
GENERATED = listing("generated_subject", "2015-03-09", 500_000.0, is_simulated=True)
ENRICHED = {
    "month": "2015-03",
    "property_id": "subject",
    "zip_median_income_usd": 60_000.0,
    "bedroom_rent_usd": 1200.0,
    "assessed_value_usd": 1.0,
    "tax_annual_usd": 2400.0,
    "owner_name": "OAK HOLDINGS LLC",
    "is_tax_delinquent": True,
    "tax_delinquent_usd": 3200.0,
    "tax_sale_year": 2013,
}
SCORES = [
    {"month": "2015-03", "property_id": "subject", "bird_dog_score": 70.0, "market_value_p50_usd": 300_000.0,
     "asking_price_usd": 240_000.0, "discount_to_value_pct": 20.0,
     "points": '{"undervaluation": 30, "equity": 40}'},
    {"month": "2015-03", "property_id": "resold", "bird_dog_score": 55.0, "market_value_p50_usd": 260_000.0},
    {"month": "2015-03", "property_id": "generated_subject", "bird_dog_score": 99.0, "is_simulated": True,
     "market_value_p50_usd": 600_000.0},
]  # fmt: skip
# A fixed row with every field set keeps its values through all builds.
NEARBY = [
    {"month": "2015-03", "property_id": p, "nearby_sale_count": 3, "nearby_price_per_sqft_usd": 260.0}
    for p in ("subject", "resold", "generated_subject")
]


def load_market(warehouse: WarehouseResource, march: list[Row], april: list[Row], cook: list[Row]) -> None:
    """Write the raw tables with these rows of 2015-03 and 2015-04, and of Cook County."""
    warehouse.ensure_tables(TABLES.values())
    properties = [*SALES, *march, *april]
    load(warehouse, "properties", properties, KING)
    load(warehouse, "properties", [row | {"county": COOK[0]} for row in cook], [COOK])
    load(warehouse, "enrichments", [ENRICHED], KING)
    load_derived(warehouse, [*KING, COOK])
    load(warehouse, "nearby_sales", NEARBY, KING)
    load(warehouse, "scores", SCORES, KING)
    load(warehouse, "memos", [{"month": "2015-03", "property_id": "subject", "bird_dog_score": 70.0,
                               "pdf_path": "memos/subject.pdf"}], KING)  # fmt: skip
    received = pd.Series([row["month"] for row in properties]).value_counts()
    files = [{"month": month, "rows_received": int(count)} for month, count in received.items()]
    load(warehouse, "source_files", files, KING)
    files = [{"county": COOK[0], "month": COOK[1], "rows_received": len(cook)}] if cook else []
    load(warehouse, "source_files", files, [COOK])


def load_derived(warehouse: WarehouseResource, partitions: list[Partition]) -> None:
    """Verdicts on sales and signals of owners, made from the raw tables as the assets make them."""
    raw = {n: warehouse.read_partitions("raw", n, partitions) for n in ("properties", "enrichments")}
    properties, enrichments = (raw[name].to_pandas() for name in raw)
    verdicts = sale_validity(properties, load_sale_rules())
    warehouse.replace_partitions(TABLES["sale_validity"], verdicts, partitions)
    states = {"king-wa": "WA", "cook-il": "IL"}
    signals = owner_signals(properties, enrichments, states)
    warehouse.replace_partitions(TABLES["owner_signals"], signals, partitions)


@dataclass(frozen=True)
class Market:
    """The warehouse and what a build made of it."""

    warehouse: WarehouseResource
    tables: dict[str, pd.DataFrame]
    statuses: dict[str, str]

    def row(self, table: str, **key: object) -> pd.Series:
        """The one row of a table with this key."""
        frame = self.tables[table]
        found = frame[(frame[list(key)] == pd.Series(key)).all(axis=1)]
        assert len(found) == 1, f"{len(found)} rows of {table} with {key}"
        return found.iloc[0]


def build(warehouse: WarehouseResource, args: list[str], partitions: Sequence[Partition] = ()) -> Market:
    """Run dbt and take the tables as they are then."""
    results = run_dbt(warehouse, args, partitions)["results"]
    tables = {table: snapshot(warehouse, table) for table in TABLES_BUILT}
    return Market(warehouse, tables, {result["unique_id"]: result["status"] for result in results})


@pytest.fixture(scope="session")
def built_warehouse(postgres_root) -> Iterator[WarehouseResource]:
    """A database of these tests' own."""
    yield from _fresh_warehouse(postgres_root)


@pytest.fixture(scope="session")
def first(built_warehouse: WarehouseResource) -> Market:
    """The first build, of all partitions, as an analyst would run it."""
    cook = [sale("cook_a", "2015-03-03", 100_000.0), sale("cook_b", "2015-03-04", 110_000.0)]
    load_market(built_warehouse, [SUBJECT, RESALE, GENERATED], [], cook)
    return build(built_warehouse, BUILD)


@pytest.fixture(scope="session")
def again(first: Market) -> Market:
    """A second build over the same rows, through the incremental path, with the unit tests."""
    return build(first.warehouse, ["build"])


@pytest.fixture(scope="session")
def changed(again: Market) -> Market:
    """A build of two partitions after the future, two prices and Cook County changed.

    April brings a sale and a late report of a February sale; the subject asks more, the resale cost more;
    Cook County has no rows any more.
    """
    march = [SUBJECT | {"list_price_usd": 300_000.0}, RESALE | {"sale_price_usd": 300_000.0}, GENERATED]
    april = [
        sale("future", "2015-04-10", 9_000_000.0),
        sale("late", "2015-04-11", 8_000_000.0, sale_date=day("2015-02-20")),
    ]
    load_market(again.warehouse, march, april, [])
    return build(again.warehouse, BUILD, [Partition("king-wa", "2015-03"), COOK])
