"""Small SVG pictures as text: shapes with escaped text and numbers of one form, the same for equal input.

A picture knows its size, its colours and its alternative text; what is drawn is decided by the memo's
modules. Nothing here is random or dated, so that equal figures give equal bytes.
"""

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

INK = "#1c232b"
MUTED = "#5b6470"
RULE = "#c9d0d8"
BLUE = "#14324f"
BAND = "#c7d8ea"
GREEN = "#14663f"
RED = "#a3261b"
AMBER = "#8a5a00"
FONT = "Lato, 'DejaVu Sans', sans-serif"
# Mean width of a character of the memo's font against its size: for labels that must not meet.
CHARACTER_WIDTH = 0.56


def number(value: float) -> str:
    """A coordinate: one decimal at most, never -0."""
    text = f"{round(float(value), 1) + 0.0:.1f}"
    return text.removesuffix(".0")


def text_width(text: str, size: float) -> float:
    """Rough width of a text, in the units of the picture."""
    return len(text) * size * CHARACTER_WIDTH


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round values between two ends, about `count` of them: steps of 1, 2, 2.5 or 5 times a power of ten."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((power * k for k in (1, 2, 2.5, 5, 10) if power * k >= rough), power * 10)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 6) for k in range(first, last + 1)]


class Picture:
    """Collects shapes; `markup` is the finished element."""

    def __init__(self, width: float, height: float, alt: str, name: str) -> None:
        """An empty picture.

        Args:
            width: in units; the page decides how large a unit is.
            height: in units.
            alt: what the picture says, for those who do not see it.
            name: class of the element.
        """
        self.width, self.height, self.alt, self._name = width, height, alt, name
        self._parts: list[str] = []

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str = RULE, width: float = 1, dash: str = ""
    ) -> None:
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" '
            f'stroke="{stroke}" stroke-width="{number(width)}"{dashed}/>'
        )

    def box(self, x: float, y: float, width: float, height: float, fill: str, stroke: str = "none") -> None:
        """A rectangle."""
        self._parts.append(
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" '
            f'height="{number(max(height, 0))}" fill="{fill}" stroke="{stroke}"/>'
        )

    def dot(self, x: float, y: float, radius: float, fill: str, stroke: str = "none") -> None:
        """A circle."""
        self._parts.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" '
            f'fill="{fill}" stroke="{stroke}"/>'
        )

    def shape(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        """A filled polygon."""
        self._parts.append(f'<polygon points="{_points(points)}" fill="{fill}"/>')

    def curve(self, points: Sequence[tuple[float, float]], stroke: str, width: float = 2) -> None:
        """A line through points."""
        self._parts.append(
            f'<polyline points="{_points(points)}" fill="none" stroke="{stroke}" '
            f'stroke-width="{number(width)}" stroke-linejoin="round"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9,
        anchor: str = "start",
        fill: str = INK,
        bold: bool = False,
        raised: str = "",
    ) -> None:
        """A line of text, standing on y; `raised` follows it small, as a footnote's letter."""
        weight = ' font-weight="bold"' if bold else ""
        small = f'font-size="{number(size * 0.65)}" font-weight="normal" dy="{number(-size * 0.35)}"'
        note = f"<tspan {small}> {escape(raised)}</tspan>" if raised else ""
        anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self._parts.append(
            f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{fill}"'
            f"{anchored}{weight}>{escape(text)}{note}</text>"
        )

    def markup(self) -> Markup:
        """The element, safe to stand in a page."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{escape(self._name)}" role="img" '
            f'viewBox="0 0 {number(self.width)} {number(self.height)}" width="{number(self.width)}" '
            f'height="{number(self.height)}" font-family="{FONT}"><title>{escape(self.alt)}</title>'
        )
        return Markup(head + "".join(self._parts) + "</svg>")  # noqa: S704 # nosec B704 - all texts are escaped


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)
