"""What an erasure found where, what became of it, and why something stays."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

REMOVED, EMPTIED, KEPT, NONE = "removed", "emptied", "kept", "nothing there"


@dataclass(frozen=True)
class Line:
    """One place.

    Args:
        place: a table, or files of an area.
        deed: what becomes of what is found, one of this module's words.
        count: rows, files or entries.
        why: what the place holds, or by which rule something stays.
    """

    place: str
    deed: str
    count: int
    why: str = ""


@dataclass(frozen=True)
class Report:
    """All places, in the order they were looked at.

    Args:
        person: whom it is about, as the caller named them.
        is_done: whether it was done; else it is a plan.
        lines: the places.
        more: what the reader has to do or to know, a sentence each.
    """

    person: str
    is_done: bool
    lines: tuple[Line, ...]
    more: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For `--json` and the API."""
        return {
            "person": self.person,
            "is_done": self.is_done,
            "places": [asdict(line) for line in self.lines],
            "notes": list(self.more),
        }


def merged(lines: Iterable[Line]) -> list[Line]:
    """Lines of one place, deed and reason as one, in the order they came first."""
    counts: dict[tuple[str, str, str], int] = {}
    for line in lines:
        key = (line.place, line.deed, line.why)
        counts[key] = counts.get(key, 0) + line.count
    return [Line(place, deed, count, why) for (place, deed, why), count in counts.items()]
