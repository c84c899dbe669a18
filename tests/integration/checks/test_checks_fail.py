"""Each check on a real Postgres with data that must fail it: a check that cannot fail checks nothing."""

import datetime
import hashlib
from types import SimpleNamespace

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from realestate_assets.checks.counts import received_rows_add_up, unmatched_properties
from realestate_assets.checks.rules import broken_rules, column_rules, layout_faults
from realestate_assets.checks.valuation import (
    contributions_add_up_to_the_value,
    files_that_differ,
    values_and_scores_are_consistent,
)
from realestate_assets.domain.tables import (
    PROPERTIES,
    PROPERTY_REJECTS,
    SCORES,
    SOURCE_FILES,
    TABLES,
    VALUE_CONTRIBUTIONS,
)
from resources.lake.files import partition_file
from resources.partition import Partition
from resources.warehouse.table_spec import Column, TableSpec

pytestmark = pytest.mark.integration

PARTITION = Partition("king-wa", "2015-03")
KEY = "king-wa|2015-03"


def rows(spec: TableSpec, count: int = 1, **values: object) -> pd.DataFrame:
    """Rows that fit a spec: the least a not-null column may hold, null elsewhere, `values` on top."""
    plain = {"text": "x", "json": "{}", "integer": 1, "float": 1.0, "boolean": False}
    plain |= {"date": datetime.date(2015, 3, 5)}
    columns = {}
    for column in spec.columns:
        value = None
        if not column.nullable:
            value = column.allowed[0] if column.allowed else plain[column.kind]
            if column.kind == "float" and column.minimum is not None:
                value = max(value, float(column.minimum))
        columns[column.name] = pd.Series([value] * count, dtype=object)
    frame = pd.DataFrame(columns, index=range(count))
    frame["county"], frame["month"] = PARTITION
    if "property_id" in frame:
        frame["property_id"] = [f"p{i}" for i in range(count)]
    for name, value in values.items():
        frame[name] = value
    return frame


def unguarded(warehouse, spec: TableSpec, frame: pd.DataFrame) -> None:
    """Write rows past the table's own constraints: only the check stands between them and a reader."""
    warehouse.ensure_tables([spec])
    alter = f"alter table {spec.schema}.{spec.name}"
    warehouse.execute(f"{alter} drop constraint if exists {spec.name}_pkey")
    for column in spec.columns:
        if not column.nullable:
            warehouse.execute(f"{alter} alter column {column.name} drop not null")
    schema = pa.schema([pa.field(column.name, column.arrow_type) for column in spec.columns])
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    with warehouse.connect() as connection, connection.cursor() as cursor:
        cursor.adbc_ingest(spec.name, table, mode="append", db_schema_name=spec.schema)


def evaluate(check: dg.AssetChecksDefinition, **resources: object) -> dg.AssetCheckResult:
    """Run a check's own function for one partition; Dagster's test context for checks has no partition."""
    return check.node_def.compute_fn.decorated_fn(
        SimpleNamespace(has_partition_key=True, partition_keys=[KEY]), **resources
    )


@pytest.mark.parametrize("spec", TABLES.values(), ids=list(TABLES))
def test_rows_that_fit_their_spec_break_no_rule(warehouse, spec):
    warehouse.ensure_tables([spec])
    warehouse.replace_partitions(spec, rows(spec), [PARTITION])
    assert layout_faults(warehouse, spec) == []
    assert broken_rules(warehouse, spec, [PARTITION]) == (1, [])


def breaking_value(column: Column, rule: str) -> object:
    if "never null" in rule:
        return None
    if "finite" in rule:
        return float("inf")
    if "at least" in rule:
        return column.minimum - 1
    if "at most" in rule:
        return column.maximum + 1
    return "no such code"


CASES = [
    (spec, column, rule.name)
    for spec in TABLES.values()
    for column in spec.columns
    for rule in column_rules(column)
    if column.name not in ("county", "month") and "finite" not in rule.name
]


