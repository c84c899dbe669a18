"""The openaddresses provider on extracts of real files."""

from pathlib import Path

import pyarrow as pa
import pytest

from realestate_assets.domain.core.addresses import normalize_addresses
from realestate_assets.domain.core.parcel_numbers import normalize_apn
from realestate_assets.domain.counties.county import Bounds, County, load_counties
from realestate_assets.domain.counties.providers.openaddresses import OpenAddressesProvider
from realestate_assets.providers.address_file import PLACE, read_addresses
from realestate_assets.providers.base import REQUEST_COLUMNS, EnrichmentRequest
from realestate_assets.providers.openaddresses import OpenAddresses
from resources.errors import PermanentError
from resources.lake.store import StoreResource
from tests.unit.providers.enrich_frames import properties

CONTRACTS = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "openaddresses"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not CONTRACTS.exists(), reason="the real files beside the checkout are absent"),
]
STORE = StoreResource(root_url=str(CONTRACTS))
FIELDS = ("geocoded_latitude", "geocoded_longitude")
BAY = Bounds(south=36.8, north=38.0, west=-122.5, east=-121.2)
OREGON = Bounds(south=45.0, north=46.0, west=-123.5, east=-122.0)


def county(state: str, bounds: Bounds) -> County:
    return load_counties()["king-wa"].model_copy(update={"state": state, "bounds": bounds})


def source(file: str, where: County, **config) -> OpenAddresses:
    plain = {"kind": "openaddresses", "name": "places", "file": file, "vintage": "2016-01-01"}
    return OpenAddresses(OpenAddressesProvider.model_validate(plain | config), STORE, where)


def asked(provider: OpenAddresses, rows: pa.Table) -> tuple[dict[str, int], list[float], list]:
    """Properties by reason, the latitudes found, and the properties' ids."""
    request = EnrichmentRequest("king-wa", rows.select(REQUEST_COLUMNS), FIELDS)
    facts = provider.fetch(request).to_pandas()
    latitude = facts[facts["field"] == "geocoded_latitude"]
    reasons = latitude["reason_code"].fillna("found").value_counts().to_dict()
    return reasons, latitude["value"].astype(float).to_numpy(), latitude["property_id"].tolist()


def rows_of(file: str, state: str, by_number: bool) -> tuple[pa.Table, pa.Table]:
    """The file's own rows as properties, and the rows themselves."""
    table = read_addresses(STORE, file, (*PLACE, "id"), "places")
    raw = [
        {
            "apn": row["id"] if by_number else None,
            "street": f"{row['number']} {row['street']}" if row["number"] and row["street"] else None,
            "unit": row["unit"],
            "city": row["city"],
            "zip": row["postcode"] and row["postcode"][:5],
        }
        for row in table.to_pylist()
    ]
    built = properties(*raw)
    if by_number:
        at = built.column_names.index("apn")
        return built.set_column(at, "apn", normalize_apn(built["apn"])), table
    return normalize_addresses(built, state), table


def test_parcels_of_alameda_are_found_by_their_number():
    rows, table = rows_of("alameda.csv.gz", "CA", by_number=True)
    reasons, latitude, _ = asked(source("alameda.csv.gz", county("CA", BAY), ask_by=["apn"]), rows)
    there = table["lat"].to_numpy()
    found = latitude == latitude
    assert abs(latitude[found] - there[found]).max() <= 0.002
    # 89 rows share a number, without its hyphens, with a place more than 200 m away.
    assert reasons == {"found": 5212, "NO_MATCH": 89, "NO_KEY": 4}


@pytest.mark.parametrize(
    ("file", "state", "bounds", "expected"),
    [
        ("santa_clara.csv.gz", "CA", BAY, {"found": 4738, "NO_KEY": 174}),
        ("portland_metro.csv.gz", "OR", OREGON, {"found": 763, "NO_MATCH": 4}),
        ("alameda.csv.gz", "CA", BAY, {"found": 5305}),
    ],
)
def test_addresses_are_found_as_properties_spell_them(file, state, bounds, expected):
    rows, table = rows_of(file, state, by_number=False)
    reasons, latitude, _ = asked(source(file, county(state, bounds)), rows)
    there = table["lat"].to_numpy()
    found = latitude == latitude
    # Not found are four addresses that lie outside the county's box.
    assert reasons == expected
    assert abs(latitude[found] - there[found]).max() <= 0.002


def test_a_file_without_parcel_numbers_cannot_be_joined_by_them_alone():
    with pytest.raises(PermanentError, match="has no ID in any row"):
        asked(source("portland_metro.csv.gz", county("OR", OREGON), ask_by=["apn"]), properties({}))


def test_geojson_of_denver_names_no_zip_and_is_joined_by_the_street_line():
    bounds = Bounds(south=39.0, north=40.5, west=-106.0, east=-104.0)
    provider = source("denver-metro-preview.geojson", county("CO", bounds))
    reasons, latitude, _ = asked(
        provider, properties({"apn": None, "street": "7080 N TOWER RD", "zip": "80249"})
    )
    assert reasons == {"found": 1} and latitude[0] == pytest.approx(39.8250547879637)


def test_outlines_of_bucks_county_give_a_point_inside():
    bounds = Bounds(south=39.9, north=40.7, west=-75.6, east=-74.6)
    config = {"ask_by": ["apn"], "id_column": "PARCEL_NUM"}
    provider = source("us-pa-bucks-parcels.geojson", county("PA", bounds), **config)
    reasons, latitude, _ = asked(provider, properties({"apn": "02022003"}, {"apn": "02022001001"}))
    assert reasons == {"found": 2} and latitude[0] == pytest.approx(40.0548, abs=1e-3)
