"""The months of a fetch: their bounds, the rows of each, and what a failed fetch means for the run.

A month is asked for by itself, with the same request whatever else a run holds, so that its answer is found
in the response cache by every later run.

Which month a moment belongs to is told by the clock of the county. A server compares moments on a clock of
its own, often without saying which: a month of moments is asked for with a day more at either end, and a
record of those days is left to the query of its own month, which asks for it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, NoReturn, TypeVar

import pyarrow as pa

from realestate_assets.domain.core.convert import clean, to_date
from realestate_assets.domain.counties.api_sources import ApiSource
from realestate_assets.domain.counties.county import County
from resources.errors import PermanentError, TransientError
from resources.http.api import Failure

# What may be over when the step is tried again.
PASSING = (Failure.PROVIDER_FAILED, Failure.PROVIDER_CLOSED)
REMEDIES = {
    Failure.KEY_MISSING: "Set its key in the environment or .env; providers.yaml names the variable.",
    Failure.KEY_REFUSED: "Check its key in the environment or .env; providers.yaml names the variable.",
    Failure.BUDGET_SPENT: "Raise the budget in providers.yaml, or run it in the next period.",
    Failure.BAD_ANSWER: "Look at its address in a browser: the service may have moved or changed.",
}

DAY = timedelta(days=1)
# A day is asked for; on another clock than the server's it reaches into the one beyond.
MARGIN_DAYS = 2

# A record as JSON gives it.
Row = dict[str, Any]

Api = TypeVar("Api", bound=ApiSource)


@dataclass(frozen=True)
class Wanted(Generic[Api]):
    """A source of a county, and what its messages say.

    `limit` is how many records of a month are taken at most.
    """

    county: County
    source: Api

    @property
    def limit(self) -> int | None:
        """The county's limit of records a month."""
        return self.county.max_rows_per_month

    def asked(self, month: str, *, moments: bool) -> tuple[date, date]:
        """First day asked for and the one after the last; of a column of moments a day more at either end."""
        first, last = bounds(month)
        return (first - DAY, last + DAY) if moments else (first, last)

    def own(self, month: str, rows: Sequence[Row], column: str, *, moments: bool) -> list[Row]:
        """The rows this month's query is to bring; those of the days around it are brought by their own's."""
        if not moments:
            return list(rows)
        first, last = bounds(month)
        around = {first - DAY * n for n in range(1, MARGIN_DAYS + 1)} | {
            last + DAY * n for n in range(MARGIN_DAYS)
        }
        texts = [None if row.get(column) is None else str(row[column]) for row in rows]
        days, _ = to_date(clean(pa.array(texts, pa.string())), timezone=self.county.timezone)
        return [row for row, day in zip(rows, days.to_pylist(), strict=True) if day not in around]

    def error(self, message: str, remedy: str = "", field: str | None = None) -> PermanentError:
        """A permanent error about this source."""
        return PermanentError(
            message, county=self.county.slug, source=self.source.name, field=field, remedy=remedy or None
        )

    def stop(self, failure: Failure, message: str, month: str = "") -> NoReturn:
        """Stop at a failed answer: a month that lacks records must not pass for a whole one.

        Raises:
            TransientError: it may pass by itself.
            PermanentError: it cannot.
        """
        of_month = f" of {month}" if month else ""
        said = f"the records{of_month} cannot be fetched ({failure}): {message.rstrip('.')}."
        if failure in PASSING:
            raise TransientError(f"county {self.county.slug}, source {self.source.name}: {said}")
        raise self.error(said, REMEDIES.get(failure, ""))

    def changed(self, month: str, counted: int, found: int) -> TransientError:
        """The records do not add up to the count: they changed while they were read."""
        return TransientError(
            f"county {self.county.slug}, source {self.source.name}: of {month} there are {counted:,} records "
            f"and {found:,} were sent."
        )


def bounds(month: str) -> tuple[date, date]:
    """First day of a month (YYYY-MM) and of the next one."""
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)


def with_columns(row: Row, columns: tuple[str, ...]) -> Row:
    """The row with every mapped column: a key that is absent in all rows is a null, not a missing column."""
    return {**row, **{name: None for name in columns if name not in row}}


def flattened(row: Row) -> Row:
    """Objects in a row as columns `name.key`; a GeoJSON point as longitude and latitude."""
    flat: Row = {}
    for name, value in row.items():
        if not isinstance(value, dict):
            flat[name] = value
        elif value.get("type") == "Point" and len(value.get("coordinates") or ()) >= 2:
            longitude, latitude = value["coordinates"][:2]
            flat |= {f"{name}.longitude": longitude, f"{name}.latitude": latitude}
        else:
            flat |= {f"{name}.{key}": inner for key, inner in value.items()}
    return flat
