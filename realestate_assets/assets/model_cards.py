"""Model cards: one page a promoted model, in the lake, linked from the asset page."""

import json

import dagster as dg
import pandas as pd

from realestate_assets.assets.model_archive import ModelArchive
from realestate_assets.assets.valuation import read_history
from realestate_assets.domain.sale_validity import VALID
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.model_card import card_context
from realestate_assets.domain.valuation.out_of_fold import SALE_KEY
from realestate_assets.domain.valuation.promotion import judged_sales
from realestate_assets.domain.valuation.promotion_policy import load_policy
from realestate_assets.domain.valuation.ratio_groups import MIN_GROUP_SALES
from realestate_assets.partitions import BACKFILL, COUNTY_MONTH, get_county, split_keys
from realestate_assets.settings import PROJECT_ROOT
from resources.store import StoreResource
from resources.templating import render
from resources.warehouse import WarehouseResource

TEMPLATES = PROJECT_ROOT / "templates" / "model_card"


def card_path(county: str, month: str) -> str:
    """Path of a model's card below the lake, by the month it was trained for."""
    return f"model_cards/county={county}/month={month}/index.html"


def write_card(lake: StoreResource, archive: ModelArchive, row: dict, records: pd.DataFrame) -> bool:
    """Write the card of the candidate that a decision promoted; False where too few sales speak of it."""
    model = archive.model(row["county"], row["used_id"])
    if model is None:
        return False
    sales = judged_sales(model, records, row["month"], load_policy().judged_months)
    if len(sales) < MIN_GROUP_SALES:
        return False
    decision = row | {"reasons": json.loads(row["reasons"])}
    context = card_context(decision, model, sales, get_county(row["county"]).name)
    lake.write_bytes(
        card_path(row["county"], row["month"]), render(TEMPLATES, "card.html.j2", context).encode()
    )
    return True


@dg.asset(
    partitions_def=COUNTY_MONTH,
    backfill_policy=BACKFILL,
    deps=["features", "promoted_models"],
    kinds={"python", "html"},
    owners=["team:data"],
    description=(
        "**Grain:** one page a promoted model, at model_cards/county=…/month=…/index.html in the lake. "
        "**Key:** county, month it was trained for. "
        "**Source:** the model's file, its out-of-fold values and the warehouse's prices. "
        "**Caveat:** a month that keeps an earlier model has no page of its own; its link is that one's."
    ),
)
def model_cards(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    lake: StoreResource,
    model_promotions: pd.DataFrame,
) -> None:
    """Write the cards of the run's promoted models."""
    partitions = split_keys(context.partition_keys)
    pooled = "pooled" in set(model_promotions["candidate_kind"].dropna())
    counties = None if pooled else [county for county, _ in partitions]
    columns = (*TRAINING_COLUMNS, "property_type")
    records = read_history(warehouse, "marts.features", columns, [m for _, m in partitions], counties)
    records = records[(records["sale_validity"] == VALID) & (records["sale_price_usd"] > 0)]
    records = records.drop_duplicates(SALE_KEY)
    archive = ModelArchive(lake)
    for row in model_promotions.to_dict("records"):
        told: dict[str, object] = {
            "written": bool(row["promoted"]) and write_card(lake, archive, row, records)
        }
        if isinstance(row["used_month"], str):
            path = card_path(row["county"], row["used_month"])
            if lake.exists(path):
                told["model_card"] = dg.MetadataValue.url(lake.uri(path))
        context.add_asset_metadata(told, partition_key=f"{row['county']}|{row['month']}")
