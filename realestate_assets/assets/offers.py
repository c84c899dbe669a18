"""The asset `offer_models`: what earlier offers and sales say of those of a month."""

import json
import time
from collections.abc import Sequence

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from realestate_assets.assets import declare
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.offers.asks import BlindValues, asked_sales
from realestate_assets.domain.offers.cases import SIGNAL_COLUMNS, purchases
from realestate_assets.domain.offers.model import OFFER_MODEL_COLUMNS, OfferModel, learn_offers
from realestate_assets.domain.offers.params import OfferParams, load_offer_params
from realestate_assets.domain.valuation.history import HISTORY_MONTHS, of_kind
from realestate_assets.domain.valuation.model import TRAINED
from realestate_assets.domain.valuation.time_index import TimeIndex
from resources.lake.files import partition_file
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource

OFFER_SCHEMA = pa.schema(
    [("county", pa.string()), ("month", pa.string())] + [(name, pa.string()) for name in OFFER_MODEL_COLUMNS]
)
MODEL_PARTS = ["status", "out_of_fold_json", "index_json"]
FEATURE_COLUMNS = (
    "county",
    "month",
    "property_id",
    "is_simulated",
    "sale_date",
    "sale_price_usd",
    "sale_validity",
    "living_area_sqft",
    "list_price_usd",
    "is_list_price_assumed",
    "property_type",
    *(name for name in SIGNAL_COLUMNS if name != "remarks"),
)
# A sale or an offer with what was known of the home; listing date and remarks stand in the record alone.
RECORDS_SQL = f"""
select {", ".join(f"features.{name}" for name in FEATURE_COLUMNS)},
    properties.list_date, properties.description as remarks, verdicts.is_arms_length
from marts.features
join raw.properties as properties using (county, month, property_id)
left join raw.sale_validity as verdicts using (county, month, property_id)
where features.month between $1 and $2
"""  # noqa: S608
OF_COUNTIES = " and features.county in (select jsonb_array_elements_text($3::jsonb))"


class EarlierModels:
    """Out-of-fold values and price indices of value models: of the run, else as they lie in the lake."""

    def __init__(self, lake: StoreResource, of_run: pa.Table) -> None:
        self._lake = lake
        rows = of_run.select(["county", "month", *MODEL_PARTS]).to_pylist()
        self._rows: dict[Partition, dict | None] = {Partition.of(row): row for row in rows}

    def chain(self, partition: Partition, back: int) -> list[tuple[dict, TimeIndex]]:
        """The month's model, and those before it whose sales end where the next one's begin."""
        months = [add_months(partition.month, -step) for step in range(0, back, HISTORY_MONTHS)]
        rows = [self._row(Partition(partition.county_slug, month)) for month in months]
        return [
            (json.loads(row["out_of_fold_json"]), TimeIndex.from_dict(json.loads(row["index_json"])))
            for row in rows
            if row and row["status"] == TRAINED and row["out_of_fold_json"]
        ]

    def _row(self, partition: Partition) -> dict | None:
        if partition not in self._rows:
            path = partition_file("valuation_models", partition)
            found = []
            if self._lake.exists(path):
                with self._lake.open_input(path) as file:
                    found = pq.read_table(file, columns=MODEL_PARTS).to_pylist()
            self._rows[partition] = found[0] if found else None
        return self._rows[partition]


class EarlierRecords:
    """Sales and offers before the run's months; of all counties only where a county's own are few."""

    def __init__(self, warehouse: WarehouseResource, partitions: Sequence[Partition], back: int) -> None:
        self._warehouse = warehouse
        months = [partition.month for partition in partitions]
        self._span = add_months(min(months), -back), max(months)
        self._own = self._read({partition.county_slug for partition in partitions})
        self._all: pd.DataFrame | None = None

    def of(self, county_slug: str, is_simulated: bool) -> pd.DataFrame:
        """Records of one county."""
        return of_kind(self._own[self._own["county"] == county_slug], is_simulated)

    def everywhere(self, is_simulated: bool) -> pd.DataFrame:
        """Records of all counties."""
        if self._all is None:
            self._all = self._read(None)
        return of_kind(self._all, is_simulated)

    def _read(self, counties: set[str] | None) -> pd.DataFrame:
        if counties is None:
            found = self._warehouse.read(RECORDS_SQL, self._span)
        else:
            found = self._warehouse.read(
                RECORDS_SQL + OF_COUNTIES, (*self._span, json.dumps(sorted(counties)))
            )
        return found.to_pandas(date_as_object=False)


