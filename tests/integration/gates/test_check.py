"""The gates of `make check`: each lets the checkout pass, and names the fault that is planted for it."""

from collections.abc import Callable

import pytest

from tests.integration.gates.conftest import Copy

pytestmark = pytest.mark.integration

# Put together here, so that this file holds no secret itself.
KEY = "AKIA" + "QYLPMN5HHHFPZAM2"
# Gate -> file, what is written there (or added to it), and what the gate has to say. New modules that nothing
# imports: no fault reaches the other gates.
FAULTS = {
    "a resource that knows the platform": (
        "lint-imports",
        "resources/http/planted.py",
        '"""A fault."""\n\nfrom realestate_assets.settings import Settings\n\nPLANTED = Settings\n',
        "resources.http.planted -> realestate_assets.settings",
    ),
    "a domain that knows Dagster": (
        "lint-imports",
        "realestate_assets/domain/core/planted.py",
        '"""A fault."""\n\nimport dagster\n\nPLANTED = dagster\n',
        "realestate_assets.domain.core.planted -> dagster",
    ),
    "a module that stands in no layer": (
        "lint-imports",
        "realestate_assets/newcomer.py",
        '"""A fault."""\n',
        "newcomer",
    ),
    "a type that does not fit": (
        "mypy",
        "resources/http/planted_types.py",
        '"""A fault."""\n\nPLANTED: int = "seven"\n',
        "resources/http/planted_types.py:3: error: Incompatible types in assignment",
    ),
    "an import that nothing uses": (
        "ruff",
        "tools/planted.py",
        '"""A fault."""\n\nimport os\n',
        "`os` imported but unused",
    ),
    "a file that is not formatted": (
        "ruff-format",
        "tools/planted_format.py",
        '"""A fault."""\n\nPLANTED = {"a":1}\n',
        "tools/planted_format.py",
    ),
    "a key": (
        "secrets",
        "deploy/planted.env",
        f"AWS_ACCESS_KEY_ID={KEY}\n",
        "deploy/planted.env:1",
    ),
    "SQL that reads unlike": (
        "sqlfluff",
        "dbt_project/models/marts/planted.sql",
        "SELECT county,month FROM {{ ref('features') }}\n",
        "dbt_project/models/marts/planted.sql",
    ),
    "a link that leads nowhere": (
        "docs-links",
        "docs/operations.md",
        "\nSee [the planted page](planted-page.md#nowhere).\n",
        "planted-page.md#nowhere",
    ),
    "a path that is not there": (
        "docs-links",
        "docs/extending.md",
        "\nSee `resources/not_there.py`.\n",
        "resources/not_there.py",
    ),
    "a command that is not there": (
        "docs-links",
        "docs/valuation.md",
        "\nRun `realestate guess`.\n",
        "there is no command guess",
    ),
    "YAML with a key that stands twice": (
        "yamllint",
        "deploy/planted.yaml",
        "a: 1\na: 2\n",
        'duplication of key "a"',
    ),
}
GATES = sorted({gate for gate, *_ in FAULTS.values()})
# Half a minute each on the whole checkout: `make check` itself is their proof that it passes.
SLOW = ("mypy", "secrets", "sqlfluff")


@pytest.fixture(scope="module")
def unspoilt(copy: Callable[[], Copy]) -> Copy:
    return copy()


@pytest.fixture(scope="module")
def said(copy: Callable[[], Copy]) -> dict[str, str]:
    """What each gate says of a copy with all the faults; every one has to fail."""
    spoilt = copy()
    for _, path, text, _ in FAULTS.values():
        spoilt.plant(path, text)
    told = {}
    for gate in GATES:
        done = spoilt.gate(gate)
        assert done.code == 1, f"{gate} lets its fault pass\n{done.text}"
        told[gate] = done.text
    return told


@pytest.mark.parametrize("gate", [gate for gate in GATES if gate not in SLOW])
def test_an_unspoilt_copy_passes(unspoilt, gate):
    done = unspoilt.gate(gate)
    assert done.code == 0, done.text
    assert done.text.split()[:2] == ["ok", gate]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_gate_fails_and_names(said, fault):
    gate, *_, expected = FAULTS[fault]
    assert f"FAILED  {gate}" in said[gate]
    assert expected in " ".join(said[gate].split()), said[gate]


def test_of_a_type_error_nothing_but_the_fault_is_told(said):
    assert said["mypy"].count("error:") == 1, said["mypy"]


def test_an_unknown_gate_is_told_with_those_that_there_are(unspoilt):
    done = unspoilt.gate("no-such-gate")
    assert done.code == 2 and "no-such-gate" in done.text and "lint-imports" in done.text
