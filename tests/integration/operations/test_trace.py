"""The trace of a property: every figure with its origin, and its events in order."""

import io

import pandas as pd
import pytest
from rich.console import Console

from realestate_assets.cli.trace import print_trace
from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.tables.events import EVENT_SQL
from realestate_assets.domain.tables.ops import OPS_TABLES
from realestate_assets.operations.trace import trace
from resources.errors import PermanentError
from resources.warehouse.journal import Note
from tests.integration.checks.test_checks_fail import PARTITION, rows

pytestmark = pytest.mark.integration


@pytest.fixture
def told(warehouse):
    """Two homes with record, one enriched field, score and memo, and their events."""
    warehouse.ensure_tables([*TABLES.values(), *OPS_TABLES.values()])
    file = {"source": "listings", "source_file": "a.csv"}
    record = {**file, "source_row": 1, "bedrooms": 3.0}
    facts = rows(TABLES["enrichment_facts"], 3).assign(
        property_id=["p0", "p0", "p1"],
        field=["assessed_value_usd", "zip_median_income_usd", "assessed_value_usd"],
        provider=["county_roll", "nobody", "county_roll"],
        value=["512000", None, "1"],
        is_used=[True, False, True],
        retrieved_at=pd.Timestamp("2026-01-02", tz="UTC"),
        source_url="https://roll.example",
    )
    written = {
        "properties": rows(TABLES["properties"], 2, **record),
        "source_files": rows(TABLES["source_files"], 1, **file, file_sha256="abcdef0123456789"),
        "enrichment_facts": facts,
        "enrichments": rows(TABLES["enrichments"], 2),
        "scores": rows(TABLES["scores"], 2, bird_dog_score=71.5, model_id="m1", config_version="c1"),
        "memos": rows(TABLES["memos"], 1, pdf_path="memos/p0.pdf"),
    }
    for name, frame in written.items():
        note = Note(EVENT_SQL[name], f"run of {name}") if name in EVENT_SQL else None
        warehouse.replace_partitions(TABLES[name], frame, [PARTITION], note)
    return warehouse


def test_every_figure_says_where_it_comes_from(told):
    found = trace(told, "p0")
    by_name = {row["field"]: row for row in found["fields"]}
    assert by_name["bedrooms"]["origin"] == "listings: a.csv row 1"
    assert by_name["bedrooms"]["detail"] == "sha256 abcdef012345"
    assert by_name["assessed_value_usd"]["value"] == "512000"
    assert by_name["assessed_value_usd"]["origin"] == "county_roll"
    assert "https://roll.example, retrieved 2026-01-02" in by_name["assessed_value_usd"]["detail"]
    assert by_name["bird_dog_score"]["detail"] == "model m1, settings c1"
    assert "zip_median_income_usd" not in by_name, "a value nobody uses has no place among the figures"


def test_what_happened_is_told_in_order_and_of_this_property_alone(told):
    found = trace(told, "p0")
    assert [event["event_type"] for event in found["events"]] == [
        "property.discovered",
        "property.enriched",
        "property.scored",
        "memo.generated",
    ]
    assert [event["correlation_id"] for event in found["events"]][2] == "run of scores"
    assert [event["event_type"] for event in trace(told, "p1")["events"]][-1] == "property.scored"


def test_a_month_narrows_it_and_what_is_not_there_is_an_error(told):
    assert trace(told, "p0", "2015-03")["events"]
    with pytest.raises(PermanentError, match="no property p0 in 2015-04"):
        trace(told, "p0", "2015-04")
    with pytest.raises(PermanentError, match="no property"):
        trace(told, "x' or true --")


def test_the_print_holds_figures_memo_and_events(told):
    console = Console(width=150, record=True, file=io.StringIO())
    found = trace(told, "p0")
    found["memos"][0]["pdf_at"] = "/lake/memos/p0.pdf"
    print_trace(found, console)
    text = console.export_text()
    for part in ("assessed_value_usd", "512000", "/lake/memos/p0.pdf", "property.scored", "a.csv row 1"):
        assert part in text
