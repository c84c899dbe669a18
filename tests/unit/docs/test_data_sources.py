"""data-sources.md explains every key that a county or an API may have, and its examples are valid."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from realestate_assets.config import __file__ as config_file
from realestate_assets.domain.counties.column_map import UNIT_FACTORS, ColumnMap
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.county_files import expand
from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.reading import read_rows
from realestate_assets.domain.tables import ENRICHMENT_GROUPS
from resources.http.api_policy import ApiPolicy
from tests.documents import section, split, text_of

PAGE = text_of("docs/data-sources.md")
BASE = {
    "slug": "king-wa",
    "name": "King County",
    "state": "WA",
    "fips": "53033",
    "timezone": "America/Los_Angeles",
    "bounds": {"south": 47.0, "north": 47.9, "west": -122.6, "east": -121.0},
    "market": {
        "provenance": "none",
        "median_price_usd": 1,
        "appreciation_rate": 0,
        "target_days_on_market": 1,
        "min_price_usd": 0,
        "max_price_usd": 1,
    },
    "sources": [],
}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models an annotation is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def all_models(model: type[BaseModel]) -> set[type[BaseModel]]:
    """A model and every model in its fields, at any depth."""
    found, waiting = set(), [model]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += [m for f in each.model_fields.values() for m in models_in(f.annotation)]
            waiting += [m for f in each.model_fields.values() for part in f.metadata for m in models_in(part)]
    return found


def keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def words(text: str) -> set[str]:
    """What stands in backticks, dotted names also by their last part."""
    spans = re.findall(r"`([^`\n]+)`", text)
    return {part for span in spans for part in (span, span.rpartition(".")[2])}


@pytest.mark.parametrize(
    "model", sorted(all_models(County) | all_models(ApiPolicy), key=lambda m: m.__name__)
)
def test_every_key_is_explained(model):
    # ApiPolicy.name is the line above an entry.
    own = keys(model) - ({"name"} if model is ApiPolicy else set())
    assert own - words(PAGE) == set()


def test_the_models_are_found_at_every_depth():
    names = {model.__name__ for model in all_models(County)}
    assert {"ColumnMap", "FieldRule", "HomeRule", "Vintage", "AttomProvider", "Cases", "ResoSource"} <= names


def rows(heading: str) -> list[list[str]]:
    lines = (line for line in section(PAGE, heading).splitlines() if line.startswith("| `"))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_key_of_a_column_map_has_an_example_that_is_valid():
    table = {row[0].strip("`"): row[2].strip("`") for row in rows("Column maps")}
    assert table.keys() == keys(ColumnMap)
    for key, example in table.items():
        (rule,) = yaml.safe_load(example).values()
        assert key in rule
        ColumnMap.model_validate(rule)


def test_every_unit_and_every_group_of_fields_is_named():
    assert set(UNIT_FACTORS) <= words(PAGE)
    assert set(ENRICHMENT_GROUPS) <= words(PAGE)


@pytest.mark.parametrize("page", ["README.md", "docs/data-sources.md"])
def test_the_examples_are_valid(page, tmp_path):
    examples = [b.text for b in split(text_of(page))[0] if b.language == "yaml"]
    assert examples
    for number, example in enumerate(examples):
        content = yaml.safe_load(example)
        if any("base_url" in entry for entry in content.values() if isinstance(entry, dict)):
            for name, entry in content.items():
                ApiPolicy.model_validate({**entry, "name": name})
            continue
        if "columns" in content:
            content = {"sources": [{"kind": "file", "name": "example", **content}]}
        path = tmp_path / f"example-{number}.yaml"
        path.write_text(yaml.safe_dump({**BASE, **content}), encoding="utf-8")
        County.model_validate(expand(path))


def worked_examples() -> list[tuple[str, str, list[list[str]]]]:
    """Map, rows and what comes out of each example of the page."""
    part = PAGE.partition("### Maps beside their rows")[2].partition("\nA required column that")[0]
    blocks = split(part)[0]
    tables = [
        re.findall(r"^\|.*\|$", text, re.M) for text in re.split(r"```csv\n.*?```", part, flags=re.S)[1:]
    ]
    cells = [[[c.strip(" `") for c in line[1:-1].split("|")] for line in lines] for lines in tables]
    maps = [block.text for block in blocks if block.language == "yaml"]
    files = [block.text for block in blocks if block.language == "csv"]
    return list(zip(maps, files, cells, strict=True))


@pytest.mark.parametrize("number", range(3))
def test_a_map_beside_its_rows_gives_what_the_page_says(number):
    rules, rows, (names, _, *expected) = worked_examples()[number]
    source = FileSource.model_validate({"kind": "file", "name": "example", **yaml.safe_load(rules)})
    county = County.model_validate({**BASE, "sources": [source]})
    data = rows.encode(source.encoding or "utf-8")
    read = read_rows(
        BytesIO(data), source, Place("king-wa", "example", "f.csv"), ("2014-01", "2030-12"), "UTC"
    )
    found = canonicalise(read.table, county)
    given = found.properties.sort_by("source_row").select(names).to_pylist()
    assert [["" if v is None else str(v) for v in row.values()] for row in given] == expected
    assert set(found.rejects["reason_code"].to_pylist()) <= {"LEFT_OUT_BY_WHERE"}


def test_the_counties_that_ship_are_listed():
    from pathlib import Path

    shipped = {path.stem for path in (Path(config_file).parent / "counties").glob("*.yaml")}
    assert shipped <= words(section(PAGE, "A file for a county that ships"))


def test_every_reason_a_row_is_refused_for_is_listed():
    domain = Path(config_file).parents[1] / "domain"
    files = [*(domain / "intake").rglob("*.py"), *(domain / "core").glob("*.py")]
    codes = {
        code for file in files for code in re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', file.read_text("utf-8"))
    }
    assert "ZIP_UNREADABLE" in codes and {code for code in codes if f"`{code}`" not in PAGE} == set()
