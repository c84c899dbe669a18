"""Records of a RESO Web API: an OData resource, page by page, the next page where the server says it is."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

from realestate_assets.domain.counties.api_sources import ResoSource
from realestate_assets.fetch.months import Row, Wanted, flattened, with_columns
from realestate_assets.providers.replies import read_json
from resources.http.api import ApiAnswer, ApiClient, ApiRequest, Failure, Pairs

NEXT, COUNT = "@odata.nextLink", "@odata.count"
# Some servers repeat the credentials in the address of the next page; they are never stored.
CREDENTIALS = frozenset({"access_token", "token", "apikey", "api_key", "key"})
MAX_PAGES = 10_000
# Records that do not add up to their count are asked for once more, in other words: the answers are cached.
ATTEMPTS = 2


@dataclass
class _Reading:
    """What has come of a month so far, and the request for its next page; `own` are the rows that stay."""

    month: str
    next: ApiRequest | None
    rows: list[Row] = field(default_factory=list)
    own: list[Row] = field(default_factory=list)
    counted: int | None = None
    seen: set[Pairs] = field(default_factory=set)


def fetch_reso(client: ApiClient, wanted: Wanted[ResoSource], months: list[str]) -> dict[str, list[Row]]:
    """The records of each month, in the source's order.

    Raises:
        PermanentError: the API has no such column or resource, wants another token, or sends to another host.
        TransientError: it does not answer, or the records do not add up to their count.
    """
    columns = wanted.source.mapped_columns
    found: dict[str, list[Row]] = {}
    for attempt in range(ATTEMPTS):
        left = [month for month in months if month not in found]
        readings = [_Reading(month, _first(wanted, month, attempt)) for month in left]
        _read(client, wanted, readings)
        for reading in readings:
            if _cut(wanted, reading) or reading.counted in (None, len(reading.rows)):
                found[reading.month] = [with_columns(row, columns) for row in reading.own[: wanted.limit]]
    for reading in readings:
        if reading.month not in found:
            raise wanted.changed(reading.month, reading.counted or 0, len(reading.rows))
    return found


def _read(client: ApiClient, wanted: Wanted[ResoSource], readings: list[_Reading]) -> None:
    """All pages of all months, the next pages of all of them asked for together."""
    for _ in range(MAX_PAGES):
        waiting = [(reading, reading.next) for reading in readings if reading.next]
        if not waiting:
            return
        answers = client.send_all([asked for _, asked in waiting])
        for (reading, asked), answer in zip(waiting, answers, strict=True):
            _take(client, wanted, reading, asked, answer)
    wanted.stop(Failure.BAD_ANSWER, "the pages do not end")


def _first(wanted: Wanted[ResoSource], month: str, attempt: int) -> ApiRequest:
    source = wanted.source
    pattern = source.date_format or ("%Y-%m-%dT00:00:00Z" if source.date_has_time else "%Y-%m-%d")
    first, last = (day.strftime(pattern) for day in wanted.asked(month, moments=source.date_has_time))
    where = f"{source.date_column} ge {first} and {source.date_column} lt {last}"
    where = f"{where} and ({source.where})" if source.where else where
    # Records of an MLS have hundreds of columns. A name with a dot is a key inside a column.
    names = dict.fromkeys(n.partition(".")[0] for n in (*source.mapped_columns, source.date_column))
    params = {
        "$filter": "(" * attempt + where + ")" * attempt,
        "$select": ",".join([*names, *(name for name in source.order if name not in names)]),
        "$orderby": ",".join(source.order),
        "$count": "true",
    }
    params |= {"$top": str(source.page_rows)} if source.page_rows else {}
    return ApiRequest(source.resource, f"/{source.resource}", params=tuple(p for p in params.items() if p[1]))


def _take(
    client: ApiClient, wanted: Wanted[ResoSource], reading: _Reading, asked: ApiRequest, answer: ApiAnswer
) -> None:
    """Add the page that was asked for, and find the request for the one after it."""
    reply = _page(wanted, reading, answer)
    records = reply["value"]
    rows = [flattened(_plain(record)) for record in records]
    if rows and reading.counted is None and rows == reading.rows[-len(rows) :]:
        raise wanted.error(
            "the API neither counts its records nor links to the next page, and takes no $skip: whether all "
            "of them came cannot be known.",
            "Ask its operator for @odata.count or @odata.nextLink, which OData 4 defines.",
        )
    reading.rows += rows
    source = wanted.source
    reading.own += wanted.own(reading.month, rows, source.date_column, moments=source.date_has_time)
    if reading.counted is None:
        reading.counted = _counted(reply.get(COUNT))
    reading.next = None
    reading.seen.add(asked.params)
    if _cut(wanted, reading):
        return
    if link := reply.get(NEXT):
        reading.next = _following(client, wanted, str(link))
    elif records and not _is_whole(reading):
        # A server that takes $top for the whole answer names no next page; one that cuts in silence neither.
        skip = {"$skip": str(len(reading.rows))}
        reading.next = ApiRequest(asked.endpoint, asked.path, tuple((dict(asked.params) | skip).items()))
    if reading.next and reading.next.params in reading.seen:
        wanted.stop(Failure.BAD_ANSWER, "the next page is one that was read already", reading.month)


def _is_whole(reading: _Reading) -> bool:
    """True where all that was counted is there.

    Servers cut pages below $top without a word: without a count only an empty page is the last one.
    """
    return reading.counted is not None and len(reading.rows) >= reading.counted


def _cut(wanted: Wanted, reading: _Reading) -> bool:
    return wanted.limit is not None and len(reading.own) >= wanted.limit


def _page(wanted: Wanted[ResoSource], reading: _Reading, answer: ApiAnswer) -> dict:
    reply, failure, message = read_json(answer, errors_are_read=True)
    if failure is not None:
        wanted.stop(failure, message, reading.month)
    error = reply.get("error") if isinstance(reply, dict) else None
    if error:
        text = error.get("message") if isinstance(error, dict) else error
        text = text.get("value") if isinstance(text, dict) else text
        raise wanted.error(
            f"the API refuses the query (HTTP {answer.status}): {str(text)[:300].rstrip('.')}.",
            "It may have dropped or renamed a column: compare the column map with its $metadata.",
        )
    if not isinstance(reply, dict) or not isinstance(reply.get("value"), list):
        if answer.status in (404, 410):
            raise wanted.error(f"the API has no resource {wanted.source.resource}.", field="resource")
        raise wanted.error(f"{answer.url} answered without records (`value`).", field="value")
    return reply


def _plain(record: object) -> Row:
    """A record without the remarks of OData about it."""
    return {k: v for k, v in record.items() if not k.startswith("@")} if isinstance(record, dict) else {}


def _following(client: ApiClient, wanted: Wanted[ResoSource], link: str) -> ApiRequest:
    """The request for the page a link points at; the same API only, and without credentials.

    Raises:
        PermanentError: the link leads to another host or out of the API.
    """
    base = urlsplit(client.base_url.rstrip("/") + "/")
    target = urlsplit(urljoin(base.geturl(), link))
    if (target.scheme, target.netloc) != (base.scheme, base.netloc) or not target.path.startswith(base.path):
        raise wanted.error(
            f"the next page lies at {target.scheme}://{target.netloc}, not in the configured API.",
            "Set base_url in providers.yaml to the address under which the API itself answers.",
            NEXT,
        )
    given = parse_qsl(target.query, keep_blank_values=True)
    params = tuple((name, value) for name, value in given if name.lower() not in CREDENTIALS)
    return ApiRequest(wanted.source.resource, f"/{target.path[len(base.path) :]}", params=params)


def _counted(count: object) -> int | None:
    """The number of records a server tells, also as text where it keeps 64-bit numbers whole; else None."""
    if isinstance(count, str) and count.isdecimal():
        return int(count)
    return count if isinstance(count, int) and not isinstance(count, bool) else None
