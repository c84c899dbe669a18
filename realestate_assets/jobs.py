"""Jobs: named selections of the graph that a person, a schedule or the command line starts."""

import dagster as dg

# Made when asked for, each by a job of its own.
BY_ITSELF = ("dbt_docs", "tuning_study")

# Everything that is partitioned by county and month, with its checks; the main job.
pipeline = dg.define_asset_job(
    "pipeline",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(*BY_ITSELF),
    description="Listings to memos, marts and deal boards for the chosen counties and months.",
)

dbt_docs_job = dg.define_asset_job(
    "publish_dbt_docs",
    selection=dg.AssetSelection.assets("dbt_docs"),
    description="Build the dbt docs page and put it into the lake.",
)

tuning_job = dg.define_asset_job(
    "tuning",
    selection=dg.AssetSelection.assets("tuning_study"),
    description="Try parameters of the valuation on rolling months; its result is a proposal, recorded.",
)

JOBS = (pipeline, dbt_docs_job, tuning_job)
