"""A real HTTP server in this process, for tests of everything that calls an API.

A handler function answers; what a healthy server never does (a reset connection, half a body, a drip of
bytes) is a reply of its own kind. Every request is recorded, with the time it came.
"""

import contextlib
import gzip
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import brotli

Plain = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Reset:
    """The connection is torn down by RST, without an answer."""


@dataclass(frozen=True)
class Truncated:
    """The head and half of the body, then the connection ends."""

    reply: Plain


@dataclass(frozen=True)
class Slow:
    """The body in pieces of one byte, with a pause before each."""

    reply: Plain
    seconds_per_byte: float


Reply = Plain | Reset | Truncated | Slow
Handler = Callable[[str, str, dict[str, list[str]], bytes, dict[str, str]], Reply]


@dataclass(frozen=True)
class Received:
    """One request as the server saw it; header names are lower case, `at` is time.monotonic()."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)


def plain_body(request: Received) -> bytes:
    """What was sent, unpacked."""
    packing = request.headers.get("content-encoding")
    if packing == "gzip":
        return gzip.decompress(request.body)
    return brotli.decompress(request.body) if packing == "br" else request.body


def json_reply(value: Any, status: int = 200, **headers: str) -> Plain:
    """A JSON answer; `Retry_After="2"` makes the header Retry-After."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(value).encode()


def text_reply(text: str, status: int = 200, content_type: str = "text/plain", **headers: str) -> Plain:
    """A text or HTML answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": content_type, **named}, text.encode()


def delayed(seconds: float, reply: Reply) -> Reply:
    """The same reply, later; to be called in the handler."""
    time.sleep(seconds)
    return reply


class LocalServer:
    """`with LocalServer(handler) as server:` serves on a free port; `server.url`, `server.requests`."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[Received] = []
        self.errors: list[Exception] = []
        self._recording = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "LocalServer":
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self.errors and kind is None:
            raise AssertionError("the test's own handler failed") from self.errors[0]

    @property
    def url(self) -> str:
        """Base address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def paths(self) -> list[str]:
        """Paths of the requests, in the order they came."""
        return [request.path for request in self.requests]

    def wait_for(self, count: int, seconds: float = 10.0) -> list[Received]:
        """The requests received, once there are `count` of them or the time is over."""
        end = time.monotonic() + seconds
        while len(self.requests) < count and time.monotonic() < end:
            time.sleep(0.05)
        return self.requests

    def receive(self, request: Received) -> Reply:
        """Record a request and let the handler answer it."""
        with self._recording:
            self.requests.append(request)
        try:
            return self.handler(request.method, request.path, request.query, request.body, request.headers)
        except Exception as error:
            self.errors.append(error)
            return text_reply(repr(error), 500)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, owner: LocalServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = parse_qs(parts.query, keep_blank_values=True)
        reply = self.server.owner.receive(Received(self.command, parts.path, query, body, headers))
        with contextlib.suppress(ConnectionError):
            self._send(reply)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _send(self, reply: Reply) -> None:
        if isinstance(reply, Reset):
            self._reset()
            return
        plain = reply if isinstance(reply, tuple) else reply.reply
        status, headers, body = plain
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send_body(reply, body)

    def _send_body(self, reply: Reply, body: bytes) -> None:
        if isinstance(reply, Truncated):
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif isinstance(reply, Slow):
            for position in range(len(body)):
                time.sleep(reply.seconds_per_byte)
                self.wfile.write(body[position : position + 1])
        elif self.command != "HEAD":
            self.wfile.write(body)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""
