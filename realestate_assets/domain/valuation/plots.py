"""Pictures of a valuation as PNG data URIs: values against prices, ratios by decile, and the like.

Drawn without pyplot, which keeps state for the process; the same figures give the same bytes.
"""

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.ratio_groups import deciles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, BLUE, RED, GRID = "#1c232b", "#14324f", "#a3261b", "#d5dbe1"
# More points than this lie on each other; every n-th by price shows the same cloud.
MAX_POINTS = 2_500
DPI = 110
RATIO_ENDS = (0.4, 1.8)


# Room beside and between panels for titles and labels, inches. Fixed: matplotlib finds it by setting all text
# twice, which is half of the time of a picture.
LEFT, RIGHT, BOTTOM, TOP = 0.62, 0.12, 0.46, 0.32


def picture(panels: Sequence, width: float = 4.2, height: float = 3.1, left: float = LEFT) -> str:
    """Panels side by side as one data URI.

    Args:
        panels: functions that draw on an axis each.
        width: of a panel with its labels, inches.
        height: of the picture, inches.
        left: room for the labels of the vertical axis, inches.
    """
    # Heavy to import: not at each start.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    count = len(panels)
    figure = Figure(figsize=(width * count, height))
    FigureCanvasAgg(figure)
    plot = width - left - RIGHT
    room = {
        "left": left / (width * count),
        "right": 1 - RIGHT / (width * count),
        "bottom": BOTTOM / height,
        "top": 1 - TOP / height,
        "wspace": (left + RIGHT) / plot,
    }
    for axis, draw in zip(np.atleast_1d(figure.subplots(1, count, gridspec_kw=room)), panels, strict=True):
        axis.tick_params(labelsize=8, colors=INK)
        axis.spines[["top", "right"]].set_visible(False)
        axis.set_axisbelow(True)
        axis.grid(color=GRID, linewidth=0.6)
        draw(axis)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _label(axis: "Axes", title: str, x: str, y: str) -> None:
    axis.set_title(title, fontsize=9.5, color=INK, loc="left", fontweight="bold")
    axis.set_xlabel(x, fontsize=8)
    axis.set_ylabel(y, fontsize=8)


def values_against_prices(axis: "Axes", sales: pd.DataFrame) -> None:
    """Value over price, both in thousands of dollars on logarithmic scales."""
    ordered = sales.sort_values("sale_price_usd", kind="stable")
    shown = ordered.iloc[:: max(1, -(-len(ordered) // MAX_POINTS))]
    price, value = (shown[n].to_numpy(float) / 1e3 for n in ("sale_price_usd", "market_value_p50_usd"))
    ends = [min(price.min(), value.min()), max(price.max(), value.max())]
    axis.plot(ends, ends, color=RED, linewidth=1)
    axis.plot(price, value, ".", color=BLUE, markersize=2.5, alpha=0.35)
    axis.set(xscale="log", yscale="log")
    ticks = [t for t in (50, 100, 200, 400, 800, 1_600, 3_200, 6_400) if ends[0] <= t <= ends[1]]
    for one in (axis.xaxis, axis.yaxis):
        one.set_ticks(ticks, [f"{t:,}" for t in ticks])
        one.set_ticks([], minor=True)
    _label(axis, "Value against price", "price, thousand USD", "value, thousand USD")


def ratios_by_decile(axis: "Axes", sales: pd.DataFrame) -> None:
    """Median ratio of each price decile, with its middle half."""
    ratio = sales["market_value_p50_usd"] / sales["sale_price_usd"]
    groups = ratio.groupby(deciles(sales["sale_price_usd"]).to_numpy())
    low, middle, high = (groups.quantile(q) for q in (0.25, 0.5, 0.75))
    axis.axhspan(0.9, 1.1, color=GRID, alpha=0.5, linewidth=0)
    axis.axhline(1.0, color=RED, linewidth=1)
    axis.errorbar(
        middle.index.astype(int), middle, [middle - low, high - middle], fmt="o", color=BLUE, markersize=4
    )
    axis.set_xticks(range(1, 11))
    _label(axis, "Ratio by price decile", "decile, 1 the cheapest", "median and middle half")


def ratio_histogram(axis: "Axes", sales: pd.DataFrame) -> None:
    """Distribution of value / price; what lies beyond the ends stands in the last bars."""
    ratio = (sales["market_value_p50_usd"] / sales["sale_price_usd"]).clip(*RATIO_ENDS)
    axis.hist(ratio, bins=np.linspace(*RATIO_ENDS, 57).tolist(), color=BLUE)
    axis.axvline(1.0, color=RED, linewidth=1)
    _label(axis, "Ratios", "value / price", "sales")


def coverage_by_decile(axis: "Axes", sales: pd.DataFrame) -> None:
    """Share of the prices inside P10 to P90 by decile of the price, against the 80 % it is made for."""
    inside = sales["sale_price_usd"].between(sales["market_value_p10_usd"], sales["market_value_p90_usd"])
    share = 100 * inside.groupby(deciles(sales["sale_price_usd"]).to_numpy()).mean()
    axis.axhspan(70, 90, color=GRID, alpha=0.5, linewidth=0)
    axis.bar(share.index.astype(int), share, color=BLUE, width=0.7)
    axis.axhline(80, color=RED, linewidth=1)
    axis.set(ylim=(0, 100))
    axis.set_xticks(range(1, 11))
    _label(axis, "Prices inside the interval", "price decile", "%")


def time_index(axis: "Axes", months: Sequence[str], log_levels: Sequence[float], forward_step: float) -> None:
    """Price level by month of sale, the valued month being 100; the last step is carried forward."""
    levels = 100 * np.exp(np.array([*log_levels, forward_step]) - forward_step)
    positions = np.arange(len(levels))
    axis.plot(positions[:-1], levels[:-1], "-o", color=BLUE, markersize=3.5)
    axis.plot(positions[-2:], levels[-2:], "--o", color=RED, markersize=3.5)
    step = max(1, len(months) // 5)
    axis.set_xticks(positions[:-1:step], list(months)[::step])
    _label(axis, "Time index", "month of sale; dashed: carried forward", "valued month = 100")


def importance(axis: "Axes", shares: pd.Series) -> None:
    """Bars of the features that move the values most, the first on top."""
    shown = shares.iloc[::-1]
    axis.barh(np.arange(len(shown)), shown.to_numpy(), color=BLUE, height=0.7)
    axis.set_yticks(np.arange(len(shown)), [name.replace("_", " ") for name in shown.index], fontsize=7)
    axis.grid(axis="y", visible=False)
    _label(axis, "What moves the values", "mean change when shuffled, %", "")


def trials_by_number(axis: "Axes", trials: pd.DataFrame) -> None:
    """COD of each trial of a tuning study, the best so far as a line; the first is the shipped parameters."""
    ordered = trials.sort_values("trial")
    cod = ordered["cod"].to_numpy(float)
    axis.plot(ordered["trial"] + 1, cod, ".", color=BLUE, markersize=5)
    axis.step(ordered["trial"] + 1, np.minimum.accumulate(cod), color=RED, linewidth=1.2, where="post")
    axis.axhline(cod[0], color=INK, linewidth=0.8, linestyle=":")
    _label(axis, "COD by trial (dotted: shipped parameters)", "trial", "COD, %")
