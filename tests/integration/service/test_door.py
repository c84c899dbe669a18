"""What a proxy is told before it opens the Dagster UI, and what is believed of what a proxy says."""

from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from realestate_assets.service.application import create_app
from realestate_assets.service.parts import Parts
from realestate_assets.service.security import limits
from tests.integration.service.conftest import PASSWORD

pytestmark = pytest.mark.integration

FORWARD = "/auth/forward"
PAGE = {"Accept": "text/html,*/*;q=0.8"}
PROXY = "10.1.2.3"


@pytest.fixture(scope="module")
def behind(parts: Parts, no_limits: None):
    """The service as a proxy asks it, which is trusted; its client is another browser each time."""
    settings = parts.settings.model_copy(update={"trusted_proxies": "10.1.0.0/16,::1"})
    app = create_app(Parts(settings, parts.secret, parts.engine, parts.resources))

    def ask(peer: str = PROXY) -> TestClient:
        return TestClient(app, raise_server_exceptions=False, follow_redirects=False, client=(peer, 5000))

    return ask


def sign_in(client: TestClient, role: str, tenant: str = "north") -> TestClient:
    body = {"email": f"{role}@{tenant}.example.com", "password": PASSWORD}
    assert client.post("/api/v1/auth/session", json=body).status_code == 200
    return client


@pytest.mark.parametrize(
    ("role", "access"),
    [("admin", "run"), ("ops", "run"), ("analyst", "read"), ("underwriter", None), ("viewer", None)],
)
def test_a_role_opens_the_ui_that_changes_things_the_one_that_reads_or_none(behind, role, access):
    answer = sign_in(behind(), role).get(FORWARD, headers=PAGE | {"X-Forwarded-Uri": "/dagster/runs"})
    if access is None:
        assert answer.status_code == 403 and "not for your role" in answer.text
        assert not any(name.lower().startswith("remote-") for name in answer.headers)
    else:
        assert answer.status_code == 204
        assert answer.headers["Remote-Access"] == access
        assert answer.headers["Remote-Roles"] == role and answer.headers["Remote-User"]


def test_people_of_a_tenant_that_does_not_look_after_the_installation_see_no_work_of_others(behind):
    assert sign_in(behind(), "admin", "south").get(FORWARD).status_code == 403


@pytest.mark.parametrize(
    ("asked", "following"),
    [
        ("/dagster/runs?status=FAILURE", "/dagster/runs?status=FAILURE"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/sign-in?next=/sign-in", "/"),
        ("/dagster/" + "a" * 3000, "/"),
    ],
)
def test_a_browser_of_nobody_signs_in_and_comes_back_and_goes_nowhere_else(behind, asked, following):
    answer = behind().get(FORWARD, headers=PAGE | {"X-Forwarded-Uri": asked})
    assert answer.status_code == 303
    path, _, query = answer.headers["Location"].partition("?")
    assert path == "/sign-in"
    assert unquote(query) == ("" if following == "/" else f"next={following}")


def test_a_program_of_nobody_is_told_and_not_sent_elsewhere(behind):
    answer = behind().get(FORWARD, headers={"X-Forwarded-Uri": "/dagster/graphql"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_who_signs_out_or_is_made_up_does_not_open_it(behind):
    client = sign_in(behind(), "ops")
    token = client.get("/api/v1/auth/session").json()["csrf_token"]
    assert client.get(FORWARD).status_code == 204
    cookie = client.cookies["realestate"]
    assert client.post("/api/v1/auth/logout", headers={"X-CSRF-Token": token}).status_code == 204
    client.cookies.clear()
    for made_up in (cookie, cookie[:-2] + "xx", "rss_x", ""):
        assert behind().get(FORWARD, headers={"Cookie": f"realestate={made_up}"}).status_code == 401


def test_what_a_page_of_the_ui_asks_for_is_not_counted_as_requests_of_its_reader(behind, monkeypatch):
    client = sign_in(behind(), "ops")
    monkeypatch.setattr(limits, "USER_REQUESTS", 1)
    assert {client.get(FORWARD).status_code for _ in range(20)} == {204}


@pytest.mark.parametrize(
    ("peer", "address", "counted"),
    [(PROXY, "203.0.113.7", "203.0.113.7"), ("::1", "203.0.113.7", "203.0.113.7"),
     ("10.2.0.1", "203.0.113.7", "10.2.0.1"), ("testclient", "203.0.113.7", "testclient"),
     # A proxy adds to what it was sent: the last one that is not trusted is who asks.
     (PROXY, "198.51.100.1, 203.0.113.7", "203.0.113.7")],
)  # fmt: skip
def test_an_address_is_believed_of_a_trusted_proxy_alone(behind, monkeypatch, peer, address, counted):
    whose = []
    count = limits.count

    def noted(engine, name, who, requests, now=None):
        whose.append(who)
        return count(engine, name, who, requests, now)

    monkeypatch.setattr(limits, "count", noted)
    behind(peer).get("/api/v1/auth/me", headers={"X-Forwarded-For": address})
    assert whose == [counted]


def test_where_somebody_wanted_to_go_is_believed_of_a_trusted_proxy_alone(behind):
    headers = PAGE | {"X-Forwarded-Uri": "/dagster/runs"}
    assert behind("192.0.2.1").get(FORWARD, headers=headers).headers["Location"] == "/sign-in"
