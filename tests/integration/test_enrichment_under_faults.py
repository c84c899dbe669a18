"""The enrichment step on a local server that fails 30 % of the time: it ends, and every null has a reason.

Demographics by ZIP, flood zones by point, addresses in batches and paid profiles one a property, all through
the registry, the chains, the HTTP client and the ledger, as in a run.
"""

import hashlib
import time
from collections import Counter
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import dagster as dg
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import shapely

from realestate_assets.assets import enrichment as module
from realestate_assets.checks.providers import ledger_equals_the_calls_made
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.enrichment_config import Enrichment
from realestate_assets.domain.counties.enrichment_rules import FIELD_NAMES
from realestate_assets.domain.tables import ENRICHMENT_FACTS, PROPERTIES
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH
from realestate_assets.settings import Settings
from resources.http.api import ApiRequest
from resources.http.client import HttpClientResource
from resources.lake.store import StoreResource
from resources.partition import Partition
from tests.http_server import LocalServer, Reset, Slow, Truncated, delayed, json_reply, text_reply
from tests.integration.resources.http.api_calls import ledger, paid, policy
from tests.unit.assets.frame_io import range_tags
from tests.unit.providers.enrich_frames import properties
from tests.unit.providers.flood_map import FloodMap, zone

pytestmark = pytest.mark.integration

COUNT = 300
FAULT_SHARE = 0.30
MONTHS = ("2024-01", "2024-02")
FLOOD_MAP = FloodMap(zone("AE", shapely.box(-122.4, 47.4, -122.2, 47.5), "T"))
CHAINS = {
    "demographics": ["census"],
    "flood": ["fema"],
    "location": ["geocoder"],
    "owner": ["attom"],
    "building": ["attom"],
}
PROVIDERS = [
    {"kind": "census_acs", "name": "census", "newest_release": 2022},
    {"kind": "census_geocoder", "name": "geocoder", "rows_per_request": 20},
    {"kind": "fema_nfhl", "name": "fema", "points_per_request": 10, "allow_later_vintage": True},
    {"kind": "attom", "name": "attom", "allow_later_vintage": True},
]
ROWS = [
    {
        "property_id": f"p{n}",
        "month": MONTHS[n % 2],
        "apn": f"{n:010d}",
        "street": f"{n + 1} PIKE ST",
        "city": "SEATTLE",
        "zip": None if n % 10 == 9 else f"98{100 + n % 40}",
        # Every third home has no coordinates of its own.
        "latitude": None if n % 3 == 2 else 47.41 + 0.0005 * n,
        "longitude": None if n % 3 == 2 else -122.3,
    }
    for n in range(COUNT)
]


def profile(street: str) -> dict:
    number = int(street.split()[0])
    return {
        "identifier": {"fips": "53033", "apn": f"{number - 1:010d}"},
        "address": {"line1": street, "matchCode": "ExaStr"},
        "vintage": {"pubDate": "2023-06-01"},
        "summary": {"yearBuilt": 1950, "propType": "SFR", "absenteeInd": "OWNER OCCUPIED"},
        "assessment": {"owner": {"owner1": {"lastName": "DOE", "firstNameAndMi": str(number)}}},
        "building": {"size": {"livingSize": 1500}, "rooms": {"beds": 3, "bathsTotal": 2}},
    }


def answer(method, path, query, body, headers):
    """All four APIs behind one address."""
    if path.endswith("/acs/acs5"):
        variables, zips = query["get"][0].split(","), query["for"][0].partition(":")[2].split(",")
        header = [*variables, "zip code tabulation area"]
        return json_reply([header, *([*("7" for _ in variables), code] for code in zips)])
    if path.endswith("/addressbatch"):
        lines = [line for line in body.decode().splitlines() if line.split(",")[0].strip('"').isdigit()]
        place = '"Match","Exact","x","-122.3,47.45","1","R","53","033","008100","1002"'
        sent = [line.split(",")[0].strip('"') for line in lines]
        return text_reply("".join(f'"{number}","{number} PIKE ST",{place}\n' for number in reversed(sent)))
    if "property/" in path:
        street = query.get("address1", ["0 NOWHERE"])[0]
        return json_reply({"status": {"code": 0, "msg": "SuccessWithResult"}, "property": [profile(street)]})
    form = tuple((name, values[0]) for name, values in parse_qs(body.decode()).items())
    status, content = FLOOD_MAP(ApiRequest("q", path, form=form))
    return json_reply(orjson.loads(content), status)


