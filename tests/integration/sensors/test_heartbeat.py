"""The heartbeat: what answers and what does not, in the warehouse, and told when a service stays down."""

import time
from dataclasses import replace

import dagster as dg
import pytest

from realestate_assets.operations.probes import probe_postgres, probe_store, probe_vector_index
from resources.errors import PermanentError
from resources.heartbeats import Beat, take_beats
from resources.lake.store import StoreResource
from resources.vectors.index import VectorIndexResource
from sensors.heartbeat import Services, build_heartbeat_sensor

pytestmark = pytest.mark.integration


@pytest.fixture
def services() -> Services:
    api = Beat("api:census_acs", True, 12.0, "HTTP 200 in 12 ms")
    return Services(probe_postgres, probe_store, probe_vector_index, lambda _: [api], "king-wa")


@pytest.fixture
def beat(tmp_path, warehouse, lake, channel):
    def once(services: Services) -> str:
        resources = {
            "warehouse": warehouse,
            "lake": lake,
            "landing": StoreResource(root_url=str(tmp_path / "landing")),
            "vector_index": VectorIndexResource(root=str(tmp_path / "vectors")),
            "alerts": channel.alerts,
        }
        with dg.build_sensor_context(resources=resources) as context:
            return build_heartbeat_sensor(services)(context).skip_message

    return once


def rows(warehouse) -> list[dict]:
    sql = "select component, is_up, latency_ms, detail from ops.heartbeats order by checked_at, component"
    return warehouse.read(sql).to_pylist()


def test_each_service_has_a_row_with_what_was_seen(beat, services, warehouse, lake):
    assert beat(services) == "5 services: all answer."
    found = {row["component"]: row for row in rows(warehouse)}
    assert sorted(found) == ["api:census_acs", "lake", "landing", "postgres", "vector_index"]
    assert all(row["is_up"] and row["latency_ms"] >= 0 for row in found.values())
    assert found["postgres"]["detail"].startswith("PostgreSQL ")
    assert lake.list_files() == [], "the probe leaves nothing behind"


def test_a_service_that_stays_down_is_told_once_and_one_hiccup_is_not(beat, services, warehouse, channel):
    def broken(_):
        raise PermanentError("the disk is full", remedy="Free some space.")

    down = replace(services, store=broken)
    assert beat(down) == "5 services: no answer from lake, landing."
    beat(services)
    assert channel.messages == []
    for _ in range(3):
        beat(down)
    assert [m["title"] for m in channel.messages] == ["Real Estate OS: lake is down and 1 more"]
    assert "the disk is full Free some space." in channel.messages[0]["message"]
    # Up again, and down again for a while: news.
    beat(services)
    beat(down)
    beat(down)
    titles = ["lake is down and 1 more", "over: lake is down and 1 more", "lake is down and 1 more"]
    assert [m["title"] for m in channel.messages] == [f"Real Estate OS: {title}" for title in titles]
    assert "It answers again." in channel.messages[1]["message"]


def test_apis_that_cannot_be_looked_at_are_one_beat_and_end_nothing(beat, services, warehouse):
    def refused(_):
        raise PermanentError("providers.yaml is not valid")

    assert beat(replace(services, apis=refused)) == "5 services: no answer from apis."


def test_a_service_that_hangs_is_waited_for_no_longer_than_the_patience():
    started = time.monotonic()
    beats = take_beats(
        {"slow": lambda: time.sleep(3) or "late", "quick": lambda: "here"}, patience_seconds=0.5
    )
    assert time.monotonic() - started < 2
    assert [(b.component, b.is_up) for b in beats] == [("slow", False), ("quick", True)]


def test_a_service_that_goes_down_after_the_clock_was_set_back_is_told_at_once(
    beat, services, warehouse, channel
):
    def broken(_):
        raise PermanentError("the disk is full")

    beat(services)
    warehouse.execute("update ops.heartbeats set checked_at = checked_at + interval '3 hours'")
    for _ in range(2):
        beat(replace(services, store=broken))
    assert [m["title"] for m in channel.messages] == ["Real Estate OS: lake is down and 1 more"]
