"""Sales whose price is grossly unlike all that is alike: by statistics, by what is known by their month.

Two witnesses must agree. A robust regression of the log price on the attributes of the home, its place and
the month of sale says what it would have sold for; and the log price per square foot is held against that of
its place and type. Neither alone marks a sale: the first errs on homes that the record does not describe, the
second on small and large ones. Huber's weights (P. Huber, Robust Statistics, 1981) keep the outliers from
hiding themselves; distances are in robust standard deviations (1.4826 x the median absolute deviation).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from realestate_assets.domain.core.months import add_months, first_day
from realestate_assets.domain.core.robust import MAD_TO_SD
from realestate_assets.domain.sales.rules import PriceOutlierRules

PRICE_FAR_BELOW_ALIKE = "PRICE_FAR_BELOW_ALIKE"
PRICE_FAR_ABOVE_ALIKE = "PRICE_FAR_ABOVE_ALIKE"
PRICE_OUTLIERS = (PRICE_FAR_BELOW_ALIKE, PRICE_FAR_ABOVE_ALIKE)

LOGS = ("living_area_sqft", "lot_area_sqft")
PLAIN = ("bedrooms", "bathrooms", "quality_code", "condition_code", "view_code", "is_waterfront")
OUTLIER_COLUMNS = (*LOGS, *PLAIN, "zip", "place_code", "property_type")
HUBER = 1.5
PASSES = 12
# So that columns that say the same share their part.
RIDGE = 1e-3
# A place of so many sales is believed by half.
PLACE_PENALTY = 3.0
# The last digits of a solution depend on the number of BLAS threads; a millionth does not.
DECIMALS = 6


@dataclass(frozen=True)
class Distances:
    """How far each price lies from its like: log points, robust deviations; NaN where unknown."""

    log_points: np.ndarray
    of_home: np.ndarray
    of_place: np.ndarray


def price_outliers(
    sales: pd.DataFrame, is_sound: pd.Series, rules: PriceOutlierRules
) -> dict[str, np.ndarray]:
    """Masks of the sales by code; each month is judged by the sound sales of the year up to and with it.

    Args:
        sales: of any counties and months: county, month, is_simulated, property_id, sale_date,
            sale_price_usd, year_built and OUTLIER_COLUMNS.
        is_sound: sales without any other fault; only they say what is usual.
        rules: thresholds.
    """
    masks = {code: np.zeros(len(sales), dtype=bool) for code in PRICE_OUTLIERS}
    usable = is_sound.to_numpy(bool) & (sales["living_area_sqft"].astype(float) > 0).to_numpy()
    known = sales[usable & (sales["sale_price_usd"] > 0).to_numpy()]
    place = known["zip"].astype(object).where(known["zip"].notna(), known["place_code"].astype(object))
    kind = known["property_type"].astype(object)
    known = known.assign(place=place.where(place.notna(), ""), property_type=kind.where(kind.notna(), ""))
    for _, own in known.groupby(["county", "is_simulated"], sort=True):
        for month in sorted(own["month"].unique()):
            rows, distances = _judged(own, month, rules)
            for code, mask in _marked(distances, rules).items():
                masks[code][sales.index.get_indexer(rows.index[mask])] = True
    return masks


def _judged(own: pd.DataFrame, month: str, rules: PriceOutlierRules) -> tuple[pd.DataFrame, Distances]:
    """The month's records of recent sales, and how far their prices lie off."""
    sold, past = own["sale_date"], add_months(month, 1 - rules.months)
    recent = own[(own["month"] <= month) & (own["month"] >= past) & (sold >= first_day(past))]
    recent = recent[recent["sale_date"] < first_day(add_months(month, 1))]
    rows = recent[recent["month"] == month]
    # A sale that several months report says once what is usual.
    base = recent.sort_values(["property_id", "sale_date", "month"], kind="stable")
    base = base.drop_duplicates(["property_id", "sale_date"])
    if len(base) < rules.min_sales or rows.empty:
        nothing = np.full(len(rows), np.nan)
        return rows, Distances(nothing, nothing, nothing)
    log_points, scale = _of_home(base, rows)
    return rows, Distances(log_points, log_points / scale, _of_place(base, rows, rules))


def _marked(found: Distances, rules: PriceOutlierRules) -> dict[str, np.ndarray]:
    gross = np.abs(found.log_points) >= rules.min_log_points
    # NaN compares as false: what cannot be told marks nothing.
    below = (found.of_home <= -rules.below_deviations) & (found.of_place <= -rules.place_deviations)
    above = (found.of_home >= rules.above_deviations) & (found.of_place >= rules.place_deviations)
    return {PRICE_FAR_BELOW_ALIKE: gross & below, PRICE_FAR_ABOVE_ALIKE: gross & above}


