"""Keys of APIs: read from the environment when a request leaves, and added below everything that logs.

The client, its log lines and its exceptions know requests without a key; the transport here adds it to a copy
just before the bytes are sent.
"""

import logging
import os
import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import httpx

from resources.http.api import Failure
from resources.http.api_policy import ApiKey, ApiPolicy

# What a header can carry without being split or refused; an illegal one would be quoted in the error.
USABLE = re.compile(r"[\x21-\x7e]{1,4096}")
# Shorter keys are too likely to be a word of the text they would be taken out of.
SHORTEST_MASKED = 6
MASK = "***"
# A filter sees what is logged to its own logger only, not to those below it.
LIBRARY_LOGS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")


def read_key(key: ApiKey | None) -> str | None:
    """The key from the environment; None where there is none."""
    return (os.environ.get(key.env, "").strip() or None) if key else None


def key_failure(policy: ApiPolicy, provider: str) -> tuple[Failure, str] | None:
    """Why nothing can be sent with this key, if so."""
    if policy.key is None:
        return None
    value = read_key(policy.key)
    if value is None:
        if not policy.key.required:
            return None
        return (
            Failure.KEY_MISSING,
            f"{provider} needs a key: set {policy.key.env} in the environment or .env.",
        )
    if not USABLE.fullmatch(value):
        return Failure.KEY_REFUSED, (
            f"The value of {policy.key.env} holds blanks, line breaks or letters that no key for {provider} "
            "has: correct it."
        )
    return None


def mask(text: str, key: ApiKey | None) -> str:
    """`text` without the key, plain or percent-encoded."""
    value = read_key(key)
    if value and len(value) >= SHORTEST_MASKED:
        for spelling in (value, quote(value, safe="")):
            text = text.replace(spelling, MASK)
    return text


def mask_body(body: bytes, key: ApiKey | None) -> bytes:
    """A body without the key, which some APIs repeat in their error pages."""
    value = read_key(key)
    if value and len(value) >= SHORTEST_MASKED:
        for spelling in (value, quote(value, safe="")):
            body = body.replace(spelling.encode(), MASK.encode())
    return body


def without_key(url: str, key: ApiKey | None) -> str:
    """A URL without the key's query parameter: a redirect may repeat it."""
    parts = urlsplit(url)
    if key is None or key.query is None or not parts.query:
        return url
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != key.query]
    return parts._replace(query=urlencode(pairs)).geturl()


class _LogMask(logging.Filter):
    """Takes keys out of the debug log of the HTTP library, which shows headers as the server sent them."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: set[ApiKey] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        for key in self.keys:
            text = mask(text, key)
        record.msg, record.args = text, ()
        return True


_log_mask = _LogMask()


def mask_logs(key: ApiKey | None) -> None:
    """Keep a key out of the HTTP library's log; repeatable."""
    if key is not None:
        _log_mask.keys.add(key)
        for name in LIBRARY_LOGS:
            logging.getLogger(name).addFilter(_log_mask)


class KeyTransport(httpx.AsyncBaseTransport):
    """Adds the key on the way out."""

    def __init__(self, inner: httpx.AsyncBaseTransport, key: ApiKey | None) -> None:
        self._inner = inner
        self._key = key
        mask_logs(key)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a copy of the request that holds the key."""
        value = read_key(self._key)
        if self._key and value:
            request = with_key(request, self._key, value)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._inner.aclose()


def with_key(request: httpx.Request, key: ApiKey, value: str) -> httpx.Request:
    """A copy of the request with the key in its place."""
    url, headers = request.url, request.headers.copy()
    if key.header:
        headers[key.header] = key.prefix + value
    else:
        pair = f"{quote(key.query or '', safe='')}={quote(value, safe='')}".encode()
        joint = b"&" if b"?" in url.raw_path else b"?"
        url = url.copy_with(raw_path=url.raw_path + joint + pair)
    return httpx.Request(
        request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
    )
