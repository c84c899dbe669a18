"""Checks of what the providers did: success, budgets, the ledger, and nothing made up near real homes.

The run's own calls are looked at: a check that runs alone finds none of them in the ledger and says so.
"""

import dagster as dg
import pandas as pd

from realestate_assets.checks.declare import quality_check
from realestate_assets.checks.rules import MAX_OFFENDERS
from realestate_assets.checks.scope import is_of_a_run, partitions_of
from resources.errors import PermanentError
from resources.http.api import Failure
from resources.ops_tables import PROVIDER_TABLES
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.readable import blamed, shown
from resources.warehouse.resource import WarehouseResource

MIN_SUCCESS = 0.80
# Reasons that mean the provider did not do what it was asked; NO_MATCH and the like are answers. A missing
# reference file is no failure: the file is the user's to supply.
FAILURES = tuple(failure.value for failure in Failure)
# The ledger counts in millionths of a dollar, the facts in floats of them.
CENT_FRACTION = 0.000001

SUCCESS_SQL = f"""
select
    county, provider, count(*) as asked,
    count(*) filter (where reason_code in ({", ".join(f"'{code}'" for code in FAILURES)})) as failed,
    min(reason_code) filter (where reason_code in ({", ".join(f"'{code}'" for code in FAILURES)})) as example
from raw.enrichment_facts
where {IN_PARTITIONS} and provider <> 'none'
group by county, provider
order by county, provider
"""

SIMULATED_SQL = f"""
select f.county, f.month, f.property_id, f.field, f.provider
from raw.enrichment_facts as f
join raw.properties as p using (county, month, property_id)
where {IN_PARTITIONS} and f.simulated and not p.is_simulated
order by 1, 2, 3, 4, 5
"""

SPENT_SQL = f"""
select county, provider, count(distinct property_id) as properties, count(*) as facts
from raw.enrichment_facts
where {IN_PARTITIONS} and reason_code = 'BUDGET_SPENT'
group by county, provider
order by county, provider
"""

# What the run paid, as the ledger has it and as the facts have it: answers and lost calls, which may have
# been billed. A provider without calls in this run has nothing to compare.
LEDGER_SQL = f"""
with facts as (
    select county, provider, sum(cost_usd) as facts_usd
    from raw.enrichment_facts
    where {IN_PARTITIONS} and provider <> 'none'
    group by county, provider
),
calls as (
    select
        county, provider, count(*) filter (where sent) as calls,
        count(*) filter (where state = 'reserved') as open_calls,
        (sum(cost_micro_usd) filter (where state <> 'reserved'))::float8 / 1000000 as paid_usd,
        (sum(cost_micro_usd) filter (where state = 'lost'))::float8 / 1000000 as lost_usd
    from ops.provider_calls
    where run_id = $2
    group by county, provider
)
select
    county, provider, calls, open_calls, facts_usd,
    coalesce(paid_usd, 0)::float8 as paid_usd, coalesce(lost_usd, 0)::float8 as lost_usd
from facts
join calls using (county, provider)
order by county, provider
"""


def _read(warehouse: WarehouseResource, asked: list[Partition], sql: str, *more: str) -> pd.DataFrame:
    return warehouse.read(sql, (partitions_json(asked), *more)).to_pandas()


def _first(frame: pd.DataFrame) -> list[dict]:
    return frame.head(MAX_OFFENDERS).to_dict("records")


@quality_check(
    asset="enrichment_facts",
    description="Each provider did in each county what it was asked for at least four facts of five.",
)
def providers_succeed(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Success rate per county and provider; the first failure's code beside it."""
    rates = _read(warehouse, partitions_of(context), SUCCESS_SQL)
    rates["success"] = (1 - rates["failed"] / rates["asked"]).round(4)
    low = rates[rates["success"] < MIN_SUCCESS]
    return dg.AssetCheckResult(
        passed=low.empty,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "threshold": MIN_SUCCESS,
            **shown("offenders", _first(low)),
            **shown("rates", _first(rates)),
        },
    )


@quality_check(
    asset="enrichments",
    blocking=True,
    additional_deps=["enrichment_facts", "properties"],
    description="No made-up value stands beside a property that is real.",
)
def no_simulated_value_is_near_a_real_property(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """The share of simulated facts among those of real properties is 0."""
    stray = _read(warehouse, partitions_of(context), SIMULATED_SQL)
    return dg.AssetCheckResult(
        passed=stray.empty,
        metadata={
            "simulated_facts": len(stray),
            **shown("examples", _first(stray)),
            **blamed(Partition.of(row).key for row in stray.to_dict("records")),
        },
    )


@quality_check(asset="enrichment_facts", description="No provider was closed because its budget was spent.")
def budgets_suffice(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Providers whose budget ended before the properties did, with the properties left unasked."""
    spent = _read(warehouse, partitions_of(context), SPENT_SQL)
    return dg.AssetCheckResult(
        passed=spent.empty, severity=dg.AssetCheckSeverity.WARN, metadata=shown("closed", _first(spent))
    )


def ledger_faults(compared: pd.DataFrame) -> pd.DataFrame:
    """Providers whose facts and ledger do not tell the same, with the `fault` in words.

    Args:
        compared: county, provider, calls, open_calls, facts_usd, paid_usd of one run.
    """
    difference = compared["facts_usd"] - compared["paid_usd"]
    tolerance = CENT_FRACTION * (1 + compared["calls"])
    faults = pd.Series(None, compared.index, dtype=object)
    faults[difference < -tolerance] = "the ledger paid for calls that no fact carries"
    faults[difference > tolerance] = "facts cost more than the ledger paid"
    faults[compared["open_calls"] > 0] = "calls are still open"
    return compared.assign(fault=faults)[faults.notna()]


@quality_check(
    asset="enrichment_facts",
    description="What the run's facts cost is what the ledger paid for the run, and no call is left open.",
)
def ledger_equals_the_calls_made(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Cost of facts and ledger per county and provider.

    A step that was tried again in the same run finds its paid answers in the cache: the ledger then has paid
    more than the facts say, which is worth a look and no more.
    """
    if not is_of_a_run(context):
        raise PermanentError(
            "The ledger is compared with the facts of the run that made them, and this run made none.",
            remedy="Materialize enrichment_facts for the months in question: the check runs along.",
        )
    warehouse.ensure_tables(PROVIDER_TABLES)
    compared = _read(warehouse, partitions_of(context), LEDGER_SQL, context.run.run_id)
    faults = ledger_faults(compared)
    overdrawn = (faults["fault"] == "facts cost more than the ledger paid").any()
    return dg.AssetCheckResult(
        passed=faults.empty,
        severity=dg.AssetCheckSeverity.ERROR if overdrawn else dg.AssetCheckSeverity.WARN,
        metadata={
            "providers_compared": len(compared),
            "calls": int(compared["calls"].sum()),
            "lost_usd": float(compared["lost_usd"].sum()),
            **shown("faults", _first(faults)),
        },
    )


def provider_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of this module."""
    return [
        providers_succeed,
        no_simulated_value_is_near_a_real_property,
        budgets_suffice,
        ledger_equals_the_calls_made,
    ]
