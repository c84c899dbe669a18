"""Coverage, as `make test` measures it: the floor of the whole, and a module that no test runs."""

import re
from pathlib import Path

import pytest

from resources.home import PROJECT_ROOT
from tests.documents import Checkout, text_of
from tests.integration.gates.conftest import Copy

pytestmark = pytest.mark.integration

HALF = '''"""Two functions."""


def one() -> int:
    return 1


def two() -> int:
{lines}
    return total
'''
TEST = "from resources.half import one\n\n\ndef test_it():\n    assert one() == 1\n"
MEASURED = ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--cov"]


@pytest.fixture
def small(tmp_path: Path) -> Copy:
    """A checkout of the project's settings and tools with one module and its test."""
    copy = Copy(tmp_path)
    (tmp_path / ".venv").symlink_to(PROJECT_ROOT / ".venv")
    for name in ("pyproject.toml", "tools/coverage_floor.py"):
        copy.plant(name, text_of(name))
    for package in ("realestate_assets", "resources", "sensors"):
        copy.plant(f"{package}/__init__.py", "")
    copy.plant("tests/test_half.py", TEST)
    return copy


def module(untested: int) -> str:
    """A module of five lines that are run, and as many that are not."""
    lines = ["    total = 0", *(f"    total += {n}" for n in range(untested - 2))]
    return HALF.format(lines="\n".join(lines))


def test_the_floor_holds_where_the_modules_are_run(small):
    small.plant("resources/half.py", "def one() -> int:\n    return 1\n")
    done = small.run(*MEASURED)
    assert done.code == 0 and "Required test coverage of 90.0% reached" in done.text, done.text
    assert small.run("python", "tools/coverage_floor.py").code == 0


def test_below_the_floor_the_tests_fail_and_the_lines_are_named(small):
    small.plant("resources/half.py", module(10))
    done = small.run(*MEASURED)
    assert done.code == 1 and "Required test coverage of 90.0% not reached" in done.text, done.text
    assert re.search(r"resources/half\.py .* 9-18", done.text), done.text


def test_a_module_that_no_test_imports_is_named_however_small(small):
    small.plant("resources/half.py", "def one() -> int:\n    return 1\n")
    small.plant("resources/forgotten.py", '"""Small."""\n\nFORGOTTEN = 1\n')
    small.run(*MEASURED)
    done = small.run("python", "tools/coverage_floor.py")
    assert done.code == 1
    assert done.text.splitlines() == [
        "FAILED  resources/forgotten.py: no test runs a line of it; write one, or delete the module"
    ]


def test_a_unit_test_that_starts_a_service_fails_and_says_what_to_do(tmp_path):
    copy = Copy(Checkout(tmp_path).root)
    copy.plant("tests/unit/test_planted.py", "def test_tables(warehouse):\n    assert warehouse\n")
    done = copy.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/test_planted.py")
    assert done.code == 1
    assert "starts the embedded Postgres (fixture postgres_root)" in done.text
    assert "mark it `integration`" in done.text


def test_make_test_measures_and_looks_for_forgotten_modules():
    recipe = text_of("Makefile").partition("\ntest: ")[2].partition("\n\n")[0]
    assert "--cov" in recipe and "tools/coverage_floor.py" in recipe