@pytest.mark.parametrize("spec", TABLES.values(), ids=list(TABLES))
def test_every_rule_of_every_table_fails_on_a_row_that_breaks_it(warehouse, spec):
    """One row a rule, all written at once; each rule must name at least the row made for it."""
    cases = [(column, name) for owner, column, name in CASES if owner is spec]
    frame = rows(spec, count=len(cases))
    for position, (column, name) in enumerate(cases):
        frame.loc[position, column.name] = breaking_value(column, name)
    unguarded(warehouse, spec, frame)
    _, violations = broken_rules(warehouse, spec, [PARTITION])
    broken = {violation.rule for violation in violations}
    assert {name for _, name in cases} <= broken


def test_an_infinite_price_is_found(warehouse):
    unguarded(warehouse, PROPERTIES, rows(PROPERTIES, list_price_usd=float("inf")))
    _, violations = broken_rules(warehouse, PROPERTIES, [PARTITION])
    assert "list_price_usd is a finite number" in {v.rule for v in violations}


def test_a_repeated_key_is_found_with_its_key(warehouse):
    unguarded(warehouse, PROPERTIES, rows(PROPERTIES, count=2, property_id="same"))
    _, violations = broken_rules(warehouse, PROPERTIES, [PARTITION])
    (repeated,) = [v for v in violations if v.rule.endswith("is unique")]
    assert repeated.examples[0]["property_id"] == "same"


def test_faults_of_other_partitions_are_not_this_runs_business(warehouse):
    unguarded(warehouse, PROPERTIES, rows(PROPERTIES, bedrooms=33.0))
    assert broken_rules(warehouse, PROPERTIES, [Partition("king-wa", "2015-04")]) == (0, [])


def test_a_column_of_another_type_is_a_layout_fault(warehouse):
    warehouse.ensure_tables([PROPERTIES])
    warehouse.execute("alter table raw.properties alter column bedrooms type text")
    assert layout_faults(warehouse, PROPERTIES) == ["bedrooms is text, not double precision"]


def land(lake, count: int) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": [str(i) for i in range(count)], "_source": ["x"] * count}), sink)
    lake.write_bytes(partition_file("raw_listings", PARTITION), sink.getvalue().to_pybytes())


def test_a_row_lost_between_lake_and_warehouse_fails_the_count(warehouse, lake):
    warehouse.ensure_tables([PROPERTIES, PROPERTY_REJECTS, SOURCE_FILES])
    sent = {"rows_received": 3, "file_rows": 5, "rows_of_other_months": 1, "rows_undated": 1}
    warehouse.replace_partitions(SOURCE_FILES, rows(SOURCE_FILES, **sent), [PARTITION])
    warehouse.replace_partitions(PROPERTY_REJECTS, rows(PROPERTY_REJECTS), [PARTITION])
    land(lake, 3)
    warehouse.replace_partitions(PROPERTIES, rows(PROPERTIES, count=2), [PARTITION])
    assert evaluate(received_rows_add_up, warehouse=warehouse, lake=lake).passed
    warehouse.replace_partitions(PROPERTIES, rows(PROPERTIES, count=1), [PARTITION])
    assert not evaluate(received_rows_add_up, warehouse=warehouse, lake=lake).passed


def test_a_row_that_was_sent_and_lies_in_no_month_fails_the_count(warehouse, lake):
    warehouse.ensure_tables([PROPERTIES, PROPERTY_REJECTS, SOURCE_FILES])
    warehouse.replace_partitions(PROPERTIES, rows(PROPERTIES, count=3), [PARTITION])
    warehouse.replace_partitions(PROPERTY_REJECTS, rows(PROPERTY_REJECTS).head(0), [PARTITION])
    land(lake, 3)
    for elsewhere, passed in ((2, True), (1, False)):
        sent = {"rows_received": 3, "file_rows": 5, "rows_of_other_months": elsewhere, "rows_undated": 0}
        warehouse.replace_partitions(SOURCE_FILES, rows(SOURCE_FILES, **sent), [PARTITION])
        result = evaluate(received_rows_add_up, warehouse=warehouse, lake=lake)
        assert result.passed is passed, result.metadata


