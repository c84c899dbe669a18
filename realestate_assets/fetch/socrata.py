"""Records of a Socrata dataset, a month a query."""

import re

from realestate_assets.domain.counties.api_sources import SocrataSource
from realestate_assets.fetch.months import Row, Wanted, flattened, with_columns
from realestate_assets.providers.soda import SodaQuery, fetch_all
from resources.http.api import ApiClient

# A floating timestamp; text dates of this form compare the same way.
DATE_FORMAT = "%Y-%m-%dT00:00:00.000"
# A fixed timestamp, unlike a floating one, says where on earth it is.
MOMENT = re.compile(r"T.*(Z|[+-]\d{2}:?\d{2})$")
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
    moments = MOMENT.search(_first_date(client, wanted, months[0])) is not None
    queries = [_query(wanted, month, moments=moments) for month in months]
    answers = fetch_all(client, queries, wanted.county.slug, source.name)
    found = {}
    for month, answer in zip(months, answers, strict=True):
        if answer.failure is not None:
            wanted.stop(answer.failure, answer.message, month)
        rows = wanted.own(month, answer.rows, source.date_column, moments=moments)[: wanted.limit]
        found[month] = [with_columns(flattened(row), source.mapped_columns) for row in rows]
    return found


def _first_date(client: ApiClient, wanted: Wanted[SocrataSource], month: str) -> str:
    """The date of one row, asked for by the names of all mapped columns; empty where no row has one.

    Nulls are left out of rows, so that rows do not tell a column that is empty from one that is gone.
    """
    source = wanted.source
    # `location.latitude` is a key inside the column `location`.
    names = dict.fromkeys(name.partition(".")[0] for name in (*source.mapped_columns, source.date_column))
    where = f"{source.date_column} IS NOT NULL"
    probe = SodaQuery(source.dataset, where, (), tuple(names), page_rows=1, row_limit=1)
    (answer,) = fetch_all(client, [probe], wanted.county.slug, wanted.source.name)
    if answer.failure is not None:
        wanted.stop(answer.failure, answer.message, month)
    return str(answer.rows[0].get(source.date_column) or "") if answer.rows else ""


def _query(wanted: Wanted[SocrataSource], month: str, *, moments: bool) -> SodaQuery:
    source = wanted.source
    days = wanted.asked(month, moments=moments)
    first, last = (day.strftime(source.date_format or DATE_FORMAT) for day in days)
    where = f"{source.date_column} >= '{first}' AND {source.date_column} < '{last}'"
    where = f"{where} AND ({source.where})" if source.where else where
    order = (source.date_column, *source.order)
    return SodaQuery(
        source.dataset,
        where,
        order,
        page_rows=source.page_rows or PAGE_ROWS,
        # Rows of the days around the month are among them.
        row_limit=None if moments else wanted.limit,
        smallest_cap=SMALLEST_CAP,
    )
