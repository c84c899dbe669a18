"""What holds a class at fair: facts that are not known, and no way in which the home is known to pay.

Let, the rent carries the loan; flipped, the sale after repairs leaves a gain. A way that is not known is none
that pays: neither a rent nor a resale margin is good news while nobody knows it.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pandas as pd

from realestate_assets.domain.core import formats
from realestate_assets.domain.scoring.cashflow import Floats, as_floats


class PayingBounds(Protocol):
    """The bounds of scoring.yaml that are used here."""

    @property
    def min_dscr(self) -> float:
        """Least debt service coverage of a home that pays when let."""

    @property
    def min_flip_roi_pct(self) -> float:
        """Least return of a home that pays when flipped, %."""


def pays(measures: pd.DataFrame, bounds: PayingBounds) -> np.ndarray:
    """True where one of the ways is known and good enough.

    Args:
        measures: dscr, and flip_roi_pct in %.
        bounds: the settings.
    """
    dscr, roi = as_floats(measures["dscr"]), as_floats(measures["flip_roi_pct"])
    # A comparison with NaN is false, which is what is wanted of the unknown.
    return (dscr >= bounds.min_dscr) | (roi >= bounds.min_flip_roi_pct)


def limits(measures: pd.DataFrame, bounds: PayingBounds, unknown_fields: np.ndarray) -> list[str | None]:
    """Why the class of a row is held at fair, in words; None where it is not.

    Args:
        measures: as in `pays`.
        bounds: as in `pays`.
        unknown_fields: names of the required fields that are unknown of each row; "" where none is.
    """
    dscr, roi = as_floats(measures["dscr"]), as_floats(measures["flip_roi_pct"])
    found: list[str | None] = [None] * len(measures)
    least = formats.decimal(bounds.min_dscr, 2), formats.percent(bounds.min_flip_roi_pct)
    for at in np.flatnonzero(~pays(measures, bounds)).tolist():
        let = _way(dscr[at], lambda value: f"DSCR {formats.decimal(value, 2)}, {least[0]} wanted", "rent")
        flip = _way(
            roi[at], lambda value: f"flip {formats.percent(value)}, {least[1]} wanted", "resale margin"
        )
        found[at] = f"No way is known in which it pays: {let}; {flip}."
    for at in np.flatnonzero(unknown_fields != "").tolist():
        names = unknown_fields[at].replace("_usd", "").replace("_sqft", "").replace("_", " ")
        found[at] = " ".join(filter(None, [f"Not known: {names}.", found[at]]))
    return found


def _way(value: Floats, told: Callable[[float], str], name: str) -> str:
    return f"{name} unknown" if np.isnan(value) else told(float(value))
