"""The JSON schema of a county's YAML takes what the platform takes, and refuses what it refuses."""

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from realestate_assets.domain.core.config_file import CONFIG_DIR
from realestate_assets.domain.counties.county import BUILT_IN_DIR
from realestate_assets.domain.counties.county_schema import county_schema
from tests.documents import split, text_of
from tests.unit.docs.test_data_sources import BASE

CHECK = Draft202012Validator(county_schema())


def wrong(content: dict) -> list[str]:
    return [error.message for error in CHECK.iter_errors(content)]


def test_the_file_is_what_the_models_say():
    assert json.loads((CONFIG_DIR / "county.schema.json").read_text("utf-8")) == county_schema()


@pytest.mark.parametrize("path", sorted(BUILT_IN_DIR.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_county_that_ships_is_valid_and_names_the_schema(path):
    text = path.read_text("utf-8")
    assert wrong(yaml.safe_load(text)) == []
    assert text.startswith("# yaml-language-server: $schema=../county.schema.json\n")


def test_the_examples_of_the_page_are_valid():
    examples = [
        yaml.safe_load(b.text) for b in split(text_of("docs/data-sources.md"))[0] if b.language == "yaml"
    ]
    counties = [content for content in examples if content.keys() & {"sources", "enrichment"}]
    assert len(counties) >= 4
    for content in counties:
        assert wrong({**BASE, **content}) == []


def source(**changes: object) -> dict:
    columns = {"apn": "a", "observed_date": {"from": ["b", "c"], "format": "%m/%d/%Y"}}
    return {**BASE, "sources": [{"kind": "file", "name": "s", "columns": columns, **changes}]}


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": {"apn": {"form": "a"}}},
        {"columns": {"apnn": "a"}},
        {"columns": {"apn": {"from": "a", "unit": "furlong"}}},
        {"format": "doc"},
        {"delimiter": ";;"},
        {"colums": {}},
        {"where": {"a": {"mim": 3}}},
    ],
)
def test_a_mistake_is_found_by_the_editor(changes):
    assert wrong(source()) == []
    assert wrong(source(**changes))
