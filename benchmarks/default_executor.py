"""The code location with Dagster's own executor, a process a step: for the row `backfill`.

Run as `dagster job execute -m benchmarks.default_executor -j pipeline`, with the tags of a partition.
"""

import dagster as dg

from realestate_assets.checks.registry import all_checks
from realestate_assets.definitions import build_resources
from realestate_assets.groups import grouped_assets
from realestate_assets.jobs import JOBS
from realestate_assets.settings import get_settings

defs = dg.Definitions(
    assets=list(grouped_assets()),
    asset_checks=all_checks(),
    jobs=JOBS,
    resources=build_resources(get_settings()),
    executor=dg.multiprocess_executor,
)
