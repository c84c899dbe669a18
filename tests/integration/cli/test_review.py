"""Reviews on the command line: listed from a real warehouse, cleared into reviews.yaml."""

import json
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from typer.testing import CliRunner

from realestate_assets.cli import review as review_cli
from realestate_assets.cli.app import app
from realestate_assets.domain.scoring.clearances import FEW_CLOSE_COMPARABLES, Clearance, read_clearances
from realestate_assets.domain.tables import PROPERTIES, SCORES
from realestate_assets.operations.reviews import clear
from realestate_assets.settings import get_settings
from resources.partition import Partition
from tests.unit.domain.memo.memo_records import property_row, score_row

pytestmark = pytest.mark.integration

MARCH, APRIL = Partition("king-wa", "2015-03"), Partition("king-wa", "2015-04")
REASON = {
    "code": FEW_CLOSE_COMPARABLES,
    "text": "1 comparable sale within adjustments of 25%.",
    "cleared": None,
}
CLEARED = REASON | {"cleared": {"by": "R. Lee", "when": "2015-04-01", "why": "Seen on site"}}


def held(reason: dict, month: str, property_id: str, score: float) -> dict:
    row = score_row(
        bird_dog_score=score, review_reasons=json.dumps([reason]), needs_review=not reason["cleared"]
    )
    return {**dict.fromkeys(SCORES.column_names), **row, "month": month, "property_id": property_id}


@pytest.fixture
def filled(warehouse, tmp_path, monkeypatch):
    """Two homes of the same doubt, one of them cleared in March; and one too poor to be looked into."""
    rows = [
        held(REASON, "2015-03", "p1", 70.0),
        held(CLEARED, "2015-03", "p2", 80.0),
        held(REASON, "2015-03", "p3", 20.0),
        held(REASON, "2015-04", "p1", 60.0),
    ]
    home = {**dict.fromkeys(PROPERTIES.column_names), **property_row(street="12 ELM ST")}
    home |= {"source_file": "f.csv", "is_list_price_assumed": False}
    home |= {"county": "king-wa", "month": "2015-03", "property_id": "p1"}
    warehouse.ensure_tables([SCORES, PROPERTIES])
    warehouse.replace_partitions(SCORES, pd.DataFrame(rows)[SCORES.column_names], [MARCH, APRIL])
    warehouse.replace_partitions(PROPERTIES, pd.DataFrame([home])[PROPERTIES.column_names], [MARCH])
    monkeypatch.setattr(review_cli, "_warehouse", lambda: warehouse)
    monkeypatch.setenv("COUNTY_CONFIG_DIR", str(tmp_path))
    get_settings.cache_clear()
    yield tmp_path / "reviews.yaml"
    get_settings.cache_clear()


def invoke(*arguments: str):
    return CliRunner().invoke(app, ["review", *arguments])


def test_what_waits_for_a_person_is_listed_best_first_with_what_was_cleared(filled):
    found = json.loads(invoke("list", "--json").stdout)
    assert [(row["property_id"], row["month"]) for row in found] == [
        ("p2", "2015-03"), ("p1", "2015-03"), ("p1", "2015-04")
    ]  # fmt: skip
    assert [row["needs_review"] for row in found] == [False, True, True]
    april = json.loads(invoke("list", "--json", "--county", "king-wa", "--months", "2015-04").stdout)
    assert [row["property_id"] for row in april] == ["p1"]
    printed = invoke("list").stdout
    for words in ("2 scores to be reviewed", "12 ELM ST", FEW_CLOSE_COMPARABLES, "Cleared by R. Lee"):
        assert words in printed


def test_a_cleared_reason_is_written_down_and_the_next_command_is_told(filled):
    result = invoke("clear", "p1", "--reason", FEW_CLOSE_COMPARABLES, "--why", "Seen", "--by", "R. Lee")
    assert result.exit_code == 0, result.output
    assert result.stdout == "realestate run --county king-wa --months 2015-03:2015-04 --select 'scores+'\n"
    (entry,) = read_clearances(filled).clearances
    assert (entry.property_id, entry.reason, entry.by, entry.why) == (
        "p1",
        FEW_CLOSE_COMPARABLES,
        "R. Lee",
        "Seen",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["p1", "--reason", "FACTS_AFTER_SALE", "--why", "a", "--by", "b"],
            "It holds FEW_CLOSE_COMPARABLES.",
        ),
        (["p9", "--reason", "FACTS_AFTER_SALE", "--why", "a", "--by", "b"], "review list"),
        (["p1", "--reason", "NONE_SUCH", "--why", "a", "--by", "b"], "there is no reason NONE_SUCH"),
        (["p1", "--reason", FEW_CLOSE_COMPARABLES, "--why", " ", "--by", "b"], "--why"),
    ],
)
def test_what_cannot_be_cleared_is_refused_and_nothing_is_written(filled, arguments, said):
    result = invoke("clear", *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert not filled.exists()


def test_two_who_clear_at_once_are_both_written_down(filled, warehouse):
    def cleared_by(name: str) -> None:
        entry = {"property_id": "p1", "reason": FEW_CLOSE_COMPARABLES, "when": "2015-04-02", "why": "Seen"}
        clear(warehouse, filled, Clearance.model_validate(entry | {"by": name}))

    names = [f"Person {number}" for number in range(12)]
    with ThreadPoolExecutor(len(names)) as people:
        list(people.map(cleared_by, names))
    assert sorted(each.by for each in read_clearances(filled).clearances) == sorted(names)
