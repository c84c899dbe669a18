"""Equity studies: columns of values against the year's sales, with a workbook for a reviewer in the lake."""

import json

import dagster as dg
import pandas as pd

from realestate_assets.assets import declare
from realestate_assets.assets.ratio_studies import YEAR_MONTHS
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.sales.validity import VALID
from realestate_assets.domain.tables import EQUITY_STUDIES
from realestate_assets.domain.valuation.equity.study import EquityStudy, load_study_settings, study_all
from realestate_assets.domain.valuation.equity.workbook import workbook
from realestate_assets.extent import get_county
from resources.lake.store import StoreResource
from resources.partition import Partition
from resources.warehouse.resource import WarehouseResource

# The columns a study names may stand in either table; the sale's own place and size tell like homes.
SALES_SQL = """
select f.*, s.market_value_p50_usd
from marts.features as f
join (select county, month, property_id, market_value_p50_usd from raw.scores) as s
    using (county, month, property_id)
where f.month between $1 and $2 and county in (select jsonb_array_elements_text($3::jsonb))
  and f.sale_price_usd > 0 and f.sale_validity = $4
order by f.county, f.month, f.property_id
"""


def workbook_path(partition: Partition) -> str:
    """Path of a month's workbook below the lake."""
    return f"ratio_studies/{partition.hive_path}/ratio_study.xlsx"


def _report(studies: list[EquityStudy], path: str) -> dict[str, object]:
    """What the asset page shows of a month: where the workbook lies, and the verdicts."""
    heads = ("values", "sales", "median", "COD", "VEI %", "within", "suspect", "verdicts")
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in (row for study in studies for row in study.rows):
        found = ", ".join(f"{name} {word}" for name, word in json.loads(row["verdicts"]).items())
        figures = (
            f"{row[n]:.3f}" if row[n] is not None else ""
            for n in ("median_ratio", "cod", "vei", "cod_within")
        )
        cells = (f"{row['value_column']} ({row['trimming']})", str(row["n"]), *figures)
        lines.append("| " + " | ".join((*cells, "yes" if row["is_chasing_suspect"] else "no", found)) + " |")
    return {"workbook": dg.MetadataValue.path(path), "studies": dg.MetadataValue.md("\n".join(lines))}


@declare.asset(
    declare.table(
        EQUITY_STUDIES,
        source="each column of config/ratio_studies.yaml (the platform's value, the assessor's, a vendor's) "
        "against the valid sales of the twelve months up to and with the month; the workbook for a reviewer "
        "lies in the lake at ratio_studies/county=…/month=…/ratio_study.xlsx",
        caveat="`trimmed` leaves out ratios beyond 1.5 interquartile ranges and flatters: read it beside "
        "`all`; a standard is not met only where the whole 95 % interval lies outside",
        on_failure="A month without rows had fewer than 20 valid sales with a value: nothing is wrong. A "
        "setting that cannot be is named with its key in ratio_studies.yaml. A suspicion of sales chasing is "
        "no failure: look whether the column was set after the sales it is judged by.",
        kinds=("xlsx",),
    ),
    deps=["scores", "features"],
)
def equity_studies(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource, lake: StoreResource
) -> pd.DataFrame:
    """Study each partition of the run and write its workbook."""
    partitions = Partition.parse_all(context.partition_keys)
    months = [month for _, month in partitions]
    counties = json.dumps(sorted({county for county, _ in partitions}))
    bound = (add_months(min(months), 1 - YEAR_MONTHS), max(months), counties, VALID)
    sales = warehouse.read(SALES_SQL, bound).to_pandas(date_as_object=False)
    settings, tables = load_study_settings(), []
    for partition in partitions:
        county, month = partition
        first = add_months(month, 1 - YEAR_MONTHS)
        year = sales[(sales["county"] == county) & (sales["month"] >= first) & (sales["month"] <= month)]
        studies = study_all(year, settings) if (year["month"] == month).any() else []
        metadata: dict[str, object] = {"studies": len(studies)}
        if studies:
            title = f"Ratio study, {get_county(county).name}, twelve months to {month}"
            lake.write_bytes(workbook_path(partition), workbook(studies, title))
            metadata = _report(studies, lake.uri(workbook_path(partition)))
            simulated = bool(year["is_simulated"].astype(bool).all())
            rows = pd.DataFrame([row for study in studies for row in study.rows])
            tables.append(rows.assign(county=county, month=month, is_simulated=simulated))
        context.add_asset_metadata(metadata, partition_key=partition.key)
    empty = pd.DataFrame(columns=EQUITY_STUDIES.column_names)
    return pd.concat(tables, ignore_index=True) if tables else empty
