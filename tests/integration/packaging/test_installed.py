"""The wheel in an empty environment, outside the checkout: doctor, the whole graph on the sample, the UI."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.home import PROJECT_ROOT

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """A folder with an empty environment `v` that the wheel was installed into, as a user would.

    Not below pytest's own: the next pytest session closes that to other users, and run by root the server of
    this environment works as another user.
    """
    folder = Path(tempfile.mkdtemp(prefix="realestate-tests-"))
    folder.chmod(0o755)
    uv = str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "build", "--wheel", "--out-dir", str(folder), str(PROJECT_ROOT)], check=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "v")], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([str(folder / "v/bin/pip"), "install", "--quiet", str(wheel)], check=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def env(installed: Path) -> dict[str, str]:
    """Nothing of the checkout, all data below the folder."""
    kept = {name: value for name, value in os.environ.items() if name in ("LANG", "PATH")}
    return kept | {"HOME": str(installed / "ann")}


def realestate(installed: Path, env: dict[str, str], *args: str) -> dict | list:
    command = [str(installed / "v/bin/realestate"), *args, "--json"]
    done = subprocess.run(command, cwd=installed, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_no_package_of_a_common_name_is_there(installed):
    (site,) = (installed / "v/lib").glob("python3.*/site-packages")
    names = {path.name for path in site.iterdir()}
    assert not names & {"resources", "sensors", "templates", "tools", "realestate_assets", "torch"}


def test_doctor_is_content(installed, env):
    realestate(installed, env, "doctor")


def test_the_sample_runs_to_memos_and_boards_in_the_users_data_folder(installed, env):
    (site,) = (installed / "v/lib").glob("python3.*/site-packages")
    before = {path for path in site.rglob("*") if path.suffix != ".pyc" and path.name != "__pycache__"}
    realestate(installed, env, "run")
    lake = installed / "ann/.local/share/realestate-os/data/lake"
    assert len(list(lake.glob("memos/**/*.pdf"))) > 20
    assert (lake / "boards/index.html").is_file()
    after = {path for path in site.rglob("*") if path.suffix != ".pyc" and path.name != "__pycache__"}
    assert after == before


def test_dev_answers(installed, env):
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    port, service = ports
    command = [str(installed / "v/bin/realestate"), "dev", "--port", str(port)]
    command += ["--service-port", str(service)]
    process = subprocess.Popen(command, cwd=installed, env=env)
    try:
        body = json.dumps(
            {"query": "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"}
        )
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/graphql", body.encode(), {"Content-Type": "application/json"}
        )
        until = time.monotonic() + 300
        while time.monotonic() < until:
            assert process.poll() is None
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    nodes = json.load(answer)["data"]["repositoriesOrError"]["nodes"]
                    break
            except OSError:
                time.sleep(1)
        else:
            pytest.fail("The UI did not answer in 300 s.")
        assert [node["name"] for node in nodes] == ["__repository__"]
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{service}/readyz", timeout=60) as answer:
                    assert json.load(answer)["status"] == "ready"
                    break
            except OSError:
                time.sleep(1)
        else:
            pytest.fail("The service did not answer in 300 s.")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
