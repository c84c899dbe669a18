"""Small sources, counties and files for the tests of discovery."""

import io

import pyarrow as pa

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.canonical import Canonical, canonicalise
from realestate_assets.domain.intake.file_format import Place
from realestate_assets.domain.intake.mapping import Layout
from realestate_assets.domain.intake.months import assign_months
from realestate_assets.domain.intake.reading import read_landed

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


def make_source(name: str = "sales", **options) -> FileSource:
    return FileSource.model_validate({"kind": "file", "name": name, "columns": COLUMNS, **options})


def make_county(*sources: FileSource, **options) -> County:
    content = {
        "slug": "king-wa",
        "name": "King County",
        "state": "WA",
        "fips": "53033",
        "timezone": "America/Los_Angeles",
        "bounds": {"south": 47.0, "north": 48.0, "west": -123.0, "east": -121.0},
        "market": {
            "provenance": "test",
            "median_price_usd": 500000,
            "heat": 1,
            "appreciation_rate": 0.05,
            "target_days_on_market": 30,
            "min_price_usd": 1,
            "max_price_usd": 10000000,
        },
        "sources": [source.model_dump(by_alias=True) for source in sources],
    }
    return County.model_validate(content | options)


def read(data: bytes, source: FileSource | None = None, name: str = "file.csv") -> pa.Table:
    return read_landed("king-wa", source or make_source(), name, io.BytesIO(data), len(data))


def process(
    files: dict[str, bytes], source: FileSource | None = None, first: str = "2014-01", last: str = "2016-12"
) -> tuple[pa.Table, Canonical]:
    """Files of one source, read, dated and made canonical: the raw rows and what became of them."""
    source = source or make_source()
    raw = raw_rows(files, source, first, last)
    return raw, canonicalise(raw, make_county(source), layouts(source))


def layouts(*sources: FileSource) -> dict[str, Layout]:
    return {source.name: Layout(source.columns, source.list_price_from_sale) for source in sources}


def raw_rows(
    files: dict[str, bytes], source: FileSource, first: str = "2014-01", last: str = "2016-12"
) -> pa.Table:
    place = [Place("king-wa", source.name, name) for name in files]
    tables = [
        assign_months(read(data, source, at.file), source, first, last, at)
        for at, data in zip(place, files.values(), strict=True)
    ]
    return pa.concat_tables(tables, promote_options="default")
