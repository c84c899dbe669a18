"""How accurate the values of any county's sales file are, beside a plain LightGBM on all columns of the file.

    python -m benchmarks.county_file --county milwaukee-wi.yaml --input sales.csv.gz --months 2021-07:2021-12

Runs the product's own functions, no warehouse needed: each month is valued by a model of the sales before it.
The baseline learns from the same sales and values the same homes. It is given every column of the file that
the county's YAML does not map to the sale or its listing and whose name does not speak of a price, and the
month of the sale.
"""

import argparse
import time
from io import BytesIO
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

from realestate_assets.domain.comparables.comparables import RECORD_COLUMNS
from realestate_assets.domain.core.convert import NULL_TOKENS
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.core.places import places_of
from realestate_assets.domain.counties.county import County, read_county
from realestate_assets.domain.counties.extra_features import ExtraFeature, refused_features
from realestate_assets.domain.intake.canonical import canonicalise
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.reading import read_rows
from realestate_assets.domain.sales.rules import load_sale_rules
from realestate_assets.domain.sales.validity import VALID, sale_validity
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.hedonic import hedonic_terms
from realestate_assets.domain.valuation.history import earlier_sales
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.nearby import nearby_sales
from realestate_assets.domain.valuation.params import ValuationParams, load_params
from realestate_assets.domain.valuation.ratio_study import interval_coverage, ratio_study
from realestate_assets.domain.valuation.train import train, training_sales

ALL_MONTHS = ("1600-01", "2999-12")
KEY = ["county", "month", "property_id"]
ENDS = ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd")
ROUNDS = 500
PLAIN = {"objective": "regression", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 20,
         "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 1, "verbosity": -1,
         "num_threads": 2}  # fmt: skip


