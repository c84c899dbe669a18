"""How values of the home's size have done in its county: a sentence of ratio, coverage and their sales."""

from realestate_assets.domain.core import formats
from realestate_assets.domain.memo.figures import Figures


def band_record(figures: Figures) -> str | None:
    """What earlier sales valued like this home said of the model; None where too few were judged."""
    f = figures
    sales, ratio = f.number("value_band_sales"), f.number("value_band_median_ratio")
    coverage = formats.share(f.number("value_band_coverage"))
    if not sales or ratio is None or coverage is None:
        return None
    return (
        f"Tried on {formats.count(sales)} earlier sales of the county that it had not learned from, "
        f"{_span(f)}: its value was {formats.decimal(ratio, 3)} of the price in the median, and {coverage} "
        "of the prices lay between P10 and P90."
    )


def _span(f: Figures) -> str:
    low, high = (formats.usd(f.number(f"value_band_{end}_usd")) for end in ("low", "high"))
    if low and high:
        return f"valued at {low} to {high} as this home is"
    if high:
        return f"valued below {high} as this home is"
    return f"valued above {low} as this home is" if low else "of any value"
