"""Cook County end to end: its open data, and what is made of them counted by plain SQL."""

from collections import Counter
from pathlib import Path

import dagster as dg
import duckdb
import pyarrow as pa
import pytest
import yaml

from realestate_assets.assets.discovery import canonical_properties, listings
from realestate_assets.assets.enrichment import property_enrichment
from realestate_assets.assets.ownership import owner_signals
from realestate_assets.domain.enrichment.owner_types import classify_owners
from realestate_assets.domain.tables import TABLES
from realestate_assets.settings import get_settings
from resources.http.client import HttpClientResource
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.warehouse.io_manager import NO_JOURNAL, WarehouseIOManager
from tests.http_server import LocalServer
from tests.soda_portal import SodaPortal
from tests.unit.assets.frame_io import range_tags

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "cook_county"
FILES = {
    "wvhk-k5uv": FOLDER / "soda_wvhk-k5uv_parcel_sales_2026.parquet",
    "3723-97qp": FOLDER / "soda_3723-97qp_parcel_addresses_1999_2026.parquet",
    "55ju-2fs9": FOLDER / "soda_55ju-2fs9_annual_tax_sale.parquet",
}
# Two datasets of the county file of which there is no copy: there, and without rows.
COLUMNS = {
    "x54s-btds": "pin year card char_bldg_sf char_yrblt char_beds char_fbath char_hbath class",
    "uzyt-m557": "pin year board_tot certified_tot mailed_tot",
}
FIRST, LAST = "2016-01", "2024-12"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.integration,
    pytest.mark.skipif(not FOLDER.exists(), reason="the real data beside the checkout is absent"),
]

OUTPUTS = (
    "properties",
    "property_rejects",
    "source_files",
    "enrichments",
    "enrichment_facts",
    "owner_signals",
)
# Roll rows by number of year, and for each property the roll year that is known on the first of its month.
VIEWS = """
create view roll as
select
    pin,
    year::double::int as roll_year,
    case when owner_address_name not in ('TAXPAYER OF', 'EXEMPT') then owner_address_name end as owner,
    case when mail_address_name not in ('TAXPAYER OF', 'EXEMPT') then mail_address_name end as taxpayer,
    owner_address_state as state,
    owner_address_full as line,
    owner_address_city_name as city,
    prop_address_full as place,
    prop_address_city_name as place_city,
    owner_address_zipcode_1 as zip,
    prop_address_zipcode_1 as place_zip,
    regexp_replace(upper(owner), '[^A-Z0-9]', '', 'g') as plain_owner
from addresses;

create view subject as
select p.property_id, p.month, p.apn, (p.month || '-01')::date as day, max(r.roll_year) as known_year
from properties as p
left join roll as r on r.pin = p.apn and make_date(r.roll_year, 12, 31) <= (p.month || '-01')::date
group by all;

create view known as
select s.*, r.* exclude (pin, roll_year)
from subject as s
left join roll as r on r.pin = s.apn and r.roll_year = s.known_year;

create view debt as
select replace(pin, '-', '') as apn, tax_sale_year::int as tax_year, tax_amount_offered::double as usd,
    make_date(tax_year + 2, 8, 31) as known_day
from tax_sale;
"""


class Outcome:
    """The tables of a run, the requests it took, and SQL over the files beside its properties."""

    def __init__(self, tables: dict[str, pa.Table], requests: list) -> None:
        self.requests = requests
        self.database = duckdb.connect()
        for name, table in tables.items():
            self.database.register(name, table)
        for dataset, path in FILES.items():
            name = {"wvhk-k5uv": "sales", "3723-97qp": "addresses", "55ju-2fs9": "tax_sale"}[dataset]
            self.database.execute(f"create view {name} as select * from read_parquet('{path}')")
        self.database.execute(VIEWS)

    def one(self, sql: str) -> object:
        """The single value of a query."""
        return self.database.sql(sql).fetchall()[0][0]

    def counts(self, sql: str) -> Counter:
        """A query of values as a count of each."""
        return Counter(row[0] for row in self.database.sql(sql).fetchall())


def serve() -> SodaPortal:
    empty = {
        dataset: pa.table({name: pa.array([], pa.string()) for name in names.split()})
        for dataset, names in COLUMNS.items()
    }
    return SodaPortal({**empty, **{dataset: str(path) for dataset, path in FILES.items()}})


@pytest.fixture(scope="module")
def outcome(tmp_path_factory, module_warehouse):
    folder = tmp_path_factory.mktemp("cook")
    with LocalServer(serve()) as server, pytest.MonkeyPatch.context() as patch:
        entry = {"base_url": server.url, "allow_private_addresses": True, "requests_per_second": 100}
        (folder / "providers.yaml").write_text(yaml.safe_dump({"socrata_cook": entry}))
        patch.setenv("COUNTY_CONFIG_DIR", str(folder))
        patch.setenv("ENABLED_APIS", "socrata_cook")
        get_settings.cache_clear()
        try:
            run(folder, module_warehouse)
            made = {name: module_warehouse.read(f"select * from raw.{name}") for name in OUTPUTS}
            yield Outcome(made, list(server.requests))
        finally:
            get_settings.cache_clear()


def run(folder: Path, warehouse) -> None:
    warehouse.ensure_tables(TABLES.values())
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize(
            [listings, canonical_properties, property_enrichment, owner_signals],
            instance=instance,
            tags=range_tags("cook-il", FIRST, LAST),
            resources={
                "landing": StoreResource(root_url=str(folder / "landing")),
                "reference": StoreResource(root_url=str(folder / "reference")),
                "lake_io": LakeIOManager(store=StoreResource(root_url=str(folder / "lake"))),
                "warehouse_io": WarehouseIOManager(warehouse=warehouse, tables=TABLES, journal=NO_JOURNAL),
                "http": HttpClientResource(warehouse=warehouse),
                "warehouse": warehouse,
            },
        )


