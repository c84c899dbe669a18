"""Drift: whether the homes of a month still look like those a model learned from, and its errors as told.

PSI = sum over classes of (share now - share then) x ln(share now / share then), classes being deciles of the
training sales (N. Siddiqi, Credit Risk Scorecards, 2006). Two samples of one population already differ: what
chance gives, (classes - 1) x (1 / n + 1 / m), is taken off (B. Yurdakul, Statistical Properties of Population
Stability Index, 2018).
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.promotion_policy import DriftRules

CLASSES = 10
# Stands in for a share of zero, whose logarithm is not finite.
LEAST_SHARE = 1e-4


def stability_index(then: np.ndarray, now: np.ndarray) -> float | None:
    """PSI of one feature above what chance gives, at least 0; missing values are a class of their own.

    None where either side has no rows. A feature that is missing or constant on both sides has none to tell.
    """
    if not len(then) or not len(now):
        return None
    known = then[np.isfinite(then)]
    # Below the least and above the greatest known value are classes too: a constant may move as a whole.
    edges = np.unique(np.quantile(known, np.linspace(0, 1, CLASSES + 1))) if len(known) else np.empty(0)
    edges = np.append(edges, np.nextafter(edges[-1:], np.inf))
    shares = []
    for values in (then, now):
        classes = np.searchsorted(edges, values, side="right")
        classes = np.where(np.isfinite(values), classes, len(edges) + 1)
        shares.append(np.bincount(classes, minlength=len(edges) + 2) / len(values))
    used = (shares[0] > 0) | (shares[1] > 0)
    before, after = (np.maximum(share[used], LEAST_SHARE) for share in shares)
    index = float(((after - before) * np.log(after / before)).sum())
    chance = (used.sum() - 1) * (1 / len(then) + 1 / len(now))
    return max(index - float(chance), 0.0)


def feature_drift(
    then: pd.DataFrame, now: pd.DataFrame, features: Iterable[str], rules: DriftRules
) -> dict[str, float]:
    """PSI of each feature at or above `psi_watch`, highest first; empty where either side is too small."""
    if min(len(then), len(now)) < rules.min_properties:
        return {}
    found = {}
    for name in features:
        sides = [frame[name].to_numpy(dtype=float, na_value=np.nan) for frame in (then, now)]
        index = stability_index(*sides)
        if index is not None and index >= rules.psi_watch:
            found[name] = round(index, 4)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def error_drift(
    expected: Mapping[str, float | None], seen: Mapping[str, float | None], rules: DriftRules
) -> list[str]:
    """What of a month's errors is not as the model's out-of-fold figures foresaw, in sentences.

    Args:
        expected: median_ratio and cod out of fold.
        seen: n, median_ratio and cod of the month's sales.
        rules: thresholds, and the fewest sales that say anything.
    """
    count = seen.get("n") or 0
    ratio, cod = expected.get("median_ratio"), expected.get("cod")
    ratio_now, cod_now = seen.get("median_ratio"), seen.get("cod")
    if count < rules.min_sales or ratio is None or cod is None or ratio_now is None or cod_now is None:
        return []
    sentences = []
    if abs(ratio_now - ratio) > rules.median_ratio_shift:
        sentences.append(f"Median ratio {ratio_now:.3f} against {ratio:.3f} out of fold ({count:,} sales).")
    if cod_now > cod * rules.cod_rise:
        sentences.append(f"COD {cod_now:.1f} against {cod:.1f} out of fold ({count:,} sales).")
    return sentences
