"""Is a standard met? By the figure, and where it is not by its interval: chance alone condemns nobody.

Source: IAAO, Standard on Ratio Studies (2013), section 9 and table 1-3; for the VEI the exposure draft of
2025; for MKI C. Quintos (2020). A standard is called not met only where the whole 95 % interval lies outside.
"""

from collections.abc import Mapping

from realestate_assets.domain.valuation.equity.vertical import TOLERANCE, VerticalEquity
from realestate_assets.domain.valuation.promotion_policy import IAAO_RANGES

MET, NOT_PROVEN, NOT_MET, UNKNOWN = "met", "not_proven", "not_met", "unknown"
RANGES = {**IAAO_RANGES, "mki": (0.95, 1.05), "vei": (-TOLERANCE, TOLERANCE)}


def verdict(figure: float | None, ends: tuple[float | None, float | None], span: tuple[float, float]) -> str:
    """met, not_proven (outside, but its interval reaches in), not_met, or unknown without a figure."""
    if figure is None:
        return UNKNOWN
    if span[0] <= figure <= span[1]:
        return MET
    low, high = ends
    if low is None or high is None:
        return NOT_PROVEN
    return NOT_MET if low > span[1] or high < span[0] else NOT_PROVEN


def verdicts(
    row: Mapping[str, float | int | None], vertical: VerticalEquity | None, *, is_market_level: bool
) -> dict[str, str]:
    """Verdict on each measure of RANGES.

    Args:
        row: figures and their `_low` and `_high`, as `study_row` gives them.
        vertical: the vertical equity indicator.
        is_market_level: whether the values are meant to be market values; the level of others is not judged.
    """
    found = {
        name: verdict(row[name], (row.get(f"{name}_low"), row.get(f"{name}_high")), span)
        for name, span in RANGES.items()
        if name != "vei" and (is_market_level or name != "median_ratio")
    }
    found["vei"] = UNKNOWN if vertical is None else _of_vei(vertical)
    return found


def _of_vei(vertical: VerticalEquity) -> str:
    if abs(vertical.vei) <= TOLERANCE:
        return MET
    return NOT_MET if vertical.significance > TOLERANCE else NOT_PROVEN
