"""Posts lineage from a thread of its own: a place that does not answer costs a run nothing but the events."""

import logging
import queue
import threading
import time
from typing import TYPE_CHECKING

from resources.scrub import scrub
from resources.telemetry.start import installed

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent
    from openlineage.client.transport.http import HttpTransport

PRODUCER = f"urn:realestate-os:{installed()}"
TIMEOUT_SECONDS = 5.0
FLUSH_SECONDS = 5.0
MOST_WAITING = 10_000
# After a failure nothing is tried for so long: each try may take as long as its timeout.
PAUSE_SECONDS = 30.0
_log = logging.getLogger(__name__)


class Sender:
    """Sends events to one address in the order they came."""

    def __init__(self, url: str, api_key: str = "") -> None:
        """Take the address; nothing is opened yet.

        Args:
            url: of the service; `api/v1/lineage` is added.
            api_key: sent as a bearer token; empty for none.
        """
        self._url, self._api_key = url, api_key
        self._waiting: queue.Queue[RunEvent] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()
        self._blocked_until = 0.0
        self._is_told = False
        self.sent = self.lost = 0

    def put(self, event: "RunEvent") -> None:
        """Have an event sent; dropped where too many wait."""
        with self._guard:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="lineage", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(event)
        except queue.Full:
            self.lost += 1

    def flush(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait until all is sent, but no longer."""
        end = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.01)

    def _work(self) -> None:
        transport = self._transport()
        while True:
            event = self._waiting.get()
            try:
                if time.monotonic() < self._blocked_until:
                    self.lost += 1
                    continue
                transport.emit(event)
                self.sent += 1
            except Exception as error:
                self._failed(error)
            finally:
                self._waiting.task_done()

    def _failed(self, error: Exception) -> None:
        self.lost += 1
        self._blocked_until = time.monotonic() + PAUSE_SECONDS
        if not self._is_told:
            self._is_told = True
            why = scrub(f"{type(error).__name__}: {error}")[:300]
            _log.warning("Lineage is not taken by %s: %s", scrub(self._url), why)

    def _transport(self) -> "HttpTransport":
        """The client's own transport, without what its client adds of the machine and the checkout."""
        from openlineage.client.transport.http import (
            ApiKeyTokenProvider,
            HttpConfig,
            HttpTransport,
            TokenProvider,
        )

        logging.getLogger("openlineage").setLevel(logging.CRITICAL)
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
        auth = ApiKeyTokenProvider({"apiKey": self._api_key}) if self._api_key else TokenProvider({})
        once = {"total": 1, "connect": 1, "read": 1, "backoff_factor": 0.2, "allowed_methods": ["POST"]}
        return HttpTransport(HttpConfig(url=self._url, timeout=TIMEOUT_SECONDS, auth=auth, retry=once))
