"""The scores: market value, investment measures and bird_dog_score of every property of a partition."""

import json

import dagster as dg
import pandas as pd

from realestate_assets.assets import declare
from realestate_assets.domain.comparables.arv import reconcile_arv
from realestate_assets.domain.core.asset_pictures import image, score_histogram
from realestate_assets.domain.offers.model import OfferModel
from realestate_assets.domain.offers.predict import offer_rows
from realestate_assets.domain.scoring.clearances import read_clearances
from realestate_assets.domain.scoring.config import load_scoring_config
from realestate_assets.domain.scoring.score import score_partition
from realestate_assets.domain.scoring.values import value_rows
from realestate_assets.domain.tables import PROPERTIES, SCORES
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.value_bands import with_bands
from realestate_assets.extent import get_county
from realestate_assets.settings import get_settings
from resources.partition import IN_PARTITIONS, Partition, partitions_json
from resources.warehouse.frames import partition_rows
from resources.warehouse.resource import WarehouseResource

REMARKS_SQL = f"""
select county, month, property_id, description as remarks
from raw.properties where {IN_PARTITIONS} and description is not null
"""  # noqa: S608


def promoted_model(promoted_models: pd.DataFrame, partition: Partition) -> ValueModel | None:
    """The model in use for the partition; None where too few earlier sales gave one."""
    rows = partition_rows(promoted_models, partition)
    trained = rows[rows["status"] == "trained"]
    return None if trained.empty else ValueModel.from_row(trained.iloc[0].to_dict())


def bands_of(promoted_models: pd.DataFrame, partition: Partition) -> list[dict]:
    """What was found of the model in use by band of value; nothing in rows of an earlier version."""
    rows = partition_rows(promoted_models, partition)
    if rows.empty or "value_bands" not in rows or not isinstance(text := rows["value_bands"].iloc[0], str):
        return []
    return json.loads(text)


def _with_remarks(subjects: pd.DataFrame, remarks: pd.DataFrame) -> pd.DataFrame:
    """Rows of features with the record's remarks, which no mart holds."""
    return subjects.merge(remarks, on=["county", "month", "property_id"], how="left", validate="one_to_one")


def _summary(rows: pd.DataFrame) -> dict[str, int | float | dg.MetadataValue]:
    """What the UI shows of a partition; mean and picture of nothing are left out."""
    found: dict[str, int | float | dg.MetadataValue] = {
        "valued": int((rows["value_status"] == "valued").sum()),
        "scored": int(rows["bird_dog_score"].notna().sum()),
        "insufficient_sales": int((rows["value_status"] == "INSUFFICIENT_SALES").sum()),
        "missing_inputs": int((rows["value_status"] == "MISSING_INPUTS").sum()),
        "needs_review": int(rows["needs_review"].sum()),
        **{name: int((rows["score_class"] == name).sum()) for name in ("excellent", "good", "fair", "poor")},
    }
    if found["scored"]:
        found["mean_score"] = round(float(rows["bird_dog_score"].mean()), 2)
        found["mean_confidence"] = round(float(rows["confidence"].mean()), 4)
        scored = rows[rows["bird_dog_score"].notna()]
        pairs = list(zip(scored["bird_dog_score"], scored["score_class"], strict=True))
        found["histogram"] = dg.MetadataValue.md(image(score_histogram(pairs)))
    return found


@declare.asset(
    declare.table(
        SCORES,
        source="features, valued by the promoted model, after-repair values from comparables, likely sale "
        "value and chance of a gain from offer_models, rents from rent_estimates; weights "
        "and thresholds from config/scoring.yaml, assumptions from the county's YAML, what people cleared "
        "from reviews.yaml",
        caveat="no model or no living area means no score (null), with the reason; an asking price may be a "
        "recorded sale price (`is_asking_price_assumed`)",
        on_failure="`value_status` says why a property has no value: INSUFFICIENT_SALES wants more earlier "
        "months (see valuation_models), MISSING_INPUTS a living area and a location. A weight or an "
        "assumption that cannot be is named with its key in scoring.yaml or the county's YAML, an entry of "
        "reviews.yaml with its place. A warning "
        "that values miss the month's sales is looked into in ratio_studies.",
    ),
    deps=["features"],
)
def scores(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    promoted_models: pd.DataFrame,
    comparables: pd.DataFrame,
    offer_models: pd.DataFrame,
    rent_estimates: pd.DataFrame,
) -> pd.DataFrame:
    """Value, measure and score each partition by itself, so that runs of any size give the same rows."""
    partitions = Partition.parse_all(context.partition_keys)
    features = warehouse.read_partitions("marts", "features", partitions).to_pandas(date_as_object=False)
    warehouse.ensure_tables([PROPERTIES])
    remarks = warehouse.read(REMARKS_SQL, (partitions_json(partitions),)).to_pandas()
    config, clearances = load_scoring_config(), read_clearances(get_settings().reviews_file)
    frames = []
    for partition in partitions:
        subjects = partition_rows(features, partition).reset_index(drop=True)
        if subjects.empty:
            context.log.info(f"{partition}: no properties")
            continue
        values = value_rows(subjects, promoted_model(promoted_models, partition))
        values = with_bands(values, bands_of(promoted_models, partition))
        market_values = values.set_index("property_id")["market_value_p50_usd"]
        arv = reconcile_arv(partition_rows(comparables, partition), market_values)
        county = get_county(partition.county_slug)
        learned = partition_rows(offer_models, partition)
        model = None if learned.empty else OfferModel.from_row(learned.iloc[0].to_dict())
        told = offer_rows(_with_remarks(subjects, remarks), values, model)
        rents = partition_rows(rent_estimates, partition)
        rows = score_partition(subjects, values, arv, county, config, clearances, told, rents)
        frames.append(rows)
        summary = _summary(rows)
        context.add_asset_metadata(summary, partition_key=partition.key)
        context.log.info(
            f"{partition}: {len(rows):,} properties, {summary['scored']:,} scored, "
            f"{int((rows['bird_dog_score'] >= config.memo_min_score).sum()):,} worth a memo"
        )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=SCORES.column_names)
