"""Jobs: named selections of the graph that a person, a schedule, a sensor or the command line starts."""

from datetime import UTC, datetime

import dagster as dg

from realestate_assets.checks.freshness import FRESHNESS_CHECKS
from realestate_assets.landing.area import inspector
from realestate_assets.operations.housekeeping import housekeeping
from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource

# Made when asked for, each by a job of its own.
BY_ITSELF = ("dbt_docs", "tuning_study")
ASKED_FOR = dg.AssetSelection.assets(*BY_ITSELF)
# What is learned once a week; the other assets of the valuation use what was learned last.
TRAINING = dg.AssetSelection.assets(
    "valuation_models", "promoted_models", "model_promotions", "model_cards", "offer_models"
)
# The age of what a county delivers is about today: it belongs to runs that the day starts, not to those that
# a person asks for some months.
FRESHNESS = dg.AssetSelection.checks(*FRESHNESS_CHECKS)

# Queues of many machines: what learns wants memory, what asks providers waits for them. Without workers the
# tags say nothing.
HEAVY = {"dagster-celery/queue": "heavy"}
PROVIDERS = {"dagster-celery/queue": "providers"}

# Everything that is partitioned by county and month, with its checks; the main job.
pipeline = dg.define_asset_job(
    "pipeline",
    selection=dg.AssetSelection.all() - ASKED_FOR - FRESHNESS,
    description="Listings to memos, marts and deal boards for the chosen counties and months.",
)

discover = dg.define_asset_job(
    "discover",
    selection=dg.AssetSelection.groups("discovery", "enrichment"),
    tags=PROVIDERS,
    description="Fetch or read records, and enrich the properties.",
)

intake = dg.define_asset_job(
    "intake",
    selection=dg.AssetSelection.groups("discovery", "enrichment", "transform", "valuation") - ASKED_FOR,
    description="Landed files to scored properties; memos, search, marts and boards follow by themselves.",
)

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.groups("transform", "valuation", "search", "documents", "marts") - ASKED_FOR,
    description="Features, scores, embeddings, memos, marts and boards of what was discovered.",
)

train = dg.define_asset_job(
    "train",
    selection=TRAINING,
    tags=HEAVY,
    description="Train the month's valuation models and decide which are used.",
)

rescore = dg.define_asset_job(
    "rescore",
    # The comparables are adjusted by the rates of the model in use.
    selection=dg.AssetSelection.assets("comparables", "scores"),
    description="Score again, after another model was promoted; what follows scores follows by itself.",
)

dbt_docs_job = dg.define_asset_job(
    "publish_dbt_docs",
    selection=dg.AssetSelection.assets("dbt_docs"),
    description="Build the dbt docs page and put it into the lake.",
)

tuning_job = dg.define_asset_job(
    "tuning",
    selection=dg.AssetSelection.assets("tuning_study"),
    tags=HEAVY,
    description="Try parameters of the valuation on rolling months; its result is a proposal, recorded.",
)

check_freshness = dg.define_asset_job(
    "check_freshness",
    selection=FRESHNESS,
    description="How old the newest record of each county is.",
)


@dg.op(config_schema={"paths": [str]}, description="Read large landed files once and decide about them.")
def inspect_files(
    context: dg.OpExecutionContext, landing: StoreResource, warehouse: WarehouseResource
) -> None:
    """Decide about the files; what can be used is asked for by the landing sensor's next look."""
    deciding = inspector(landing, warehouse)
    known = deciding.ledger.of_paths(context.op_config["paths"])
    for file in deciding.decide(list(known.values()), datetime.now(UTC)):
        context.log.info(f"{file.path}: {file.state}{': ' + file.reason if file.reason else ''}")


@dg.job(description="Read large landed files once, outside of the sensor, which has a minute only.")
def inspect_landed_files() -> None:
    """One op: `inspect_files`."""
    inspect_files()


JOBS = (
    pipeline,
    discover,
    intake,
    nightly,
    train,
    rescore,
    dbt_docs_job,
    tuning_job,
    check_freshness,
    inspect_landed_files,
    housekeeping,
)
