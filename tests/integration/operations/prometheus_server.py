"""A real Prometheus of this machine, scraping one endpoint of this process."""

import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian package prometheus)"
)
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="Prometheus is not installed (Debian package prometheus)"
)


class Prometheus:
    """Asks a running server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def query(self, expression: str) -> list[dict]:
        """The samples of an instant query: labels under `metric`, the figure under `value`."""
        asked = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"{self._url}/api/v1/query?{asked}", timeout=10) as answer:
            return json.load(answer)["data"]["result"]

    def rules(self) -> list[dict]:
        """The alert rules that it has loaded, with their health once they were evaluated."""
        with urllib.request.urlopen(f"{self._url}/api/v1/rules", timeout=10) as answer:
            return [rule for group in json.load(answer)["data"]["groups"] for rule in group["rules"]]


@contextlib.contextmanager
def prometheus(folder: Path, metrics_port: int, rules: Path) -> Iterator[Prometheus]:
    """A server that has scraped the port at least twice."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    target = [{"targets": [f"127.0.0.1:{metrics_port}"]}]
    settings = {
        "global": {"scrape_interval": "400ms", "scrape_timeout": "400ms", "evaluation_interval": "400ms"},
        "rule_files": [str(rules)],
        "scrape_configs": [{"job_name": "realestate", "static_configs": target}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log, cwd=folder
        )
    try:
        found = Prometheus(f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                counts = [int(row["value"][1]) for row in found.query("count_over_time(up[1m])")]
                if counts and min(counts) >= 2 and all(rule["health"] != "unknown" for rule in found.rules()):
                    break
            assert process.poll() is None, (folder / "log").read_text()[-3000:]
            assert time.monotonic() < deadline, (folder / "log").read_text()[-3000:]
            time.sleep(0.2)
        yield found
    finally:
        process.terminate()
        process.wait(20)
