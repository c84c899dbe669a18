"""Small pictures for the asset pages: scores, reasons of rejection, completeness of enrichment.

SVG as Markdown images: 2 to 4 kB each and no time to draw, as every partition of a run gets its own.
"""

import base64
from collections.abc import Mapping, Sequence

from realestate_assets.domain.core import svg

CLASS_COLOURS = {"excellent": svg.GREEN, "good": svg.BLUE, "fair": svg.AMBER, "poor": svg.MUTED}
SCORE_STEP = 5
SCORE_END = 100
NAME = "asset"
SIZE, TITLE_SIZE, BAR_HEIGHT = 11.0, 12.0, 17.0
# The longest reason code has 26 letters, in capitals.
WIDTH, LABELS, VALUES, TOP = 580.0, 216.0, 70.0, 24.0


def image(picture: svg.Picture) -> str:
    """A picture as a Markdown image, with its alternative text."""
    data = base64.b64encode(str(picture.markup()).encode()).decode()
    words = "".join(letter for letter in picture.alt if letter not in "[]()")
    return f"![{words}](data:image/svg+xml;base64,{data})"


def bars(title: str, rows: Sequence[tuple[str, float, str]], end: float | None = None) -> svg.Picture:
    """Horizontal bars, one a row.

    Args:
        title: what is shown, with its unit.
        rows: label, length and the text of the length.
        end: the length that fills the width; the longest row's where it is not given.
    """
    full = end or max((length for _, length, _ in rows), default=0) or 1.0
    listed = ", ".join(f"{label} {text}" for label, _, text in rows)
    picture = _paper(title, TOP + BAR_HEIGHT * len(rows) + 6, f"{title}: {listed}")
    room = WIDTH - LABELS - VALUES
    for number, (label, length, text) in enumerate(rows):
        y = TOP + BAR_HEIGHT * number
        picture.text(LABELS - 6, y + 12, label, SIZE, "end")
        width = room * min(length / full, 1.0)
        picture.box(LABELS, y + 2, width, BAR_HEIGHT - 5, svg.BLUE if length else svg.RULE)
        picture.text(LABELS + width + 5, y + 12, text, SIZE, fill=svg.INK if length else svg.RED)
    return picture


def score_histogram(scores: Sequence[tuple[float, str]]) -> svg.Picture:
    """Properties by score in steps of 5 points, each step parted by the class of its scores.

    Args:
        scores: score from 0 to 100 and class of each scored property.
    """
    steps = SCORE_END // SCORE_STEP
    counts = [dict.fromkeys(CLASS_COLOURS, 0) for _ in range(steps)]
    for score, kind in scores:
        counts[min(int(score // SCORE_STEP), steps - 1)][kind] += 1
    classes = {kind: sum(step[kind] for step in counts) for kind in CLASS_COLOURS}
    listed = ", ".join(f"{kind} {number:,}" for kind, number in classes.items())
    picture = _paper("Scored properties by bird_dog_score", 178, f"{len(scores):,} scores: {listed}")
    floor, height, left, right = 140.0, 104.0, 34.0, WIDTH - 10
    most = max(max(sum(step.values()) for step in counts), 1)
    for tick in svg.ticks(0, most, 3):
        y = floor - height * tick / most
        picture.line(left, y, right, y)
        picture.text(left - 5, y + 4, f"{tick:,.0f}", SIZE - 1, "end", svg.MUTED)
    width = (right - left) / steps
    for number, step in enumerate(counts):
        y = floor
        for kind, colour in reversed(CLASS_COLOURS.items()):
            tall = height * step[kind] / most
            y -= tall
            if tall:
                picture.box(left + number * width + 1, y, width - 2, tall, colour)
    for score in range(0, SCORE_END + 1, 10):
        picture.text(left + (right - left) * score / SCORE_END, floor + 14, str(score), SIZE - 1, "middle")
    x = left
    for kind, colour in CLASS_COLOURS.items():
        words = f"{kind} {classes[kind]:,}"
        picture.box(x, floor + 23, 10, 10, colour)
        picture.text(x + 14, floor + 32, words, SIZE)
        x += 14 + svg.text_width(words, SIZE) + 22
    return picture


def reject_reasons(counts: Mapping[str, int], received: int) -> svg.Picture:
    """Rows that became no property, by reason, the most frequent first.

    Args:
        counts: rows by reason code.
        received: rows received, of which the shares are told.
    """
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(code, float(n), f"{n:,} ({100 * n / received:.1f} %)") for code, n in ordered]
    return bars(f"Rows of {received:,} received that became no property", rows)


def completeness(shares: Mapping[str, float]) -> svg.Picture:
    """Share of the properties that have each field, in the order given; an empty field stands in red."""
    rows = [(field, share, f"{100 * share:.0f} %") for field, share in shares.items()]
    return bars("Properties that have the field", rows, end=1.0)


def _paper(title: str, height: float, alt: str) -> svg.Picture:
    """A white sheet with a heading: the UI may be dark."""
    picture = svg.Picture(WIDTH, height, alt, NAME)
    picture.box(0, 0, WIDTH, height, "#ffffff")
    picture.text(8, 15, title, TITLE_SIZE, bold=True)
    return picture
