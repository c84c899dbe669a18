"""What homes really sold for and which resold with a gain, against what was told of them at their listing.

Runs the product's own functions, no warehouse needed:

    .venv/bin/python -m benchmarks.offers --kind lodi --input listings_with_sales.csv.gz
    .venv/bin/python -m benchmarks.offers --kind milwaukee --input sales.csv.gz

Each month is valued, and its offers judged, by what was sold before it. Gains are counted on homes whose 400
days were over before the file ends.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from benchmarks.listings import read_listings
from benchmarks.resale import auc
from realestate_assets.domain.board.outcomes import wilson
from realestate_assets.domain.core.months import add_months
from realestate_assets.domain.offers.asks import BlindValues, asked_sales
from realestate_assets.domain.offers.cases import purchases
from realestate_assets.domain.offers.model import learn_offers
from realestate_assets.domain.offers.params import OfferParams, load_offer_params
from realestate_assets.domain.offers.predict import offer_rows
from realestate_assets.domain.valuation.history import HISTORY_MONTHS
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.params import load_params
from realestate_assets.domain.valuation.train import train, training_sales

FIRST = {"lodi": "2011-01", "milwaukee": "2020-06"}
RESAMPLES = 2_000
SEED = 5


def judge_months(features: pd.DataFrame, first: str, say: Callable[[str], None]) -> pd.DataFrame:
    """Offers (sales where the file has no offers) of each month with all that was told of them."""
    params, offers = load_params(), load_offer_params()
    models: dict[str, ValueModel] = {}
    judged = "active" if (features["listing_status"] == "active").any() else "sold"
    told = []
    for month in sorted(features["month"].unique()):
        sales = training_sales(features, month, False)
        if len(sales) < params.training.min_county_sales:
            continue
        models[month] = train(sales, "county", params)
        # A file without offers has its sales judged; one with offers may have months without any.
        subjects = features[(features["month"] == month) & (features["listing_status"] == judged)]
        if month >= first and len(subjects):
            told.append(_told(features, subjects.reset_index(drop=True), month, models, offers))
        if month.endswith("-12"):
            say(f"{month}: {len(sales):,} earlier sales")
    return pd.concat(told, ignore_index=True)


def _told(
    features: pd.DataFrame,
    subjects: pd.DataFrame,
    month: str,
    models: dict[str, ValueModel],
    params: OfferParams,
) -> pd.DataFrame:
    if subjects["list_price_usd"].isna().all():
        subjects = subjects.assign(list_price_usd=subjects["sale_price_usd"], is_list_price_assumed=True)
    chain, at = [], month
    while at in models:
        chain.append((models[at].out_of_fold, models[at].index))
        at = add_months(at, -HISTORY_MONTHS)
    asked = asked_sales(
        features, BlindValues.of(chain[:1]), month, params.likely.months, params.likely.max_offer_days
    )
    cases = purchases(features, BlindValues.of(chain), month, params.gain)
    model = learn_offers(asked, cases, str(subjects["county"].iloc[0]), params)
    values = models[month].predict(subjects).assign(property_id=subjects["property_id"])
    rows = offer_rows(subjects, values, model)
    columns = ["property_id", "month", "list_date", "list_price_usd", "sale_date", "living_area_sqft"]
    found = subjects[columns].join(rows.drop(columns="property_id")).join(values.drop(columns="property_id"))
    return found.assign(plain=_plain_log_odds(cases, subjects, values))


def _plain_log_odds(cases: pd.DataFrame, subjects: pd.DataFrame, values: pd.DataFrame) -> np.ndarray:
    """A plain logistic beside the product's: log ask and log value over ask, finished purchases, no prior."""
    done = cases[cases["is_closed"] | (cases["watched_days"] >= load_offer_params().gain.horizon_days)]
    gained = done["gained"].to_numpy(float)
    if gained.sum() < 5:
        return np.full(len(subjects), np.nan)

    def design(ask: pd.Series, value: pd.Series) -> np.ndarray:
        log_ask, log_value = (np.log(each.to_numpy(float)) for each in (ask, value))
        return np.column_stack([np.ones(len(log_ask)), log_ask - 12.0, log_value - log_ask])

    known = design(done["ask_usd"], done["value_usd"])

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        log_odds = known @ beta
        return float(np.sum(np.logaddexp(0, log_odds) - gained * log_odds)), known.T @ (
            expit(log_odds) - gained
        )

    beta = minimize(loss, np.zeros(3), jac=True, method="L-BFGS-B").x
    return design(subjects["list_price_usd"], values["market_value_p50_usd"]) @ beta


