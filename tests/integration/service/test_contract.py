"""The API against its own document: Schemathesis asks every operation, alone and in sequences, by role."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from realestate_assets.service.routers import events
from realestate_assets.service.security import limits
from realestate_assets.service.security.permissions import ROLES
from resources.home import PROJECT_ROOT
from tests.integration.dagster_web import web_server
from tests.integration.service.a_market import fill_index
from tests.integration.service.pages.a_site import opened

TOOL = PROJECT_ROOT / "build" / "service" / "bin" / "st"
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not TOOL.exists(), reason="Schemathesis is not installed (make service-tools)"),
]

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "ignored_auth",
)  # fmt: skip
# It ends the sign-in that asks.
LEFT_OUT = ("/api/v1/auth/logout",)
# Where Dagster's web server is away, which they say with 503.
OF_DAGSTER = "^/api/v1/(pipelines|system/(queues|errors))"


@pytest.fixture(scope="module")
def address(parts, market):
    """The service on a port, with a market and its index; nobody asks too often."""
    fill_index(parts.resources, market)
    with pytest.MonkeyPatch.context() as patched:
        for name in ("ADDRESS_LOGINS", "ADDRESS_REQUESTS", "USER_REQUESTS"):
            patched.setattr(limits, name, 10_000_000)
        patched.setattr(events, "STREAM_SECONDS", 0.2)
        with opened(parts) as found:
            yield found


@pytest.fixture
def with_dagster(parts, new_home):
    """Dagster's web server behind the service; no daemon, so that what is launched waits."""
    with web_server(new_home()) as dagster, pytest.MonkeyPatch.context() as patched:
        patched.setitem(vars(parts), "dagster", dagster)
        yield


def ask(
    address: str, token: str, report: Path, *, phases: str, examples: int, left_out: str | None = None
) -> subprocess.CompletedProcess:
    """Schemathesis over the whole document, but for paths of `left_out`, as one person."""
    command = [
        str(TOOL), "run", f"{address}/openapi.json", "--phases", phases, "--max-examples", str(examples),
        "--checks", ",".join(CHECKS), "--workers", "2", "--request-timeout", "60", "--continue-on-failure",
        "--header", f"Authorization: Bearer {token}", "--report", "junit", "--report-junit-path", str(report),
        "--seed", "1", "--no-color",
        *(("--exclude-path-regex", left_out) if left_out else ()),
        *(part for path in LEFT_OUT for part in ("--exclude-path", path)),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=report.parent)


def judge(found: subprocess.CompletedProcess, phases: tuple[str, ...]) -> None:
    """All phases ran, and nothing failed."""
    assert found.returncode == 0, found.stdout[-8000:] + found.stderr[-2000:]
    for phase in phases:
        line = re.search(rf"^.*{phase}.*$", found.stdout, re.M)
        assert line and "not applicable" not in line.group().lower(), found.stdout[-3000:]


def test_every_operation_keeps_to_the_document(address, as_role, tmp_path):
    found = ask(
        address, as_role("admin").token, tmp_path / "report.xml",
        phases="examples,fuzzing", examples=3, left_out=OF_DAGSTER,
    )  # fmt: skip
    judge(found, ("Examples", "Fuzzing"))


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_every_operation_and_sequence_keeps_to_the_document_for_a_role(
    address, with_dagster, as_role, tmp_path, role
):
    found = ask(
        address, as_role(role).token, tmp_path / "report.xml",
        phases="examples,coverage,fuzzing,stateful", examples=20,
    )  # fmt: skip
    judge(found, ("Examples", "Coverage", "Fuzzing", "Stateful"))
