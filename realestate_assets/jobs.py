"""Jobs: named selections of the graph that a person, a schedule or the command line starts."""

import dagster as dg

from realestate_assets.housekeeping import housekeeping

# Everything that is partitioned by county and month, with its checks; the main job.
pipeline = dg.define_asset_job(
    "pipeline",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets("dbt_docs"),
    description="Listings to memos, marts and deal boards for the chosen counties and months.",
)

dbt_docs_job = dg.define_asset_job(
    "publish_dbt_docs",
    selection=dg.AssetSelection.assets("dbt_docs"),
    description="Build the dbt docs page and put it into the lake.",
)

JOBS = (pipeline, dbt_docs_job, housekeeping)
