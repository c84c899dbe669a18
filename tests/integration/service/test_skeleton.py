"""The frame: sign in, who one is, health, figures, the page of the API, problems without the input."""

import pytest

from tests.integration.service.conftest import PASSWORD

pytestmark = pytest.mark.integration

LOGIN = "/api/v1/auth/login"


def test_who_signs_in_gets_a_token_that_says_who_they_are(as_role):
    answer = as_role("analyst")("GET", "/api/v1/auth/me")
    assert answer.status_code == 200
    me = answer.json()
    assert (me["email"], me["tenant"], me["roles"]) == ("analyst@north.example.com", "north", ["analyst"])
    assert "predict:run" in me["permissions"] and "users:manage" not in me["permissions"]


def test_a_read_that_is_known_is_answered_with_304(as_role):
    asked = as_role("analyst")
    tag = asked("GET", "/api/v1/auth/me").headers["ETag"]
    again = asked("GET", "/api/v1/auth/me", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "body",
    [
        {"email": "analyst@north.example.com", "password": "hunter2"},
        {"email": "nobody@north.example.com", "password": PASSWORD},
        {"email": "analyst@north.example.com", "password": PASSWORD, "tenant": "south"},
    ],
)
def test_a_wrong_sign_in_does_not_say_what_was_wrong(client, body):
    answer = client.post(LOGIN, json=body)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(":wrong-sign-in")


def test_a_problem_repeats_nothing_of_what_was_sent(client):
    answer = client.post(LOGIN, json={"email": 7, "password": ["hunter2"], "more": "hunter2"})
    assert answer.status_code == 422
    problem = answer.json()
    assert "hunter2" not in answer.text
    assert {error["field"] for error in problem["errors"]} == {"body.email", "body.password", "body.more"}
    assert problem["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("header", [None, "Bearer x", "Bearer a.b.c", "Basic YTpi"])
def test_who_is_not_known_is_told_to_sign_in(client, header):
    answer = client.get("/api/v1/auth/me", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_address_that_is_not_there_is_a_problem_too(client):
    answer = client.get("/api/v1/nowhere")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:realestate-os:problem:not-found")


def test_the_service_is_ready_and_says_what_is_down(client, parts, monkeypatch):
    ready = client.get("/readyz")
    assert ready.status_code == 200, ready.text
    assert {check["name"] for check in ready.json()["checks"]} == {"database", "tables", "lake"}

    def gone(*_):
        raise OSError("s3://secret-bucket is gone")

    monkeypatch.setattr(type(parts.resources["lake"]), "exists", gone)
    down = client.get("/readyz")
    assert down.status_code == 503
    assert [check["name"] for check in down.json()["checks"] if not check["ok"]] == ["lake"]
    assert "secret-bucket" not in down.text
    assert client.get("/healthz").json() == {"status": "alive"}


def test_figures_count_answers_by_route(client):
    client.get("/healthz")
    text = client.get("/metrics").text
    assert 'realestate_service_requests_total{method="GET",route="/healthz",status="200"}' in text


def test_the_page_of_the_api_asks_nobody_else(client):
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "")
    assert client.get("/static/vendor/swagger-ui/swagger-ui-bundle.js").status_code == 200
    assert client.get("/openapi.json").json()["paths"]["/api/v1/auth/login"]


def test_every_answer_has_the_headers_of_a_careful_page(client):
    for path in ("/healthz", "/docs", "/nowhere", "/static/api_docs.js"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "Strict-Transport-Security" not in headers
