"""The study of one column of values against prices: figures with and without outliers, verdicts, lists.

Any column serves: the platform's own value, the assessor's, a vendor's. Which are studied stands in
config/ratio_studies.yaml.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from realestate_assets.domain.core.config_file import CONFIG_DIR, read_settings
from realestate_assets.domain.core.strict_model import StrictModel
from realestate_assets.domain.valuation.equity.chasing import sales_chasing
from realestate_assets.domain.valuation.equity.horizontal import horizontal_equity, like_homes
from realestate_assets.domain.valuation.equity.trimming import fences, outlying
from realestate_assets.domain.valuation.equity.verdicts import verdicts
from realestate_assets.domain.valuation.equity.vertical import VerticalEquity, vertical_equity
from realestate_assets.domain.valuation.ratio_groups import MIN_GROUP_SALES
from realestate_assets.domain.valuation.ratio_intervals import measure_intervals, median_interval
from realestate_assets.domain.valuation.ratio_study import ratio_study

BUILT_IN_FILE = CONFIG_DIR / "ratio_studies.yaml"
ALL_SALES, TRIMMED = "all", "trimmed"
FIGURES = ("median_ratio", "cod", "prd", "prb", "mki")
LIKE = ["place", "property_type", "size"]


class StudiedValue(StrictModel):
    """A column of values: whether its level is meant to be the market's."""

    level: Literal["market", "any"]


class StudySettings(StrictModel):
    """The whole of ratio_studies.yaml."""

    values: dict[str, StudiedValue] = Field(min_length=1)
    least_cluster_sales: int = Field(ge=5)


@lru_cache(maxsize=4)
def load_study_settings(path: Path = BUILT_IN_FILE) -> StudySettings:
    """Read and validate the settings.

    Raises:
        PermanentError: the file is not YAML, or a value is unknown, missing or out of bounds; names it.
    """
    return read_settings(path, StudySettings)


@dataclass(frozen=True)
class EquityStudy:
    """What was found of one column: two rows of figures, groups of value, and lists for a reviewer."""

    value_column: str
    rows: tuple[dict, ...]
    vertical: VerticalEquity | None
    clusters: pd.DataFrame
    sales: pd.DataFrame


def with_value(sales: pd.DataFrame, column: str) -> pd.DataFrame:
    """The sales whose value of a column and price are known and positive, with `value_usd` and `ratio`.

    A column that the frame lacks is looked for among the county's own features (`extra_features`).
    """
    if column in sales:
        value = pd.to_numeric(sales[column], errors="coerce")
    else:
        extra = sales["extra_features"] if "extra_features" in sales else pd.Series(None, index=sales.index)
        own = [json.loads(text).get(column) if isinstance(text, str) else None for text in extra]
        value = pd.to_numeric(pd.Series(own, index=sales.index, dtype=object), errors="coerce")
    value = value.astype(float)
    price = sales["sale_price_usd"].astype(float)
    known = np.isfinite(value) & (value > 0) & np.isfinite(price) & (price > 0)
    rows = sales[known].assign(value_usd=value[known], ratio=value[known] / price[known])
    return rows.sort_values(["month", "property_id"], kind="stable").reset_index(drop=True)


def equity_study(sales: pd.DataFrame, column: str, level: str, least_cluster: int) -> EquityStudy | None:
    """The study of a column; None below MIN_GROUP_SALES sales.

    Args:
        sales: property_id, month, sale_price_usd, the column, place, property_type and living_area_sqft.
        column: the values.
        level: `market` where they are meant to be market values, else `any`.
        least_cluster: fewest sales of a group of like homes that is listed.
    """
    rows = with_value(sales, column)
    if len(rows) < MIN_GROUP_SALES:
        return None
    like = like_homes(rows)
    rows = rows.assign(size=like["size"], **{name: like[name] for name in ("place", "property_type")})
    rows["is_outlier"] = outlying(rows["ratio"])
    kept = rows[~rows["is_outlier"]]
    figures = tuple(
        _figures(part, level == "market")
        | {"value_column": column, "trimming": name, "outliers": int(rows["is_outlier"].sum())}
        for name, part in ((ALL_SALES, rows), (TRIMMED, kept))
    )
    vertical = vertical_equity(rows["value_usd"], rows["sale_price_usd"])
    return EquityStudy(column, figures, vertical, _clusters(rows, least_cluster), _to_look_at(rows))


