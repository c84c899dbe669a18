"""The chance of a gain: how likely a home bought at its ask resells within a year or so for far more.

A logistic regression of few terms, each coefficient held near a stated one by a normal prior (A. Gelman et
al., Bayesian Data Analysis, 2013, chapter 16): a few sales in a hundred gain, and a county's own past tells
little of any one term. A purchase that has not been watched for its whole time counts
as the share of a case by which gains come within the time it was watched (product-limit estimate; E. Kaplan
and P. Meier, 1958): for rare gains that is the likelihood of not having gained yet.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.offers.cases import Floats, term_names, terms
from realestate_assets.domain.offers.params import GainParams

TOO_FEW_GAINS = "TOO_FEW_GAINS"
COUNTY, POOLED = "county", "pooled"
GROUPS = 5
# Points of the normal distribution at whose means the years to come are looked at.
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
DECIMALS = 6


@dataclass(frozen=True)
class GainModel:
    """Coefficients of one county, what they were learned from, and how well they told its past.

    Args:
        basis: whose purchases it was learned from: the county's, or those of all counties.
        coefficients: level and slopes, by `term_names`.
        cases: purchases behind it, an unfinished one as the share it was watched.
        gains: of these.
        priced_cases: purchases whose price stood in for the ask.
        median_gain_pct: median of resale over ask, less one, of those that gained, %.
        median_value_usd: the value that the term `value` is measured against.
        year_spread: standard deviation of the level from year to year, log odds.
        reliability: of fifths by chance: cases, mean chance, share that gained.
    """

    basis: str
    coefficients: tuple[float, ...]
    cases: float
    gains: int
    priced_cases: int
    median_gain_pct: float | None
    median_value_usd: float
    year_spread: float
    reliability: tuple[dict[str, float], ...] = ()

    @property
    def reason(self) -> str | None:
        """Why there is no chance to tell; None where there is one."""
        return None if self.coefficients else TOO_FEW_GAINS

    def probability(self, homes: pd.DataFrame, params: GainParams) -> Floats:
        """Chance of each home, as the mean over years as they come; missing where nothing was learned.

        Args:
            homes: as `terms` takes them.
            params: those it was learned by.
        """
        if not self.coefficients:
            return np.full(len(homes), np.nan)
        return _mean_chance(
            np.array(self.coefficients), terms(homes, self.median_value_usd, params), self.year_spread
        )

    def to_dict(self) -> dict[str, Any]:
        """As stored."""
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "coefficients": list(self.coefficients),
            "reliability": list(self.reliability),
        }

    @classmethod
    def from_dict(cls, stored: dict) -> "GainModel":
        """From what `to_dict` gave."""
        parts = {name: tuple(stored[name]) for name in ("coefficients", "reliability")}
        return cls(**{**stored, **parts})


def fit_gain(cases: pd.DataFrame, county: str, params: GainParams) -> GainModel:
    """What earlier purchases say of a county.

    Args:
        cases: rows of `purchases`, of the county, and of others where its own gains are few.
        county: slug.
        params: prior, least number of gains.
    """
    own = cases[cases["county"] == county]
    is_pooled = int(own["gained"].sum()) < params.min_gains
    used = cases if is_pooled else own
    basis, gains = POOLED if is_pooled else COUNTY, int(used["gained"].sum())
    weight = case_weights(used, params.horizon_days)
    # Values of several counties are measured each against its own.
    medians = used.groupby("county")["value_usd"].transform("median").to_numpy(float)
    middle = float(own["value_usd"].median()) if len(own) else float("nan")
    enough = gains >= params.min_gains and np.isfinite(middle)
    coefficients: tuple[float, ...] = ()
    reliability: tuple[dict[str, float], ...] = ()
    if enough:
        design = terms(
            used.assign(value_usd=used["value_usd"] / medians, ask_usd=used["ask_usd"] / medians), 1.0, params
        )
        gained = used["gained"].to_numpy(dtype=float)
        fitted = _fit(design, gained, weight, params)
        coefficients = tuple(np.round(fitted, DECIMALS).tolist())
        reliability = _reliability(_mean_chance(fitted, design, params.year_spread), gained, weight)
    ratio = used["gain_ratio"].median() if gains else float("nan")
    return GainModel(
        basis=basis,
        coefficients=coefficients,
        cases=round(float(weight.sum()), 1),
        gains=gains,
        priced_cases=int(used["is_price"].sum()),
        median_gain_pct=round(100 * (float(ratio) - 1), 2) if gains else None,
        median_value_usd=round(middle, 2) if np.isfinite(middle) else 0.0,
        year_spread=params.year_spread,
        reliability=reliability,
    )


def case_weights(cases: pd.DataFrame, horizon_days: int) -> Floats:
    """Share of a case that each purchase is: 1 where it is finished or has gained."""
    watched = cases["watched_days"].to_numpy(float)
    finished = cases["is_closed"].to_numpy(bool) | (watched >= horizon_days)
    return np.where(finished, 1.0, share_of_gains_by(cases, horizon_days, watched))


def share_of_gains_by(cases: pd.DataFrame, horizon_days: int, days: Floats) -> Floats:
    """Share of the gains of the whole horizon that come within some days; even where none is known."""
    gained = cases["gained"].to_numpy(bool)
    watched = cases["watched_days"].to_numpy(float)
    at = np.arange(1, horizon_days + 1)
    events = np.bincount(np.clip(watched[gained].astype(int), 1, horizon_days), minlength=horizon_days + 1)[
        1:
    ]
    at_risk = len(watched) - np.searchsorted(np.sort(watched), at, side="left")
    reached = 1 - np.cumprod(1 - events / np.maximum(at_risk, 1))
    whole = reached[-1] if len(reached) else 0.0
    shares = reached / whole if whole > 0 else at / horizon_days
    return np.interp(days, np.concatenate([[0], at]), np.concatenate([[0.0], shares]))


def _fit(design: Floats, gained: Floats, weight: Floats, params: GainParams) -> Floats:
    """Most likely coefficients under the prior; the slope of the discount is never below 0."""
    # Heavy to import: not at each start.
    from scipy.optimize import minimize
    from scipy.special import expit

    prior = np.array([params.prior.level, *params.prior.slopes.values()])
    pull = np.array([params.level_spread, *[params.slope_spread] * (len(prior) - 1)]) ** -2.0

    def loss(beta: Floats) -> tuple[float, Floats]:
        log_odds, off = beta[0] + design @ beta[1:], beta - prior
        value = weight @ (np.logaddexp(0, log_odds) - gained * log_odds) + 0.5 * pull @ off**2
        error = weight * (expit(log_odds) - gained)
        return float(value), np.concatenate([[error.sum()], design.T @ error]) + pull * off

    at = 1 + term_names(params).index("discount")
    bounds = [(0.0, None) if k == at else (None, None) for k in range(len(prior))]
    return minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=bounds).x


def _mean_chance(coefficients: Floats, design: Floats, year_spread: float) -> Floats:
    """Mean chance over years whose level differs: more than the chance of the middle year, for few gain."""
    from scipy.special import expit

    log_odds = coefficients[0] + design @ coefficients[1:]
    return expit(log_odds[:, None] + year_spread * NODES) @ (WEIGHTS / WEIGHTS.sum())


def _reliability(chance: Floats, gained: Floats, weight: Floats) -> tuple[dict[str, float], ...]:
    """Fifths of the purchases by chance: cases, mean chance, share that gained."""
    order = np.argsort(chance, kind="stable")
    rows = []
    for part in np.array_split(order, min(GROUPS, len(order))):
        heavy = float(weight[part].sum())
        rows.append(
            {
                "cases": round(heavy, 1),
                "chance": round(float(chance[part] @ weight[part]) / heavy, DECIMALS),
                "gained": round(float(gained[part] @ weight[part]) / heavy, DECIMALS),
            }
        )
    return tuple(rows)
