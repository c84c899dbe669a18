"""Records of an ArcGIS layer: what it is, how many there are, all pages of them, and whether they add up."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from realestate_assets.domain.core.shapes import esri_outlines, in_degrees, middles
from realestate_assets.domain.counties.api_sources import ArcgisSource
from realestate_assets.fetch.months import Row, Wanted, with_columns
from realestate_assets.providers.arcgis_pages import collect, collect_batches
from realestate_assets.providers.arcgis_rest import (
    Layer,
    check_columns,
    metadata_request,
    query_request,
    quoted,
    read_layer,
    read_reply,
)
from resources.http.api import ApiAnswer, ApiClient, ApiRequest, Failure

DATE_LITERAL = "timestamp '%Y-%m-%d 00:00:00'"
DAY_LITERAL = "DATE '%Y-%m-%d'"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
X, Y = "geometry.x", "geometry.y"
# A count that does not fit its records is asked for once more, in other words: the first answer is cached.
ATTEMPTS = 2


@dataclass(frozen=True)
class _Query:
    """What is asked of the layer for one month."""

    month: str
    where: str


def fetch_arcgis(client: ApiClient, wanted: Wanted[ArcgisSource], months: list[str]) -> dict[str, list[Row]]:
    """The records of each month.

    Raises:
        PermanentError: the layer lacks a column, is no layer, or wants a token.
        TransientError: the service does not answer, or the records do not add up to their count.
    """
    source = wanted.source
    path = f"/{source.layer.lstrip('/')}"
    layer, failure, message = read_layer(client.send_all([metadata_request(path)])[0])
    if layer is None:
        wanted.stop(failure or Failure.BAD_ANSWER, message)
    columns = [name for name in source.mapped_columns if name not in (X, Y)]
    check_columns(layer, [source.date_column, *columns, *source.order], wanted.county.slug, source.name)
    left = [_Query(month, _condition(layer, wanted, month)) for month in months]
    found: dict[str, list[Row]] = {}
    for attempt in range(ATTEMPTS):
        asked = [replace(query, where="(" * attempt + query.where + ")" * attempt) for query in left]
        counts, features = _ask(client, wanted, layer, asked)
        whole = [len(features[query.month]) == counts[query.month] for query in left]
        for query, complete in zip(left, whole, strict=True):
            if complete:
                found[query.month] = _rows(wanted, layer, query.month, features[query.month])
        left = [query for query, complete in zip(left, whole, strict=True) if not complete]
        if not left:
            return found
    raise wanted.changed(left[0].month, counts[left[0].month], len(features[left[0].month]))


def _ask(
    client: ApiClient, wanted: Wanted[ArcgisSource], layer: Layer, queries: list[_Query]
) -> tuple[dict[str, int], dict[str, list[dict]]]:
    """How many records each query has, and the records."""
    count = (("returnCountOnly", "true"),)
    answers = client.send_all([query_request(layer.path, count, where=q.where) for q in queries])
    counts = {q.month: _number(wanted, a, q.month) for q, a in zip(queries, answers, strict=True)}
    found: dict[str, list[dict]] = {query.month: [] for query in queries}
    asked = [query for query in queries if counts[query.month]]
    if layer.can_page or layer.object_id is None:
        found |= _paged(client, wanted, layer, asked, counts)
    if layer.object_id is not None:
        # What neither flag nor offset brought is asked for by its ids.
        short = [query for query in asked if len(found[query.month]) < counts[query.month]]
        found |= _by_ids(client, wanted, layer, short)
    return counts, found


def _number(wanted: Wanted, answer: ApiAnswer, month: str) -> int:
    reply, failure, message = read_reply(answer)
    if failure is not None:
        wanted.stop(failure, message, month)
    if not isinstance(reply, dict) or not isinstance(reply.get("count"), int):
        raise wanted.error(f"{answer.url} answered a count with something else.", field="layer")
    return reply["count"]


def _paged(
    client: ApiClient,
    wanted: Wanted[ArcgisSource],
    layer: Layer,
    queries: list[_Query],
    counts: dict[str, int],
) -> dict[str, list[dict]]:
    order = (("orderByFields", ",".join(wanted.source.order)),) if wanted.source.order else ()
    shape = (("returnGeometry", str(wanted.source.with_position).lower()),)
    requests = [query_request(layer.path, (*shape, *order), where=query.where) for query in queries]
    found = {}
    expected = [counts[query.month] for query in queries]
    for query, collected in zip(queries, collect(client, layer, requests, expected), strict=True):
        if collected.failure is not None:
            wanted.stop(collected.failure, collected.message, query.month)
        if collected.is_cut:
            raise wanted.error(
                f"the layer gives {layer.page_size:,} records at most and can neither page nor name its ids.",
                "Narrow it by `where`.",
                "layer",
            )
        found[query.month] = collected.features
    return found


def _by_ids(
    client: ApiClient, wanted: Wanted[ArcgisSource], layer: Layer, queries: list[_Query]
) -> dict[str, list[dict]]:
    """A server that cannot page gives the ids of all records, and then the records of so many ids at once."""
    only_ids = (("returnIdsOnly", "true"),)
    answers = client.send_all([query_request(layer.path, only_ids, where=q.where) for q in queries])
    found: dict[str, list[dict]] = {}
    for query, answer in zip(queries, answers, strict=True):
        reply, failure, message = read_reply(answer)
        if failure is not None:
            wanted.stop(failure, message, query.month)
        ids = sorted(reply.get("objectIds") or ()) if isinstance(reply, dict) else []
        # One less than fits: a reply as long as it may be is taken for one that was cut.
        size = max(layer.page_size - 1, 1)
        batches = [ids[at : at + size] for at in range(0, len(ids), size)]
        found[query.month] = []
        for _, collected in collect_batches(client, layer, batches, lambda ids: _of_ids(wanted, layer, ids)):
            if collected.failure is not None:
                wanted.stop(collected.failure, collected.message, query.month)
            found[query.month] += collected.features
    return found


def _of_ids(wanted: Wanted[ArcgisSource], layer: Layer, ids: list[int]) -> ApiRequest:
    shape = ("returnGeometry", str(wanted.source.with_position).lower())
    return query_request(layer.path, (("objectIds", ",".join(map(str, ids))), shape))


def _condition(layer: Layer, wanted: Wanted[ArcgisSource], month: str) -> str:
    """The month's records, with literals as the column's type takes them."""
    source = wanted.source
    column = layer.spelling(source.date_column)
    days = wanted.asked(month, moments=_holds_moments(layer, source))
    first, last = (_literal(layer, source, day) for day in days)
    where = f"{column} >= {first} AND {column} < {last}"
    return f"{where} AND ({source.where})" if source.where else where


def _holds_moments(layer: Layer, source: ArcgisSource) -> bool:
    column = layer.spelling(source.date_column) or source.date_column
    return layer.is_date(column) or layer.is_moment(column)


def _literal(layer: Layer, source: ArcgisSource, day: date) -> str:
    column = layer.spelling(source.date_column) or source.date_column
    if _holds_moments(layer, source):
        return day.strftime(source.date_format or DATE_LITERAL)
    if layer.is_day(column):
        return day.strftime(source.date_format or DAY_LITERAL)
    text = day.strftime(source.date_format or "%Y-%m-%d")
    return text if layer.is_number(column) else quoted(text)


def _rows(wanted: Wanted[ArcgisSource], layer: Layer, month: str, features: list[dict]) -> list[Row]:
    """Attributes under the names the column map uses, dates as text, and the position where it is wanted."""
    source = wanted.source
    ours = {layer.spelling(name): name for name in source.mapped_columns if layer.spelling(name)}
    dates = {name for name in layer.fields if layer.is_date(name)}
    numbers = {name for name in layer.fields if layer.is_number(name)}
    rows = []
    for feature in features:
        row = feature.get("attributes") or {}
        plain = {k: _iso(v) if k in dates else v for k, v in row.items()}
        plain |= {k: _as_kept(v, layer.digits(k)) for k, v in plain.items() if k in numbers}
        rows.append({ours.get(name, name): value for name, value in plain.items()})
    if source.with_position:
        rows = _with_position(wanted, rows, features)
    spelled = layer.spelling(source.date_column) or source.date_column
    moments = _holds_moments(layer, source)
    rows = wanted.own(month, rows, ours.get(spelled, spelled), moments=moments)
    return [with_columns(row, source.mapped_columns) for row in rows[: wanted.limit]]


def _iso(milliseconds: object) -> object:
    """Epoch milliseconds as ISO text, UTC; years before 1970 too."""
    if not isinstance(milliseconds, int | float):
        return milliseconds
    return (EPOCH + timedelta(milliseconds=milliseconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_kept(value: object, digits: int) -> object:
    """A whole number with more digits than its column keeps as the float that the server made of it."""
    return float(value) if isinstance(value, int) and abs(value) >= 10**digits else value


def _with_position(wanted: Wanted, rows: list[Row], features: list[dict]) -> list[Row]:
    outlines = esri_outlines([feature.get("geometry") for feature in features])
    if not in_degrees(outlines):
        raise wanted.error(
            "the service answers in its own grid although degrees (outSR 4326) were asked for.",
            "Set with_position: false, and map latitude and longitude from columns, if it has them.",
            "with_position",
        )
    longitude, latitude = middles(outlines)
    places = zip(longitude.tolist(), latitude.tolist(), strict=True)
    return [
        {**row, X: None if x != x else x, Y: None if y != y else y}
        for row, (x, y) in zip(rows, places, strict=True)
    ]