def _of_home(base: pd.DataFrame, rows: pd.DataFrame) -> tuple[np.ndarray, float]:
    """Residual of each row's log price, and the robust standard deviation of all of the base.

    Attributes and months on the one hand, shrunk levels of the places on the other are fitted in turns, each
    to what the other leaves: a column for each place would be hundreds of megabytes in a large county.
    """
    together = pd.concat([base, rows])
    n = len(base)
    design, code = _design(together, n), pd.factorize(together["place"], sort=True)[0]
    price = np.log(together["sale_price_usd"].to_numpy(float))
    fitted, target, place = design[:n], price[:n], code[:n]
    weight, level, scale = np.ones(n), np.zeros(code.max() + 1), 1.0
    beta = np.zeros(design.shape[1])
    for _ in range(PASSES):
        weighted = fitted * weight[:, None]
        gram = fitted.T @ weighted + RIDGE * np.eye(design.shape[1])
        beta = np.linalg.solve(gram, weighted.T @ (target - level[place]))
        left = target - fitted @ beta
        held = np.bincount(place, weight, len(level)) + PLACE_PENALTY
        level = np.bincount(place, weight * left, len(level)) / held
        residual = left - level[place]
        scale = max(MAD_TO_SD * float(np.median(np.abs(residual))), 10.0**-DECIMALS)
        weight = np.minimum(1.0, HUBER * scale / np.maximum(np.abs(residual), 10.0**-DECIMALS))
    own = price[n:] - design[n:] @ beta - level[code[n:]]
    return np.round(own, DECIMALS), round(scale, DECIMALS)


def _design(frame: pd.DataFrame, fitted: int) -> np.ndarray:
    """A column of ones, standardised attributes, and columns of 0 and 1 for months and types."""
    age = (frame["sale_date"].dt.year - frame["year_built"].astype(float)).clip(lower=0).to_numpy(float)
    logs = [_log(frame[name]) for name in LOGS]
    plain = [pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan) for name in PLAIN]
    columns = [np.ones(len(frame))]
    for values in (*logs, logs[0] ** 2, age, age**2, *plain):
        known = values[:fitted][np.isfinite(values[:fitted])]
        if len(known) and np.ptp(known) > 0:
            columns.append(np.where(np.isfinite(values), (values - known.mean()) / known.std(), 0.0))
    month = frame["sale_date"].dt.year * 12 + frame["sale_date"].dt.month
    kinds = (_dummies(key)[:, 1:] for key in (month, frame["property_type"]))
    return np.hstack([np.column_stack(columns), *kinds])


def _of_place(base: pd.DataFrame, rows: pd.DataFrame, rules: PriceOutlierRules) -> np.ndarray:
    """Log price per square foot against its place and type; NaN where these have too few sales."""
    keys = ["place", "property_type"]
    usual = base[keys].assign(log=_log_per_sqft(base)).groupby(keys)["log"]
    middle = usual.median().rename("middle")
    far = base[keys].assign(log=_log_per_sqft(base)).merge(middle.reset_index(), on=keys)
    spread = (far["log"] - far["middle"]).abs().groupby([far[name] for name in keys]).median() * MAD_TO_SD
    table = pd.DataFrame({"middle": middle, "spread": spread, "sales": usual.size()})
    own = rows[keys].merge(table.reset_index(), on=keys, how="left")
    spread = own["spread"].to_numpy(float)
    enough = (own["sales"].to_numpy(float) >= rules.min_place_sales) & (spread > 0)
    # Sales that all went for the same price per square foot have no distance.
    distance = (_log_per_sqft(rows) - own["middle"].to_numpy(float)) / np.where(spread > 0, spread, np.nan)
    return np.where(enough, np.round(distance, DECIMALS), np.nan)


def _log(values: pd.Series) -> np.ndarray:
    number = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
    return np.log(np.where(number > 0, number, np.nan))


def _log_per_sqft(sales: pd.DataFrame) -> np.ndarray:
    return np.log(sales["sale_price_usd"].to_numpy(float) / sales["living_area_sqft"].to_numpy(float))


def _dummies(key: pd.Series) -> np.ndarray:
    codes, values = pd.factorize(key, sort=True)
    return np.eye(len(values))[codes]