def _figures(rows: pd.DataFrame, is_market_level: bool) -> dict:
    value, price = rows["value_usd"].to_numpy(float), rows["sale_price_usd"].to_numpy(float)
    ratio = value / price
    study = ratio_study(value, price, min_sales=MIN_GROUP_SALES)
    ends = {"median_ratio": median_interval(ratio), **measure_intervals(value, price)}
    row: dict = {"n": len(rows), **{name: study[name] for name in FIGURES}}
    for name in FIGURES:
        row[f"{name}_low"], row[f"{name}_high"] = ends[name] or (None, None)
    vertical = vertical_equity(value, price)
    row |= {
        "vei": vertical and vertical.vei,
        "vei_significance": vertical and vertical.significance,
    }
    first, *others = (rows[name] for name in LIKE)
    like = horizontal_equity(ratio, first.str.cat(others, sep="|").to_numpy())
    row |= {
        "like_groups": like and like.groups,
        "cod_within": like and like.cod_within,
        "cod_between": like and like.cod_between,
    }
    chased = sales_chasing(ratio)
    row |= {
        "near_level_share": chased and chased.share,
        "near_level_expected": chased and chased.expected,
        "is_chasing_suspect": None if chased is None else chased.is_suspect,
    }
    found = verdicts(row, vertical, is_market_level=is_market_level)
    return row | {"verdicts": json.dumps(found, sort_keys=True)}


def _clusters(rows: pd.DataFrame, least: int) -> pd.DataFrame:
    """Groups of like homes, those whose level is furthest from the study's first.

    `is_off` where the 95 % interval of the group's median leaves the study's median out.
    """
    whole = float(rows["ratio"].median())
    found = []
    for key, members in rows.groupby(LIKE, sort=True):
        if len(members) < least:
            continue
        ratio = members["ratio"].to_numpy(float)
        median = float(np.median(ratio))
        low, high = median_interval(ratio) or (np.nan, np.nan)
        found.append(
            dict(zip(LIKE, key, strict=True))
            | {
                "sales": len(members),
                "median_ratio": median,
                "median_ratio_low": low,
                "median_ratio_high": high,
                "cod": float(100.0 * np.abs(ratio - median).mean() / median),
                "off_level_pct": 100.0 * (median / whole - 1.0),
                "outliers": int(members["is_outlier"].sum()),
                "is_off": bool(low > whole or high < whole),
            }
        )
    names = [*LIKE, "sales", "median_ratio", "median_ratio_low", "median_ratio_high", "cod", "off_level_pct",
             "outliers", "is_off"]  # fmt: skip
    table = pd.DataFrame(found, columns=names)
    order = table.assign(far=table["off_level_pct"].abs()).sort_values(
        ["is_off", "far"], ascending=False, kind="stable"
    )
    return order.drop(columns="far").reset_index(drop=True)


def _to_look_at(rows: pd.DataFrame) -> pd.DataFrame:
    """Sales outside the fences, the furthest first, each with the reason in words."""
    low, high = fences(rows["ratio"])
    found = rows[rows["is_outlier"]]
    median = float(rows["ratio"].median())
    why = np.where(
        found["ratio"] > high,
        f"value / price above {high:.3f}: priced below its like, or valued too high",
        f"value / price below {low:.3f}: priced above its like, or valued too low",
    )
    far = np.abs(np.log(found["ratio"].to_numpy(float) / median))
    return found.assign(reason=why).iloc[np.argsort(-far, kind="stable")].reset_index(drop=True)


def study_all(sales: pd.DataFrame, settings: StudySettings) -> list[EquityStudy]:
    """Studies of every column of the settings that enough sales have."""
    chosen: Mapping[str, StudiedValue] = settings.values
    found = (
        equity_study(sales, name, value.level, settings.least_cluster_sales) for name, value in chosen.items()
    )
    return [study for study in found if study is not None]
