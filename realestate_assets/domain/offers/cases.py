"""Earlier purchases and what became of them: the cases that the chance of a gain is learned from."""

import re

import numpy as np
import pandas as pd

from realestate_assets.domain.core.months import first_day
from realestate_assets.domain.offers.asks import PROPERTY, BlindValues, with_asks
from realestate_assets.domain.offers.params import GainParams
from realestate_assets.domain.valuation.history import earlier_sales

Floats = np.ndarray
# What a home is known by, beside its ask, its value and the value's interval; unknown tells nothing.
SIGNAL_COLUMNS = (
    "condition_code",
    "days_on_market",
    "is_bank_owner",
    "is_tax_delinquent",
    "is_absentee_owner",
    "remarks",
)
# The middle of a scale of 1 to 5; half of the value as the ordinary width of an interval.
MIDDLE_CONDITION, ORDINARY_WIDTH = 3.0, 0.5
DAYS_PER_STEP = 30.0


def term_names(params: GainParams) -> list[str]:
    """Names of the terms, in their order."""
    return list(params.prior.slopes)


def terms(homes: pd.DataFrame, median_value_usd: float, params: GainParams) -> Floats:
    """What the chance hangs on, a column a term; 0 is the ordinary home, and the unknown.

    The ask is in the first term alone, and there its log counts downwards: a higher ask is never a better
    chance as long as that slope is not negative.

    Args:
        homes: ask_usd, value_usd, log_width and SIGNAL_COLUMNS.
        median_value_usd: of the county's earlier sales.
        params: words of remarks.
    """
    value, ask, width = (homes[name].to_numpy(float) for name in ("value_usd", "ask_usd", "log_width"))

    def known(name: str) -> Floats:
        return homes[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)

    found = {
        "discount": np.clip(np.log(value / ask), -params.max_log_discount, params.max_log_discount),
        "width": np.log(np.clip(width, 0.05, 2.0) / ORDINARY_WIDTH),
        "value": np.clip(np.log(value / median_value_usd), -1.5, 1.5),
        "condition": known("condition_code") - MIDDLE_CONDITION,
        "market_time": np.log1p(known("days_on_market") / DAYS_PER_STEP),
        "bank_owned": known("is_bank_owner"),
        "tax_delinquent": known("is_tax_delinquent"),
        "absentee": known("is_absentee_owner"),
        "needs_work": says(homes["remarks"], params.needs_work),
    }
    return np.nan_to_num(np.column_stack([found[name] for name in term_names(params)]))


def says(remarks: pd.Series, words: tuple[str, ...]) -> Floats:
    """1 where remarks hold one of the words, 0 where they do not, missing without remarks."""
    pattern = r"\b(?:" + "|".join(re.escape(word) for word in words) + r")\b"
    text = remarks.astype(object)
    hit = text.where(text.notna(), "").astype(str).str.contains(pattern, case=False, regex=True)
    return np.where(text.notna(), hit.to_numpy(dtype=float), np.nan)


def purchases(records: pd.DataFrame, blind: BlindValues, month: str, params: GainParams) -> pd.DataFrame:
    """Valid sales before a month with what became of the home since, as far as known before the month.

    Where a sale has no ask its price stands in for it. The resale is the next sale of the home at arm's
    length, by a report of a month before.

    Args:
        records: rows of one kind with features, ASK_COLUMNS, SIGNAL_COLUMNS and is_arms_length, any months.
        blind: values of the sales.
        month: nothing from its first day on is known.
        params: horizon, gain, how far back.

    Returns:
        One row a sale with county, ask_usd, is_price (the price stands in), value_usd, log_width,
        SIGNAL_COLUMNS, `gained`, `gain_ratio` (resale / ask where gained, else missing), `watched_days` up to
        the horizon, and `is_closed`: resold within the horizon, whatever the gain.
    """
    known = records[records["month"] < month]
    sales = with_asks(earlier_sales(known, month, months=params.months), known, params.max_offer_days)
    is_price = sales["ask_usd"].isna()
    sales = sales.assign(ask_usd=sales["ask_usd"].fillna(sales["sale_price_usd"]), is_price=is_price)
    sales = _with_resale(blind.at_ask(sales), known, month)
    waited = (sales["resold_on"] - sales["sale_date"]).dt.days
    followed = (first_day(month) - sales["sale_date"]).dt.days
    closed = (waited <= params.horizon_days).to_numpy(dtype=bool)
    ratio = sales["resale_price_usd"] / sales["ask_usd"]
    gained = closed & (ratio >= params.gain_ratio).to_numpy(dtype=bool)
    columns = ["county", "ask_usd", "is_price", "value_usd", "log_width", *SIGNAL_COLUMNS]
    return sales[columns].assign(
        gained=gained,
        gain_ratio=ratio.where(gained),
        watched_days=np.minimum(np.where(closed, waited, followed), params.horizon_days).astype(float),
        is_closed=closed,
    )


def _with_resale(sales: pd.DataFrame, known: pd.DataFrame, month: str) -> pd.DataFrame:
    """The sales with date and price of the home's next sale at arm's length, missing where none is known."""
    sold = pd.to_datetime(known["sale_date"])
    paid = known[
        known["is_arms_length"].astype("boolean").fillna(False).to_numpy(bool) & (sold < first_day(month))
    ]
    paid = paid.assign(resold_on=pd.to_datetime(paid["sale_date"]))
    paid = paid.sort_values([*PROPERTY, "resold_on", "month"], kind="stable")
    paid = paid.drop_duplicates([*PROPERTY, "resold_on"])[[*PROPERTY, "resold_on", "sale_price_usd"]]
    later = sales[[*PROPERTY, "sale_date"]].reset_index(names="at").merge(paid, on=PROPERTY)
    later = later[later["resold_on"] > later["sale_date"]].sort_values(["at", "resold_on"], kind="stable")
    first = later.drop_duplicates("at").set_index("at").reindex(sales.index)
    return sales.assign(
        resold_on=first["resold_on"].astype("datetime64[ns]"),
        resale_price_usd=first["sale_price_usd"].astype(float),
    )
