"""A row of the table of speed: the product and what it is measured against, in one run, taking turns.

Nothing of the product is imported here, so that the alternatives' environment can read it too.
"""

import dataclasses
import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# What is asked of the row: that the alternative take so many times as long, that the product take at most so
# many times as long, or that it take so many seconds at most.
Way = Literal["quicker", "at most", "seconds"]
TURNS = 5


@dataclass(frozen=True)
class Row:
    """One comparison, or the reason why there is none.

    Attributes:
        name: the module of the row, and a word more where it has several.
        what: what is done, with its size, and whether the data are simulated.
        alternative: what it is measured against; empty where the seconds themselves are asked.
        product_s: seconds of the product, the median of the turns.
        alternative_s: seconds of the alternative for the same work.
        asked: the number that is asked; None where nothing is.
        way: how `asked` is meant.
        turns: how often each of both was measured.
        unit: how many of what the seconds are for, such as "100,000 rows".
        peak_mb: the most memory that the product's process held, where it matters.
        note: warm-up, what was scaled, and how alike the results are.
        failure: why there are no numbers; empty where there are.
    """

    name: str
    what: str
    alternative: str = ""
    product_s: float | None = None
    alternative_s: float | None = None
    asked: float | None = None
    way: Way = "quicker"
    turns: int = 0
    unit: str = ""
    peak_mb: float | None = None
    note: str = ""
    failure: str = ""

    @property
    def ratio(self) -> float | None:
        """What is compared to `asked`; None where something is missing to it."""
        if self.product_s is None:
            return None
        if self.way == "seconds":
            return self.product_s
        if self.alternative_s is None:
            return None
        return (
            self.alternative_s / self.product_s
            if self.way == "quicker"
            else self.product_s / self.alternative_s
        )

    @property
    def is_met(self) -> bool | None:
        """Whether the row does what is asked; None where nothing is asked or nothing was measured."""
        ratio = self.ratio
        if ratio is None or self.asked is None:
            return None
        return ratio >= self.asked if self.way == "quicker" else ratio <= self.asked

    def to_dict(self) -> dict[str, Any]:
        """As it goes from one process to the next."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Row":
        """From what `to_dict` gave."""
        return cls(**values)


@dataclass(frozen=True)
class Turns:
    """Seconds of each turn, and what the last ones gave back."""

    product: list[float]
    alternative: list[float]
    results: tuple[Any, Any] = field(default=(None, None), repr=False)

    @property
    def seconds(self) -> dict[str, Any]:
        """The fields of a row that come of it."""
        return {
            "product_s": statistics.median(self.product),
            "alternative_s": statistics.median(self.alternative),
            "turns": len(self.product),
        }


def in_turns(
    product: Callable[[], Any],
    alternative: Callable[[], Any],
    turns: int = TURNS,
    warm: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> Turns:
    """Product, alternative, product, alternative …: a load that comes and goes meets both.

    Args:
        product: one turn of the product.
        alternative: one turn of the alternative, for the same work.
        turns: how often each is measured.
        warm: how often each is done before, unmeasured.
        clock: seconds.
    """
    for _ in range(warm):
        product(), alternative()
    mine: list[float] = []
    theirs: list[float] = []
    results = None, None
    for _ in range(turns):
        first = timed(product, mine, clock)
        results = first, timed(alternative, theirs, clock)
    return Turns(mine, theirs, results)


def timed(work: Callable[[], Any], into: list[float], clock: Callable[[], float] = time.perf_counter) -> Any:
    """Do it, and note its seconds; garbage of what was before is none of it."""
    gc.collect()
    begun = clock()
    result = work()
    into.append(clock() - begun)
    return result


def scaled(turns: Turns, by: float) -> Turns:
    """The turns of an alternative that did the work's `by`-th part, as if it had done all of it."""
    return dataclasses.replace(turns, alternative=[seconds * by for seconds in turns.alternative])
