"""The checks of providers on a real Postgres, each with data that must fail it."""

from types import SimpleNamespace

import dagster as dg
import pandas as pd
import pytest

from realestate_assets.checks.providers import (
    budgets_suffice,
    ledger_equals_the_calls_made,
    ledger_faults,
    no_simulated_value_is_near_a_real_property,
    providers_succeed,
)
from realestate_assets.checks.statistics import enrichment_groups_are_filled
from realestate_assets.domain.tables import (
    ENRICHMENT_FACTS,
    ENRICHMENT_FIELDS,
    ENRICHMENT_GROUPS,
    ENRICHMENTS,
    PROPERTIES,
)
from resources.ops_tables import PROVIDER_TABLES
from tests.integration.checks.test_checks_fail import KEY, PARTITION, rows

pytestmark = pytest.mark.integration

RUN = "run-1"


def evaluate(check: dg.AssetChecksDefinition, warehouse) -> dg.AssetCheckResult:
    context = SimpleNamespace(has_partition_key=True, partition_keys=[KEY], run=SimpleNamespace(run_id=RUN))
    return check.node_def.compute_fn.decorated_fn(context, warehouse=warehouse)


def write_facts(warehouse, *facts: dict) -> None:
    plain = {"provider": "attom", "field": "owner_name", "value": "x", "is_used": True, "cost_usd": 0.0}
    frames = [rows(ENRICHMENT_FACTS, **plain, property_id=f"p{i}") for i in range(len(facts))]
    for frame, fact in zip(frames, facts, strict=True):
        for name, value in fact.items():
            frame[name] = value
    warehouse.ensure_tables([ENRICHMENT_FACTS, PROPERTIES])
    warehouse.replace_partitions(ENRICHMENT_FACTS, pd.concat(frames), [PARTITION])


def failed(reason: str) -> dict:
    return {"value": None, "is_used": False, "reason_code": reason}


def call(warehouse, state: str = "settled", cost_micro_usd: int = 80_000, **changes: object) -> None:
    """One row of the ledger."""
    warehouse.ensure_tables(PROVIDER_TABLES)
    row = {"county": PARTITION[0], "provider": "attom", "run_id": RUN, **changes}
    warehouse.execute(
        "insert into ops.provider_calls (call_id, called_at, api, provider, county, run_id, endpoint, "
        "request_key, attempt, state, cost_micro_usd, cached, sent, owner) "
        "select gen_random_uuid()::text, now(), 'attom', $1, $2, $3, 'x', 'k', 1, $4, $5::bigint, false, "
        "true, 'me'",
        (row["provider"], row["county"], row["run_id"], state, str(cost_micro_usd)),
    )


def test_a_provider_that_fails_for_more_than_a_fifth_is_named_with_its_county(warehouse):
    write_facts(warehouse, *[{}] * 4, failed("PROVIDER_FAILED"))
    assert evaluate(providers_succeed, warehouse).passed
    write_facts(warehouse, *[{}] * 3, failed("PROVIDER_FAILED"), failed("KEY_REFUSED"))
    result = evaluate(providers_succeed, warehouse)
    assert not result.passed and result.severity == dg.AssetCheckSeverity.WARN
    (offender,) = result.metadata["offenders"].value
    assert (offender["county"], offender["provider"], offender["success"]) == ("king-wa", "attom", 0.6)


def test_an_answer_that_knows_nothing_is_no_failure(warehouse):
    write_facts(warehouse, *[failed("NO_MATCH")] * 5)
    assert evaluate(providers_succeed, warehouse).passed


def test_a_made_up_value_beside_a_real_property_blocks(warehouse):
    write_facts(warehouse, {"simulated": True, "provider": "simulated"})
    warehouse.replace_partitions(PROPERTIES, rows(PROPERTIES, is_simulated=True), [PARTITION])
    assert evaluate(no_simulated_value_is_near_a_real_property, warehouse).passed
    warehouse.replace_partitions(PROPERTIES, rows(PROPERTIES), [PARTITION])
    result = evaluate(no_simulated_value_is_near_a_real_property, warehouse)
    assert not result.passed and result.metadata["simulated_facts"].value == 1
    (spec,) = no_simulated_value_is_near_a_real_property.check_specs
    assert spec.blocking