@declare.asset(
    declare.parquet(
        "offer_models",
        grain="What was learned for a county and month, as text with its parameters.",
        key=("county", "month"),
        source="earlier sales with the asks they came from, earlier purchases with their resales, and what "
        "the value models said of them out of fold; parameters in domain/offers/params.yaml",
        caveat="too few sales or gains of the county: those of all counties; none at all: the prior for the "
        "sale price, and no chance of a gain. Of months before the run the value models are read from the "
        "lake: what was not valued then is not learned from",
        on_failure="Few cases are a result, not a failure: run earlier months first, so that their value "
        "models lie in the lake. A parameter that cannot be is named with its key.",
        schema=OFFER_SCHEMA,
    ),
    deps=["features", "properties", "sale_validity"],
)
def offer_models(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    lake: StoreResource,
    valuation_models: pa.Table,
) -> pa.Table:
    """Learn both measures for each partition of the run."""
    partitions, params = Partition.parse_all(context.partition_keys), load_offer_params()
    back = max(params.likely.months, params.gain.months)
    records = EarlierRecords(warehouse, partitions, back)
    models = EarlierModels(lake, valuation_models)
    rows = []
    for partition in partitions:
        started = time.monotonic()
        model = _learned(partition, records, models)
        rows.append({**partition.columns, **model.to_row()})
        metadata = {
            "likely_sale_basis": model.likely.basis,
            "sales_with_an_ask": model.likely.sales,
            "gain_basis": model.gain.reason or model.gain.basis,
            "gains": model.gain.gains,
            "purchases": model.gain.cases,
        }
        context.add_asset_metadata(metadata, partition_key=partition.key)
        context.log.info(
            f"{partition}: {model.likely.sales:,} sales with an ask, {model.gain.gains:,} gains of "
            f"{model.gain.cases:,.0f} purchases, {time.monotonic() - started:.1f} s"
        )
    return pa.Table.from_pylist(rows, schema=OFFER_SCHEMA)


def _learned(partition: Partition, records: EarlierRecords, models: EarlierModels) -> OfferModel:
    """Of the county's own past, and of all counties' where that is too short."""
    params = load_offer_params()
    county, month = partition
    is_simulated = bool((records.of(county, True)["month"] == month).any())
    own = records.of(county, is_simulated)
    asked, cases = _told(own, models.chain(partition, params.gain.months), month, params)
    subjects = own[own["month"] == month]
    has_asks = bool(
        (subjects["list_price_usd"].notna() & ~subjects["is_list_price_assumed"].astype(bool)).any()
    )
    few_asked = has_asks and len(asked) < params.likely.pool_below
    few_gains = cases["gained"].sum() < params.gain.min_gains
    if not (few_asked or few_gains):
        return learn_offers(asked, cases, county, params)
    others = records.everywhere(is_simulated)
    more = [
        _told(theirs, models.chain(Partition(str(slug), month), params.gain.months), month, params)
        for slug, theirs in others[others["county"] != county].groupby("county", sort=True)
    ]
    if few_asked:
        asked = pd.concat([asked, *(frame for frame, _ in more if len(frame))], ignore_index=True)
    if few_gains:
        cases = pd.concat([cases, *(frame for _, frame in more if len(frame))], ignore_index=True)
    return learn_offers(asked, cases, county, params)


def _told(
    records: pd.DataFrame, chain: list[tuple[dict, TimeIndex]], month: str, params: OfferParams
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sales with an ask, and purchases, of one county before a month."""
    likely = params.likely
    asked = asked_sales(records, BlindValues.of(chain[:1]), month, likely.months, likely.max_offer_days)
    return asked, purchases(records, BlindValues.of(chain), month, params.gain)
