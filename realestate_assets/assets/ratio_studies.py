"""Ratio studies: the values of each month against its sales, by group, with pictures for the asset page."""

import json
from functools import partial

import dagster as dg
import pandas as pd

from realestate_assets.assets import declare
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.sales.price_outliers import PRICE_OUTLIERS
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.tables import RATIO_STUDIES
from realestate_assets.domain.tables.codes import COUNTY_MONTH as COUNTY_MONTH_GROUP
from realestate_assets.domain.valuation import plots
from realestate_assets.domain.valuation.ratio_groups import MIN_GROUP_SALES, grouped_studies
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource

YEAR_MONTHS = 12
SALES_SQL = """
select s.county, s.month, f.zip, f.property_type, f.is_simulated, f.sale_price_usd,
       f.sale_validity, s.market_value_p10_usd, s.market_value_p50_usd, s.market_value_p90_usd
from raw.scores as s
join marts.features as f using (county, month, property_id)
where s.month between $1 and $2 and county in (select jsonb_array_elements_text($3::jsonb))
  and s.market_value_p50_usd is not null and f.sale_price_usd > 0
  and f.sale_validity in (select jsonb_array_elements_text($4::jsonb))
order by s.county, s.month, s.property_id
"""


def _figures(table: pd.DataFrame) -> dict[str, float | int]:
    """What the asset page shows of a month."""
    month = table[table["grouping"] == COUNTY_MONTH_GROUP]
    if month.empty:
        return {"n": 0}
    known = month.iloc[0].drop(["grouping", "group_value"]).dropna()
    return {name: int(value) if name == "n" else round(float(value), 4) for name, value in known.items()}


def _pictures(sales: pd.DataFrame) -> dg.MetadataValue:
    panels = (plots.values_against_prices, plots.ratios_by_decile, plots.ratio_histogram)
    return dg.MetadataValue.md(f"![ratio study]({plots.picture([partial(p, sales=sales) for p in panels])})")


@declare.asset(
    declare.table(
        RATIO_STUDIES,
        source="values of raw.scores against the month's valid sales, which they have not learned from; by "
        "month, year to the month, its deciles of predicted value, price decile, ZIP and property type",
        caveat="a group of fewer than 20 sales has its count alone; the year is of the months as they stand "
        "in the warehouse; low deciles of price lie above 1 and high ones below for any honest model",
        on_failure="A month without rows had no valued sales: look at value_status of scores. Where "
        "errors_have_not_drifted warns, the market has left the model: run the job `train` for the month, "
        "then `rescore`, and compare the pictures of this page.",
    ),
    deps=["scores", "features"],
)
def ratio_studies(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> pd.DataFrame:
    """Study each partition of the run."""
    partitions = Partition.parse_all(context.partition_keys)
    months = [month for _, month in partitions]
    counties = json.dumps(sorted({county for county, _ in partitions}))
    verdicts = json.dumps([VALID, *PRICE_OUTLIERS])
    bound = (add_months(min(months), 1 - YEAR_MONTHS), max(months), counties, verdicts)
    sales = warehouse.read(SALES_SQL, bound).to_pandas()
    tables = [pd.DataFrame(columns=RATIO_STUDIES.column_names)]
    for partition in partitions:
        county, month = partition
        of_county = sales[sales["county"] == county]
        valid = of_county[of_county["sale_validity"] == VALID]
        own = valid[valid["month"] == month]
        first = add_months(month, 1 - YEAR_MONTHS)
        year, all_prices = (f[f["month"].between(first, month)] for f in (valid, of_county))
        table = grouped_studies(own, year, all_prices) if len(own) else grouped_studies(own)
        metadata: dict = _figures(table)
        if len(own) >= MIN_GROUP_SALES:
            metadata["pictures"] = _pictures(own)
        context.add_asset_metadata(metadata, partition_key=partition.key)
        if len(table):
            simulated = bool(own["is_simulated"].astype(bool).all())
            tables.append(table.assign(county=county, month=month, is_simulated=simulated))
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]
