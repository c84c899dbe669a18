"""What valuing one home costs, against the batch's share of a home: CPU, as the machine may be busy.

The homes of a month of the public King County sales file are valued one by one, as the service does, and then
all at once by the batch's functions. The file is `kc_house_data.csv` as published; no warehouse is needed.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.king_county import king_features, king_records
from realestate_assets.domain.comparables.comparables import comparables
from realestate_assets.domain.valuation.explain import contributions
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.nearby import nearby_sales
from realestate_assets.domain.valuation.params import load_params
from realestate_assets.domain.valuation.train import train, training_sales
from realestate_assets.operations.predict.county_model import CountyModel, Promoted
from realestate_assets.operations.predict.home import Home
from realestate_assets.operations.predict.value import predict

COUNTY = "king-wa"
SAID = (
    "property_id", "zip", "latitude", "longitude", "living_area_sqft", "lot_area_sqft", "bedrooms",
    "bathrooms", "stories", "nearby_living_area_sqft", "nearby_lot_area_sqft",
)  # fmt: skip
CODES = ("year_built", "condition_code", "quality_code", "view_code")
WARM = 5


def homes_of(rows: pd.DataFrame) -> list[Home]:
    """What an owner would say of homes of the file."""
    said = rows[[*SAID, *CODES, "is_waterfront"]].astype(object).to_dict("records")
    known = [{name: value for name, value in row.items() if pd.notna(value)} for row in said]
    whole = [{**row, **{name: int(row[name]) for name in CODES if name in row}} for row in known]
    return [Home(county=COUNTY, **row) for row in whole]


def one_by_one(county: CountyModel, homes: list[Home]) -> np.ndarray:
    """Milliseconds of CPU of each."""
    for home in homes[:WARM]:
        predict(county, home)
    spent = []
    for home in homes:
        begun = time.process_time()
        predict(county, home)
        spent.append(1000.0 * (time.process_time() - begun))
    return np.array(spent)


def all_at_once(county: CountyModel, model: ValueModel, rows: pd.DataFrame, records: pd.DataFrame) -> float:
    """Milliseconds of CPU a home: figures around, values, causes, comparables."""
    month, params = county.promoted.month, county.params
    begun = time.process_time()
    nearby_sales(rows, records, month, params.nearby)
    value = model.predict(rows)["market_value_p50_usd"].to_numpy(float)
    contributions(model, rows, value)
    comparables(rows, records, month, params, model=model)
    return 1000.0 * (time.process_time() - begun) / len(rows)


def measured(path: Path, month: str, count: int) -> tuple[np.ndarray, float]:
    """Of each of the first homes of the month alone, and a home's share of the whole month."""
    records = king_features(king_records(path))
    model = train(training_sales(records, month, False), "county", load_params())
    county = CountyModel.of(Promoted(COUNTY, month, model.model_id, month, None, False, "1"), model, records)
    rows = records[records["month"] == month]
    alone = one_by_one(county, homes_of(rows.head(count)))
    return alone, all_at_once(county, model, rows, records)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", type=Path, required=True, help="kc_house_data.csv")
    parser.add_argument("--month", default="2015-05")
    parser.add_argument("--homes", type=int, default=200, help="how many are valued one by one")
    asked = parser.parse_args()
    alone, batch = measured(asked.input, asked.month, asked.homes)
    print("| CPU of a home | ms, median | ms, p95 |\n|---|---|---|")
    print(f"| one by one | {np.median(alone):.1f} | {np.percentile(alone, 95):.1f} |")
    print(f"| all of the month at once | {batch:.1f} |  |")
    print(f"| ratio | {np.median(alone) / batch:.1f} |  |")


if __name__ == "__main__":
    main()
