"""The memos asset on a real warehouse and a real lake: choice, files, manifest, repeatability."""

import hashlib
import io
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow as pa
import pypdf
import pytest

from realestate_assets.assets import documents, memo_reading
from realestate_assets.assets.documents import dbt_docs, memo_folder, memos
from realestate_assets.domain.scoring.config import load_scoring_config
from realestate_assets.domain.tables import COMPARABLES, PROPERTIES, SCORES, TABLES
from realestate_assets.partitions import COUNTY_MONTH
from realestate_assets.settings import Settings
from resources.documents import pdf
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.io_manager import NO_JOURNAL, WarehouseIOManager
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import TableSpec
from tests.unit.assets.frame_io import features_spec, range_tags
from tests.unit.assets.sales_view import SALES, ensure_sales
from tests.unit.domain.memo.memo_records import comparable, features_row, property_row, score_row

pytestmark = pytest.mark.integration
MARCH, APRIL = Partition("king-wa", "2015-03"), Partition("king-wa", "2015-04")


def frame(spec: TableSpec, rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame([{**dict.fromkeys(spec.column_names), **row} for row in rows])[spec.column_names]


def fill(warehouse: WarehouseResource, scores: dict[str, dict[str, float]]) -> None:
    """Write all tables for months -> property on offer -> score."""
    features = features_spec()
    warehouse.ensure_tables([*TABLES.values(), features])
    ensure_sales(warehouse)
    partitions = [Partition("king-wa", month) for month in scores]
    keys = [
        {"county": "king-wa", "month": month, "property_id": name}
        for month, homes in scores.items()
        for name in homes
    ]
    required = {"source_file": "f.csv", "is_list_price_assumed": True}
    comp = {**comparable(1), "comp_property_id": "c1", "months_ago": 3.0}
    written = {
        SCORES: [
            {**score_row(bird_dog_score=scores[k["month"]][k["property_id"]], offer_state="on_offer"), **k}
            for k in keys
        ],
        PROPERTIES: [{**property_row(street=f"{k['property_id']} ST"), **required, **k} for k in keys],
        COMPARABLES: [{**comp, **k} for k in keys],
        features: [{**features_row(), "is_simulated": False, **k} for k in keys],
    }
    for spec, rows in written.items():
        warehouse.replace_partitions(spec, frame(spec, rows), partitions)


def run(warehouse: WarehouseResource, lake: StoreResource, first: str, last: str) -> pd.DataFrame:
    upstream = [
        dg.AssetSpec(name, partitions_def=COUNTY_MONTH).with_io_manager_key("warehouse_io")
        for name in ("scores", "features", "properties", "enrichments", "enrichment_facts", "comparables")
    ]
    result = dg.materialize(
        [memos, *upstream],
        selection=[memos],
        resources={
            "warehouse": warehouse,
            "warehouse_io": WarehouseIOManager(warehouse=warehouse, tables=TABLES, journal=NO_JOURNAL),
            "lake": lake,
        },
        tags=range_tags("king-wa", first, last),
    )
    assert result.success
    run.counts = {
        event.partition: tuple(event.metadata[name].value for name in ("made", "reused"))
        for event in result.asset_materializations_for_node("memos")
    }
    pairs = [Partition("king-wa", first), Partition("king-wa", last)]
    return warehouse.read_partitions("raw", "memos", sorted(set(pairs))).to_pandas()


def hashes(lake: StoreResource) -> dict[str, str]:
    return {path: hashlib.sha256(lake.read_bytes(path)).hexdigest() for path in lake.list_files("memos")}


BELOW = load_scoring_config().memo_min_score - 0.1
TWO_MONTHS = {"2015-03": {"a": 80.0, "b": BELOW, "c": 60.0}, "2015-04": {"a": 55.0, "d": 10.0}}


def test_memos_are_written_with_a_manifest_that_names_every_file(warehouse, lake):
    fill(warehouse, TWO_MONTHS)
    manifest = run(warehouse, lake, "2015-03", "2015-04")
    ranked = manifest.sort_values(["month", "memo_rank"])
    assert list(zip(ranked["month"], ranked["property_id"], ranked["memo_rank"], strict=True)) == [
        ("2015-03", "a", 1),
        ("2015-03", "c", 2),
        ("2015-04", "a", 1),
    ]
    files = hashes(lake)
    assert set(files) == {*manifest["pdf_path"], *manifest["html_path"]}
    for suffix in ("pdf", "html"):
        named = dict(zip(manifest[f"{suffix}_path"], manifest[f"{suffix}_sha256"], strict=True))
        assert all(files[path] == digest for path, digest in named.items())
    page = pypdf.PdfReader(io.BytesIO(lake.read_bytes(f"{memo_folder(MARCH)}/a.pdf"))).pages[0]
    assert "$601,250" in page.extract_text()
    assert "a ST" in page.extract_text()


def test_a_second_run_and_a_run_of_one_month_give_the_same_bytes(warehouse, lake):
    fill(warehouse, {"2015-03": {"a": 80.0}, "2015-04": {"a": 55.0}})
    run(warehouse, lake, "2015-03", "2015-04")
    before = hashes(lake)
    for path in before:
        lake.delete(path)
    run(warehouse, lake, "2015-03", "2015-03")
    run(warehouse, lake, "2015-04", "2015-04")
    assert hashes(lake) == before


def test_a_second_run_renders_nothing_and_leaves_the_files_alone(warehouse, lake):
    fill(warehouse, TWO_MONTHS)
    first = run(warehouse, lake, "2015-03", "2015-04")
    assert run.counts == {"king-wa|2015-03": (2, 0), "king-wa|2015-04": (1, 0)}
    written = {path: lake.modified(path) for path in lake.list_files("memos")}
    second = run(warehouse, lake, "2015-03", "2015-04")
    assert run.counts == {"king-wa|2015-03": (0, 2), "king-wa|2015-04": (0, 1)}
    assert {path: lake.modified(path) for path in lake.list_files("memos")} == written
    pd.testing.assert_frame_equal(first, second)


def test_only_the_memo_whose_page_changed_is_rendered_again(warehouse, lake):
    fill(warehouse, {"2015-03": {"a": 80.0, "c": 60.0}})
    first = run(warehouse, lake, "2015-03", "2015-03").set_index("property_id")["pdf_sha256"]
    fill(warehouse, {"2015-03": {"a": 80.0, "c": 61.0}})
    second = run(warehouse, lake, "2015-03", "2015-03").set_index("property_id")["pdf_sha256"]
    assert run.counts == {"king-wa|2015-03": (1, 1)}
    assert (first == second).to_dict() == {"a": True, "c": False}


@pytest.mark.parametrize(("where", "what"), [(documents, "template_version"), (pdf, "renderer_version")])
def test_another_template_or_renderer_makes_every_memo_again(warehouse, lake, monkeypatch, where, what):
    fill(warehouse, {"2015-03": {"a": 80.0, "c": 60.0}})
    run(warehouse, lake, "2015-03", "2015-03")
    monkeypatch.setattr(where, what, lambda *folders: "another")
    run(warehouse, lake, "2015-03", "2015-03")
    assert run.counts == {"king-wa|2015-03": (2, 0)}


@pytest.mark.parametrize("suffix", ["pdf", "html"])
def test_a_file_that_is_not_as_the_manifest_says_is_made_again(warehouse, lake, suffix):
    """As after a run that was killed between its files and its manifest."""
    fill(warehouse, {"2015-03": {"a": 80.0, "c": 60.0}})
    run(warehouse, lake, "2015-03", "2015-03")
    before = hashes(lake)
    lake.write_bytes(f"{memo_folder(MARCH)}/a.{suffix}", b"of another run")
    run(warehouse, lake, "2015-03", "2015-03")
    assert run.counts == {"king-wa|2015-03": (1, 1)}
    assert hashes(lake) == before


def test_memos_that_fell_out_are_deleted_in_their_own_month_only(warehouse, lake):
    fill(warehouse, TWO_MONTHS)
    run(warehouse, lake, "2015-03", "2015-04")
    fill(warehouse, {"2015-03": {"a": BELOW, "b": 70.0}})
    manifest = run(warehouse, lake, "2015-03", "2015-03")
    assert manifest["property_id"].tolist() == ["b"]
    folder = memo_folder(MARCH)
    assert lake.list_files(folder) == [f"{folder}/b.html", f"{folder}/b.pdf"]
    assert len(lake.list_files(memo_folder(APRIL))) == 2


def sale(month: str, number: int, price_per_sqft: float) -> dict:
    key = {"county": "king-wa", "month": month, "property_id": f"s{number}", "zip": "98004"}
    price = {"sale_price_usd": 1e5, "sale_price_per_sqft_usd": price_per_sqft}
    return {**key, **price, "is_simulated": False}


def write_sales(warehouse: WarehouseResource, months: dict[str, float]) -> None:
    rows = [sale(month, k, level + k) for month, level in months.items() for k in range(3)]
    pairs = [Partition("king-wa", month) for month in months]
    warehouse.replace_partitions(SALES, frame(SALES, rows), pairs)


def test_the_market_trend_is_that_of_the_months_before(warehouse, lake):
    fill(warehouse, {"2015-03": {"a": 80.0}, "2015-04": {"b": 80.0}})
    past = {"2014-12": 200.0, "2015-01": 210.0, "2015-02": 220.0}
    write_sales(warehouse, {**past, "2015-03": 900.0, "2015-04": 999.0})
    run(warehouse, lake, "2015-03", "2015-04")
    page = lake.read_bytes(f"{memo_folder(MARCH)}/a.html").decode()
    assert "county $201 in December 2014, $221 in February 2015" in page
    later = lake.read_bytes(f"{memo_folder(APRIL)}/b.html").decode()
    assert "$901 in March 2015" in later
    before = hashes(lake)
    write_sales(warehouse, {"2015-03": 1.0, "2015-04": 2.0})
    run(warehouse, lake, "2015-03", "2015-03")
    march = [path for path in before if "2015-03" in path]
    assert {path: hashes(lake)[path] for path in march} == {path: before[path] for path in march}


def test_changed_data_makes_another_memo(warehouse, lake):
    fill(warehouse, {"2015-03": {"a": 80.0}})
    first = run(warehouse, lake, "2015-03", "2015-03")["pdf_sha256"][0]
    fill(warehouse, {"2015-03": {"a": 81.0}})
    assert run(warehouse, lake, "2015-03", "2015-03")["pdf_sha256"][0] != first


def test_the_limit_of_the_settings_holds_per_partition(warehouse, lake, monkeypatch):
    fill(warehouse, {"2015-03": {name: 60.0 + k for k, name in enumerate("abcde")}, "2015-04": {"a": 99.0}})
    monkeypatch.setattr(documents, "get_settings", lambda: Settings(memo_limit_per_partition=2))
    manifest = run(warehouse, lake, "2015-03", "2015-04")
    assert sorted(manifest["property_id"]) == ["a", "d", "e"]


def test_a_month_without_a_deal_has_an_empty_manifest(warehouse, lake):
    fill(warehouse, {"2015-03": {"a": 12.0}})
    assert run(warehouse, lake, "2015-03", "2015-03").empty
    assert lake.list_files("memos") == []


def test_the_number_of_queries_does_not_grow_with_the_memos(warehouse, lake, monkeypatch):
    fill(warehouse, {"2015-03": dict.fromkeys("abcd", 60.0)})
    asked = []
    real = WarehouseResource.read

    def read(self: WarehouseResource, sql: str, parameters: tuple = ()) -> pa.Table:
        asked.append(sql)
        return real(self, sql, parameters)

    monkeypatch.setattr(WarehouseResource, "read", read)
    run(warehouse, lake, "2015-03", "2015-03")
    assert sum("property_id text" in sql for sql in asked) == len(memo_reading.TABLE_QUERIES) + 2


@pytest.fixture
def docs(warehouse, lake, monkeypatch):
    """Makes the page of docs, numbered in dbt's stead; which page stands then, and whether it was made."""
    made = []

    def page(of: WarehouseResource, folder: Path) -> Path:
        path = folder / "index.html"
        made.append(path)
        path.write_text(f"<html>docs {len(made)}</html>")
        return path

    def run_once(key: str = "same") -> tuple[str, int]:
        monkeypatch.setattr(documents, "docs_key", lambda of: key)
        result = dbt_docs(dg.build_asset_context(), warehouse=warehouse, lake=lake)
        text = lake.read_bytes("dbt_docs/index.html").decode()
        assert result.metadata["size_bytes"] == len(text)
        assert result.metadata["made"] + result.metadata["reused"] == 1
        return text, result.metadata["made"]

    monkeypatch.setattr(documents, "generate_docs", page)
    return run_once


def test_the_docs_page_goes_into_the_lake_and_stands_until_what_it_follows_from_changes(docs):
    assert docs() == ("<html>docs 1</html>", 1)
    assert docs() == ("<html>docs 1</html>", 0)
    assert docs("another") == ("<html>docs 2</html>", 1)
    assert docs("another") == ("<html>docs 2</html>", 0)


@pytest.mark.parametrize("file", ["dbt_docs/index.html", "dbt_docs/made_of.json"])
def test_a_docs_page_that_is_not_as_it_was_left_is_made_again(docs, lake, file):
    docs()
    lake.write_bytes(file, b"cut off")
    assert docs() == ("<html>docs 2</html>", 1)


@pytest.mark.parametrize("asset", [memos, dbt_docs])
def test_the_assets_say_what_they_are(asset):
    spec = next(iter(asset.specs))
    assert "**Key:**" in spec.description
    assert spec.owners == ["team:data"]
    assert spec.kinds
