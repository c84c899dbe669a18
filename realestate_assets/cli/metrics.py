"""The `metrics` command: a textfile for node_exporter, or an endpoint on this machine alone."""

import threading
from pathlib import Path

import dagster as dg
from prometheus_client import CollectorRegistry, generate_latest, start_http_server, write_to_textfile

from realestate_assets.domain.counties.provider_policies import load_policies
from realestate_assets.operations.dagster_home import prepare_dagster_home
from realestate_assets.operations.metrics import PlatformCollector
from realestate_assets.operations.services import build_services
from realestate_assets.operations.watch.figures import WatchCollector
from realestate_assets.operations.watch.rounds import state_file
from realestate_assets.settings import get_settings

LOOPBACK = "127.0.0.1"


def registry() -> CollectorRegistry:
    """The platform's figures, read when they are collected."""
    settings = get_settings()
    prepare_dagster_home(settings)
    instance: list[dg.DagsterInstance] = []

    def opened() -> dg.DagsterInstance:
        if not instance:
            instance.append(dg.DagsterInstance.get())
        return instance[0]

    resources = build_services(settings)
    found = CollectorRegistry()
    found.register(PlatformCollector(resources["warehouse"], opened))
    stores = {name: resources[name] for name in ("lake", "landing")}
    found.register(
        WatchCollector(
            settings,
            resources["warehouse"],
            stores,
            dg.DagsterInstance.get,
            lambda: load_policies(settings.county_config_dir),
            state_file(settings.home),
        )
    )
    return found


def as_text() -> str:
    """All figures in Prometheus' text format."""
    return generate_latest(registry()).decode()


def write(path: Path) -> None:
    """Write the figures to a file, by rename: a collector never reads half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry())


def serve(port: int, stop: threading.Event | None = None, host: str = LOOPBACK) -> None:
    """Answer http://host:port/metrics until interrupted.

    On the loopback unless told otherwise: the figures name counties, providers and costs, and nobody is asked
    for a password. A container has nothing but its network to hide behind.
    """
    server, thread = start_http_server(port, addr=host, registry=registry())
    try:
        (stop or threading.Event()).wait()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
