"""Records of a Socrata dataset, a month a query."""

from realestate_assets.domain.counties.api_sources import SocrataSource
from realestate_assets.fetch.months import Row, Wanted, bounds, flattened, with_columns
from realestate_assets.providers.soda import SodaQuery, fetch_all
from resources.http.api import ApiClient

# A floating timestamp; text dates of this form compare the same way.
DATE_FORMAT = "%Y-%m-%dT00:00:00.000"
PAGE_ROWS = 50_000
# What a page holds where nothing is said: no portal is known to cut to less.
SMALLEST_CAP = 1_000


def fetch_socrata(
    client: ApiClient, wanted: Wanted[SocrataSource], months: list[str]
) -> dict[str, list[Row]]:
    """The rows of each month, in the source's order.

    Raises:
        PermanentError: a mapped column is not in the dataset any more, or the dataset is gone.
        TransientError: the portal does not answer.
    """
    source = wanted.source
    _check_columns(client, wanted, months[0])
    queries = [_query(source, wanted.limit, month) for month in months]
    answers = fetch_all(client, queries, wanted.county.slug, source.name)
    found = {}
    for month, answer in zip(months, answers, strict=True):
        if answer.failure is not None:
            wanted.stop(answer.failure, answer.message, month)
        found[month] = [with_columns(flattened(row), source.mapped_columns) for row in answer.rows]
    return found


def _check_columns(client: ApiClient, wanted: Wanted[SocrataSource], month: str) -> None:
    """Ask for one row by the names of all mapped columns.

    Nulls are left out of rows, so that rows do not tell a column that is empty from one that is gone.
    """
    # `location.latitude` is a key inside the column `location`.
    names = dict.fromkeys(name.partition(".")[0] for name in wanted.source.mapped_columns)
    probe = SodaQuery(wanted.source.dataset, "", (), tuple(names), page_rows=1, row_limit=1)
    (answer,) = fetch_all(client, [probe], wanted.county.slug, wanted.source.name)
    if answer.failure is not None:
        wanted.stop(answer.failure, answer.message, month)


def _query(source: SocrataSource, limit: int | None, month: str) -> SodaQuery:
    first, last = (day.strftime(source.date_format or DATE_FORMAT) for day in bounds(month))
    where = f"{source.date_column} >= '{first}' AND {source.date_column} < '{last}'"
    where = f"{where} AND ({source.where})" if source.where else where
    order = (source.date_column, *source.order)
    return SodaQuery(
        source.dataset,
        where,
        order,
        page_rows=source.page_rows or PAGE_ROWS,
        row_limit=limit,
        smallest_cap=SMALLEST_CAP,
    )
