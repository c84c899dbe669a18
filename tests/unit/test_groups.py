"""The graph as its reader sees it: what each asset says when something goes wrong."""

import re

import pytest
from typer.main import get_command

from realestate_assets.cli.app import app
from realestate_assets.definitions import defs
from realestate_assets.groups import GROUPS

GRAPH = defs.resolve_asset_graph()
NODES = {key.path[-1]: GRAPH.get(key) for key in GRAPH.get_all_asset_keys()}
# The last point of a Python asset's page, the last paragraph of a dbt model's.
ON_FAILURE = re.compile(r"^(?:- )?\*\*If it fails:?\*\*:? (.+)\Z", re.M | re.S)
SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


def advice(name: str) -> str:
    found = ON_FAILURE.search(NODES[name].description)
    return " ".join(found.group(1).split()) if found else ""


@pytest.mark.parametrize("name", sorted(NODES))
def test_an_asset_says_in_one_to_three_sentences_what_to_do_when_it_fails(name):
    assert re.match(r"[A-Z`]", advice(name))
    assert advice(name).endswith(".")
    assert 1 <= len(SENTENCE_END.findall(advice(name))) <= 3


def test_no_two_assets_say_the_same():
    told = [advice(name) for name in NODES]
    assert len(set(told)) == len(told)


def test_every_command_that_is_advised_exists():
    commands = get_command(app).commands
    advised = re.findall(r"`realestate ([a-z]+)(?: ([a-z]+))?", " ".join(map(advice, NODES)))
    assert advised
    for command, further in advised:
        assert command in commands
        assert not further or further in commands[command].commands


def test_no_asset_needs_one_of_a_later_group():
    place = {group: position for position, group in enumerate(GROUPS)}
    backwards = [
        (name, parent.path[-1])
        for name, node in NODES.items()
        for parent in node.parent_keys
        if place[GRAPH.get(parent).group_name] > place[node.group_name]
    ]
    assert backwards == []
