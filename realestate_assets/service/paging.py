"""Lists by cursor: one way for all. A page is found by the last row of the one before, not by counting rows.

A cursor holds that row's sort values, signed and bound to the sort and the filters: one that was altered, or
belongs to another list, is refused.
"""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar, cast

import sqlalchemy as sa
from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from realestate_assets.app.secret import ServiceSecret
from realestate_assets.service.problems import unfit

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
SIGNATURE_BYTES = 16
MAX_CURSOR_CHARACTERS = 2048

Item = TypeVar("Item")


class Listed(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="Of the next page; null on the last.")
    total: int | None = Field(description="Of all pages; null unless asked for by `with_total`.")


@dataclass(frozen=True)
class PageRequest:
    """What page is asked for; `sort` is a name, with a minus before it for the largest first."""

    limit: int
    cursor: str | None
    sort: str
    with_total: bool


def page_request(*sorts: str) -> Callable[..., Awaitable[PageRequest]]:
    """A dependency for a list that may be sorted so; the first is the order of those who ask for none."""
    known = [name for each in sorts for name in (each.removeprefix("-"), f"-{each.removeprefix('-')}")]

    async def asked(
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows of a page.")] = DEFAULT_LIMIT,
        cursor: Annotated[
            str | None,
            Query(max_length=MAX_CURSOR_CHARACTERS, description="`next_cursor` of the page before."),
        ] = None,
        sort: Annotated[
            str,
            Query(description="A column; with a minus the largest first.", json_schema_extra={"enum": known}),
        ] = sorts[0],
        with_total: Annotated[bool, Query(description="Count all rows too, which costs time.")] = False,
    ) -> PageRequest:
        if sort not in known:
            raise unfit("query.sort", f"Expected one of {', '.join(known)}.")
        return PageRequest(limit, cursor, sort, with_total)

    return asked


@dataclass(frozen=True)
class Order:
    """What a list may be sorted by, and the columns that tell its rows apart.

    Args:
        columns: sort name -> column of the statement.
        key: columns that are unique together and never null.
    """

    columns: Mapping[str, sa.SQLColumnExpression]
    key: Sequence[sa.SQLColumnExpression]


def page(
    session: Session,
    statement: sa.Select,
    order: Order,
    asked: PageRequest,
    secret: ServiceSecret,
    bound_to: str = "",
) -> tuple[list[sa.Row], str | None, int | None]:
    """Rows of a page, the cursor of the next, and the count where asked for.

    Args:
        session: of the tenant.
        statement: without order and limit.
        order: of its rows.
        asked: which page.
        secret: cursors are signed with a key of it.
        bound_to: filters of the list as text: a cursor counts for these alone.

    Raises:
        ProblemError: 422, the cursor is not one of this list.
    """
    name, descending = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    # An attribute of a model is one too, though it is not typed so.
    chosen = cast(sa.ColumnElement[Any], order.columns[name])
    key = cast(Sequence[sa.ColumnElement[Any]], order.key)
    seal = _Seal(secret, f"{asked.sort}|{bound_to}")
    total = (
        session.scalar(sa.select(sa.func.count()).select_from(statement.order_by(None).subquery()))
        if asked.with_total
        else None
    )
    if asked.cursor:
        statement = statement.where(_after(chosen, descending, key, seal.read(asked.cursor, order)))
    # Named apart, so that the cursor's values are there whatever the statement selects.
    marks: list[sa.Label[Any]] = [
        chosen.label("_sort"),
        *(column.label(f"_key_{i}") for i, column in enumerate(key)),
    ]
    directed = chosen.desc() if descending else chosen.asc()
    statement = statement.add_columns(*marks).order_by(directed.nulls_last(), *key)
    rows = list(session.execute(statement.limit(asked.limit + 1)))
    if len(rows) <= asked.limit:
        return rows, None, total
    rows = rows[: asked.limit]
    return rows, seal.write(list(rows[-1][-len(marks) :])), total


def _after(
    chosen: sa.ColumnElement,
    descending: bool,
    key: Sequence[sa.ColumnElement],
    last: Sequence[Any],
) -> sa.ColumnElement[bool]:
    """Rows that come after one, nulls last."""
    value, *values = last
    typed = [sa.literal(given, column.type) for given, column in zip(values, key, strict=True)]
    later_key = sa.tuple_(*key) > sa.tuple_(*typed)
    if value is None:
        return sa.and_(chosen.is_(None), later_key)
    bound = sa.literal(value, chosen.type)
    beyond = chosen < bound if descending else chosen > bound
    return sa.or_(beyond, sa.and_(chosen == bound, later_key), chosen.is_(None))


class _Seal:
    def __init__(self, secret: ServiceSecret, bound_to: str) -> None:
        self._key, self._bound = secret.key("cursors"), bound_to.encode()

    def write(self, values: Sequence[Any]) -> str:
        body = json.dumps([_written(value) for value in values], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(body) + body).decode().rstrip("=")

    def read(self, text: str, order: Order) -> list[Any]:
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            signature, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
            if hmac.compare_digest(signature, self._sign(body)):
                values = [_read(value) for value in json.loads(body)]
                if len(values) == 1 + len(order.key):
                    return values
        except ValueError:
            pass
        raise unfit("query.cursor", "It is no cursor of this list with this sort and these filters.")

    def _sign(self, body: bytes) -> bytes:
        # The length keeps what is bound and the body apart.
        bound = len(self._bound).to_bytes(4, "big") + self._bound
        return hmac.digest(self._key, bound + body, hashlib.sha256)[:SIGNATURE_BYTES]


_KINDS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "u": (uuid.UUID, str, uuid.UUID),
    "t": (datetime, datetime.isoformat, datetime.fromisoformat),
    "d": (date, date.isoformat, date.fromisoformat),
    "n": (Decimal, str, Decimal),
}


def _written(value: Any) -> Any:
    for kind, (type_, write, _) in _KINDS.items():
        if isinstance(value, type_):
            return [kind, write(value)]
    return value


def _read(value: Any) -> Any:
    return _KINDS[value[0]][2](value[1]) if isinstance(value, list) else value
