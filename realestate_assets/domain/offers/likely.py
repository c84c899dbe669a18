"""The likely sale value: what a home will probably sell for, given its blind value and its ask.

log(sale / ask), divided by the size of deviation that such a home has, is distributed as among earlier sales
whose blind values stood alike to their asks; quantiles of that distribution times the ask are the likely sale
value. This is conformal prediction by group (V. Vovk et al., Algorithmic Learning in a Random World, 2005,
section 4.5), with groups that overlap and lean on larger ones where they are thin.

How a blind value stands to an ask is compared within its month: where all asks of a month stand 5 % further
below their values than those learned from did, the market has moved past the values rather than all of its
homes become bargains.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.offers.distribution import (
    AT_ASK,
    Bands,
    Floats,
    band_edges,
    leaning,
    levels,
    weighted_quantiles,
)
from realestate_assets.domain.offers.params import LikelyParams, LikelyPrior

LIKELY_COLUMNS = ("likely_sale_p10_usd", "likely_sale_p50_usd", "likely_sale_p90_usd")
LEARNED, POOLED, PRIOR = "county", "pooled", "prior"
# A discount beyond this is a fault of the record rather than a measure of size.
MAX_LOG_DISCOUNT = 1.0
# Range of sizes that are believed: a tenth and ten times the ordinary one.
MAX_LOG_SIZE = np.log(10.0)
SMALLEST_WIDTH = 0.02
# Groups of sales that the card shows, and how many sales a group needs.
GROUPS, LEAST_OF_A_GROUP = 5, 10


@dataclass(frozen=True)
class Size:
    """Size of deviation of a home against that of an ordinary one, log-linear in what is known of it."""

    centre: tuple[float, ...]
    slopes: tuple[float, ...]

    def of(self, terms: Floats) -> Floats:
        """Factors; 1 is the ordinary home."""
        log_size = (terms - np.array(self.centre)) @ np.array(self.slopes)
        return np.exp(np.clip(log_size, -MAX_LOG_SIZE, MAX_LOG_SIZE))


def size_terms(value_usd: Floats, ask_usd: Floats, log_width: Floats, median_value_usd: float) -> Floats:
    """What the size hangs on: width of the value's interval, level of the value, discount either way."""
    discount = np.clip(np.log(value_usd / ask_usd), -MAX_LOG_DISCOUNT, MAX_LOG_DISCOUNT)
    return np.column_stack(
        [
            np.log(np.maximum(log_width, SMALLEST_WIDTH)),
            np.clip(np.log(value_usd / median_value_usd), -1.5, 1.5),
            np.maximum(discount, 0.0),
            np.maximum(-discount, 0.0),
        ]
    )


