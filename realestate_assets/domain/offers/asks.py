"""Sales with the ask they came from: what the likely sale value and the chance of a gain learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.core.months import first_day
from realestate_assets.domain.valuation import out_of_fold
from realestate_assets.domain.valuation.history import DAYS_PER_MONTH, earlier_sales
from realestate_assets.domain.valuation.out_of_fold import SALE_KEY, VALUE_COLUMNS
from realestate_assets.domain.valuation.time_index import TimeIndex

PROPERTY = ["county", "property_id"]
# Columns of records that are needed here, beside those of `earlier_sales`.
ASK_COLUMNS = ("list_price_usd", "is_list_price_assumed", "list_date", "property_type")


def with_asks(sales: pd.DataFrame, records: pd.DataFrame, max_offer_days: int) -> pd.DataFrame:
    """Sales with `ask_usd` and `asked_on`: the offer of an earlier month, else what the sale's own row tells.

    Args:
        sales: one row a sale with its key, sale_date and ASK_COLUMNS.
        records: rows of all months that may be known, sales or offers; those from the month of a sale on are
            not looked at for it, nor those before the property's sale before.
        max_offer_days: an offer that is older is another one.

    Returns:
        The sales in their order; ask and date are missing where none is known.
    """
    records = records[~records["is_list_price_assumed"].astype(bool) & records["list_price_usd"].notna()]
    offered = records[[*PROPERTY, "month", "list_price_usd", "list_date"]]
    own = sales.reset_index(drop=True).reset_index(names="at")
    pairs = own[["at", *PROPERTY, "month", "sale_date"]].merge(offered, on=PROPERTY, suffixes=("", "_offer"))
    pairs = pairs[pairs["month_offer"] < pairs["month"]]
    asked = pd.to_datetime(pairs["list_date"]).fillna(pd.to_datetime(pairs["month_offer"]))
    waited = (pairs["sale_date"] - asked).dt.days
    before = _sale_before(own).reindex(pairs["at"]).to_numpy()
    since = pd.isna(before) | (asked.to_numpy() > before)
    pairs = pairs.assign(asked_on=asked)[(waited >= 0) & (waited <= max_offer_days) & since]
    latest = pairs.sort_values(["at", "month_offer"]).drop_duplicates("at", keep="last").set_index("at")
    is_own = own["list_price_usd"].notna() & ~own["is_list_price_assumed"].astype(bool)
    listed = pd.to_datetime(own["list_date"])
    listed = listed.where(listed <= own["sale_date"])
    ask = latest["list_price_usd"].reindex(own.index).fillna(own["list_price_usd"].where(is_own))
    return own.drop(columns="at").assign(
        ask_usd=ask.astype(float),
        asked_on=latest["asked_on"].reindex(own.index).fillna(listed.where(is_own)).astype("datetime64[ns]"),
    )


def _sale_before(sales: pd.DataFrame) -> pd.Series:
    """Date of the property's sale before each, by position; NaT where none is known."""
    ordered = sales.sort_values([*PROPERTY, "sale_date"], kind="stable")
    return ordered.groupby(PROPERTY)["sale_date"].shift(1).reindex(sales.index)


@dataclass(frozen=True)
class BlindValues:
    """Values of earlier sales by models that have not seen them, of one value model or of several.

    Args:
        values: SALE_KEY and VALUE_COLUMNS, USD at the date of the sale, and `source`, the place of its model
            in `indices`; one row a sale.
        indices: price index of each model, which brings a value to another day.
    """

    values: pd.DataFrame
    indices: tuple[TimeIndex, ...]

    @classmethod
    def of(cls, models: Sequence[tuple[Mapping[str, Any], TimeIndex]]) -> "BlindValues":
        """From out-of-fold records of models and their indices; of several values the first one counts."""
        frames = [out_of_fold.values(stored).assign(source=at) for at, (stored, _) in enumerate(models)]
        empty = pd.DataFrame(columns=[*SALE_KEY, *VALUE_COLUMNS, "source"])
        found = (
            pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
            if any(len(frame) for frame in frames)
            else empty
        )
        return cls(
            found.drop_duplicates(SALE_KEY).reset_index(drop=True), tuple(index for _, index in models)
        )

    def at_ask(self, sales: pd.DataFrame) -> pd.DataFrame:
        """The sales that have a value, with `value_usd` on the day of the ask and its `log_width`.

        Args:
            sales: with SALE_KEY, sale_date and asked_on; a missing day of the ask is that of the sale.
        """
        joined = sales.merge(self.values, on=SALE_KEY, validate="one_to_one")
        low, middle, high = (joined[name].to_numpy(float) for name in VALUE_COLUMNS)
        asked, back = joined["asked_on"].fillna(joined["sale_date"]), np.zeros(len(joined))
        for at, index in enumerate(self.indices):
            own = (joined["source"] == at).to_numpy(dtype=bool)
            back[own] = index.log_level(asked[own]) - index.log_level(joined.loc[own, "sale_date"])
        # In an order of its own: the rows of the records may come in any.
        found = joined.assign(value_usd=middle * np.exp(back), log_width=np.log(high / low))
        return found.sort_values(SALE_KEY, kind="stable").reset_index(drop=True)


def asked_sales(
    records: pd.DataFrame, blind: BlindValues, month: str, months: int, max_offer_days: int
) -> pd.DataFrame:
    """Valid sales before a month that have an ask and a blind value that has not seen them.

    Args:
        records: rows of one kind with their features and ASK_COLUMNS, of any months.
        blind: their values.
        month: what is learned must precede it.
        months: how far back.
        max_offer_days: as in `with_asks`.

    Returns:
        One row a sale: SALE_KEY, property_type, ask_usd, sale_price_usd, value_usd on the day of the ask,
        log_width of the value's interval, months_ago, market_days (missing where the day is unknown).
    """
    known = records[records["month"] < month]
    sales = with_asks(earlier_sales(known, month, months=months), known, max_offer_days)
    sales = blind.at_ask(sales[sales["ask_usd"] > 0])
    columns = [*SALE_KEY, "property_type", "ask_usd", "sale_price_usd", "value_usd", "log_width"]
    return sales[columns].assign(
        months_ago=(first_day(month) - sales["sale_date"]).dt.days / DAYS_PER_MONTH,
        market_days=(sales["sale_date"] - sales["asked_on"]).dt.days.astype(float),
    )