def outcomes(features: pd.DataFrame, told: pd.DataFrame, params: OfferParams) -> pd.DataFrame:
    """What became of what was told: price and date of the sale, and whether the home resold with a gain."""
    gain = params.gain
    sales = features[features["sale_price_usd"].notna()].sort_values(
        ["property_id", "sale_date"], kind="stable"
    )
    resale = sales.groupby("property_id")[["sale_price_usd", "sale_date"]].shift(-1)
    sales = sales.assign(resale_price=resale["sale_price_usd"], resale_date=resale["sale_date"])
    has_offers = told["sale_date"].isna().all()
    keys = ["property_id", "list_date"] if has_offers else ["property_id", "month"]
    columns = [*keys, "sale_price_usd", "sale_date", "resale_price", "resale_date"]
    found = told.drop(columns="sale_date").merge(sales[columns], on=keys)
    waited = (found["resale_date"] - found["sale_date"]).dt.days
    enough = found["resale_price"] >= gain.gain_ratio * found["list_price_usd"]
    over = found["sale_date"] + pd.Timedelta(days=gain.horizon_days) <= sales["sale_date"].max()
    discount = 1 - found["list_price_usd"] / found["market_value_p50_usd"]
    return found.assign(
        gained=(waited <= gain.horizon_days) & enough,
        is_over=over,
        discount=discount,
        is_top=discount.groupby(found["month"]).rank(pct=True) > 0.9,
    )


def coverage(found: pd.DataFrame) -> pd.DataFrame:
    """Rows: offers by discount. Columns: how value and likely sale value stood to the sale price."""
    price, rows = found["sale_price_usd"], {}
    groups = {
        "all": found["discount"].notna(),
        "blind discount 10-20 %": found["discount"].between(0.1, 0.2),
        "over 20 %": found["discount"] > 0.2,
        "top tenth of each month": found["is_top"],
    }
    for name, own in groups.items():
        row: dict[str, float] = {"n": int(own.sum())}
        for title, stem in (("value", "market_value"), ("likely", "likely_sale")):
            low, middle, high = (found[f"{stem}_{end}_usd"] for end in ("p10", "p50", "p90"))
            row[f"{title} holds"] = float(((low <= price) & (price <= high))[own].mean())
            row[f"sale / {title}"] = float((price / middle)[own].median())
        row["told above ask"] = float(found.loc[own, "sale_above_ask_probability"].mean())
        row["sold above ask"] = float((price > found["list_price_usd"])[own].mean())
        rows[name] = row
    return pd.DataFrame(rows).T


def calibration_error(chance: pd.Series, came: pd.Series, groups: int = 10) -> float:
    """Expected calibration error over groups of equal size by chance."""
    parts = np.array_split(np.argsort(chance.to_numpy(), kind="stable"), groups)
    off = [abs(chance.iloc[part].mean() - came.iloc[part].mean()) * len(part) for part in parts]
    return float(sum(off) / len(chance))


def lift(score: np.ndarray, months: np.ndarray, gained: np.ndarray) -> float:
    """Share of gains in the top tenth of each month over the share in all."""
    top = pd.Series(score).groupby(months).rank(pct=True).to_numpy() > 0.9
    return float(gained[top].mean() / gained.mean())


def auc_within(score: np.ndarray, months: np.ndarray, gained: np.ndarray) -> float:
    """Mean AUC of the months, by their gains: how well a month's own offers are ranked."""
    known = [months == month for month in np.unique(months[gained])]
    known = [own for own in known if not gained[own].all()]
    return float(
        np.average(
            [auc(score[own], gained[own]) for own in known], weights=[gained[own].sum() for own in known]
        )
    )


