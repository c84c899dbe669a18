"""Workflows: what they use is pinned by hash, they may do no more than they have to, and checkers agree."""

import re

import pytest
import yaml

from resources.home import PROJECT_ROOT
from tests.integration.deploy import tools

pytestmark = pytest.mark.integration

FOLDER = PROJECT_ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
EACH = pytest.mark.parametrize("path", FILES, ids=lambda each: each.stem)
# What a job may do beside reading the code, by workflow and job.
GRANTED = {
    ("image", "push"): {
        "contents": "read",
        "packages": "write",
        "id-token": "write",
        "attestations": "write",
    },
    ("release", "build"): {"contents": "read", "id-token": "write", "attestations": "write"},
    ("release", "publish"): {"id-token": "write"},
}


@EACH
def test_every_action_is_pinned_by_its_hash_with_its_version_beside_it(path):
    used = re.findall(r"uses: (\S+)(.*)", path.read_text(encoding="utf-8"))
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action}{comment}"


def test_one_action_has_one_hash():
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    pins = set(re.findall(r"uses: ([\w/-]+)@(\w+)", text))
    assert len({name for name, _ in pins}) == len(pins)


@EACH
def test_a_job_reads_the_code_ends_in_time_and_may_do_no_more_than_it_has_to(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job.get("permissions") == GRANTED.get((path.stem, name))
        assert job["timeout-minutes"] <= 90
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


@EACH
def test_nothing_that_strangers_write_is_put_into_a_command(path):
    for command in re.findall(r"run: (.*(?:\n {10,}.*)*)", path.read_text(encoding="utf-8")):
        assert "${{" not in command
    assert "pull_request_target" not in path.read_text(encoding="utf-8")


def test_zizmor_finds_no_hole():
    zizmor = tools.program("zizmor", "PyPI: zizmor")
    done = tools.run([zizmor, "--offline", "--no-progress", str(FOLDER)])
    assert done.returncode == 0, done.stdout


def test_actionlint_has_nothing_against_them():
    actionlint = tools.program(
        "actionlint", "https://github.com/rhysd/actionlint: its package on PyPI fetches it from there"
    )
    done = tools.run([actionlint, *map(str, FILES)])
    assert done.returncode == 0, done.stdout


def test_what_is_released_is_what_the_chart_is_for():
    text = (FOLDER / "deploy.yml").read_text(encoding="utf-8")
    values = (PROJECT_ROOT / "deploy" / "helm" / "values.yaml").read_text(encoding="utf-8")
    (version,) = set(re.findall(r"--version ([\d.]+)", text + values))
    assert version == "1.13.27"