def test_every_sale_of_the_months_is_received_and_accounted_for(outcome):
    sold = f"sales where sale_date >= '{FIRST}-01' and sale_date < '2025-01-01'"
    received = outcome.one(f"select count(*) from {sold}")
    assert outcome.one("select sum(rows_received) from source_files") == received
    assert outcome.one(f"select count(distinct pin || left(sale_date, 7)) from {sold}") == outcome.one(
        "select count(*) from properties"
    )
    assert (
        outcome.one("select count(*) from properties")
        + outcome.one("select count(*) from property_rejects where disposition = 'duplicate'")
        == received
    )
    assert outcome.one("select count(*) from properties where is_simulated") == 0


def test_names_of_owners_are_those_of_the_roll_that_was_known(outcome):
    expected = outcome.counts("select coalesce(owner, taxpayer) from known")
    assert outcome.counts("select owner_name from enrichments") == expected
    assert len(expected) > 200


def test_absentees_in_other_states_are_those_of_the_roll(outcome):
    expected = outcome.counts("select state from known")
    assert outcome.counts("select owner_mailing_state from enrichments") == expected
    assert sum(count for state, count in expected.items() if state not in ("IL", None)) > 10
    with_address = "select count(owner_mailing_address) from enrichments"
    assert outcome.one(with_address) == outcome.one("select count(line) from known")
    assert outcome.one(f"{with_address} where owner_mailing_address like 'P%O%BOX%'") == outcome.one(
        "select count(*) from known where line like 'P%O%BOX%'"
    )


def test_owners_at_home_and_elsewhere_are_those_the_roll_tells(outcome):
    # A direction, kind of street or unit sign that one of the two addresses leaves out parts nothing; the
    # streets of persons are replaced by STREET_…, which tells nothing in the same place.
    plain = "trim(regexp_replace(regexp_replace({}, '{}', ' ', 'g'), ' +', ' ', 'g'))"
    words = r"\b(N|S|E|W|ST|STREET|AV|AVE|PL|PLACE|DR|DRIVE|RD|ROAD|CT|TRL|TRAIL|LN|BLVD|TER)\b|#"
    line, place = (plain.format(column, words) for column in ("line", "place"))
    at_home = outcome.one(f"select count(*) from known where {line} = {place}")
    occupancies = outcome.counts("select occupancy from owner_signals")
    assert occupancies["owner_occupied"] == at_home > 50
    assert occupancies["absentee_out_of_state"] == outcome.one(
        "select count(*) from known where state <> 'IL'"
    )
    same_place = "(city = place_city or zip = place_zip)"
    hidden = f"line is null or line like 'P%BOX%' or (line like 'STREET%' and {same_place})"
    elsewhere = outcome.one(
        f"select count(*) from known where state = 'IL' and {line} <> {place} and not ({hidden})"
    )
    assert occupancies["absentee_in_state"] == elsewhere
    assert occupancies.total() == outcome.one("select count(*) from properties")


def test_kinds_of_owners_follow_from_the_names_of_the_roll(outcome):
    names = outcome.database.sql("select coalesce(owner, taxpayer) as name from known").df()["name"]
    expected = Counter(classify_owners(names))
    assert outcome.counts("select owner_type from owner_signals") == expected
    companies = "select count(*) from known where regexp_matches(upper(coalesce(owner, taxpayer)), '{}')"
    assert expected["company"] >= outcome.one(companies.format(r"\b(LLC|INC|CORP|LP)$")) > 20


def test_tenures_reach_back_to_the_last_other_owner(outcome):
    expected = outcome.counts(
        """
        select (
            select min(same.roll_year) from roll as same
            where same.pin = k.apn and same.plain_owner = k.plain_owner and same.roll_year <= k.known_year
                and same.roll_year > coalesce((
                    select max(other.roll_year) from roll as other
                    where other.pin = k.apn and other.roll_year <= k.known_year
                        and other.plain_owner <> k.plain_owner
                ), 0)
        )
        from known as k
        """
    )
    assert outcome.counts("select year(owner_since_date) from enrichments") == expected
    assert expected[1999] > 10


def test_delinquents_are_those_offered_at_a_tax_sale_by_then(outcome):
    offered = outcome.counts(
        """
        select max_by(d.tax_year || ' ' || d.usd, d.tax_year) from subject as s
        left join debt as d on d.apn = s.apn and d.known_day <= s.day
        group by s.property_id, s.month
        """
    )
    assert offered == outcome.counts("select tax_sale_year || ' ' || tax_delinquent_usd from enrichments")
    assert outcome.counts("select is_tax_delinquent from enrichments") == {
        True: sum(count for value, count in offered.items() if value),
        None: offered[None],
    }


def test_nothing_used_is_of_a_later_day_than_the_first_of_the_month(outcome):
    later = "select count(*) from enrichment_facts where is_used and vintage > (month || '-01')::date"
    assert outcome.one(later) == 0
    reasons = outcome.counts(
        "select reason_code from enrichment_facts where field = 'owner_name' and value is null"
    )
    assert set(reasons) <= {"NULL_IN_SOURCE", "NOT_NEEDED"}


def test_few_requests_serve_all_months(outcome):
    asked = Counter(request.path.split("/")[-1] for request in outcome.requests)
    parcels = outcome.one("select count(distinct apn) from properties")
    assert asked["wvhk-k5uv.json"] == 1 + 12 * 9
    # About 250 parcels a request.
    assert asked["3723-97qp.json"] == asked["55ju-2fs9.json"] == -(-parcels // 230)
