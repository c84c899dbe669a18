"""Model cards: one page a promoted model, in the lake, linked from the asset page."""

import json

import dagster as dg
import pandas as pd
import pyarrow.parquet as pq

from realestate_assets.assets import declare
from realestate_assets.assets.model_archive import ModelArchive
from realestate_assets.assets.valuation import read_history
from realestate_assets.domain.offers.card import offer_facts
from realestate_assets.domain.offers.model import OfferModel
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.model import ValueModel, card_path
from realestate_assets.domain.valuation.model_card import card_context
from realestate_assets.domain.valuation.out_of_fold import SALE_KEY
from realestate_assets.domain.valuation.promotion import judged_sales
from realestate_assets.domain.valuation.promotion_policy import load_policy
from realestate_assets.domain.valuation.ratio_groups import MIN_GROUP_SALES
from realestate_assets.extent import get_county
from resources.documents.templating import render
from resources.documents.worker_processes import WorkerProcesses
from resources.home import PROJECT_ROOT
from resources.lake.files import partition_file
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource

# Cards from which processes pay: one takes 3 s to start, a card half of that.
POOL_FROM = 6
TEMPLATES = PROJECT_ROOT / "templates" / "model_card"


def shown(
    archive: ModelArchive, row: dict, records: pd.DataFrame
) -> tuple[dict, ValueModel, pd.DataFrame, str] | None:
    """What `page` takes, for a decision that promoted its candidate; None where too few sales speak of it."""
    model = archive.model(row["county"], row["used_id"]) if row["promoted"] else None
    if model is None:
        return None
    sales = judged_sales(model, records, row["month"], load_policy().judged_months)
    if len(sales) < MIN_GROUP_SALES:
        return None
    return row | {"reasons": json.loads(row["reasons"])}, model, sales, get_county(row["county"]).name


def page(
    decision: dict, model: ValueModel, sales: pd.DataFrame, county_name: str, offers: dict | None = None
) -> bytes:
    """The card as an HTML page; `offers` is what `offer_facts` says, where something was learned."""
    context = card_context(decision, model, sales, county_name) | {"offers": offers}
    return render(TEMPLATES, "card.html.j2", context).encode()


def learned_offers(lake: StoreResource, partition: Partition) -> dict | None:
    """What the card says of the month's offer model; None where there is none."""
    path = partition_file("offer_models", partition)
    if not lake.exists(path):
        return None
    with lake.open_input(path) as file:
        rows = pq.read_table(file).to_pylist()
    return offer_facts(OfferModel.from_row(rows[0])) if rows else None


@declare.asset(
    declare.files(
        "model_cards",
        grain="One page a promoted model, at model_cards/county=…/month=…/index.html in the lake.",
        key=("county", "month"),
        source="the model's file, its out-of-fold values and the warehouse's prices",
        caveat="the month is the one it was trained for: a month that keeps an earlier model has no page of "
        "its own, and links to that one's",
        on_failure="A card that is missing without an error had too few sales to speak of, or its model's "
        "file is gone from models/ in the lake: materialize valuation_models and promoted_models of the "
        "month again. A template error names its file in templates/model_card.",
        kinds=("python", "html"),
    ),
    deps=["features", "promoted_models", "offer_models"],
)
def model_cards(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    lake: StoreResource,
    model_promotions: pd.DataFrame,
) -> None:
    """Write the cards of the run's promoted models."""
    partitions = Partition.parse_all(context.partition_keys)
    pooled = "pooled" in set(model_promotions["candidate_kind"].dropna())
    counties = None if pooled else [county for county, _ in partitions]
    columns = (*TRAINING_COLUMNS, "property_type")
    records = read_history(warehouse, "marts.features", columns, [m for _, m in partitions], counties)
    records = records[(records["sale_validity"] == VALID) & (records["sale_price_usd"] > 0)]
    records = records.drop_duplicates(SALE_KEY)
    archive = ModelArchive(lake)
    rows = model_promotions.to_dict("records")
    cards = {
        Partition.of(r): (*found, learned_offers(lake, Partition.of(r)))
        for r in rows
        if (found := shown(archive, r, records))
    }
    with WorkerProcesses(len(cards), POOL_FROM) as workers:
        pages = workers.map(page, *zip(*cards.values(), strict=True)) if cards else ()
        for partition, content in zip(cards, pages, strict=True):
            lake.write_bytes(card_path(partition), content)
    for row in rows:
        partition = Partition.of(row)
        metadata: dict[str, object] = {"written": partition in cards}
        if isinstance(row["used_month"], str):
            path = card_path(Partition(row["county"], row["used_month"]))
            if lake.exists(path):
                metadata["model_card"] = dg.MetadataValue.url(lake.uri(path))
        context.add_asset_metadata(metadata, partition_key=partition.key)