def gains(found: pd.DataFrame) -> list[str]:
    """AUC and lift of the chance, the blind discount, a plain logistic; differences by paired bootstrap."""
    known = found[found["is_over"] & found["gain_probability"].notna() & found["plain"].notna()]
    known = known.reset_index(drop=True)
    gained, months = known["gained"].to_numpy(bool), known["month"].to_numpy(str)
    scores = {
        "chance of a gain": known["gain_probability"].to_numpy(),
        "blind discount": known["discount"].to_numpy(),
        "plain logistic": known["plain"].to_numpy(),
    }
    lines = [f"{len(known):,} homes, {gained.sum()} gained ({gained.mean():.2%})"]
    for name, score in scores.items():
        within, risen = auc_within(score, months, gained), lift(score, months, gained)
        lines.append(f"{name}: AUC {auc(score, gained):.3f}, within a month {within:.3f}, lift {risen:.2f}")
    rng = np.random.default_rng(SEED)
    draws = [rng.integers(0, len(known), len(known)) for _ in range(RESAMPLES)]
    ours = scores.pop("chance of a gain")
    for name, score in scores.items():
        for title, measure in (("AUC", auc), ("AUC within a month", None), ("lift", None)):
            few = draws if title == "AUC" else draws[:200]
            off = [_difference(title, measure, ours, score, months, gained, rows) for rows in few]
            low, high = np.quantile(off, [0.025, 0.975])
            lines.append(f"{title} over {name}: {np.mean(off):+.3f} ({low:+.3f} to {high:+.3f})")
    chance = known["gain_probability"]
    lines.append(f"expected calibration error, fifths: {calibration_error(chance, known['gained'], 5):.4f}")
    for place, part in enumerate(np.array_split(np.argsort(ours, kind="stable"), 5), start=1):
        low, high = wilson(int(gained[part].sum()), len(part))
        mean = float(ours[part].mean())
        mark = "inside" if low <= mean <= high else "OUTSIDE"
        lines.append(
            f"fifth {place}: told {mean:.4f}, came {gained[part].mean():.4f} ({low:.4f} to {high:.4f}) {mark}"
        )
    return lines


def _difference(
    title: str,
    measure: Callable | None,
    ours: np.ndarray,
    other: np.ndarray,
    months: np.ndarray,
    gained: np.ndarray,
    rows: np.ndarray,
) -> float:
    if measure is not None:
        return measure(ours[rows], gained[rows]) - measure(other[rows], gained[rows])
    by_month = lift if title == "lift" else auc_within
    first, second = (by_month(each[rows], months[rows], gained[rows]) for each in (ours, other))
    return first - second


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, help="the file as published")
    parser.add_argument("--kind", choices=sorted(FIRST), required=True, help="whose file it is")
    parser.add_argument("--first", help="first month judged; those before are learned from")
    parser.add_argument(
        "--keep", type=Path, help="write what was told and what came, a row a home, as Parquet"
    )
    chosen = parser.parse_args()
    started = time.perf_counter()

    def say(text: str) -> None:
        print(f"[{time.perf_counter() - started:5.0f} s] {text}", flush=True)

    features = read_listings(chosen.kind, chosen.input)
    say(f"{len(features):,} records of {features['property_id'].nunique():,} homes")
    told = judge_months(features, chosen.first or FIRST[chosen.kind], say)
    found = outcomes(features, told, load_offer_params())
    if chosen.keep:
        found.to_parquet(chosen.keep)
    if found["likely_sale_p50_usd"].notna().any():
        print(coverage(found).round(4).to_string())
        asked = found[found["sale_above_ask_probability"].notna()]
        above = asked["sale_price_usd"] > asked["list_price_usd"]
        error = calibration_error(asked["sale_above_ask_probability"], above)
        print(f"sale above ask, expected calibration error: {error:.4f}")
    print("\n".join(gains(found)))


if __name__ == "__main__":
    main()
