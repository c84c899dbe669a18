"""What came of one query of a service that answers in pages of features."""

from dataclasses import dataclass, field
from datetime import datetime

from resources.http.api import ApiAnswer, Failure


@dataclass(frozen=True)
class Collected:
    """What came of one query: the features of all its pages, or why there are none.

    `is_cut` says that the service holds more than it gave and cannot page: ask for less at once.
    """

    features: list[dict] = field(default_factory=list)
    answers: tuple[ApiAnswer, ...] = ()
    failure: Failure | None = None
    message: str = ""
    is_cut: bool = False

    @property
    def url(self) -> str | None:
        """Address of the query."""
        return self.answers[-1].url if self.answers else None

    @property
    def retrieved_at(self) -> datetime | None:
        """When the last page came."""
        return self.answers[-1].retrieved_at if self.answers else None

    @property
    def cost_usd(self) -> float:
        """What all calls for it cost, USD."""
        return sum(answer.cost_usd for answer in self.answers)
