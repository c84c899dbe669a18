"""Captured replies of county ArcGIS services through the fetch: counts, pages, ids, tokens."""

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from realestate_assets.domain.counties.api_sources import ArcgisSource
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.fetch.arcgis import fetch_arcgis
from realestate_assets.fetch.months import Wanted
from resources.errors import PermanentError
from tests.http_server import LocalServer
from tests.unit.providers.plain_client import PlainClient

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "arcgis_rest"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not SHARED.exists(), reason="the captured replies beside the checkout are absent"),
]
JSON = {"Content-Type": "application/json"}


def service(name: str, seen: list[dict]):
    """A layer that repeats what was captured of it: metadata, count, ids, page."""

    def handler(method, path, query, body, headers):
        form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
        seen.append(form)
        if not path.endswith("/query"):
            file = f"{name}-metadata.json"
        elif form.get("returnCountOnly"):
            file = f"{name}-count-only.json"
        elif form.get("returnIdsOnly"):
            file = f"{name}-ids-only.json"
        else:
            file = f"{name}-0.json"
        return 200, JSON, (SHARED / file).read_bytes()

    return handler


def fetch(name: str, **said: object) -> tuple[list[dict], list[dict]]:
    base = {"kind": "arcgis", "name": "parcels", "api": "x", "layer": "/a/MapServer/4"}
    source = ArcgisSource.model_validate({**base, **said})
    seen: list[dict] = []
    with LocalServer(service(name, seen)) as server:
        found = fetch_arcgis(PlainClient(server.url), Wanted(load_counties()["cook-il"], source), ["2017-04"])
    return found["2017-04"], seen


def captured_count(name: str) -> int:
    return json.loads((SHARED / f"{name}-count-only.json").read_text())["count"]


def test_a_table_without_geometry_adds_up_to_its_count():
    columns = {"street": "fullname", "observed_date": "created_date", "zip": "ZIPCODE"}
    rows, seen = fetch("us-al-cullman", columns=columns, date_column="created_date")
    assert len(rows) == captured_count("us-al-cullman") == 5
    # Named as the column map names them, whatever the service's spelling.
    assert {"fullname", "ZIPCODE"} <= rows[0].keys()
    # A day more at either end: the clock of the server is not known.
    assert "created_date >= timestamp '2017-03-31 00:00:00'" in seen[-1]["where"]


def test_a_service_that_wants_a_token_is_a_permanent_error():
    with pytest.raises(PermanentError, match="499 Token Required"):
        fetch("us-tx-runnels", columns={"apn": "a", "observed_date": "b"}, date_column="b")


def test_a_column_a_service_does_not_have_is_named_with_those_it_has():
    with pytest.raises(PermanentError, match="no column sale_price; it has OBJECTID, StNum"):
        fetch(
            "us-al-cullman",
            columns={"street": "fullname", "observed_date": "created_date", "sale_price_usd": "sale_price"},
            date_column="created_date",
        )