class Unreliable:
    """Fails a fixed share of the requests in every way a network knows; their text says which."""

    def __init__(self) -> None:
        self.seen: Counter = Counter()
        self.faults = 0

    def __call__(self, method, path, query, body, headers):
        text = f"{path}|{sorted(query.items())}|{body[-400:]!r}"
        self.seen[text] += 1
        digest = hashlib.sha256(f"{text}|{self.seen[text]}".encode()).digest()
        reply = answer(method, path, query, body, headers)
        if int.from_bytes(digest[:4], "big") / 2**32 >= FAULT_SHARE:
            return reply
        self.faults += 1
        return (
            lambda: delayed(0.8, reply),
            lambda: json_reply({}, 429, Retry_After="1"),
            lambda: json_reply({}, 500),
            lambda: Truncated(reply),
            lambda: Slow(reply, 0.1),
            lambda: Reset(),
        )[digest[4] % 6]()


class Memory(dg.IOManager):
    """Gives the properties and keeps what the step returns."""

    def __init__(self, table: pa.Table) -> None:
        self.table, self.made = table, {}

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        self.made[context.asset_key.path[-1]] = obj

    def load_input(self, context: dg.InputContext) -> pa.Table:
        return self.table


@dg.asset(
    name="properties", partitions_def=COUNTY_MONTH, backfill_policy=BACKFILL, io_manager_key="warehouse_io"
)
def stored_properties() -> None:
    """Stands for the asset upstream."""


def run_step(warehouse, folder: str) -> tuple[Memory, dg.ExecuteInProcessResult]:
    memory = Memory(properties(*ROWS))
    result = dg.materialize(
        [stored_properties, module.property_enrichment],
        selection=dg.AssetSelection.assets("enrichments", "enrichment_facts"),
        resources={
            "warehouse_io": memory,
            "reference": StoreResource(root_url=folder),
            "http": HttpClientResource(warehouse=warehouse),
        },
        tags=range_tags("king-wa", MONTHS[0], MONTHS[-1]),
    )
    assert result.success
    return memory, result


@pytest.fixture
def configured(monkeypatch):
    """Points the step at a server: the county asks all four APIs, ATTOM with ten dollars."""

    def point_at(url: str) -> None:
        rules = {"timeout_seconds": 0.4, "attempts": 3, "max_wait_seconds": 2}
        policies = {
            name: policy(url, name=name, **rules) for name in ("census_acs", "census_geocoder", "fema_nfhl")
        }
        policies["attom"] = paid(url, name="attom", budget={"usd_per_run": 10}, **rules)
        enrichment = Enrichment.model_validate({"providers": PROVIDERS, "chains": CHAINS})
        county = load_counties()["king-wa"].model_copy(update={"enrichment": enrichment})
        monkeypatch.setattr(module, "load_policies", lambda folder: policies)
        monkeypatch.setattr(module, "get_county", lambda slug: county)
        monkeypatch.setattr(module, "get_settings", lambda: Settings(enabled_apis="all"))

    return point_at


