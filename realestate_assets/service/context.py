"""Ids of a request: its own, and one that binds it to what it starts; both stand on every log line.

Both come back as headers. A caller may send either; what is no plain word is replaced.
"""

from contextvars import ContextVar
from dataclasses import dataclass

REQUEST_ID, CORRELATION_ID = "X-Request-ID", "X-Correlation-ID"


@dataclass(frozen=True)
class RequestIds:
    """Ids of the request that is being answered."""

    request_id: str = ""
    correlation_id: str = ""


NONE = RequestIds()
current: ContextVar[RequestIds] = ContextVar("request_ids", default=NONE)


def current_ids() -> RequestIds:
    """Ids of the request that is being answered; empty outside of one."""
    return current.get()
