"""Terraform: it can be read, checkov has nothing against it, and what must not be lost is protected."""

import json
import re

import pytest

from resources.home import PROJECT_ROOT
from tests.integration.deploy import tools
from tests.integration.deploy.compose_file import DEPLOY

pytestmark = pytest.mark.integration

FOLDER = DEPLOY / "terraform"
FILES = sorted(FOLDER.glob("*.tf"))
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in FILES)


def blocks(kind: str) -> dict[str, str]:
    """Text of the top blocks of a kind, by their last label."""
    found = re.findall(rf'^{kind} (?:"[\w-]+" )?"([\w-]+)" {{\n(.*?)^}}', TEXT, flags=re.M | re.S)
    return dict(found)


@pytest.mark.parametrize("path", FILES, ids=lambda each: each.name)
def test_a_file_can_be_read(path):
    code = "import json, sys, hcl2; print(len(json.dumps(hcl2.load(sys.stdin))))"
    assert int(tools.python(code, path.read_text(encoding="utf-8"))) > 50


@pytest.mark.long
@pytest.mark.parametrize(
    "place", ["deploy/terraform", "deploy/helm/extras", "deploy/Dockerfile", ".github/workflows"]
)
def test_checkov_has_nothing_against_it(place):
    checkov = tools.program("checkov", "PyPI: checkov", PROJECT_ROOT / "build" / "checkov" / "bin")
    where = ["--file" if (PROJECT_ROOT / place).is_file() else "--directory", place]
    frameworks = ["terraform", "kubernetes", "dockerfile", "github_actions"]
    settings = ["--config-file", "deploy/checkov.yaml", "--skip-download", "--output", "json", "--quiet"]
    settings = ["--config-file", "deploy/checkov.yaml", "--skip-download", "--output", "json", "--quiet"]
    done = tools.run([checkov, *where, "--framework", *frameworks, *settings])
    said = json.loads(done.stdout)
    results = said if isinstance(said, list) else [said]
    failed = [
        f"{each['check_id']} {each['resource']}: {each['check_name']}"
        for result in results
        for each in result["results"]["failed_checks"]
    ]
    assert failed == []
    assert sum(result["summary"]["passed"] for result in results) > 0


def test_each_exception_of_checkov_has_a_reason():
    exceptions = re.findall(r"#checkov:skip=(\w+):?(.*)", TEXT)
    assert exceptions and all(len(reason.split()) > 4 for _, reason in exceptions)


def test_what_cannot_be_made_again_is_not_destroyed():
    assert "prevent_destroy = true" in TEXT
    assert "deletion_protection        = true" in TEXT and "skip_final_snapshot        = false" in TEXT


def test_no_secret_stands_in_it_or_in_its_state():
    assert "aws_secretsmanager_secret_version" not in TEXT and "random_password" not in TEXT
    assert "manage_master_user_password         = true" in TEXT
    assert not re.search(r"^\s*password\s*=", TEXT, flags=re.M)


def test_versions_are_bounded_and_every_variable_and_output_is_told():
    assert re.search(r'required_version = ">= [\d.]+, < 2\.0"', TEXT) and re.search(
        r'version = "~> 6\.\d+"', TEXT
    )
    for name, text in {**blocks("variable"), **blocks("output")}.items():
        assert 'description = "' in text, name


def test_roles_name_what_they_may_do_and_to_what():
    policies = "\n".join(text for name, text in blocks("data").items() if name in ("platform", "secrets"))
    assert '"*"' not in policies and ":*" not in policies.replace("/*", "")
    assert policies.count("statement {") >= 5


def test_names_are_those_of_the_chart():
    extras = "\n".join(
        path.read_text(encoding="utf-8") for path in (DEPLOY / "helm" / "extras").glob("*.yaml")
    )
    assert re.findall(r'accounts = .*"(.*?)".*"(.*?)"', TEXT) == [("realestate", "realestate-secrets")]
    for name in ("realestate", "realestate-secrets"):
        assert re.search(rf"kind: ServiceAccount\nmetadata:\n  name: {name}\n", extras), name
    assert "key: realestate/env" in extras and '"${var.name}/env"' in TEXT
