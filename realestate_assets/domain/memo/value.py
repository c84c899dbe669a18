"""The picture of a value and its range: P10, P50, P90, asking price, ARV and assessed value on one axis."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from realestate_assets.domain.core import formats, svg
from realestate_assets.domain.memo.figures import Figures

WIDTH, MARGIN = 640.0, 14.0
LANE, SIZE, GAP = 15.0, 9.5, 8.0

MARKS: tuple[tuple[str, str, str, str], ...] = (
    ("p10", "Low (P10)", "market_value_p10_usd", svg.MUTED),
    ("p50", "Market value (P50)", "market_value_p50_usd", svg.BLUE),
    ("p90", "High (P90)", "market_value_p90_usd", svg.MUTED),
    ("price", "Asking price", "asking_price_usd", svg.RED),
    ("arv", "After-repair value", "arv_usd", svg.GREEN),
    ("assessed", "Assessed value", "assessed_value_usd", svg.AMBER),
)


def value_range(figures: Figures) -> dict | None:
    """The marks with their places, and the picture; None without a value."""
    known = [
        (key, label, name, colour, value)
        for key, label, name, colour in MARKS
        if (value := figures.number(name)) is not None
    ]
    if not any(mark[0] == "p50" for mark in known):
        return None
    low, high = min(mark[4] for mark in known), max(mark[4] for mark in known)
    # Room beside the outermost marks; a range of nothing would divide by 0.
    room = (high - low) * 0.04 or max(abs(low) * 0.05, 1.0)
    low, high = low - room, high + room
    scale = (WIDTH - 2 * MARGIN) / (high - low)
    marks = [
        {
            "key": key,
            "x": round(MARGIN + (value - low) * scale, 1),
            "colour": colour,
            "figure": figures.usd(label, name, note=figures.price_note if key == "price" else None),
        }
        for key, label, name, colour, value in known
    ]
    steps = [(formats.usd(t) or "", MARGIN + (t - low) * scale) for t in svg.ticks(low, high, 6)]
    return {
        "marks": marks,
        "picture": _picture(marks, steps),
        "arv_range": figures.range_of("Range of the after-repair value", "arv_low_usd", "arv_high_usd"),
    }


def _words(mark: dict) -> str:
    figure = mark["figure"]
    assumed = ", assumed" if figure.note else ""
    return f"{figure.label}{assumed} {figure.value}" + (" SIM" if figure.is_simulated else "")


@dataclass(frozen=True)
class Label:
    """Where a label lies: its mark, its ends, and how many lanes above the axis."""

    x: float
    left: float
    right: float
    lane: int = 0

    def meets(self, other: "Label") -> bool:
        """True where two texts share a lane and a place, or the line of one runs through the other's text."""
        if self.lane == other.lane:
            return self.left < other.right + GAP and other.left < self.right + GAP
        upper, lower = (self, other) if self.lane > other.lane else (other, self)
        return lower.left - 1 < upper.x < lower.right + 1


def lay_out(places: list[tuple[float, float]]) -> list[Label]:
    """A label right or left of the line of each mark, on as few lanes as let no two meet.

    Args:
        places: position of each mark and width of its text.
    """
    for lanes in range(1, len(places) + 1):
        found = _search(places, lanes, [])
        if found:
            return found
    # Nothing fits: each on a lane of its own, so that texts stay apart though a line may run through one.
    return [replace(_sides(x, width)[0], lane=k) for k, (x, width) in enumerate(places)]


def _sides(x: float, width: float) -> list[Label]:
    both = [Label(x, x + 3, x + 3 + width), Label(x, x - 3 - width, x - 3)]
    inside = [label for label in both if label.left >= 0 and label.right <= WIDTH]
    return inside or [Label(x, max(0.0, min(x - width / 2, WIDTH - width)), WIDTH)]


def _search(places: list[tuple[float, float]], lanes: int, chosen: list[Label]) -> list[Label]:
    """The rest of the labels on these lanes, or nothing where they do not fit; six labels at most."""
    if len(chosen) == len(places):
        return chosen
    for side in _sides(*places[len(chosen)]):
        for lane in range(lanes):
            label = replace(side, lane=lane)
            if not any(label.meets(other) for other in chosen):
                found = _search(places, lanes, [*chosen, label])
                if found:
                    return found
    return []


def _picture(marks: list[dict], steps: list[tuple[str, float]]) -> Markup:
    ordered = sorted(marks, key=lambda mark: (mark["x"], mark["key"]))
    widths = [svg.text_width(f"{_words(m)} {m['figure'].sources}", SIZE) for m in ordered]
    labels = lay_out([(mark["x"], width) for mark, width in zip(ordered, widths, strict=True)])
    axis = LANE * (max(label.lane for label in labels) + 1) + 12
    alt = "Value range on one axis: " + ", ".join(_words(mark) for mark in marks) + "."
    picture = svg.Picture(WIDTH, axis + 26, alt, "range")
    place = {mark["key"]: mark["x"] for mark in marks}
    if {"p10", "p90"} <= place.keys():
        picture.box(place["p10"], axis - 7, place["p90"] - place["p10"], 14, svg.BAND)
    picture.line(0, axis, WIDTH, axis, svg.MUTED)
    for text, x in steps:
        picture.line(x, axis, x, axis + 10, svg.MUTED)
        half = svg.text_width(text, 8.5) / 2
        picture.text(min(max(x, half), WIDTH - half), axis + 21, text, 8.5, "middle", svg.MUTED)
    for label, mark in zip(labels, ordered, strict=True):
        top = axis - 22 - label.lane * LANE
        picture.line(label.x, top, label.x, axis, mark["colour"], 0.8)
        at, anchor = (label.left, "start") if label.left > label.x else (label.right, "end")
        words, letters = _words(mark), mark["figure"].sources
        picture.text(at, top + 8, words, SIZE, anchor, mark["colour"], bold=True, raised=letters)
    for mark in ordered:
        _draw_mark(picture, mark, axis)
    return picture.markup()


def _draw_mark(picture: svg.Picture, mark: dict, axis: float) -> None:
    """Shapes differ, so that the marks tell apart without colour."""
    x, colour = mark["x"], mark["colour"]
    if mark["key"] == "price":
        picture.shape([(x, axis + 1), (x - 6, axis - 9), (x + 6, axis - 9)], colour)
    elif mark["key"] == "arv":
        picture.shape([(x, axis - 7), (x + 6, axis), (x, axis + 7), (x - 6, axis)], colour)
    elif mark["key"] == "assessed":
        picture.box(x - 5, axis - 5, 10, 10, colour)
    elif mark["key"] == "p50":
        picture.box(x - 2, axis - 10, 4, 20, colour)
    else:
        picture.box(x - 1.5, axis - 7, 3, 14, colour)
