"""A map plot of a property and its comparables: positions, distances, a scale bar; no tiles."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from realestate_assets.domain.core import formats, svg
from realestate_assets.domain.core.formats import is_missing
from realestate_assets.domain.core.geo import EARTH_RADIUS_MILES

WIDTH, HEIGHT, PAD = 320.0, 196.0, 20.0
RADIUS = 8.0
# Nothing nearer is shown larger: comparables of one building would fill the frame with nothing.
MIN_SPAN_MILES = 0.2
SCALE_MILES = (0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50)


def _miles(latitude: float, longitude: float, origin: tuple[float, float]) -> tuple[float, float]:
    """East and north of the origin in miles; flat, which is exact enough for a county."""
    per_degree = math.radians(1) * EARTH_RADIUS_MILES
    east = (longitude - origin[1]) * per_degree * math.cos(math.radians(origin[0]))
    return east, (latitude - origin[0]) * per_degree


def spread(
    points: Sequence[tuple[float, float]], gap: float, taken: tuple[float, float]
) -> list[tuple[float, float]]:
    """Places of labels near their points, pushed apart until they are `gap` apart, also from `taken`.

    Points of one place are first put on a small circle, in order, so that the result is always the same.
    """
    count = max(len(points), 1)
    angles = [2 * math.pi * k / count for k in range(len(points))]
    places = [
        [x + 0.5 * math.cos(a), y + 0.5 * math.sin(a)] for (x, y), a in zip(points, angles, strict=True)
    ]
    home = list(taken)
    for _ in range(80):
        moved = False
        for i, one in enumerate(places):
            moved |= _push(one, home, gap, both=False)
            for other in places[:i]:
                moved |= _push(one, other, gap, both=True)
            one[0] = min(max(one[0], RADIUS + 1), WIDTH - RADIUS - 1)
            one[1] = min(max(one[1], RADIUS + 1), HEIGHT - RADIUS - 22)
        if not moved:
            break
    return [(x, y) for x, y in places]


def _push(one: list[float], other: list[float], gap: float, both: bool) -> bool:
    """Move two places apart where they are too near, or the first alone; True where something moved."""
    dx, dy = one[0] - other[0], one[1] - other[1]
    distance = math.hypot(dx, dy) or 1e-6
    if distance >= gap:
        return False
    push = (gap - distance) / (2 if both else 1) + 0.05
    one[0] += dx / distance * push
    one[1] += dy / distance * push
    if both:
        other[0] -= dx / distance * push
        other[1] -= dy / distance * push
    return True


def map_plot(subject: tuple[float | None, float | None], comparables: Sequence[Mapping]) -> dict | None:
    """The picture with its alternative text; None where the property or all comparables have no position.

    Args:
        subject: latitude and longitude of the property.
        comparables: in the order of their numbers.
    """
    latitude, longitude = (formats.known(value) for value in subject)
    if latitude is None or longitude is None:
        return None
    origin = latitude, longitude
    placed = [
        (k + 1, comp, _miles(float(comp["comp_latitude"]), float(comp["comp_longitude"]), origin))
        for k, comp in enumerate(comparables)
        if not (is_missing(comp.get("comp_latitude")) or is_missing(comp.get("comp_longitude")))
    ]
    if not placed:
        return None
    east = [0.0, *(p[2][0] for p in placed)]
    north = [0.0, *(p[2][1] for p in placed)]
    spans = max(max(east) - min(east), MIN_SPAN_MILES), max(max(north) - min(north), MIN_SPAN_MILES)
    scale = min((WIDTH - 2 * PAD) / spans[0], (HEIGHT - 2 * PAD - 16) / spans[1])
    middle = (max(east) + min(east)) / 2, (max(north) + min(north)) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return WIDTH / 2 + (x - middle[0]) * scale, (HEIGHT - 16) / 2 - (y - middle[1]) * scale

    points = [(number, at(*miles)) for number, _, miles in placed]
    listed = "; ".join(
        f"number {number} {formats.decimal(comp['distance_mi'])} miles {_bearing(miles)}"
        for number, comp, miles in placed
    )
    alt = f"Map of this property and {len(placed)} comparable sales: {listed}."
    return {"picture": _picture(points, at(0.0, 0.0), scale, alt), "count": len(placed)}


def _bearing(miles: tuple[float, float]) -> str:
    if math.hypot(*miles) < 1e-4:
        return "away, at the same place"
    names = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")
    return "to the " + names[round(math.atan2(miles[0], miles[1]) / (math.pi / 4)) % 8]


def _picture(
    points: list[tuple[int, tuple[float, float]]], home: tuple[float, float], scale: float, alt: str
) -> Markup:
    picture = svg.Picture(WIDTH, HEIGHT, alt, "map")
    picture.box(0.5, 0.5, WIDTH - 1, HEIGHT - 1, "#f6f8fa", svg.RULE)
    places = spread([point for _, point in points], 2 * RADIUS + 1, home)
    for (_, (x, y)), (label_x, label_y) in zip(points, places, strict=True):
        picture.line(x, y, label_x, label_y, svg.MUTED, 0.7)
        picture.dot(x, y, 1.8, svg.MUTED)
    for (number, _), (x, y) in zip(points, places, strict=True):
        picture.dot(x, y, RADIUS, "#ffffff", svg.BLUE)
        picture.text(x, y + 3.3, str(number), 9.5, "middle", svg.BLUE, bold=True)
    x, y = home
    roof = [(x, y - 9), (x + 8, y - 1), (x + 5.5, y - 1), (x + 5.5, y + 7), (x - 5.5, y + 7)]
    picture.shape([*roof, (x - 5.5, y - 1), (x - 8, y - 1)], svg.RED)
    _scale_bar(picture, scale)
    picture.shape([(WIDTH - 14, 8), (WIDTH - 9.5, 20), (WIDTH - 14, 17), (WIDTH - 18.5, 20)], svg.MUTED)
    picture.text(WIDTH - 14, 30, "N", 9, "middle", svg.MUTED, bold=True)
    return picture.markup()


def _scale_bar(picture: svg.Picture, scale: float) -> None:
    """The longest round distance that takes at most a third of the width."""
    fitting = [miles for miles in SCALE_MILES if miles * scale <= WIDTH / 3]
    miles = fitting[-1] if fitting else SCALE_MILES[0]
    x, y, length = 12.0, HEIGHT - 10, miles * scale
    picture.line(x, y, x + length, y, svg.INK, 1.5)
    for end in (x, x + length):
        picture.line(end, y - 4, end, y, svg.INK, 1.5)
    picture.text(x + length + 5, y + 1, f"{formats.compact(miles)} mi", 9, fill=svg.INK)
    picture.text(WIDTH - 8, y + 1, "This property", 9, "end", svg.RED, bold=True)
