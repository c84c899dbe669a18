"""The tiers of the tests, and what a unit test may not do: start a service, or listen beyond this machine.

A test with no marker of a tier is a unit test. What it asks for is looked at before its set-up, what it does
while it runs: by Python's audit events, which tell of every process and every port however it is started.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from resources.warehouse import embedded

TIERS = ("integration", "end_to_end", "real_data", "long")
UNIT_FOLDER = Path(__file__).resolve().parent / "unit"
# Tests of these tiers may start what they need.
WITH_SERVICES = ("integration", "end_to_end", "long")
# Fixtures that start a service. Refused before the set-up: their failure would be kept for all later tests.
SERVICES = {
    "postgres_root": "the embedded Postgres",
    "s3_server": "an S3 server",
    "new_home": "whole runs of the command line",
}
# What a unit test may run beside another interpreter on a line of code: how libraries ask about the machine.
PROGRAMS = ("file", "gcc", "git", "ld", "ldconfig", "objdump", "uname")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class _Running:
    """The unit test that runs now; None while none does."""

    test: str | None = None


def mark_units(items: Sequence[pytest.Item]) -> None:
    """Give the tests without a tier the marker `unit`.

    Raises:
        pytest.UsageError: one stands outside the unit tests' folder, where `make test-fast` does not look.
    """
    for item in items:
        if any(item.get_closest_marker(tier) for tier in TIERS):
            continue
        if not item.path.is_relative_to(UNIT_FOLDER):
            raise pytest.UsageError(
                f"{item.nodeid} has no marker of a tier and stands outside {UNIT_FOLDER.name}: "
                f"mark it with one of {', '.join(TIERS)}, or move it."
            )
        item.add_marker("unit")


def refuse_service_fixtures(item: pytest.Item) -> None:
    """Fail a test that asks for a service and may start none."""
    if _may_start_services(item):
        return
    for name, service in SERVICES.items():
        if name in getattr(item, "fixturenames", ()):
            _refuse(item.nodeid, f"{service} (fixture {name})")


@contextmanager
def guarded(item: pytest.Item) -> Iterator[None]:
    """While it lasts, a test that may start no service fails where it does."""
    _Running.test = None if _may_start_services(item) else item.nodeid
    try:
        yield
    finally:
        _Running.test = None


def watch() -> None:
    """Begin to look at what the tests of this process start. Cannot be undone, as audit hooks cannot."""
    hold = embedded._hold

    def held(folder: Path) -> None:
        if _Running.test:
            _refuse(_Running.test, "the embedded Postgres")
        hold(folder)

    # A server that another test has started is joined without an event.
    embedded._hold = held
    sys.addaudithook(_look)


def _may_start_services(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(tier) for tier in WITH_SERVICES)


def _look(event: str, details: tuple[Any, ...]) -> None:
    if _Running.test is None:
        return
    if event == "subprocess.Popen":
        program, arguments = os.fsdecode(details[0]), [str(word) for word in details[1]]
        a_line_of_code = program == sys.executable and arguments[1:2] == ["-c"]
        if not a_line_of_code and Path(program).name not in PROGRAMS:
            _refuse(_Running.test, f"`{' '.join([program, *arguments[1:3]])}`")
    elif event == "socket.bind" and isinstance(details[1], tuple) and details[1][0] not in LOOPBACK:
        _refuse(_Running.test, f"a server on {details[1][0]!r}")


def _refuse(test: str, what: str) -> None:
    pytest.fail(
        f"{test} starts {what}, and a unit test starts no service: mark it `integration` "
        "(@pytest.mark.integration), or give it a hand-written fake.",
        pytrace=False,
    )
