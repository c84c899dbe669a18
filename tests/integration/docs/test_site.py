"""The site: built strict, with every document and package, and asking nobody when it is read."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from resources.home import PROJECT_ROOT
from tests.documents import text_of
from tools.site_hooks import PROJECT_PAGES, packages, rewritten

pytestmark = pytest.mark.integration

# What a browser loads by itself: a link that a reader follows is none.
LOADED = re.compile(
    r"<(?:script|img|iframe|source)[^>]+src=\"([^\"]+)|<link[^>]+href=\"([^\"]+)|url\(([^)]+)\)"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site as `make site` builds it; a warning fails."""
    folder = tmp_path_factory.mktemp("site")
    mkdocs = str(Path(sys.executable).parent / "mkdocs")
    done = subprocess.run(
        [mkdocs, "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_document_and_every_package_of_the_code_is_a_page(site):
    documents = {path.relative_to(PROJECT_ROOT / "docs") for path in (PROJECT_ROOT / "docs").rglob("*.md")}
    for page in [*map(Path, PROJECT_PAGES.values()), *documents]:
        name = "index.html" if page.name in ("README.md", "index.md") else f"{page.stem}.html"
        assert (site / page.parent / name).is_file(), page
    assert {"resources/http", "realestate_assets/domain/memo", "realestate_assets/providers"} <= set(
        packages()
    )
    for package in packages():
        assert (site / "api" / f"{package.replace('/', '.')}.html").is_file()


def test_the_reference_tells_arguments_and_errors(site):
    page = (site / "api" / "resources.http.html").read_text(encoding="utf-8")
    assert "ApiSession" in page and "the configured address is refused" in page


def test_nothing_is_loaded_from_elsewhere(site):
    found = {
        address
        for path in [*site.rglob("*.html"), *site.rglob("*.css")]
        for groups in LOADED.findall(path.read_text(encoding="utf-8"))
        for address in groups
        if re.match(r"[\"']?(https?:)?//", address)
    }
    assert found == set()


def test_diagrams_are_drawn_by_a_script_of_the_site(site):
    page = (site / "architecture.html").read_text(encoding="utf-8")
    assert page.count('class="mermaid"') == text_of("docs/architecture.md").count("```mermaid")
    assert '<script src="assets/mermaid.min.js">' in page
    assert (site / "assets" / "mermaid.min.js").stat().st_size > 1_000_000


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("index.md", "[a](docs/valuation.md#tuning)", "[a](valuation.md#tuning)"),
        ("index.md", '<img src="docs/images/memo.webp">', '<img src="images/memo.webp">'),
        ("valuation.md", "[b](../benchmarks/README.md)", "[b](benchmarks.md)"),
        ("decisions/0001-one-process-a-run.md", "[c](../operations.md)", "[c](../operations.md)"),
        ("contributing.md", "[d](docs/decisions/README.md)", "[d](decisions/README.md)"),
        ("index.md", "[e](https://example.org)", "[e](https://example.org)"),
    ],
)
def test_links_of_the_repository_lead_to_pages_of_the_site(page, link, expected):
    assert rewritten(link, page) == expected


def test_the_site_folder_is_no_part_of_the_repository():
    folder = re.search(r"^site_dir: (\S+)$", text_of("mkdocs.yml"), re.M)[1]
    assert f"/{folder.partition('/')[0]}/" in text_of(".gitignore").splitlines()


def test_the_forms_of_the_forge_are_valid():
    forms = [p for p in (PROJECT_ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if p.name != "config.yml"]
    assert len(forms) >= 3
    for form in forms:
        content = yaml.safe_load(form.read_text(encoding="utf-8"))
        assert content["name"] and content["description"] and content["body"]
        ids = [part["id"] for part in content["body"] if part["type"] != "markdown"]
        assert len(ids) == len(set(ids))


def test_the_forges_checks_run_what_runs_here():
    steps = yaml.safe_load(text_of(".github/workflows/ci.yml"))["jobs"]["ci"]["steps"]
    assert [step["run"] for step in steps if step.get("run", "").startswith("bash")] == ["bash .ci/run"]
