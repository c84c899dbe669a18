"""One message to an address that a person or a file gave: to the public internet alone, followed nowhere.

The name is resolved once, all its addresses are looked at, and the connection goes to one of those: a name
that points elsewhere a moment later (DNS rebinding) gains nothing.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore

from resources.errors import PermanentError, TransientError
from resources.http.addresses import is_public, resolve

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 15.0
MAX_ANSWER_BYTES = 16_384


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and how long it took; the body is of no interest and is not kept."""

    status: int
    seconds: float


@dataclass(frozen=True)
class Fetched:
    """A file that was asked for: whatever status came back, and its bytes."""

    status: int
    body: bytes


class _PublicAlone(httpcore.NetworkBackend):
    """Connects to public addresses, and to others where that is allowed."""

    def __init__(self, allow_private: bool) -> None:
        self._backend = httpcore.SyncBackend()
        self._allow_private = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses, all of which are public.

        Raises:
            PermanentError: one of them is not.
            httpcore.ConnectError: it cannot be reached.
        """
        addresses = resolve(host, port)
        if not addresses:
            raise httpcore.ConnectError("The name is not known.")
        if not self._allow_private and not all(is_public(each) for each in addresses):
            raise PermanentError("The address leads to no public place.", field="url")
        error: Exception = httpcore.ConnectError("No address.")
        for address in addresses:
            try:
                return self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error


def post(url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool = False) -> Answer:
    """Send a message; whatever status comes back is an answer.

    Args:
        url: http or https.
        body: as it is sent.
        headers: beside those of the connection.
        allow_private: also to this machine's own network.

    Raises:
        PermanentError: the address leads inside.
        TransientError: nothing answered in time.
    """
    begun = time.monotonic()
    with _asked("POST", url, body, headers, allow_private) as response:
        read = 0
        # To its end, so that the other side has sent it; no further than a message is long.
        with suppress(httpcore.ReadError, httpcore.RemoteProtocolError):
            for piece in response.iter_stream():
                read += len(piece)
                if read > MAX_ANSWER_BYTES or time.monotonic() - begun > ANSWER_SECONDS:
                    break
        return Answer(response.status, time.monotonic() - begun)


def get(url: str, *, accept: str, max_bytes: int, allow_private: bool = False) -> Fetched:
    """Ask for a file.

    Args:
        url: http or https.
        accept: media types that are wanted.
        max_bytes: the file's most.
        allow_private: also from this machine's own network.

    Raises:
        PermanentError: the address leads inside, or the file is larger.
        TransientError: nothing answered in time, or the answer broke off.
    """
    begun, body = time.monotonic(), bytearray()
    with _asked("GET", url, b"", {"Host": urlsplit(url).netloc, "Accept": accept}, allow_private) as response:
        for piece in response.iter_stream():
            body += piece
            if len(body) > max_bytes:
                raise PermanentError(f"The file is larger than {max_bytes / 1e6:.0f} MB.")
            if time.monotonic() - begun > ANSWER_SECONDS:
                raise TransientError("Nothing answered in time.")
        return Fetched(response.status, bytes(body))


@contextmanager
def _asked(
    method: str, url: str, body: bytes, headers: Mapping[str, str], allow_private: bool
) -> Iterator[httpcore.Response]:
    """The answer while it arrives."""
    limits = {
        "connect": CONNECT_SECONDS,
        "read": ANSWER_SECONDS,
        "write": ANSWER_SECONDS,
        "pool": CONNECT_SECONDS,
    }
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    try:
        with (
            httpcore.ConnectionPool(network_backend=_PublicAlone(allow_private), retries=0) as pool,
            pool.stream(method, url, headers=given, content=body, extensions={"timeout": limits}) as response,
        ):
            yield response
    except httpcore.TimeoutException as error:
        raise TransientError("Nothing answered in time.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise TransientError("The connection failed.") from error
