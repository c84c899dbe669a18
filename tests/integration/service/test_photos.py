"""Photos of a home: told of to who may see it, fetched from their source where the installation says so."""

from functools import partial
from io import BytesIO

import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient

from realestate_assets.operations.market import photos
from realestate_assets.service.application import create_app
from realestate_assets.service.parts import Parts
from resources.http.outbound import get
from resources.warehouse import migration
from tests.http_server import LocalServer, text_reply
from tests.integration.service.conftest import Asker

pytestmark = pytest.mark.integration


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), "blue").save(out, "PNG")
    return out.getvalue()


def answer(_method, path, *_):
    if path == "/front.png":
        return 200, {"Content-Type": "image/png"}, picture()
    return text_reply("<script>alert(1)</script>") if path == "/page.jpg" else text_reply("gone", 404)


@pytest.fixture(scope="module")
def source():
    with LocalServer(answer) as server:
        yield server


@pytest.fixture(scope="module")
def home(market, source, parts) -> str:
    """A home whose source names four photos: one that is there, a page, one that is gone, no server."""
    found = str(market.scores["king-wa"]["property_id"].iloc[0])
    named = f"{source.url}/front.png {source.url}/page.jpg,{source.url}/gone.jpg http://127.0.0.1:9/none.jpg"
    engine = migration.engine(parts.resources["warehouse"].database_url())
    with engine.begin() as connection:
        sql = "update raw.properties set photo_urls = :urls where property_id = :id"
        connection.execute(sa.text(sql), {"urls": named, "id": found})
    return f"/api/v1/properties/{found}/photos"


@pytest.fixture
def showing(parts: Parts, analyst: Asker, no_limits, monkeypatch) -> Asker:
    """The service of an installation that shows photos; its sources may be on this machine."""
    monkeypatch.setattr(photos, "get", partial(get, allow_private=True))
    settings = parts.settings.model_copy(update={"property_photos": True})
    client = TestClient(create_app(Parts(settings, parts.secret, parts.engine, parts.resources)))
    return Asker(client, analyst.token)


def test_photos_are_counted_and_none_is_fetched_where_nobody_said_so(analyst, home, source):
    assert analyst("GET", home).json() == {"is_shown": False, "count": 4, "photos": []}
    refused = analyst("GET", f"{home}/1")
    assert refused.status_code == 404 and "PROPERTY_PHOTOS" in refused.json()["detail"]
    assert not source.requests


def test_a_photo_is_fetched_and_shown_as_a_new_picture_that_only_the_reader_keeps(showing, home):
    told = showing("GET", home).json()
    assert [each["number"] for each in told["photos"]] == [1, 2, 3, 4]
    shown = showing("GET", told["photos"][0]["url"])
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["cache-control"] == "private, max-age=86400"
    with Image.open(BytesIO(shown.content)) as image:
        assert (image.format, image.size) == ("JPEG", (64, 48))


@pytest.mark.parametrize(("number", "status"), [(2, 404), (3, 404), (4, 502), (5, 404), (0, 422), (61, 422)])
def test_what_cannot_be_shown_is_a_problem_that_names_no_address(showing, home, number, status):
    refused = showing("GET", f"{home}/{number}")
    assert refused.status_code == status
    assert "127.0.0.1" not in refused.text and "script" not in refused.text


def test_an_address_within_the_own_network_is_not_asked(showing, home, source, monkeypatch):
    monkeypatch.setattr(photos, "get", get)
    before = len(source.requests)
    assert showing("GET", f"{home}/1").status_code == 404
    assert len(source.requests) == before


def test_another_tenant_sees_no_photo_of_a_county_that_is_not_its_own(as_role, home):
    stranger = as_role("viewer", "south")
    assert stranger("GET", home).status_code == 404
    assert stranger("GET", f"{home}/1").status_code == 404


def test_no_list_and_no_detail_tells_the_addresses(analyst, home, source):
    for path in (home.rpartition("/")[0], "/api/v1/properties?limit=200"):
        assert source.url not in analyst("GET", path).text
