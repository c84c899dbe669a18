"""The Socrata query API (SODA): a query, all pages of many queries at once, and what an error means.

Shared by the enrichment provider and the discovery source. An absent key is a null, numbers come as text, and
nothing of that is interpreted here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyarrow as pa

from realestate_assets.providers.replies import read_json
from resources.errors import PermanentError
from resources.http.api import ApiAnswer, ApiClient, ApiRequest, Failure

# The row's own id: last in every $order, so that no two rows may change places between two pages.
ROW_ID = ":id"
NO_SUCH_COLUMN = "query.soql.no-such-column"
# More pages than this for one query is a portal that repeats itself.
MAX_PAGES = 10_000


@dataclass(frozen=True)
class SodaQuery:
    """Rows of one dataset.

    Args:
        dataset: its four-by-four id.
        where: the SoQL condition.
        order: columns of $order; the row id is added, because without a whole order pages overlap.
        select: columns wanted; none means all of them.
        page_rows: rows a page holds.
        row_limit: no more rows than this are asked for.
        smallest_cap: a page of so many rows may have been cut without a word, and is followed by another
            request; none where the portal is known to give what is asked for.
    """

    dataset: str
    where: str
    order: tuple[str, ...]
    select: tuple[str, ...] = ()
    page_rows: int = 50_000
    row_limit: int | None = None
    smallest_cap: int | None = None

    def page(self, offset: int) -> ApiRequest:
        """The request for the page that begins at a row."""
        rest = self.page_rows if self.row_limit is None else self.row_limit - offset
        params = {
            "$select": ",".join(self.select),
            "$where": self.where,
            "$order": ",".join(dict.fromkeys((*self.order, ROW_ID))),
            "$limit": str(min(self.page_rows, rest)),
            "$offset": str(offset),
        }
        given = tuple((name, value) for name, value in params.items() if value)
        return ApiRequest(self.dataset, f"/resource/{self.dataset}.json", params=given)

    def goes_on(self, found: int, page: int) -> bool:
        """True where a page of so many rows may be followed by another one."""
        is_full = page >= min(self.page_rows, self.smallest_cap or self.page_rows)
        return is_full and (self.row_limit is None or found < self.row_limit)


@dataclass(frozen=True)
class SodaRows:
    """What came of a query: all its rows, or why there are none; half an answer counts as none."""

    rows: list[dict] = field(default_factory=list)
    url: str | None = None
    retrieved_at: datetime | None = None
    cost_usd: float = 0.0
    failure: Failure | None = None
    message: str = ""


def fetch_all(
    client: ApiClient, queries: Sequence[SodaQuery], county_slug: str, source: str
) -> list[SodaRows]:
    """All rows of many queries, the next pages of all of them asked for together.

    Raises:
        PermanentError: the dataset lacks a column, is gone, or no longer answers with rows.
    """
    found = [SodaRows() for _ in queries]
    waiting = list(range(len(queries)))
    for _ in range(MAX_PAGES):
        if not waiting:
            return found
        asked = [queries[index].page(len(found[index].rows)) for index in waiting]
        following = []
        for index, answer in zip(waiting, client.send_all(asked), strict=True):
            page = read_page(answer, county_slug, source)
            found[index] = _joined(found[index], page)
            if page.failure is None and queries[index].goes_on(len(found[index].rows), len(page.rows)):
                following.append(index)
        waiting = following
    raise PermanentError("the pages of the dataset do not end.", county=county_slug, source=source)


def read_page(answer: ApiAnswer, county_slug: str, source: str) -> SodaRows:
    """The rows of one page, or its failure.

    Raises:
        PermanentError: see `fetch_all`.
    """
    page = SodaRows(url=answer.url, retrieved_at=answer.retrieved_at, cost_usd=answer.cost_usd)
    reply, failure, message = read_json(answer, errors_are_read=True)
    if failure is None and isinstance(reply, list) and all(isinstance(row, dict) for row in reply):
        return replace(page, rows=reply)
    if failure is None:
        _check_error(reply, answer, county_slug, source)
        failure, message = Failure.BAD_ANSWER, _message(reply, answer)
    return replace(page, failure=failure, message=message)


def text_column(rows: Sequence[dict], name: str) -> pa.Array:
    """One column of rows as text; an absent key is null, true and false stand in lower case."""
    values = [row.get(name) for row in rows]
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):  # a column that is no text in this dataset
        return pa.array([_as_text(value) for value in values], pa.string())


def _joined(so_far: SodaRows, page: SodaRows) -> SodaRows:
    return SodaRows(
        rows=[] if page.failure else [*so_far.rows, *page.rows],
        url=so_far.url or page.url,
        retrieved_at=page.retrieved_at or so_far.retrieved_at,
        cost_usd=so_far.cost_usd + page.cost_usd,
        failure=page.failure,
        message=page.message,
    )


def _check_error(reply: object, answer: ApiAnswer, county_slug: str, source: str) -> None:
    """Stop at what a retry cannot mend: drift of the dataset, or a query that it does not take."""
    message = _message(reply, answer)
    error = reply if isinstance(reply, dict) else {}
    if NO_SUCH_COLUMN in str(error.get("errorCode") or message):
        column = str((error.get("data") or {}).get("column") or "") or None
        raise PermanentError(
            f"the dataset {answer.request.endpoint} has no column {column or 'of that name'}: {message}.",
            county=county_slug,
            source=source,
            field=column,
            remedy="The dataset has changed: correct the column names in the county's YAML.",
        )
    if answer.status in (400, 404, 410):
        raise PermanentError(
            f"the dataset {answer.request.endpoint} refuses the query (HTTP {answer.status}): {message}.",
            county=county_slug,
            source=source,
            remedy="Correct dataset, key or where in the county's YAML.",
        )
    if answer.status == 200 and reply is not None and not ({"error", "errorCode", "message"} & error.keys()):
        raise PermanentError(
            f"{answer.request.endpoint} answered with something that is no list of rows.",
            county=county_slug,
            source=source,
            remedy="The API no longer answers as a Socrata dataset does: check its address.",
        )


def _message(reply: object, answer: ApiAnswer) -> str:
    text = reply.get("message") if isinstance(reply, dict) else None
    # Socrata repeats the whole query after the sentence that matters.
    said = str(text or "").partition("; position:")[0].rstrip(". ")
    return said[:300] or f"{answer.request.endpoint} answered HTTP {answer.status} without rows"


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
