"""The ArcGIS REST query language: what a layer is, a query, and the reply to one.

Shared by every provider and source that reads a feature or map service; `arcgis_pages` asks for all pages of
many queries at once. What a layer's columns mean is not known here. Errors come with HTTP 200 and an error
object; they are failures, never data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from realestate_assets.providers.replies import Reply, arcgis_error, read_json
from resources.errors import PermanentError
from resources.http.api import ApiAnswer, ApiRequest, Failure, Pairs

# Servers before 10.1 say neither how many records a page may hold nor that there are more; 1,000 is what
# their installation sets, 500 what the version before did.
OLD_PAGE_SIZE = 1_000
WGS84 = "4326"
# Codes of the error object: no token given, and a token or user that may not.
NO_TOKEN, REFUSED, PASSING = ("499",), ("401", "403", "498"), ("408", "429", "500", "502", "503", "504")


@dataclass(frozen=True)
class Layer:
    """What a layer says of itself: its columns with their esri types, in their own spelling."""

    path: str
    name: str
    fields: dict[str, str]
    object_id: str | None
    page_size: int
    can_page: bool
    geometry: str | None

    def spelling(self, column: str) -> str | None:
        """The layer's own spelling of a column; None where it has none of that name in any case."""
        return {known.lower(): known for known in self.fields}.get(column.lower())

    def is_number(self, column: str) -> bool:
        """True for columns whose values stand in a where clause without quotes."""
        numbers = ("Integer", "SmallInteger", "BigInteger", "Double", "Single", "OID")
        return self.fields.get(column, "").removeprefix("esriFieldType") in numbers

    def digits(self, column: str) -> int:
        """Digits of a whole number that a number column keeps: a double has room for 15."""
        return 15 if self.fields.get(column) == "esriFieldTypeDouble" else 18

    def is_date(self, column: str) -> bool:
        """True for columns whose values are epoch milliseconds, UTC."""
        return self.fields.get(column) == "esriFieldTypeDate"

    def is_day(self, column: str) -> bool:
        """True for columns that hold a day without a time, as text."""
        return self.fields.get(column) == "esriFieldTypeDateOnly"

    def is_moment(self, column: str) -> bool:
        """True for columns that hold a time with its offset, as text."""
        return self.fields.get(column) == "esriFieldTypeTimestampOffset"


def metadata_request(path: str) -> ApiRequest:
    """The request for what a layer is; `path` ends in the layer's number."""
    return ApiRequest(endpoint=f"{_label(path)}/metadata", path=path, params=(("f", "json"),))


def read_layer(answer: ApiAnswer) -> tuple[Layer | None, Failure | None, str]:
    """The layer an answer to `metadata_request` describes, or the failure.

    Raises:
        PermanentError: the address answers with something that is no layer.
    """
    reply, failure, message = read_reply(answer)
    if failure is not None:
        return None, failure, message
    columns = reply.get("fields") if isinstance(reply, dict) else None
    if not isinstance(columns, list) or not all(isinstance(c, dict) and c.get("name") for c in columns):
        raise PermanentError(
            f"{answer.url} is no layer with columns.",
            field="layer",
            remedy="Give the path of one layer: …/FeatureServer/0 or …/MapServer/28.",
        )
    types = {str(column["name"]): str(column.get("type", "")) for column in columns}
    ids = [name for name, kind in types.items() if kind == "esriFieldTypeOID"]
    abilities = reply.get("advancedQueryCapabilities") or {}
    layer = Layer(
        path=answer.request.path,
        name=str(reply.get("name") or ""),
        fields=types,
        object_id=reply.get("objectIdField") or (ids[0] if ids else None),
        page_size=int(reply.get("maxRecordCount") or OLD_PAGE_SIZE),
        can_page=bool(abilities.get("supportsPagination") or reply.get("supportsPagination")),
        geometry=reply.get("geometryType"),
    )
    return layer, None, ""