def test_a_spent_budget_is_reported_with_what_was_left_unasked(warehouse):
    write_facts(warehouse, {}, failed("NO_MATCH"))
    assert evaluate(budgets_suffice, warehouse).passed
    write_facts(warehouse, {}, failed("BUDGET_SPENT"), failed("BUDGET_SPENT"))
    result = evaluate(budgets_suffice, warehouse)
    assert not result.passed
    assert result.metadata["closed"].value == [
        {"county": "king-wa", "provider": "attom", "properties": 2, "facts": 2}
    ]


def test_facts_that_cost_what_the_ledger_paid_pass_and_other_runs_do_not_matter(warehouse):
    call(warehouse)
    call(warehouse, run_id="another")
    call(warehouse, state="lost")
    write_facts(
        warehouse, {"cost_usd": 0.05}, {"cost_usd": 0.03}, {"cost_usd": 0.08, **failed("CALL_UNSETTLED")}
    )
    result = evaluate(ledger_equals_the_calls_made, warehouse)
    assert result.passed
    assert result.metadata["lost_usd"].value == pytest.approx(0.08)


@pytest.mark.parametrize(
    ("cost", "severity", "words"),
    [
        (0.16, dg.AssetCheckSeverity.ERROR, "facts cost more"),
        (0.01, dg.AssetCheckSeverity.WARN, "no fact carries"),
    ],
)
def test_a_ledger_that_tells_otherwise_fails(warehouse, cost, severity, words):
    call(warehouse)
    write_facts(warehouse, {"cost_usd": cost})
    result = evaluate(ledger_equals_the_calls_made, warehouse)
    assert not result.passed and result.severity == severity
    assert words in result.metadata["faults"].value[0]["fault"]


def test_a_call_left_open_fails(warehouse):
    call(warehouse, cost_micro_usd=0)
    call(warehouse, state="reserved", cost_micro_usd=0)
    write_facts(warehouse, {})
    (fault,) = evaluate(ledger_equals_the_calls_made, warehouse).metadata["faults"].value
    assert (fault["fault"], fault["open_calls"]) == ("calls are still open", 1)


def test_a_run_without_calls_has_nothing_to_compare(warehouse):
    write_facts(warehouse, {"cost_usd": 0.08})
    result = evaluate(ledger_equals_the_calls_made, warehouse)
    assert result.passed and result.metadata["providers_compared"].value == 0


def test_a_rounding_of_millionths_is_no_fault():
    compared = pd.DataFrame(
        {
            "calls": [3],
            "open_calls": [0],
            "facts_usd": [0.2399999999],
            "paid_usd": [0.24],
            "lost_usd": [0.0],
        }
    )
    assert ledger_faults(compared).empty


def test_an_empty_group_is_named_only_where_somebody_was_asked(warehouse):
    plain = {"text": "x", "boolean": True, "date": pd.Timestamp("2010-01-01").date()}
    filled = {column.name: plain.get(column.kind, column.minimum or 40) for column in ENRICHMENT_FIELDS}
    empty = {column.name: None for group in ("owner", "parcel") for column in ENRICHMENT_GROUPS[group]}
    warehouse.ensure_tables([ENRICHMENTS])
    frame = rows(ENRICHMENTS, **(filled | empty))
    write_facts(warehouse, failed("NO_MATCH"))
    warehouse.replace_partitions(PROPERTIES, rows(PROPERTIES), [PARTITION])
    warehouse.replace_partitions(ENRICHMENTS, frame, [PARTITION])
    result = evaluate(enrichment_groups_are_filled, warehouse)
    assert not result.passed
    assert result.metadata["offenders"].value == {"king-wa": {"owner": 0.0}}
    assert "parcel" in result.metadata["nobody_asked"].value["king-wa"]
