"""Documents name what is there: links, pictures, anchors, paths and modules."""

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import mermaidx
import pytest

from realestate_assets.domain.counties.county_files import REVIEWS_FILE
from resources.home import PROJECT_ROOT
from tests.documents import anchors, code_spans, pages, section, split, text_of

PAGES = pages()
NAMES = [str(page.relative_to(PROJECT_ROOT)) for page in PAGES]
LINK = re.compile(r"(?:\]\(|(?:src|href)=\")([^)\"\s]+)")
# Top folders of the repository: a path in backticks that begins with one must exist.
TOP = {path.name for path in PROJECT_ROOT.iterdir() if path.is_dir()} - {"data", "build", ".venv", ".git"}
FILE_NAMES = {p.name for p in PROJECT_ROOT.iterdir()} | {
    path.name for folder in TOP for path in (PROJECT_ROOT / folder).rglob("*")
}
# What people or commands make, and no repository holds.
FILE_NAMES |= {REVIEWS_FILE}
# What deploy/make-secrets.sh makes, and git ignores.
MADE = ("deploy/secrets", "deploy/.env")
FILE_NAME = re.compile(r"[\w.\-]+\.(?:py|yaml|yml|toml|md|sql|lock)")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_relative_link_and_picture_resolves(page: Path):
    broken = []
    for link in LINK.findall(split(page.read_text(encoding="utf-8"))[1]):
        if re.match(r"https?://|mailto:", link):
            continue
        place, _, anchor = unquote(link).partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.is_file() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_path_and_file_in_backticks_is_there(page: Path):
    missing = []
    for span in code_spans(page.read_text(encoding="utf-8")):
        if re.fullmatch(r"[\w./\-]+", span) and span.partition("/")[0] in TOP and "/" in span:
            missing += [] if (PROJECT_ROOT / span).exists() or span.startswith(MADE) else [span]
        elif FILE_NAME.fullmatch(span):
            missing += [] if span in FILE_NAMES else [span]
    assert missing == []


def modules_in(diagram: str) -> set[str]:
    """Modules by their path, or by their name alone where a box tells the folder."""
    return set(re.findall(r"[\w/*]+\.py", diagram.replace("<br/>", "")))


def diagrams(page: Path) -> list[str]:
    return [block.text for block in split(page.read_text(encoding="utf-8"))[0] if block.language == "mermaid"]


@pytest.mark.parametrize("page", [p for p in PAGES if diagrams(p)], ids=lambda p: p.name)
def test_every_diagram_can_be_drawn_and_names_modules_that_are_there(page: Path):
    for diagram in diagrams(page):
        assert "<svg" in mermaidx.render(diagram).svg()
        for module in modules_in(diagram):
            roots = [PROJECT_ROOT, PROJECT_ROOT / "realestate_assets"]
            roots += [PROJECT_ROOT / box for box in re.findall(r"^ *box (\S+)$", diagram, re.M)]
            assert any(list(root.glob(module)) for root in roots), module


def test_the_paths_of_a_file_a_request_and_a_memo_are_drawn_with_their_modules():
    page = text_of("docs/architecture.md")
    for heading in (
        "A county's file from landing to properties",
        "The path of one request of a provider",
        "The path of one memo",
    ):
        (diagram,) = (b.text for b in split(section(page, heading))[0] if b.language == "mermaid")
        assert len(modules_in(diagram)) >= 6


def names_of(layer: str) -> set[str]:
    """`dbt | landing | fetch` as names."""
    return set(layer.split(" | "))


def test_the_layers_and_rooms_are_those_that_are_checked():
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    page = text_of("docs/architecture.md")
    (diagram,) = (block.text for block in split(section(page, "Layers"))[0])
    left = [*(names_of(layer) for layer in contracts[0]["layers"]), {"resources"}]
    # A box may hold neighbouring layers.
    for drawn in re.findall(r'\["([^"]+)"\]', diagram):
        found = left.pop(0)
        while found < set(drawn.split(", ")):
            found = found | left.pop(0)
        assert found == set(drawn.split(", "))
    assert left == []
    rows = [
        line.split("|")[1] for line in section(page, "The rooms of the domain").splitlines() if "| `" in line
    ]
    told = [set(re.findall(r"`(\w+)`", row)) for row in rows]
    assert told == [names_of(room) for room in contracts[1]["layers"]]


def test_the_readme_is_short_and_leads_on():
    readme = text_of("README.md")
    assert len(readme.splitlines()) <= 150
    for page in (PROJECT_ROOT / "docs").glob("*.md"):
        assert f"docs/{page.name}" in readme


def test_every_decision_is_listed_and_has_its_three_parts():
    listed = text_of("docs/decisions/README.md")
    for page in (PROJECT_ROOT / "docs" / "decisions").glob("[0-9]*.md"):
        assert f"({page.name})" in listed
        text = page.read_text(encoding="utf-8")
        assert re.match(rf"# {page.name[:4]}: ", text) and re.search(r"^Accepted, \d{4}-\d\d\.$", text, re.M)
        assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Decision", "Consequences"]
