"""Sales chasing: values set to the prices of the sales that will judge them.

Chased ratios heap at the level of the study where honest ones thin out smoothly. The share of ratios within
2 % of the median is held against what the next 4 % on either side lead to expect. IAAO, Standard on Ratio
Studies (2013), appendix E, names the practice and compares sold with unsold homes; that needs the earlier
values too, which no roll that lands here has.
"""

from dataclasses import dataclass

import numpy as np

CORE, AROUND = 0.02, 0.06
# A peak as sharp as the Laplace distribution's at a COD of 7 has 1.55 times the expected.
SUSPECT_TIMES = 2.0
SUSPECT_CHANCE = 0.01
MIN_RATIOS = 30


@dataclass(frozen=True)
class Chasing:
    """Share of the ratios at the level, the share expected, and whether it is too large for chance."""

    share: float
    expected: float
    is_suspect: bool


def sales_chasing(ratio: np.ndarray) -> Chasing | None:
    """Heaping of ratios at their median; None below MIN_RATIOS. It tells that values know prices, not why."""
    # Heavy to import: not at each start.
    from scipy.stats import binom

    n = len(ratio)
    if n < MIN_RATIOS:
        return None
    distance = np.abs(ratio / np.median(ratio) - 1.0)
    core = int((distance <= CORE).sum())
    beside = int(((distance > CORE) & (distance <= AROUND)).sum())
    # Twice as wide on either side as the core: half of what lies there is expected in the core.
    width = AROUND / CORE - 1.0
    # Both counts are chance: how likely is such a part in the core, at SUSPECT_TIMES the expected?
    chance = float(binom.sf(core - 1, core + beside, SUSPECT_TIMES / (SUSPECT_TIMES + width)))
    return Chasing(core / n, beside / width / n, chance < SUSPECT_CHANCE)
