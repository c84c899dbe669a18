"""What is asked of an HTTP API and what comes back: the words that providers and the client share.

No connection is opened here; the client is in `http_client`. A request never carries a key: the client adds
it from the environment when it sends, so that no log, cache key or ledger row can hold it.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

Pairs = tuple[tuple[str, str], ...]


class Failure(enum.StrEnum):
    """Why a request has no answer; the names are reason codes of enrichment_facts."""

    KEY_MISSING = "KEY_MISSING"  # the provider needs a key and the environment has none
    KEY_REFUSED = "KEY_REFUSED"  # the API refused the key
    BUDGET_SPENT = "BUDGET_SPENT"  # money or calls of the run, day or month are used up
    PROVIDER_FAILED = "PROVIDER_FAILED"  # time-outs, 429, 5xx or broken bodies, after all retries
    PROVIDER_CLOSED = "PROVIDER_CLOSED"  # the circuit breaker is open after repeated failures
    BAD_ANSWER = "BAD_ANSWER"  # answered, but not what the API promises
    CALL_UNSETTLED = "CALL_UNSETTLED"  # a paid call was sent and its answer lost; it is not paid for again


@dataclass(frozen=True)
class Upload:
    """A file of a multipart request."""

    field: str
    file_name: str
    content: bytes
    content_type: str = "text/csv"


@dataclass(frozen=True)
class ApiRequest:
    """One request to one configured provider.

    Args:
        endpoint: short label of what is asked, for the ledger, such as `acs5/2022`.
        path: appended to the provider's base URL; no query string.
        params: query parameters, without credentials.
        form: fields of a POSTed form.
        upload: a file to post; makes the request multipart.
        tag: the asker's own mark, not sent.
    """

    endpoint: str
    path: str
    params: Pairs = ()
    form: Pairs = ()
    upload: Upload | None = None
    tag: object = None

    @property
    def method(self) -> str:
        """POST where there is something to post."""
        return "POST" if self.form or self.upload else "GET"


@dataclass(frozen=True)
class ApiAnswer:
    """What came of a request: a body, or a failure with a sentence for a person.

    `status` is the last HTTP status seen; 204 comes with an empty body. `url` holds no key.
    """

    request: ApiRequest
    url: str
    status: int | None = None
    body: bytes = b""
    content_type: str = ""
    retrieved_at: datetime | None = None
    cached: bool = False
    cost_usd: float = 0.0
    failure: Failure | None = None
    message: str = ""

    @property
    def ok(self) -> bool:
        """True where there is a body to read."""
        return self.failure is None


class ApiClient(Protocol):
    """A session with one provider: its base URL, key, limits, budget and cache are its own."""

    provider: str
    base_url: str

    def send_all(self, requests: Sequence[ApiRequest]) -> list[ApiAnswer]:
        """Answers in the order of the requests; equal requests are sent once.

        Transient failures are retried, what is cached is not sent, and what cannot be had is an answer with
        a failure. An HTTP 4xx other than 401, 403, 408 and 429 is an answer: the provider reads its body.

        Raises:
            PermanentError: the configured address is refused, or the provider is not configured.
        """
        ...