def check_columns(layer: Layer, wanted: Sequence[str], county_slug: str, source: str) -> None:
    """Drift stops a provider: a column the configuration names must be there, in any case.

    Raises:
        PermanentError: a column is not there; names it and what there is.
    """
    missing = [name for name in wanted if layer.spelling(name) is None]
    if missing:
        raise PermanentError(
            f"the layer {layer.path} has no column {', '.join(missing)}; "
            f"it has {', '.join(list(layer.fields)[:60])}.",
            county=county_slug,
            source=source,
            field=missing[0],
            remedy="The layer has changed or the configuration names it wrongly: correct the columns.",
        )


def query_request(
    path: str, form: Pairs = (), *, where: str = "1=1", columns: Sequence[str] = ("*",)
) -> ApiRequest:
    """A query of a layer as a POST, so that its length is bound by the service and not by a URL.

    Coordinates are asked for in degrees (WGS 84): many layers hold state-plane feet.

    Args:
        path: the layer's path.
        form: further parameters, such as geometry, inSR or orderByFields; they win over the usual ones.
        where: the where clause; quote values by `quoted`.
        columns: columns wanted.
    """
    usual = {"f": "json", "where": where, "outFields": ",".join(columns), "outSR": WGS84}
    usual |= {"returnGeometry": "false"}
    fields = tuple((usual | dict(form)).items())
    return ApiRequest(endpoint=f"{_label(path)}/query", path=f"{path}/query", form=fields)


def iso_dates(milliseconds: pa.Array) -> pa.Array:
    """Days as text from the epoch milliseconds, UTC, that date columns hold."""
    moments = milliseconds.cast(pa.int64()).cast(pa.timestamp("ms"))
    return moments.cast(pa.date32(), safe=False).cast(pa.string())


def quoted(text: str) -> str:
    """Text as a literal of a where clause."""
    return "'" + text.replace("'", "''") + "'"


def read_reply(answer: ApiAnswer) -> Reply:
    """The reply of a service; its error object and an empty reply are failures.

    Codes 499 and 498 mean that a token is missing or refused; what a server calls its own fault is
    PROVIDER_FAILED; anything else, such as 400 for a query it does not understand, is BAD_ANSWER.
    """
    reply, failure, message = read_json(answer, errors_are_read=True)
    if failure is not None:
        return None, failure, message
    if error := arcgis_error(reply):
        return None, _kind_of(error), error
    if reply is None:
        return None, Failure.BAD_ANSWER, f"{answer.request.endpoint} answered with nothing."
    return reply, None, ""


def _kind_of(error: str) -> Failure:
    code = error.split(" ", 1)[0]
    for codes, failure in (
        (NO_TOKEN, Failure.KEY_MISSING),
        (REFUSED, Failure.KEY_REFUSED),
        (PASSING, Failure.PROVIDER_FAILED),
    ):
        if code in codes:
            return failure
    return Failure.BAD_ANSWER


def read_features(answer: ApiAnswer) -> tuple[list[dict], bool, Failure | None, str]:
    """The features of one page, whether the service holds more, and the failure; no feature beside one.

    Raises:
        PermanentError: the reply is neither features nor an error.
    """
    reply, failure, message = read_reply(answer)
    if failure is not None:
        return [], False, failure, message
    features = reply.get("features") if isinstance(reply, dict) else None
    if not isinstance(features, list):
        raise PermanentError(
            f"{answer.url} answered without features.",
            field="features",
            remedy="The service no longer answers as an ArcGIS layer does: check its address.",
        )
    # As GeoJSON the mark stands among the properties of the collection.
    marks = (reply, reply.get("properties") or {})
    return features, any(mark.get("exceededTransferLimit") for mark in marks), None, ""


def _label(path: str) -> str:
    """The last parts of a layer's path, as `NFHL/MapServer/28`."""
    return "/".join(path.strip("/").split("/")[-3:])
