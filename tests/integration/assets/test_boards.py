"""The boards asset on a real warehouse and a real lake: files, index, repeatability."""

import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
import yaml

from realestate_assets.assets.boards import boards
from realestate_assets.domain.tables import TABLES
from realestate_assets.partitions import COUNTY_MONTH
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import Column, TableSpec
from tests.unit.assets.frame_io import KINDS, features_spec, range_tags
from tests.unit.domain.board.board_rows import HOSTILE, deal, metric, trend
from tests.unit.domain.memo.memo_records import property_row

pytestmark = pytest.mark.integration

MARTS = Path(__file__).resolve().parents[3] / "dbt_project" / "models" / "marts"


def mart_spec(name: str) -> TableSpec:
    """The table of a dbt model, from its documentation."""
    model = yaml.safe_load((MARTS / f"{name}.yml").read_text())["models"][0]
    key = tuple(model["constraints"][0]["columns"])
    kinds = {column["name"]: KINDS[column["data_type"]] for column in model["columns"]}
    ordered = [*key, *(column for column in kinds if column not in key)]
    return TableSpec(
        "marts", name, name, key, tuple(Column(n, kinds[n], n, nullable=n not in key) for n in ordered)
    )


def fill(
    warehouse: WarehouseResource, deals: list[dict], months: tuple[str, ...], outcomes: Sequence[dict] = ()
) -> None:
    """Write the marts of some months; the property's name is its street."""
    partitions = [Partition("king-wa", month) for month in months]
    required = {"source_file": "f.csv", "is_list_price_assumed": True}
    keys = ("county", "month", "property_id")
    properties = [
        property_row(street=d["property"], unit=None) | required | {key: d[key] for key in keys}
        for d in deals
    ]
    written = {
        mart_spec("deal_board"): deals,
        mart_spec("market_trends"): [trend(month) for month in months],
        mart_spec("data_quality"): [metric("received", 7.0) | {"month": month} for month in months],
        mart_spec("deal_outcomes"): outcomes,
        features_spec(): [],
        TABLES["properties"]: properties,
    }
    warehouse.ensure_tables([*TABLES.values(), *written])
    for spec, rows in written.items():
        # Objects, so that a missing boolean or whole number stays one beside known ones.
        values = [[row.get(name) for name in spec.column_names] for row in rows]
        frame = pd.DataFrame(values, columns=spec.column_names, dtype=object)
        warehouse.replace_partitions(spec, frame, partitions)


def run(warehouse: WarehouseResource, lake: StoreResource, first: str, last: str) -> dict[str, bytes]:
    upstream = [
        dg.AssetSpec(name, partitions_def=COUNTY_MONTH)
        for name in ("deal_board", "deal_outcomes", "market_trends", "data_quality", "properties", "features")
    ]
    result = dg.materialize(
        [boards, *upstream],
        selection=[boards],
        resources={"warehouse": warehouse, "lake": lake},
        tags=range_tags("king-wa", first, last),
    )
    assert result.success
    return {path: lake.read_bytes(path) for path in lake.list_files("boards")}


def page_data(page: bytes) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', page.decode(), re.DOTALL).group(1))


FEBRUARY = "boards/county=king-wa/month=2015-02"
MARCH = "boards/county=king-wa/month=2015-03"
OUTCOMES = "boards/county=king-wa/outcomes.html"


def test_each_month_gets_a_page_and_a_csv_file_and_the_index_lists_them(warehouse, lake):
    fill(warehouse, [deal(1), deal(2), deal(1, month="2015-02")], ("2015-02", "2015-03"))
    files = run(warehouse, lake, "2015-02", "2015-03")
    assert sorted(files) == [
        f"{FEBRUARY}/deals.csv",
        f"{FEBRUARY}/index.html",
        f"{MARCH}/deals.csv",
        f"{MARCH}/index.html",
        OUTCOMES,
        "boards/index.html",
    ]
    assert page_data(files[f"{MARCH}/index.html"])["deals"]["property"] == ["101 Elm St", "102 Elm St"]
    assert len(files[f"{MARCH}/deals.csv"].splitlines()) == 3
    index = files["boards/index.html"].decode()
    assert re.findall(r'href="(county[^"]+)"', index) == [
        OUTCOMES.removeprefix("boards/"),
        "county=king-wa/month=2015-03/index.html",
        "county=king-wa/month=2015-02/index.html",
    ]


def test_a_home_that_was_sold_after_its_offer_stands_on_the_page_of_outcomes(warehouse, lake):
    sold = {
        "county": "king-wa",
        "month": "2015-03",
        "property_id": deal(1)["property_id"],
        "offer_month": "2015-02",
        "outcome": "sold",
        "outcome_date": date(2015, 3, 9),
        "sale_price_usd": 987_000.0,
    }
    fill(warehouse, [deal(1, month="2015-02"), deal(2)], ("2015-02", "2015-03"), [sold])
    page = run(warehouse, lake, "2015-02", "2015-03")[OUTCOMES].decode()
    assert "101 Elm St" in page and "987,000" in page
    assert "102 Elm St" not in page


def test_a_second_run_writes_the_same_bytes_and_leaves_other_months_alone(warehouse, lake):
    fill(warehouse, [deal(1), deal(1, month="2015-02")], ("2015-02", "2015-03"))
    before = run(warehouse, lake, "2015-02", "2015-03")
    lake.delete(f"{MARCH}/index.html")
    assert run(warehouse, lake, "2015-03", "2015-03") == before


def test_a_board_shows_no_market_of_later_months(warehouse, lake):
    fill(warehouse, [deal(1), deal(1, month="2015-02")], ("2015-02", "2015-03"))
    files = run(warehouse, lake, "2015-02", "2015-03")
    months = [month for month, *_ in page_data(files[f"{FEBRUARY}/index.html"])["trends"]["ALL"]]
    assert months == ["2015-02"]


def test_a_month_without_a_deal_has_a_board_that_says_so(warehouse, lake):
    fill(warehouse, [], ("2015-03",))
    page = run(warehouse, lake, "2015-03", "2015-03")[f"{MARCH}/index.html"].decode()
    assert "No property of this month has a score." in page


def test_hostile_text_is_data_and_never_markup(warehouse, lake):
    deals = [deal(k, property=text, city=text) for k, text in enumerate(HOSTILE.values(), start=1)]
    fill(warehouse, deals, ("2015-03",))
    page = run(warehouse, lake, "2015-03", "2015-03")[f"{MARCH}/index.html"]
    assert page_data(page)["deals"]["city"][0] == HOSTILE["script"]
    assert page.count(b"</script>") == 2
    assert b"<img" not in page


def test_the_asset_says_what_it_is():
    spec = next(iter(boards.specs))
    assert "**Key:**" in spec.description
    assert spec.owners == ["team:data"]
