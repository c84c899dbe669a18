"""What the project says of itself: sources in step with the tables, every column told, heritage features."""

import re

import pytest
import yaml

from realestate_assets.assets.boards import boards
from realestate_assets.assets.documents import memos
from realestate_assets.dbt.project import PROJECT_DIR, dbt_manifest
from realestate_assets.dbt.sources import SOURCES_DIR, sources_documents
from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.valuation.features import FORBIDDEN_FEATURES
from tests.overview import OVERVIEW, overview_queries

# Names of the older designs -> ours.
HERITAGE = {
    "square_footage": "living_area_sqft",
    "bedrooms": "bedrooms",
    "bathrooms": "bathrooms",
    "lot_size_sqft": "lot_area_sqft",
    "age_years": "age_years",
    "price_per_sqft": "price_per_sqft_usd",
    "bed_bath_ratio": "bed_bath_ratio",
    "lot_to_building_ratio": "lot_to_building_ratio",
    "listing_price": "list_price_usd",
    "assessed_value": "assessed_value_usd",
    "market_value": "roll_market_value_usd",
    "assessed_to_market_ratio": "assessed_to_market_ratio",
    "listing_to_assessed_ratio": "list_to_assessed_ratio",
    "listing_to_market_ratio": "list_to_market_ratio",
    "annual_tax": "tax_annual_usd",
    "tax_rate": "tax_rate_pct",
    "estimated_equity": "estimated_equity_usd",
    "years_since_last_sale": "years_since_last_sale",
    "last_sale_price": "last_sale_price_usd",
    "price_appreciation": "appreciation_since_last_sale_pct",
    "annual_appreciation_rate": "annual_appreciation_rate_pct",
    "days_on_market": "days_on_market",
    "listing_status_active": "is_status_active",
    "property_type_single_family": "is_single_family",
    "property_type_condo": "is_condo",
    "property_type_townhouse": "is_townhouse",
    "zip_population": "zip_population",
    "zip_median_income": "zip_median_income_usd",
    "zip_median_home_value": "zip_median_home_value_usd",
    "zip_owner_occupied_rate": "zip_owner_occupied_pct",
    "zip_unemployment_rate": "zip_unemployment_pct",
    "income_to_price_ratio": "price_to_income_ratio",
    "relative_price_in_zip": "price_to_zip_median_ratio",
    "is_undervalued": "is_undervalued",
    "potential_roi": "potential_roi_pct",
}
MODELS = sorted(n["name"] for n in dbt_manifest()["nodes"].values() if n["resource_type"] == "model")


def model(name):
    return dbt_manifest()["nodes"][f"model.realestate.{name}"]


def test_all_35_heritage_features_are_there_under_our_names():
    assert len(HERITAGE) == len(set(HERITAGE.values())) == 35
    assert set(HERITAGE.values()) <= model("features")["columns"].keys()


def test_the_sources_are_those_of_the_table_specs():
    written = {p.name: yaml.safe_load(p.read_text(encoding="utf-8")) for p in SOURCES_DIR.iterdir()}
    assert written == sources_documents(), "run .venv/bin/python tools/dbt_sources.py"


def test_every_table_of_the_platform_is_a_source_once():
    raw = [t["name"] for d in sources_documents().values() for s in d["sources"] if s["name"] == "raw"
           for t in s["tables"]]  # fmt: skip
    assert sorted(raw) == sorted(TABLES)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_tells_its_purpose_key_and_every_column(name):
    node = model(name)
    assert node["config"]["contract"]["enforced"]
    assert node["columns"]
    for column in node["columns"].values():
        assert column["data_type"], column["name"]
        assert len(column["description"].split()) > 1, column["name"]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_purpose_assumptions_nuance_and_primary_key_in_this_order(name):
    node = model(name)
    purpose, *sections = re.split(r"^\*\*(.+?)\*\*: ", node["description"].strip(), flags=re.M)
    assert len(purpose.split()) > 5
    assert sections[::2] == ["Assumptions", "Nuance", "Primary key"]
    assert all(len(text.split()) > 5 for text in sections[1:-1:2])
    key = sections[-1].strip().removesuffix(".").split(", ")
    assert set(key) <= node["columns"].keys()
    for constraint in node["constraints"]:
        if constraint["type"] == "primary_key":
            assert constraint["columns"] == key


def test_the_overview_tells_grain_and_key_of_every_mart():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", OVERVIEW, flags=re.M)
    marts = {name for name in MODELS if model(name)["schema"] == "marts"}
    assert {row[0] for row in rows} == marts
    for name, _, key, _ in rows:
        assert f"**Primary key**: {key}." in model(name)["description"]


def test_the_overview_works_five_questions_on_the_marts_alone():
    assert len(overview_queries()) == 5
    for sql in overview_queries():
        assert set(re.findall(r"(?:from|join) (\w+)\.", sql)) == {"marts"}


@pytest.mark.parametrize(("exposure", "asset"), [("investor_memos", memos), ("deal_boards", boards)])
def test_an_exposure_depends_on_what_its_asset_reads(exposure, asset):
    nodes = dbt_manifest()["exposures"][f"exposure.realestate.{exposure}"]["depends_on"]["nodes"]
    assert {node.split(".")[-1] for node in nodes} == {key.path[-1] for key in asset.dependency_keys}


def test_every_shared_description_is_used():
    """A column that stands in several models is described once; a text that nobody shows is a leftover."""
    blocks = [name.split(".")[-1] for name in dbt_manifest()["docs"] if ".realestate." in name]
    texts = "".join(p.read_text(encoding="utf-8") for p in (PROJECT_DIR / "models").rglob("*.yml"))
    unused = [b for b in blocks if b != "__overview__" and f"doc('{b}')" not in texts]
    assert unused == []


def test_every_data_test_has_a_claim_for_a_name():
    tests = [n for n in dbt_manifest()["nodes"].values() if n["resource_type"] == "test"]
    names = [n["name"] for n in tests]
    assert len(set(names)) == len(names) > 20
    for name in names:
        # dbt's own names begin with the kind of test and hold model and column.
        assert not name.startswith(("holds_", "is_unique_by_", "has_", "not_null_", "unique_")), name


def test_models_lie_in_the_schema_of_their_folder_and_are_short():
    for name in MODELS:
        node = model(name)
        assert node["schema"] == node["path"].split("/")[0]
        lines = (PROJECT_DIR / node["original_file_path"]).read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 120, name


def test_no_column_that_follows_from_the_own_price_may_reach_the_valuation():
    columns = model("features")["columns"]
    own = {name for name, column in columns.items() if column["config"]["meta"].get("own_price")}
    assert {
        "list_price_usd",
        "sale_price_usd",
        "price_per_sqft_usd",
        "appreciation_since_last_sale_pct",
    } <= own
    assert own <= FORBIDDEN_FEATURES
