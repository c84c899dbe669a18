"""Whatever clock a server keeps, each record that it sends stands in one month, or among the rejects."""

import json
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.domain.intake.raw_rows import raw_table, source_files
from realestate_assets.extent import platform_months
from realestate_assets.fetch.sources import fetch_months
from realestate_assets.landing.area import received_rows
from realestate_assets.landing.fetched import land_records
from realestate_assets.landing.reading import landed_files
from resources.lake.store import StoreResource
from tests.unit.fetch.clocked_servers import SERVERS, Direct, Sale
from tests.unit.fetch.landed_apis import cook, source

MONTHS = ["2017-04", "2017-05", "2017-06"]
# As far from Greenwich as clocks go, and those of the counties.
SERVER_CLOCKS = ["UTC", "America/Los_Angeles", "America/New_York", "Etc/GMT+12", "Pacific/Kiritimati"]
COUNTY_CLOCKS = ["America/Chicago", "America/Los_Angeles", "Pacific/Honolulu", "Pacific/Guam"]
# Each is three fetches, landed and read again.
EXAMPLES = settings(deadline=None, max_examples=10)
COLUMNS = {"apn": "pin", "sale_price_usd": "price"}

# Moments around the first of a month, and days that are kept as midnight, of whoever's clock.
HOURS = st.integers(-36, 36) | st.sampled_from([-14, -10, 0, 4, 5, 7, 10, 12])
FIRSTS = st.sampled_from([datetime(2017, 5, 1, tzinfo=UTC), datetime(2017, 6, 1, tzinfo=UTC)])
MOMENTS = st.builds(
    lambda first, hours, seconds: first + timedelta(hours=hours, seconds=seconds),
    FIRSTS,
    HOURS,
    st.sampled_from([0, 0, 1, -1, 1800]),
)
NEVER = st.none()
SEEN = NEVER | st.sampled_from(
    ["2017-04-30", "2017-05-01", "2017-06-15", "2017-06-01T00:30:00Z", "1990-01-01", "2999-01-01", "soon"]
)


def sales(seen=NEVER):
    return st.lists(st.tuples(MOMENTS, seen), min_size=1, max_size=8).map(
        lambda found: [Sale(f"{n:014}", *each) for n, each in enumerate(found, start=1)]
    )


def county_of(kind: str, clock: str, **said: object) -> County:
    moments = {"date_has_time": True, "date_column": "sold"} if kind == "reso" else {}
    columns = {**COLUMNS, **said}
    return cook().model_copy(
        update={"timezone": clock, "sources": (source(kind, columns=columns, **moments),)}
    )


def stand(kind: str, county: County, server: str, found: list[Sale], months: list[str]):
    """Where the records stand after each month was fetched by itself and made: (pin, month) of each row."""
    client = Direct(SERVERS[kind](found, ZoneInfo(server)))
    (api,) = county.api_sources
    with tempfile.TemporaryDirectory() as folder:
        landing = StoreResource(root_url=folder)
        for month in months:
            records = fetch_months(client, county, api, [month])
            land_records(landing, county, api, records, platform_months())
        files = landed_files(landing, county)
        received = []
        for month in sorted({*MONTHS, *(file.path.rpartition("/")[2][:7] for file in files)}):
            received += received_rows(landing, county, [month], files=files, fetched=True)
    for row in source_files(received).to_pylist():
        counts = ("rows_received", "rows_of_other_months", "rows_undated")
        assert sum(row[name] for name in counts) == row["file_rows"]
    made = canonicalise(raw_table(received), county)
    properties = [(row["apn"], row["month"]) for row in made.properties.to_pylist()]
    rejects = [(json.loads(row["raw_record"])["pin"], row["month"]) for row in made.rejects.to_pylist()]
    return properties, rejects, client.sent


def month_on(clock: str, written: datetime) -> str:
    """The month of a moment as it is written: a midnight is a day, all else is told by the county's clock."""
    is_day = (written.hour, written.minute, written.second) == (0, 0, 0)
    return (written if is_day else written.astimezone(ZoneInfo(clock))).strftime("%Y-%m")


@pytest.mark.parametrize("kind", list(SERVERS))
@settings(EXAMPLES)
@given(
    found=sales(), server=st.sampled_from(SERVER_CLOCKS), clock=st.sampled_from(COUNTY_CLOCKS), data=st.data()
)
def test_each_record_stands_in_the_one_month_of_its_own_date(kind, found, server, clock, data):
    months = data.draw(st.permutations(MONTHS))
    county = county_of(kind, clock, observed_date="sold")
    properties, rejects, sent = stand(kind, county, server, found, months)
    writes = ZoneInfo(server) if kind == "reso" else UTC
    assert Counter(properties) == Counter(
        (sale.pin, month_on(clock, sale.sold.astimezone(writes))) for sale in found
    )
    assert rejects == [] and sent == {sale.pin for sale in found}


@pytest.mark.parametrize("kind", list(SERVERS))
@settings(EXAMPLES)
@given(found=sales(), server=st.sampled_from(SERVER_CLOCKS), clock=st.sampled_from(COUNTY_CLOCKS))
def test_one_month_alone_has_all_its_records_whatever_was_fetched_before(kind, found, server, clock):
    county = county_of(kind, clock, observed_date="sold")
    properties, _, _ = stand(kind, county, server, found, ["2017-05"])
    writes = ZoneInfo(server) if kind == "reso" else UTC
    may = {sale.pin for sale in found if month_on(clock, sale.sold.astimezone(writes)) == "2017-05"}
    assert Counter(properties) == Counter((pin, "2017-05") for pin in may)


@pytest.mark.parametrize("kind", list(SERVERS))
@settings(EXAMPLES)
@given(found=sales(SEEN), server=st.sampled_from(SERVER_CLOCKS), clock=st.sampled_from(COUNTY_CLOCKS))
def test_a_record_with_a_date_of_its_own_or_none_stands_in_one_month_or_among_the_rejects(
    kind, found, server, clock
):
    county = county_of(kind, clock, observed_date="note")
    properties, rejects, sent = stand(kind, county, server, found, MONTHS)
    assert Counter(pin for pin, _ in properties + rejects) == Counter(sent) == Counter(s.pin for s in found)
    undatable = {sale.pin for sale in found if sale.seen in (None, "soon", "1990-01-01", "2999-01-01")}
    assert {pin for pin, _ in rejects} == undatable
