"""A channel for alerts that is a real HTTP server, and an instance that sensors look at."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import pytest

from resources.alerts.resource import AlertsResource
from resources.warehouse.resource import WarehouseResource
from tests.http_server import LocalServer, json_reply


@dataclass
class Channel:
    """What was told, and the resource that tells it."""

    server: LocalServer
    alerts: AlertsResource
    fails: bool = False

    @property
    def messages(self) -> list[dict]:
        """Title and message of everything told so far."""
        return [json.loads(request.body) for request in self.server.requests]


@pytest.fixture
def channel(warehouse: WarehouseResource) -> Iterator[Channel]:
    """ALERT_URLS with one channel, on this machine."""
    made: list[Channel] = []
    with LocalServer(lambda *_: json_reply({}, status=503 if made[0].fails else 200)) as server:
        address = server.url.removeprefix("http://")
        alerts = AlertsResource(warehouse=warehouse, urls=f"json://user:channel-password@{address}/")
        made.append(Channel(server, alerts))
        yield made[0]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance of its own."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made
