"""The UI answers under names of this installation alone, and to pages of its own."""

import pytest
from dagster_webserver import cli as webserver
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from realestate_assets.operations import guarded_ui
from realestate_assets.operations.guarded_ui import KnownHosts, known_hosts
from realestate_assets.settings import Settings

pytestmark = pytest.mark.unit


async def answer(request) -> PlainTextResponse:
    return PlainTextResponse("answered")


async def talk(socket) -> None:
    await socket.accept()
    await socket.send_text("answered")
    await socket.close()


APP = Starlette(
    routes=[
        Route("/graphql", answer, methods=["GET", "POST"]),
        Route("/runs", answer),
        WebSocketRoute("/ws", talk),
    ]
)


@pytest.fixture
def client() -> TestClient:
    hosts = known_hosts(
        Settings(allowed_hosts="deals.example, 10.0.0.5", dagster_webserver_url="https://ui.example")
    )
    return TestClient(KnownHosts(APP, hosts))


@pytest.mark.parametrize(
    "host",
    [
        "localhost:3000",
        "LOCALHOST",
        "127.0.0.1:3000",
        "[::1]:3000",
        "ui.example",
        "deals.example:8443",
        "10.0.0.5",
    ],
)
def test_a_name_of_the_installation_is_answered_with_and_without_its_origin(client, host):
    assert client.get("/graphql", headers={"host": host}).text == "answered"
    origin = {"host": host, "origin": f"https://{host}"}
    assert client.post("/graphql", headers=origin).text == "answered"


@pytest.mark.parametrize("host", ["other.example", "localhost.other.example", "", "ui.example.", "[::1"])
def test_another_name_is_refused_with_what_to_set(client, host):
    refused = client.get("/graphql", headers={"host": host})
    assert refused.status_code == 403
    assert "ALLOWED_HOSTS" in refused.text
    assert "answered" not in refused.text


@pytest.mark.parametrize("origin", ["https://other.example", "null", "http://localhost.other.example"])
def test_a_request_of_another_page_is_refused(client, origin):
    headers = {"host": "localhost:3000", "origin": origin}
    assert client.post("/graphql", headers=headers).status_code == 403
    with pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect("/ws", headers=headers):
        raise AssertionError("the socket was opened")
    assert closed.value.code == guarded_ui.POLICY_VIOLATION


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "dest"),
    [
        ("no-cors", "image"),
        ("no-cors", "script"),
        ("cors", "empty"),
        ("navigate", "document"),
        ("navigate", "iframe"),
    ],
)
def test_what_another_page_starts_without_saying_whose_it_is_runs_nothing(client, site, mode, dest):
    fetch = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    assert client.get("/graphql?query=x", headers={"host": "localhost:3000", **fetch}).status_code == 403


def test_a_link_from_elsewhere_opens_a_page_and_the_page_asks_for_its_own(client):
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/runs", headers={"host": "localhost:3000", **link}).text == "answered"
    own = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
    assert client.post("/graphql", headers={"host": "localhost:3000", **own}).text == "answered"


def test_a_web_socket_of_the_page_itself_is_opened(client):
    headers = {"host": "localhost:3000", "origin": "http://localhost:3000"}
    with client.websocket_connect("/ws", headers=headers) as socket:
        assert socket.receive_text() == "answered"


def test_dagsters_webserver_makes_its_application_where_it_is_guarded(monkeypatch):
    served = []
    monkeypatch.setattr(webserver, "create_app_from_workspace_process_context", lambda *_, **__: APP)
    monkeypatch.setattr(webserver.uvicorn, "run", lambda app, **_: served.append(app))
    monkeypatch.setattr(webserver, "log_action", lambda *_: None)
    monkeypatch.setattr(webserver.check, "inst_param", lambda *_: None)

    class Context:
        instance = None

    monkeypatch.setattr(
        webserver,
        "main",
        lambda: webserver.host_dagster_ui_with_workspace_process_context(
            Context(), "127.0.0.1", 3999, "", "error"
        ),
    )
    guarded_ui.main()
    assert [type(app) for app in served] == [KnownHosts]
