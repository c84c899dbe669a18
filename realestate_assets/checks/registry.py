"""Every asset check of the platform that is written in Python; dbt tests become checks by themselves."""

import dagster as dg

from realestate_assets.checks.counts import count_checks
from realestate_assets.checks.drift import drift_checks
from realestate_assets.checks.freshness import freshness_checks
from realestate_assets.checks.leakage import leakage_checks
from realestate_assets.checks.measures import measure_checks
from realestate_assets.checks.promotion import promotion_checks
from realestate_assets.checks.providers import provider_checks
from realestate_assets.checks.references import reference_checks
from realestate_assets.checks.schema import schema_checks
from realestate_assets.checks.statistics import statistical_checks
from realestate_assets.checks.valuation import valuation_checks


def all_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of every module of this package."""
    return [
        *schema_checks(),
        *count_checks(),
        *reference_checks(),
        *provider_checks(),
        *statistical_checks(),
        *valuation_checks(),
        *promotion_checks(),
        *drift_checks(),
        *leakage_checks(),
        *freshness_checks(),
        *measure_checks(),
    ]
