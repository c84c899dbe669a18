"""What a kind of retention found, or removed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Removal:
    """How much is older than its days.

    Args:
        count: rows, runs or files.
        bytes: what they take, as far as that is known.
        oldest: the oldest of them.
    """

    count: int = 0
    bytes: int = 0
    oldest: datetime | None = None