def read_file(county: County, path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Properties of the file, and beside each the row it came from as text."""
    source = county.file_sources[0]
    place = Place(county.slug, source.name, path.name)
    data = path.read_bytes()
    rows = read_rows(BytesIO(data), source, place, ALL_MONTHS, county.timezone)
    homes = canonicalise(rows.table, county).properties.to_pandas(date_as_object=False)
    # A row of an offer that was sold stands twice: as offered, and as sold.
    raw = rows.table.to_pandas().drop_duplicates("_row").set_index("_row")
    return homes, raw.loc[homes["source_row"].to_numpy()].set_index(homes.index)


def features_of(homes: pd.DataFrame, county: County, params: ValuationParams) -> pd.DataFrame:
    """Rows of marts.features as far as a file without enrichment fills them, from earlier sales alone."""
    year = homes["month"].str[:4].astype(float)
    newest = homes[["year_built", "year_renovated"]].astype(float).max(axis=1)
    kind = homes["property_type"]
    frame = homes.assign(
        place=homes["zip"].where(homes["zip"].notna(), homes["place_code"]),
        sale_date=pd.to_datetime(homes["sale_date"]),
        basement_share=homes["basement_sqft"] / homes["living_area_sqft"],
        effective_age_years=(year - newest).clip(lower=0),
        **{
            f"is_{name}": (kind == name).where(kind.notna())
            for name in ("single_family", "condo", "townhouse")
        },
    )
    rules = load_sale_rules().changed_by(county.sale_validity)
    frame = frame.merge(sale_validity(frame, rules)[[*KEY, "sale_validity"]], on=KEY, how="left")
    for name in {*TRAINING_COLUMNS, *RECORD_COLUMNS} - {*frame}:
        frame[name] = np.nan
    made = [name for name in frame if name.startswith("nearby_") and frame[name].isna().all()]
    months = []
    for month in sorted(frame["month"].unique()):
        own = frame[frame["month"] == month].drop(columns=made)
        figures = nearby_sales(own, frame, month, params.nearby)
        sales = earlier_sales(frame, month, months=12)
        per_sqft = (sales["sale_price_usd"] / sales["living_area_sqft"]).groupby(places_of(sales))
        median = per_sqft.median().where(per_sqft.count() >= 3)
        own = own.merge(figures, on=KEY, validate="one_to_one")
        months.append(own.assign(zip_median_price_per_sqft_usd=places_of(own).map(median)))
    found = pd.concat(months, ignore_index=True)
    for name in {*TRAINING_COLUMNS} - {*found}:
        found[name] = np.nan
    return found


def usable_columns(county: County, raw: pd.DataFrame) -> list[str]:
    """Columns of the file that may be known before the sale, and are no names or numbers of records."""
    source = county.file_sources[0]
    columns = [
        name for name in raw if not name.startswith("_") and name not in ("county", "month", "property_id")
    ]
    identity = {c for field in ("apn", "source_id", "street", "url") if field in source.columns
                for c in source.columns[field].source_columns}  # fmt: skip
    fine = []
    for column in columns:
        own = {"x": ExtraFeature.model_validate({"from": column})}
        mapped = {c for rule in source.columns.values() for c in rule.source_columns}
        vouched = {c for rule in source.features.values() for c in rule.source_columns}
        refused = refused_features(own, source.columns)
        telling_only = refused and "reads as if" in refused[0]
        if column not in identity and (not refused or (telling_only and column in mapped | vouched)):
            fine.append(column)
    return fine


def baseline_matrix(raw: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, list[int]]:
    """Numbers as they are, other texts as codes; which columns are codes."""
    arrays, coded = [], []
    for position, column in enumerate(columns):
        text = raw[column].astype(object)
        text = text.where(~text.astype(str).str.strip().str.lower().isin(NULL_TOKENS))
        number = pd.to_numeric(text.str.replace(",", ""), errors="coerce")
        if number.notna().sum() < 0.9 * text.notna().sum():
            coded.append(position)
            number = pd.Series(pd.factorize(text, sort=True)[0], index=raw.index).astype(float)
            number = number.where(number >= 0)
        arrays.append(number.to_numpy(float))
    return np.column_stack(arrays), coded


def plain_values(
    matrix: np.ndarray, coded: list[int], learn: np.ndarray, price: np.ndarray, judge: np.ndarray
) -> np.ndarray:
    """Plain LightGBM: squared error on the log price as paid."""
    data = lgb.Dataset(
        matrix[learn], np.log(price[learn]), categorical_feature=coded, params={"verbosity": -1}
    )
    return np.exp(lgb.train(PLAIN, data, ROUNDS).predict(matrix[judge]))


def measured(estimate: np.ndarray, price: np.ndarray) -> dict[str, float]:
    """Figures of the table."""
    found = ratio_study(estimate, price)
    return {name: found[name] for name in ("n", "median_ratio", "cod", "prd", "prb", "mdape_pct")}


def compare(county: County, path: Path, months: list[str]) -> pd.DataFrame:
    """A row a method, all months together, over the valid sales that the product values."""
    params = load_params()
    homes, raw = read_file(county, path)
    raw = raw.assign(county=homes["county"], month=homes["month"], property_id=homes["property_id"])
    frame = features_of(homes, county, params)
    raw = frame[KEY].merge(raw, on=KEY, how="left", validate="one_to_one")
    columns = usable_columns(county, raw)
    print(f"{len(frame):,} sales; the baseline sees {', '.join(columns)}", flush=True)
    matrix, coded = baseline_matrix(raw, columns)
    months_since = pd.PeriodIndex(frame["month"], freq="M").astype("int64").to_numpy(float)
    matrix = np.column_stack([matrix, months_since])
    price = frame["sale_price_usd"].to_numpy(float)
    rows: dict[str, list[np.ndarray]] = {
        "price": [],
        "plain": [],
        "product": [],
        "linear": [],
        "low": [],
        "high": [],
    }
    for month in months:
        started = time.perf_counter()
        sales = training_sales(frame, month, False)
        own = frame[(frame["month"] == month) & (frame["sale_validity"] == VALID)]
        own = own[own["living_area_sqft"].notna() & places_of(own).notna()]
        learned = frame[KEY].assign(row=np.arange(len(frame))).merge(sales[KEY], on=KEY)["row"].to_numpy()
        model = train(sales, "county", params)
        values = model.predict(own)
        rows["price"].append(price[own.index])
        rows["product"].append(values[ENDS[1]].to_numpy())
        rows["low"].append(values[ENDS[0]].to_numpy())
        rows["high"].append(values[ENDS[2]].to_numpy())
        rows["plain"].append(plain_values(matrix, coded, learned, price, own.index.to_numpy()))
        rows["linear"].append(_linear(model, own))
        took = time.perf_counter() - started
        print(f"{month}: {len(sales):,} earlier sales, {len(own):,} judged, {took:.0f} s", flush=True)
    joined = {name: np.concatenate(parts) for name, parts in rows.items()}
    table = {name: measured(joined[name], joined["price"]) for name in ("product", "linear", "plain")}
    inside = interval_coverage(joined["low"], joined["high"], joined["price"])
    table["product"]["coverage"] = np.nan if inside is None else inside
    return pd.DataFrame(table).T


def _linear(model: ValueModel, own: pd.DataFrame) -> np.ndarray:
    """The linear hedonic alone."""
    terms = hedonic_terms(own, model.features.extra)
    return np.exp(model.ensemble.hedonic.predict(terms, own[model.features.place]) + model.index.forward_step)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--county", type=Path, required=True, help="the county's YAML")
    parser.add_argument("--input", type=Path, required=True, help="a file of its first source")
    parser.add_argument("--months", required=True, help="FROM:TO as YYYY-MM:YYYY-MM")
    chosen = parser.parse_args()
    first, last = chosen.months.split(":")
    months = [first]
    while months[-1] < last:
        months.append(add_months(months[-1], 1))
    table = compare(read_county(chosen.county), chosen.input, months)
    print(table.round(4).to_string())


if __name__ == "__main__":
    main()
