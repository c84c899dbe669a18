"""Properties and reference files for the tests of enrichment."""

from pathlib import Path

import pyarrow as pa

from realestate_assets.domain.counties.county import County, load_counties
from realestate_assets.domain.counties.enrichment_config import Enrichment, TableProvider
from realestate_assets.domain.tables import PROPERTIES
from realestate_assets.providers.chain import enrich
from realestate_assets.providers.reference import ReferenceTables
from realestate_assets.providers.registry import providers_of
from resources.lake.store import StoreResource

TABLE = {
    "name": "zips",
    "file": "zips.csv",
    "join": "zip",
    "key_column": "zcta",
    "vintage": "2013-12-31",
    "source_url": "https://data.example/zips",
    "fields": {"zip_population": "people", "zip_median_income_usd": "income"},
}


def properties(*rows: dict) -> pa.Table:
    """Rows of the properties table; what a row does not say is as below."""
    plain = {
        "county": "king-wa",
        "month": "2015-05",
        "zip": "98004",
        "apn": "0123456789",
        "bedrooms": 3.0,
        "is_simulated": False,
    }
    filled = [{**plain, "property_id": f"p{index}", **row} for index, row in enumerate(rows)]
    fields = [pa.field(column.name, column.arrow_type) for column in PROPERTIES.columns]
    return pa.Table.from_pylist(filled, schema=pa.schema(fields))


def county_with(*tables: dict, chains: dict | None = None) -> County:
    """King County asking these tables for every group they have a field of."""
    names = tuple(table["name"] for table in tables)
    every = dict.fromkeys(("demographics", "rent", "flood", "assessor", "parcel"), (*names, "simulated"))
    enrichment = Enrichment(
        tables=tuple(TableProvider.model_validate(table) for table in tables),
        chains=every if chains is None else chains,
    )
    return load_counties()["king-wa"].model_copy(update={"enrichment": enrichment})


def store(folder: Path, **files: str) -> StoreResource:
    """A reference folder with text files; `zips_csv` becomes zips.csv."""
    for name, content in files.items():
        (folder / name.replace("_csv", ".csv")).write_text(content)
    return StoreResource(root_url=str(folder))


def run(county: County, rows: pa.Table, reference: StoreResource) -> tuple[list[dict], dict]:
    """Enriched rows, and facts by (property, field, provider)."""
    result = enrich(county, rows, providers_of(county, ReferenceTables(reference)))
    facts = {(f["property_id"], f["field"], f["provider"]): f for f in result.facts.to_pylist()}
    assert len(facts) == result.facts.num_rows
    return result.enrichments.to_pylist(), facts
