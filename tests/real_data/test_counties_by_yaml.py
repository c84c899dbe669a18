"""Three real files of counties that do not ship, by a county's YAML alone: every row is accounted for."""

from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest

from realestate_assets.domain.counties.county import County, read_county
from realestate_assets.domain.intake.canonical import Canonical, canonicalise
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.raw_rows import RawRows
from realestate_assets.domain.intake.reading import read_rows
from realestate_assets.landing.trial import try_file

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FILES = {
    "hillsborough-fl": DATA
    / "listings_with_outcomes"
    / "a4_tampa_hunters_green_fl_mls_sold_2015_2020.csv.gz",
    "milwaukee-wi": DATA / "sales_milwaukee" / "d1_milwaukee_wi_sales_2019_2022.csv.gz",
    "san-joaquin-ca": DATA / "listings_with_outcomes" / "a1_lodi_stockton_ca_metrolist_sold_2008_2016.csv.gz",
}
MONTHS = ("2008-01", "2022-12")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.exists(), reason=f"no real data at {DATA}"),
]


@pytest.fixture(scope="module", params=sorted(FILES))
def landed(request) -> tuple[County, RawRows, Canonical]:
    county = read_county(Path(__file__).parent / "counties" / f"{request.param}.yaml")
    (source,) = county.file_sources
    path = FILES[request.param]
    place = Place(county.slug, source.name, path.name)
    rows = read_rows(BytesIO(path.read_bytes()), source, place, MONTHS, county.timezone)
    return county, rows, canonicalise(rows.table, county)


def test_every_row_is_a_property_a_duplicate_or_a_reject_with_its_reason(landed):
    county, rows, found = landed
    counts = Counter(found.rejects["reason_code"].to_pylist())
    assert rows.sent + rows.offers == found.properties.num_rows + sum(counts.values())
    assert rows.sent + rows.offers == sum(rows.by_month.values())
    # Some were sold within the month of their listing.
    assert (0.9 < rows.offers / rows.sent < 1) == (county.slug == "san-joaquin-ca")
    refused = {code: n for code, n in counts.items() if "DUPLICATE" not in code and code != "EXACT_COPY"}
    refused.pop("OTHER_DEED", None)
    left_out = refused.pop("LEFT_OUT_BY_WHERE", 0)
    assert left_out == (1_785 if county.slug == "milwaukee-wi" else 0)
    assert sum(refused.values()) < 0.005 * rows.sent, refused


def test_no_value_of_a_property_is_another_than_its_row_says(landed):
    county, rows, found = landed
    names = {
        "hillsborough-fl": ("pricesold", "sqft"),
        "milwaukee-wi": ("Sale_price", "FinishedSqft"),
        "san-joaquin-ca": ("Selling Price", "Square Footage"),
    }
    given = rows.table.select(["_row", *names[county.slug]]).to_pylist()
    by_row = {row["_row"]: row for row in given}
    price, area = names[county.slug]
    columns = ["source_row", "listing_status", "sale_price_usd", "living_area_sqft"]
    for each in found.properties.select(columns).to_pylist():
        row = by_row[each["source_row"]]
        # A home that was sold and is on offer again in one month has its sale from the other record.
        if each["listing_status"] != "active":
            assert each["sale_price_usd"] == float(row[price].strip(" $").replace(",", ""))
        if each["living_area_sqft"] is not None and float(row[area].replace(",", "")):
            assert each["living_area_sqft"] == float(row[area].replace(",", ""))


def test_a_source_that_places_no_home_is_warned_of_and_a_neighbourhood_is_a_place(landed):
    county, rows, found = landed
    told = [warning for warning in found.warnings if "neither zip nor coordinates" in warning]
    assert not told
    if county.slug == "milwaukee-wi":
        (source,) = county.sources
        said = source.model_dump(by_alias=True, exclude_defaults=True)
        said["columns"].pop("place_code")
        placeless = type(source).model_validate({"kind": "file", **said})
        again = canonicalise(rows.table, county.model_copy(update={"sources": (placeless,)}))
        assert any("neither zip nor coordinates" in warning for warning in again.warnings)


def test_a_file_that_is_tried_gets_the_columns_that_a_person_mapped(landed):
    county, _, _ = landed
    (source,) = county.file_sources
    trial = try_file(FILES[county.slug], county, "tried")
    proposed = {each.field: each.columns for each in trial.proposals}
    for field in (
        "observed_date",
        "sale_date",
        "sale_price_usd",
        "bedrooms",
        "living_area_sqft",
        "year_built",
    ):
        assert proposed[field] == source.columns[field].value_columns, field
    records = trial.found.properties.num_rows + trial.found.rejects.num_rows
    assert records == trial.received.num_rows + trial.offers