@dataclass(frozen=True)
class LikelyModel:
    """Distribution of log(sale / ask) of one county, its types, and homes long on the market.

    `basis` is whose sales say most of it, `sales` how many the county has, `pooled_sales` all counties.
    `median_log_discount` is that of the sales learned from, None without any; `level_trust` the homes with
    which the level of a month is believed by half. `reliability` is of fifths of the county's sales by how
    far they were asked below their value: sales, chance of a sale above the ask as told and as it came, share
    of the prices inside the interval, median of price / likely sale value.
    """

    basis: str
    sales: int
    pooled_sales: int
    median_value_usd: float
    median_log_discount: float | None
    level_trust: float
    size: Size
    all: Bands
    by_type: Mapping[str, Bands]
    by_market_days: Mapping[int, Bands]
    lower_level: float
    upper_level: float
    factor: float
    reliability: tuple[dict[str, float], ...] = ()

    def quantiles(self, homes: pd.DataFrame) -> Floats:
        """Quantiles of log(sale / ask), a row a home.

        Args:
            homes: of one month, at its level; ask_usd, value_usd, log_width, property_type and market_days;
                the last two may be missing.
        """
        value, ask, width = (homes[name].to_numpy(float) for name in ("value_usd", "ask_usd", "log_width"))
        size = self.size.of(size_terms(value, ask, width, self.median_value_usd))
        # Sums of quantiles may cross by a hair.
        return np.sort(self._told(homes, Bands.at), axis=1) * (size * self.factor)[:, None]

    def _at_level(self, homes: pd.DataFrame) -> pd.DataFrame:
        """Homes with their values brought to where values stood to asks among the sales learned from."""
        if self.median_log_discount is None or homes.empty:
            return homes
        now = float(np.median(np.log(homes["value_usd"] / homes["ask_usd"])))
        moved = (now - self.median_log_discount) * len(homes) / (len(homes) + self.level_trust)
        return homes.assign(value_usd=homes["value_usd"] * np.exp(-moved))

    def above_ask(self, homes: pd.DataFrame) -> Floats:
        """Probability of a sale above the ask, a figure a home."""
        return np.clip(self._told(homes, Bands.above_at), 0.0, 1.0)

    def _told(self, homes: pd.DataFrame, figure: Callable[[Bands, Floats], Floats]) -> Floats:
        """A figure of the bands of each home's type, with what waiting changes."""
        discount = np.log(homes["value_usd"].to_numpy(float) / homes["ask_usd"].to_numpy(float))
        found = figure(self.all, discount)
        kinds = homes["property_type"].to_numpy(dtype=object, na_value="")
        for kind, bands in self.by_type.items():
            own = kinds == kind
            found[own] = figure(bands, discount[own])
        waited = homes["market_days"].to_numpy(float)
        days = [*self.by_market_days, np.inf]
        for at_least, below, bands in zip(days[:-1], days[1:], self.by_market_days.values(), strict=True):
            own = (waited >= at_least) & (waited < below)
            # What waiting changes among all homes is added to what holds for this kind.
            found[own] += figure(bands, discount[own]) - figure(self.all, discount[own])
        return found

    def predict(self, homes: pd.DataFrame) -> pd.DataFrame:
        """LIKELY_COLUMNS in USD, and `sale_above_ask_probability`, aligned to the homes.

        Args:
            homes: all of one month, as in `quantiles`: together they tell how values stand to asks in it.
        """
        homes = self._at_level(homes)
        quantiles = self.quantiles(homes)
        at, ask = levels(quantiles.shape[1]), homes["ask_usd"].to_numpy(float)
        ends = (self.lower_level, 0.5, self.upper_level)
        found = {
            name: ask * np.exp(_interpolated(quantiles, at, level))
            for name, level in zip(LIKELY_COLUMNS, ends, strict=True)
        }
        found["sale_above_ask_probability"] = self.above_ask(homes)
        return pd.DataFrame(found, index=homes.index)

    def to_dict(self) -> dict[str, Any]:
        """As stored."""
        return {
            "basis": self.basis,
            "sales": self.sales,
            "pooled_sales": self.pooled_sales,
            "median_value_usd": self.median_value_usd,
            "median_log_discount": self.median_log_discount,
            "level_trust": self.level_trust,
            "size": {"centre": list(self.size.centre), "slopes": list(self.size.slopes)},
            "all": self.all.to_dict(),
            "by_type": {kind: bands.to_dict() for kind, bands in self.by_type.items()},
            "by_market_days": {str(days): bands.to_dict() for days, bands in self.by_market_days.items()},
            "lower_level": self.lower_level,
            "upper_level": self.upper_level,
            "factor": self.factor,
            "reliability": list(self.reliability),
        }

    @classmethod
    def from_dict(cls, stored: dict) -> "LikelyModel":
        """From what `to_dict` gave."""
        size = Size(tuple(stored["size"]["centre"]), tuple(stored["size"]["slopes"]))
        days = sorted((int(days), Bands.from_dict(each)) for days, each in stored["by_market_days"].items())
        return cls(
            **{
                **stored,
                "size": size,
                "all": Bands.from_dict(stored["all"]),
                "by_type": {kind: Bands.from_dict(each) for kind, each in stored["by_type"].items()},
                "by_market_days": dict(days),
                "reliability": tuple(stored["reliability"]),
            }
        )


def fit_likely(sales: pd.DataFrame, county: str, params: LikelyParams) -> LikelyModel:
    """What sales with an ask say of a county.

    Args:
        sales: rows of `asked_sales`, of the county, and of others where its own are few.
        county: slug.
        params: bands, weights, prior.
    """
    weight = 0.5 ** (sales["months_ago"].to_numpy(float) / params.half_life_months)
    is_own = (sales["county"] == county).to_numpy()
    value, ask, width = (sales[name].to_numpy(float) for name in ("value_usd", "ask_usd", "log_width"))
    deviation, discount = np.log(sales["sale_price_usd"].to_numpy(float) / ask), np.log(value / ask)
    if not len(sales):
        at = np.array(params.prior.at)
        return _model(
            _prior_bands(params, at), Size((0.0,) * 4, (0.0,) * 4), {}, {}, (0, 0), 1.0, None, params
        )
    middle = float(np.median(value[is_own] if is_own.any() else value))
    terms = size_terms(value, ask, width, middle)
    size = _fit_size(terms, deviation, weight, params)
    sized = deviation / size.of(terms)
    inner, middles = band_edges(discount, weight, params.band_edges)
    band = np.searchsorted(inner, discount)
    prior = _prior_bands(params, np.round(middles, 6))

    def lean(chosen: Floats, parent: Bands, trust: float) -> Bands:
        return leaning(sized[chosen], band[chosen], weight[chosen], parent, trust)

    everywhere = lean(np.ones(len(sales), dtype=bool), prior, params.prior_trust)
    # Where all sales are the county's own there is nothing between them and the prior.
    here = everywhere if is_own.all() else lean(is_own, everywhere, params.trust)
    kinds = sales["property_type"].to_numpy(dtype=object, na_value="")
    waited = sales["market_days"].to_numpy(float)
    model = _model(
        here,
        size,
        {
            str(kind): lean(is_own & (kinds == kind), here, params.trust)
            for kind in sorted(set(kinds[is_own]) - {""})
        },
        {
            days: lean(is_own & (waited >= days), here, params.trust)
            for days in params.market_days
            if (is_own & (waited >= days)).any()
        },
        (int(is_own.sum()), len(sales)),
        middle,
        round(float(weighted_quantiles(discount, weight, np.array([0.5]))[0]), 6),
        params,
    )
    return replace(model, reliability=_reliability(model, sales[is_own], weight[is_own]))


