"""Prometheus figures from a real warehouse and a real Dagster instance, and the dashboard over them."""

import json
import re
import socket
import threading
import urllib.request
from pathlib import Path

import dagster as dg
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from realestate_assets.cli import metrics as metrics_command
from realestate_assets.domain.tables import PROPERTY_REJECTS, TABLES
from realestate_assets.domain.tables.ops import OPS_TABLES
from realestate_assets.operations.metrics import PlatformCollector, metric_labels
from resources.ops_tables import PROVIDER_TABLES
from resources.warehouse.resource import WarehouseResource
from tests.integration.checks.test_checks_fail import PARTITION, rows

pytestmark = pytest.mark.integration

DASHBOARD = Path(__file__).parents[3] / "deploy" / "grafana" / "realestate.json"


def samples(warehouse: WarehouseResource, instance: dg.DagsterInstance) -> dict[tuple, float]:
    """Every sample by name and label values, as a scraper reads them."""
    registry = CollectorRegistry()
    registry.register(PlatformCollector(warehouse, lambda: instance))
    text = generate_latest(registry).decode()
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def filled(warehouse):
    return fill(warehouse)


def fill(warehouse):
    """Rows of a county in the tables that figures are read from."""
    warehouse.ensure_tables([*TABLES.values(), *OPS_TABLES.values()])
    warehouse.ensure_tables(PROVIDER_TABLES)
    refused = rows(PROPERTY_REJECTS, 3, source="s", reason_code="BAD_PRICE").assign(source_row=[1, 2, 3])
    warehouse.replace_partitions(PROPERTY_REJECTS, refused, [PARTITION])
    found = rows(TABLES["properties"], 2)
    warehouse.replace_partitions(TABLES["properties"], found, [PARTITION])
    warehouse.execute(
        "insert into ops.provider_calls (call_id, called_at, api, provider, county, run_id, endpoint, "
        "request_key, attempt, state, outcome, cost_micro_usd, cached, sent, owner) "
        "select n::text, now(), 'a', 'roll', 'king-wa', 'r', 'e', 'k', 1, 'settled', 'ANSWERED', 80000, "
        "n = 3, n < 3, 'o' from generate_series(1, 3) as n"
    )
    warehouse.execute("create table marts.pipeline_throughput (county text, stage text, row_count bigint)")
    warehouse.execute(
        "insert into marts.pipeline_throughput values ('king-wa', 'scores', 4), ('king-wa', 'scores', 3)"
    )
    return warehouse


def test_figures_come_from_the_warehouse_and_from_the_runs(filled):
    @dg.op
    def work() -> None:
        """Takes a moment."""

    @dg.job
    def job() -> None:
        work()

    with dg.instance_for_test() as instance:
        assert job.execute_in_process(instance=instance).success
        found = samples(filled, instance)
    assert found["realestate_stage_rows", "king-wa", "scores"] == 7
    assert found["realestate_rejected_rows", "BAD_PRICE", "king-wa", "s"] == 3
    assert found["realestate_provider_calls_total", "answered", "king-wa", "roll"] == 2
    assert found["realestate_provider_calls_total", "cached", "king-wa", "roll"] == 1
    assert found["realestate_provider_cost_usd_total", "king-wa", "roll"] == pytest.approx(0.24)
    assert found["realestate_newest_record_age_days", "king-wa"] > 4000
    assert found["realestate_runs", "succeeded"] == 1
    assert found["realestate_runs", "queued"] == 0
    assert 0 < found["realestate_step_seconds", "work"] < 60
    assert found["realestate_up", "warehouse"] == found["realestate_up", "dagster"] == 1


def test_a_new_installation_has_figures_and_no_error(warehouse):
    with dg.instance_for_test() as instance:
        found = samples(warehouse, instance)
    assert found["realestate_up", "warehouse"] == 1
    assert not any(name == "realestate_stage_rows" for name, *_ in found)


def test_what_is_down_is_said_without_its_secrets_and_the_rest_still_answers(filled, caplog):
    def down() -> dg.DagsterInstance:
        raise ConnectionError("postgresql://user:s3cret@host is down")

    registry = CollectorRegistry()
    registry.register(PlatformCollector(filled, down))
    text = generate_latest(registry).decode()
    assert 'realestate_up{component="dagster"} 0.0' in text
    assert "Metrics of the dagster cannot be read: ConnectionError" in caplog.text
    assert "s3cret" not in caplog.text
    assert 'realestate_up{component="warehouse"} 1.0' in text
    assert 'realestate_stage_rows{county="king-wa",stage="scores"} 7.0' in text


def test_every_metric_of_the_dashboard_exists_with_its_labels():
    dashboard = json.loads(DASHBOARD.read_text())
    labels = {name: set(names) for name, names in metric_labels().items()}
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [v["query"] for v in dashboard["templating"]["list"] if v["type"] == "query"]
    named = {name for expression in asked for name in re.findall(r"realestate_\w+", expression)}
    assert named <= labels.keys()
    assert labels.keys() <= named, "a figure that no panel shows"
    for expression in asked:
        name = re.findall(r"realestate_\w+", expression)[0]
        for group in re.findall(r"by \(([\w, ]+)\)", expression):
            assert set(group.split(", ")) <= labels[name], expression


def test_the_endpoint_answers_on_the_loopback_and_ends(filled, monkeypatch):
    registry = CollectorRegistry()
    with dg.instance_for_test() as instance, socket.socket() as free:
        registry.register(PlatformCollector(filled, lambda: instance))
        monkeypatch.setattr(metrics_command, "registry", lambda: registry)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        stop = threading.Event()
        thread = threading.Thread(target=metrics_command.serve, args=(port, stop))
        thread.start()
        url, text, deadline = f"http://127.0.0.1:{port}/metrics", "", threading.Event()
        for _ in range(100):
            try:
                text = urllib.request.urlopen(url, timeout=20).read().decode()
                break
            except OSError:
                deadline.wait(0.1)
        stop.set()
        thread.join(20)
    assert "realestate_stage_rows" in text
    assert not thread.is_alive()


def test_the_textfile_is_written_whole(filled, monkeypatch, tmp_path):
    registry = CollectorRegistry()
    with dg.instance_for_test() as instance:
        registry.register(PlatformCollector(filled, lambda: instance))
        monkeypatch.setattr(metrics_command, "registry", lambda: registry)
        metrics_command.write(tmp_path / "textfiles" / "realestate.prom")
    [file] = (tmp_path / "textfiles").iterdir()
    assert "realestate_rejected_rows" in file.read_text()
