"""How near the learned rent comes to what is asked, against the median of town and bedrooms.

    .venv/bin/python -m benchmarks.rents --input rentals.csv.gz

Runs the product's own functions, no warehouse needed. The file has site, date_time, town, title, price, beds
and sqft. Reposts are grouped first; every group is one rent, the latest asked. Rents are dealt out to five
folds, whole groups at a time, and each fold is predicted by a model of the other four: folds of groups, not
of time, for the file holds two days of most of its markets.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from realestate_assets.domain.rents.cleaning import believable_rents
from realestate_assets.domain.rents.homes import homes
from realestate_assets.domain.rents.model import RENT_COLUMNS, RentModel, folds_of
from realestate_assets.domain.rents.params import RentParams, load_rent_params
from realestate_assets.domain.rents.reposts import latest_of_each, repost_groups

OUTER_FOLDS = 5
OUTER_SEED = 2022


def read_ads(path: Path) -> pd.DataFrame:
    """The file's advertisements under the names of the product, in the order of their time."""
    raw = pd.read_csv(path)
    ads = pd.DataFrame(
        {
            "market": raw["site"],
            "town": raw["town"],
            "title": raw["title"],
            "observed_date": pd.to_datetime(raw["date_time"]),
            "rent_monthly_usd": raw["price"].astype(float),
            "bedrooms": raw["beds"],
            "living_area_sqft": raw["sqft"],
            "source_id": raw["posting_id"],
        }
    )
    return ads.sort_values(["observed_date", "source_id"], kind="stable").reset_index(drop=True)


def strict_groups(ads: pd.DataFrame, groups: np.ndarray) -> np.ndarray:
    """Groups that also join what is of one town, bedrooms and area at any rent: plans of one building."""
    keys = (
        ads[["market", "town", "bedrooms", "living_area_sqft"]].fillna(-1).astype(str).agg("|".join, axis=1)
    )
    keys = keys.where(
        ads["living_area_sqft"].notna(), "group " + pd.Series(groups, index=ads.index).astype(str)
    )
    joined = pd.Series(groups, index=ads.index)
    for _ in range(20):
        before = joined
        joined = joined.groupby(keys).transform("min")
        joined = joined.groupby(groups).transform("min")
        if joined.equals(before):
            break
    return joined.to_numpy()


def judge(ads: pd.DataFrame, groups: np.ndarray, params: RentParams) -> pd.DataFrame:
    """The rents with P10, P50 and P90 by a model that has not seen their group, and the median beside them.

    Args:
        ads: one row a rent.
        groups: what is held out together.
        params: all parameters.
    """
    told = homes(ads, params.cleaning)
    folds = folds_of(groups, OUTER_FOLDS, OUTER_SEED)
    found = ads.assign(town=told["town"].to_numpy(), **dict.fromkeys((*RENT_COLUMNS, "median"), np.nan))
    for fold in range(OUTER_FOLDS):
        own = folds == fold
        model = RentModel.fit(told[~own], ads.loc[~own, "rent_monthly_usd"].to_numpy(), groups[~own], params)
        found.loc[own, list(RENT_COLUMNS)] = model.predict(told[own]).to_numpy()
        found.loc[own, "median"] = medians(found[~own], found[own])
    return found


def medians(known: pd.DataFrame, asked: pd.DataFrame) -> np.ndarray:
    """Median rent of town and bedrooms; where none is known, of market and bedrooms, then of the market."""
    found = pd.Series(np.nan, index=asked.index)
    for keys in (["market", "town", "bedrooms"], ["market", "bedrooms"], ["market"]):
        table = known.groupby(keys, dropna=False)["rent_monthly_usd"].median().rename("level").reset_index()
        found = found.fillna(asked[keys].merge(table, on=keys, how="left").set_index(asked.index)["level"])
    return found.to_numpy()


def figures(found: pd.DataFrame, weights: np.ndarray | None = None) -> dict[str, float]:
    """MdAPE of model and median, coverage and median width of the interval, of rents counted by weight."""
    times = np.ones(len(found), dtype=int) if weights is None else weights
    rent = np.repeat(found["rent_monthly_usd"].to_numpy(), times)
    low, middle, high = (np.repeat(found[name].to_numpy(), times) for name in RENT_COLUMNS)
    level = np.repeat(found["median"].to_numpy(), times)
    return {
        "n": len(rent),
        "mdape_pct": 100 * float(np.median(np.abs(middle / rent - 1))),
        "median_mdape_pct": 100 * float(np.median(np.abs(level / rent - 1))),
        "median_ratio": float(np.median(middle / rent)),
        "coverage": float(np.mean((low <= rent) & (rent <= high))),
        "width_pct": 100 * float(np.median((high - low) / middle)),
    }


def table(found: pd.DataFrame, posted: np.ndarray) -> pd.DataFrame:
    """Rows: all rents, those with and without an area, by bedrooms and by market, and every advertisement."""
    rows = {"all rents": figures(found), "every advertisement": figures(found, posted)}
    area = found["living_area_sqft"].notna()
    rows |= {"area known": figures(found[area]), "area unknown": figures(found[~area])}
    beds = found["bedrooms"].fillna(0).clip(upper=4).astype(int)
    for count, own in found.groupby(beds):
        rows[f"{count or 'no'} bedrooms" if count < 4 else "4 bedrooms or more"] = figures(own)
    rows |= {str(market): figures(own) for market, own in found.groupby("market")}
    return pd.DataFrame(rows).T


def main() -> None:
    """Print the counts and the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, help="the file as published")
    parser.add_argument("--strict", action="store_true", help="hold out plans of one building together, too")
    chosen = parser.parse_args()
    started, params = time.perf_counter(), load_rent_params()
    ads = read_ads(chosen.input)
    believed = believable_rents(ads, params.cleaning)
    kept = ads[believed].reset_index(drop=True)
    groups = repost_groups(kept, params.reposts)
    latest = latest_of_each(groups, kept["observed_date"])
    posted = np.bincount(groups)[groups[latest]]
    print(
        f"{len(ads):,} advertisements: {len(ads) - len(kept):,} with a rent that is none, "
        f"{len(kept) - latest.sum():,} reposts, {latest.sum():,} rents"
    )
    held = strict_groups(kept, groups)[latest] if chosen.strict else groups[latest]
    print(f"{len(np.unique(held)):,} groups held out whole, {OUTER_FOLDS} folds")
    found = judge(kept[latest].reset_index(drop=True), held, params)
    print(table(found, posted).round(3).to_string())
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