def test_a_property_without_its_row_and_a_row_without_its_property_are_named(warehouse):
    warehouse.ensure_tables([PROPERTIES, SCORES])
    warehouse.replace_partitions(PROPERTIES, rows(PROPERTIES, count=2), [PARTITION])
    warehouse.replace_partitions(SCORES, rows(SCORES, property_id="p1"), [PARTITION])
    assert [f["fault"] for f in unmatched_properties(warehouse, "raw.scores", [PARTITION])] == ["missing"]
    warehouse.replace_partitions(
        SCORES, pd.concat([rows(SCORES, property_id=p) for p in ("p0", "p1", "p9")]), [PARTITION]
    )
    assert [f["property_id"] for f in unmatched_properties(warehouse, "raw.scores", [PARTITION])] == ["p9"]


@pytest.mark.parametrize(
    "fault",
    [
        {"market_value_p10_usd": 300.0, "market_value_p50_usd": 200.0, "market_value_p90_usd": 400.0},
        {"market_value_p50_usd": None},
        {"value_status": "INSUFFICIENT_SALES"},
        {"value_status": "INSUFFICIENT_SALES", "market_value_p10_usd": None, "market_value_p50_usd": None,
         "market_value_p90_usd": None, "bird_dog_score": 70.0},
    ],
)  # fmt: skip
def test_values_and_scores_that_contradict_each_other_block(warehouse, fault):
    fine = {"market_value_p10_usd": 90.0, "market_value_p50_usd": 100.0, "market_value_p90_usd": 110.0,
            "value_status": "valued", "bird_dog_score": 60.0}  # fmt: skip
    warehouse.ensure_tables([SCORES])
    warehouse.replace_partitions(SCORES, rows(SCORES, **fine), [PARTITION])
    assert evaluate(values_and_scores_are_consistent, warehouse=warehouse).passed
    warehouse.replace_partitions(SCORES, rows(SCORES, **(fine | fault)), [PARTITION])
    assert not evaluate(values_and_scores_are_consistent, warehouse=warehouse).passed


def test_a_memo_that_is_gone_or_changed_is_found(lake):
    digest = hashlib.sha256(b"memo").hexdigest()
    lake.write_bytes("memos/a.pdf", b"memo")
    lake.write_bytes("memos/a.html", b"changed")
    manifest = [
        {"pdf_path": "memos/a.pdf", "pdf_sha256": digest, "html_path": "memos/a.html", "html_sha256": digest},
        {"pdf_path": "memos/b.pdf", "pdf_sha256": digest, "html_path": "memos/a.pdf", "html_sha256": digest},
    ]
    assert files_that_differ(lake, manifest) == [
        {"path": "memos/a.html", "fault": "differs"},
        {"path": "memos/b.pdf", "fault": "missing"},
    ]


@pytest.mark.parametrize(
    "fault",
    [
        {"contribution_usd": [400.0, 90.0, 9.98]},
        {"contribution_usd": [400.0, 90.0, float("nan")]},
        {"kind": ["base", "feature", "feature"]},
        {"kind": ["base", "base", "other"]},
        {"model_id": "another"},
    ],
    ids=["two cents short", "no number", "no rest", "two bases", "another model's"],
)
def test_contributions_that_are_not_those_of_the_value_block(warehouse, fault):
    fine = {"contribution_usd": [400.0, 90.0, 10.0], "kind": ["base", "feature", "other"]}
    fine |= {"contribution_rank": [0, 1, 2], "property_id": "p0", "model_id": "m"}
    warehouse.ensure_tables([SCORES, VALUE_CONTRIBUTIONS])
    scores = rows(SCORES, market_value_p50_usd=500.0, value_status="valued", model_id="m")
    warehouse.replace_partitions(SCORES, scores, [PARTITION])
    unguarded(warehouse, VALUE_CONTRIBUTIONS, rows(VALUE_CONTRIBUTIONS, 3, **fine))
    assert evaluate(contributions_add_up_to_the_value, warehouse=warehouse).passed
    warehouse.execute("drop table raw.value_contributions")
    unguarded(warehouse, VALUE_CONTRIBUTIONS, rows(VALUE_CONTRIBUTIONS, 3, **(fine | fault)))
    assert not evaluate(contributions_add_up_to_the_value, warehouse=warehouse).passed
