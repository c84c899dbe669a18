"""Reading what an API replied: JSON or not, an error in an HTTP 200, and the facts of a call that failed.

What a provider makes of a reply is its own business; nothing here knows a provider but for the error object
that all ArcGIS services share.
"""

import json
import math
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from realestate_assets.domain.core.convert import LARGEST_INTEGER
from realestate_assets.providers.base import EnrichmentRequest, Origin, field_facts, no_facts
from resources.errors import PermanentError
from resources.http.api import ApiAnswer, Failure

# Enough of an unreadable reply to recognise it, not enough to fill a log.
EXCERPT = 160
MICRO_USD = 1_000_000

# What JSON holds, or the failure with its sentence.
Reply = tuple[Any, Failure | None, str]


def read_json(answer: ApiAnswer, *, errors_are_read: bool = False) -> Reply:
    """What the reply holds, or why it holds nothing.

    Args:
        answer: what came of the request.
        errors_are_read: the caller reads the API's own error objects: JSON of any HTTP status is handed on.

    Returns:
        (object, None, "") for JSON.
        (None, None, "") for an empty reply such as a 204: answered, and there is nothing.
        (None, failure, message) where the call failed, or BAD_ANSWER where the reply is no JSON (an HTML page
        of a proxy or a login, text, a broken document) or came with an HTTP status of 400 or more.
    """
    if answer.failure is not None:
        return None, answer.failure, answer.message
    body = answer.body.strip().removeprefix(b"\xef\xbb\xbf")
    if not body:
        return None, None, ""
    if body.startswith(b"<"):
        return None, Failure.BAD_ANSWER, f"{_label(answer)} answered with an HTML page: {_excerpt(body)}"
    if not errors_are_read and (answer.status or 200) >= 400:
        return None, Failure.BAD_ANSWER, f"{_label(answer)}: {_excerpt(body)}"
    try:
        return _parse(body), None, ""
    except (ValueError, RecursionError):
        return None, Failure.BAD_ANSWER, f"{_label(answer)} answered with no JSON: {_excerpt(body)}"


def reply_drift(message: str, field: str, county_slug: str, source: str) -> PermanentError:
    """The error of a reply that is not of the form the API promises: `message` says in what."""
    return PermanentError(
        message,
        county=county_slug,
        source=source,
        field=field,
        remedy="The API has changed: compare its reply with its documentation before asking on.",
    )


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # Older map servers write NaN for a missing number and a stray byte in a name: neither is valid JSON,
        # both are readable.
        return json.loads(body.decode("utf-8", "replace"), parse_constant=lambda _: None)


def _label(answer: ApiAnswer) -> str:
    status = "" if answer.status is None else f" (HTTP {answer.status})"
    return f"{answer.request.endpoint}{status}"


def _excerpt(body: bytes) -> str:
    return " ".join(body[: 4 * EXCERPT].decode("utf-8", "replace").split())[:EXCERPT]


def arcgis_error(reply: object) -> str | None:
    """The sentence of an ArcGIS error object, which comes with HTTP 200; None where the reply is no error.

    Its code stands first, as in `499 Token Required`.
    """
    error = reply.get("error") if isinstance(reply, dict) else None
    if error is None:
        return None
    if not isinstance(error, dict):
        return str(error)[:EXCERPT]
    details = error.get("details") or []
    parts = [error.get("code"), error.get("message"), *(details if isinstance(details, list) else [details])]
    return " ".join(str(part) for part in parts if part not in (None, ""))[: 2 * EXCERPT]


def failed_facts(
    request: EnrichmentRequest, fields: tuple[str, ...], reason: str | Failure | pa.Array, origin: Origin
) -> pa.Table:
    """Null facts of all fields for all properties of a request, with one reason or one a property."""
    if not isinstance(reason, pa.Array):
        reason = pa.repeat(pa.scalar(str(reason)), request.size)
    nothing = pa.nulls(request.size, pa.string())
    return pa.concat_tables(
        [no_facts(), *(field_facts(request, field, nothing, reason, origin) for field in fields)]
    )


def as_text(value: object) -> str | None:
    """A JSON value as the text of a fact: `2017.0` as `2017`, true as `true`, blanks and lists as nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < LARGEST_INTEGER else repr(value)
    if isinstance(value, int):
        return str(value)
    return (value.strip() or None) if isinstance(value, str) else None


def spread_costs(answer: np.ndarray, cost_usd: np.ndarray, fields: int) -> np.ndarray:
    """What answers cost, spread over the facts they gave.

    Each fact gets whole micro-dollars, which is what the ledger holds: rounded to those, the facts of an
    answer add up to its cost exactly.

    Args:
        answer: index of the answer behind each property; -1 where none was asked for.
        cost_usd: cost of each answer, USD.
        fields: facts a property has.

    Returns:
        USD, one row a property and one column a fact.
    """
    asked = answer >= 0
    rows = np.bincount(answer[asked], minlength=len(cost_usd))
    base, rest = np.divmod(np.rint(cost_usd * MICRO_USD).astype("int64"), np.maximum(rows * fields, 1))
    order = np.argsort(answer, kind="stable")
    order = order[asked[order]]
    rank = np.arange(len(order)) - np.repeat(np.cumsum(rows) - rows, rows)
    cell = rank[:, None] * fields + np.arange(fields)
    micro = np.zeros((len(answer), fields), dtype="int64")
    micro[order] = base[answer[order]][:, None] + (cell < rest[answer[order]][:, None])
    return micro / MICRO_USD
