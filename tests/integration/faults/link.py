"""A line to a service that can be cut, muted and mended, as networks and servers are."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PIECE_BYTES = 2**16


class Link:
    """Passes bytes between a port of this machine and a service; only its own thread touches what is open.

    Cut, connections are reset and new ones refused, as of a server that is down. Muted, connections are taken
    and stay open but nothing passes: as of a server that hangs, or a network that swallows what is sent.
    """

    def __init__(self, reach: Callable[[], Awaitable[Ends]]) -> None:
        self._reach = reach
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self._passing = self._do(self._made_event())
        self._do(self._listen())

    def cut(self) -> None:
        """The service is down."""
        self._do(self._cut())

    def mute(self) -> None:
        """The service hangs."""
        self._loop.call_soon_threadsafe(self._passing.clear)

    def mend(self) -> None:
        """The service is back; what was held back by `mute` passes now."""
        self._loop.call_soon_threadsafe(self._passing.set)
        self._do(self._listen())

    def close(self) -> None:
        """End it for good."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    @staticmethod
    async def _made_event() -> asyncio.Event:
        event = asyncio.Event()
        event.set()
        return event

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            await self._passing.wait()
            far_reader, far = await self._reach()
            self._open.add(far)
            await asyncio.gather(self._pump(reader, far), self._pump(far_reader, writer))
        except OSError:
            pass
        finally:
            for end in (writer, far):
                if end is not None:
                    self._open.discard(end)
                    end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE_BYTES):
            await self._passing.wait()
            writer.write(piece)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


@contextlib.contextmanager
def link_to_port(port: int) -> Iterator[Link]:
    """A line to a port of this machine."""
    link = Link(lambda: asyncio.open_connection("127.0.0.1", port))
    try:
        yield link
    finally:
        link.close()


@contextlib.contextmanager
def link_to_socket(path: str) -> Iterator[Link]:
    """A line to a unix socket."""
    link = Link(lambda: asyncio.open_unix_connection(path))
    try:
        yield link
    finally:
        link.close()