def _model(
    bands: Bands,
    size: Size,
    by_type: dict[str, Bands],
    by_market_days: dict[int, Bands],
    counts: tuple[int, int],
    median_value_usd: float,
    median_log_discount: float | None,
    params: LikelyParams,
) -> LikelyModel:
    own, everywhere = counts
    basis = LEARNED if own and 2 * own >= everywhere else POOLED if everywhere else PRIOR
    return LikelyModel(
        basis=basis,
        sales=own,
        pooled_sales=everywhere,
        median_value_usd=median_value_usd,
        median_log_discount=median_log_discount,
        level_trust=params.level_trust,
        size=size,
        all=bands,
        by_type=by_type,
        by_market_days=by_market_days,
        lower_level=params.lower_level,
        upper_level=params.upper_level,
        factor=params.forward_factor,
    )


def _reliability(model: LikelyModel, sales: pd.DataFrame, weight: Floats) -> tuple[dict[str, float], ...]:
    """`reliability` of a model on the sales that it was learned from, as they weighed; none of too few."""
    if len(sales) < GROUPS * LEAST_OF_A_GROUP:
        return ()
    # A model tells the homes of one month together.
    by_month = sales.reset_index(drop=True).groupby(np.floor(sales["months_ago"].to_numpy(float)))
    told = pd.concat([model.predict(homes) for _, homes in by_month]).sort_index()
    price = sales["sale_price_usd"].to_numpy(float)
    low, middle, high = (told[name].to_numpy() for name in LIKELY_COLUMNS)
    figures = {
        "chance": told["sale_above_ask_probability"].to_numpy(),
        "above": (price > sales["ask_usd"].to_numpy(float)).astype(float),
        "inside": ((price >= low) & (price <= high)).astype(float),
    }
    order = np.argsort((sales["value_usd"] / sales["ask_usd"]).to_numpy(float), kind="stable")
    groups = []
    for part in np.array_split(order, GROUPS):
        means = {name: np.average(of[part], weights=weight[part]) for name, of in figures.items()}
        ratio = weighted_quantiles(price[part] / middle[part], weight[part], np.array([0.5]))[0]
        found = {"sales": len(part), **means, "ratio": ratio}
        groups.append({name: round(float(value), 4) for name, value in found.items()})
    return tuple(groups)


def _fit_size(terms: Floats, deviation: Floats, weight: Floats, params: LikelyParams) -> Size:
    """Ridge regression of the log of the absolute deviation on the terms; its level is left to the bands."""
    centre = np.average(terms, axis=0, weights=weight)
    target = np.log(np.abs(deviation) + params.size_floor)
    centred, target = terms - centre, target - np.average(target, weights=weight)
    scale = np.maximum(np.sqrt(np.average(centred**2, axis=0, weights=weight)), 1e-6)
    design = centred / scale * np.sqrt(weight)[:, None]
    gram = design.T @ design + params.size_trust * np.eye(design.shape[1])
    slopes = np.linalg.solve(gram, design.T @ (target * np.sqrt(weight))) / scale
    return Size(tuple(np.round(centre, 6).tolist()), tuple(np.round(slopes, 6).tolist()))


def _prior_quantiles(prior: LikelyPrior, middles: Floats, count: int) -> Floats:
    """The prior's quantiles at some values of log(value / ask): two half normals that meet in the median."""
    # Heavy to import: not at each start.
    from scipy.stats import norm

    low, middle, high = (np.interp(middles, prior.at, row) for row in (prior.p10, prior.p50, prior.p90))
    steps = norm.ppf(levels(count)) / norm.ppf(0.9)
    scale = np.where(steps < 0, (middle - low)[:, None], (high - middle)[:, None])
    return middle[:, None] + scale * steps


def _prior_bands(params: LikelyParams, middles: Floats) -> Bands:
    quantiles = _prior_quantiles(params.prior, middles, params.quantile_count)
    return Bands(tuple(middles.tolist()), quantiles, (quantiles > AT_ASK).mean(axis=1))


def _interpolated(quantiles: Floats, at: Floats, level: float) -> Floats:
    """Each row's quantile at one level, linear between the stored ones."""
    right = int(np.clip(np.searchsorted(at, level), 1, len(at) - 1))
    share = (level - at[right - 1]) / (at[right] - at[right - 1])
    return quantiles[:, right - 1] + share * (quantiles[:, right] - quantiles[:, right - 1])
