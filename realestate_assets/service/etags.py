"""Reads with an ETag: who has the answer already is told so, and is sent nothing."""

import hashlib
from typing import Any

import orjson
from fastapi import Request, Response
from pydantic import BaseModel

# Private: an answer is one tenant's. It is asked for again each time, which costs a 304.
CACHE_CONTROL = "private, no-cache"


def etag_of(body: bytes) -> str:
    """The tag of an answer."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def answer(request: Request, value: BaseModel | dict[str, Any], names: set[str] | None = None) -> Response:
    """An answer to a read: 200 with its tag, or 304 where the caller has it.

    Args:
        request: may carry If-None-Match.
        value: a schema, or a page of `fields.listed`.
        names: fields of the schema that were asked for; None for all.
    """
    plain = value.model_dump(mode="json", include=names) if isinstance(value, BaseModel) else value
    body = orjson.dumps(plain)
    tag = etag_of(body)
    headers = {"ETag": tag, "Cache-Control": CACHE_CONTROL, "Vary": "Authorization, Cookie"}
    if is_known(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether a tag is among those of an If-None-Match; compared weakly, as RFC 9110 has it for reads."""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(each.strip().removeprefix("W/") == tag for each in if_none_match.split(","))
