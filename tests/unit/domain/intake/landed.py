"""Small sources, counties and files for the tests of discovery."""

import io

import pyarrow as pa

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.canonical import Canonical, canonicalise
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.reading import read_rows, split_rows

COLUMNS = {
    "source_id": "ref",
    "apn": "id",
    "observed_date": {"from": "date", "format": ["%Y-%m-%d", "%m/%d/%Y"]},
    "sale_price_usd": "price",
    "bedrooms": "beds",
    "living_area_sqft": "area",
    "street": "street",
    "unit": "unit",
    "zip": "zip",
    "latitude": "lat",
    "longitude": "long",
    "list_price_usd": "asking",
    "sale_date": "sold",
    "list_date": "listed",
    "year_built": "built",
    "description": "remarks",
}

CLOCK = "America/Los_Angeles"


def make_source(name: str = "sales", **options) -> FileSource:
    return FileSource.model_validate({"kind": "file", "name": name, "columns": COLUMNS, **options})


def make_county(*sources: FileSource, **options) -> County:
    content = {
        "slug": "king-wa",
        "name": "King County",
        "state": "WA",
        "fips": "53033",
        "timezone": CLOCK,
        "bounds": {"south": 47.0, "north": 48.0, "west": -123.0, "east": -121.0},
        "market": {
            "provenance": "test",
            "median_price_usd": 500000,
            "appreciation_rate": 0.05,
            "target_days_on_market": 30,
            "min_price_usd": 1,
            "max_price_usd": 10000000,
        },
        "sources": [source.model_dump(by_alias=True) for source in sources],
    }
    return County.model_validate(content | options)


def read(data: bytes, source: FileSource | None = None, name: str = "file.csv") -> pa.Table:
    source = source or make_source()
    return split_rows(io.BytesIO(data), source, Place("king-wa", source.name, name))


def process(
    files: dict[str, bytes], source: FileSource | None = None, first: str = "2014-01", last: str = "2016-12"
) -> tuple[pa.Table, Canonical]:
    """Files of one source, read, dated and made canonical: the raw rows and what became of them."""
    source = source or make_source()
    raw = raw_rows(files, source, first, last)
    return raw, canonicalise(raw, make_county(source))


def raw_rows(
    files: dict[str, bytes], source: FileSource, first: str = "2014-01", last: str = "2016-12"
) -> pa.Table:
    tables = [
        read_rows(io.BytesIO(data), source, Place("king-wa", source.name, name), (first, last), CLOCK).table
        for name, data in files.items()
    ]
    return pa.concat_tables(tables, promote_options="default")