def test_a_run_on_a_failing_network_ends_with_a_row_a_property_and_a_reason_a_null(
    warehouse, configured, tmp_path
):
    unreliable = Unreliable()
    started = time.monotonic()
    with LocalServer(unreliable) as server:
        configured(server.url)
        memory, result = run_step(warehouse, str(tmp_path))
        calls = len(server.requests)
    assert time.monotonic() - started < 60
    assert calls > 150 and 0.15 < unreliable.faults / calls < 0.45

    rows, facts = memory.made["enrichments"], memory.made["enrichment_facts"]
    assert rows.num_rows == COUNT
    assert len(set(rows["property_id"].to_pylist())) == COUNT
    told: dict[tuple[str, str], list[dict]] = {}
    for fact in facts.select(["property_id", "field", "is_used", "reason_code", "value"]).to_pylist():
        told.setdefault((fact["property_id"], fact["field"]), []).append(fact)
    for row in rows.to_pylist():
        for field in FIELD_NAMES:
            found = told[row["property_id"], field]
            assert sum(fact["is_used"] for fact in found) == (row[field] is not None)
            assert all(fact["is_used"] != bool(fact["reason_code"]) for fact in found)
    # Most of what free APIs know arrived all the same.
    assert pc.count(rows["zip_population"]).as_py() >= 0.5 * COUNT
    assert pc.count(rows["flood_zone_code"]).as_py() >= 0.5 * COUNT * 2 / 3

    reasons = Counter(fact["reason_code"] for found in told.values() for fact in found)
    assert {"NO_KEY", "BUDGET_SPENT", "CALL_UNSETTLED"} <= set(reasons)
    allowed = next(c.allowed for c in ENRICHMENT_FACTS.columns if c.name == "reason_code")
    assert set(reasons) - {None} <= set(allowed)

    book = ledger(warehouse)
    assert sum(row["sent"] for row in book) == calls
    assert all(row["state"] != "reserved" for row in book)
    spent = sum(row["cost_micro_usd"] for row in book)
    assert 9_000_000 < spent <= 10_000_000
    assert spent == 80_000 * sum(r["provider"] == "attom" and r["state"] in ("settled", "lost") for r in book)

    # What was lost may have been billed: it stands in the facts that have no value for it.
    assert pc.sum(facts["cost_usd"]).as_py() == pytest.approx(spent / 1e6, abs=1e-9)

    metadata = {
        str(event.partition): {name: value.value for name, value in event.metadata.items()}
        for event in result.asset_materializations_for_node("property_enrichment")
        if event.asset_key == dg.AssetKey("enrichment_facts")
    }
    assert sum(shown["calls"] for shown in metadata.values()) == pytest.approx(calls, abs=0.01)
    asked = warehouse.read(
        "select provider, sum(property_count)::bigint as n from ops.provider_asks group by 1"
    )
    assert {row["provider"]: row["n"] for row in asked.to_pylist()}["census"] == COUNT


def test_the_cost_of_the_facts_is_what_the_ledger_paid_and_a_second_run_pays_nothing(
    warehouse, configured, tmp_path
):
    with LocalServer(answer) as server:
        configured(server.url)
        memory, first = run_step(warehouse, str(tmp_path))
        facts = memory.made["enrichment_facts"]
        paid_calls = [row for row in ledger(warehouse) if row["cost_micro_usd"]]
        assert len(paid_calls) == 125
        assert pc.sum(facts["cost_usd"]).as_py() == pytest.approx(10.0, abs=1e-9)

        warehouse.ensure_tables([ENRICHMENT_FACTS, PROPERTIES])
        partitions = [Partition("king-wa", month) for month in MONTHS]
        warehouse.replace_partitions(ENRICHMENT_FACTS, facts, partitions)
        check = ledger_equals_the_calls_made.node_def.compute_fn.decorated_fn
        keys = [partition.key for partition in partitions]
        context = SimpleNamespace(has_partition_key=True, partition_keys=keys, run=first.dagster_run)
        outcome = check(context, warehouse=warehouse)
        assert outcome.passed and outcome.metadata["providers_compared"].value == 4

        before = len(server.requests)
        again, _ = run_step(warehouse, str(tmp_path))
        # The second run has a budget of its own for the 175 that the first could not pay.
        sent = [row for row in ledger(warehouse) if row["sent"]]
        assert len(server.requests) - before == len(sent) - before == 125
        assert {row["provider"] for row in sent[before:]} == {"attom"}
        assert (
            again.made["enrichments"]
            .select(["zip_population", "flood_zone_code", "census_tract"])
            .equals(memory.made["enrichments"].select(["zip_population", "flood_zone_code", "census_tract"]))
        )
