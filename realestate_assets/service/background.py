"""What the service does beside answering: events get positions, kept searches are looked at, webhooks told.

One thread a process. Several processes do the same without harm: the database decides whose turn it is.
"""

import asyncio
import contextlib
import logging
import threading
import time

from sqlalchemy.exc import ProgrammingError

from realestate_assets.app import event_functions
from realestate_assets.operations.events.delivery import publish, tell_webhooks
from realestate_assets.operations.kept.alerts import look_at_due
from realestate_assets.service.parts import Parts

_log = logging.getLogger(__name__)

# Of the database, behind whatever pooler: LISTEN would want a connection of its own, which a pooler of
# transactions does not give.
LOOK_SECONDS = 1.0
CLEAN_SECONDS = 3600.0
# After a failure, such as of the database: not again at once.
PAUSE_SECONDS = 10.0


class Bell:
    """Tells those who follow the feed, in the event loop, that it has grown."""

    def __init__(self) -> None:
        self.position = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung = asyncio.Event()

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say in which loop the followers are."""
        self._loop = loop

    def ring(self, position: int) -> None:
        """From any thread: the feed has come so far."""
        if position != self.position and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, position)

    async def wait(self, seconds: float) -> None:
        """Until it rings, or the time is over."""
        rung = self._rung
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(rung.wait(), seconds)

    def _wake(self, position: int) -> None:
        self.position = position
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()


class Background:
    """The thread.

    Args:
        parts: of the service.
        bell: rung where the feed has grown.
    """

    def __init__(self, parts: Parts, bell: Bell) -> None:
        self._parts, self._bell = parts, bell
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._over.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        cleaned, pause = 0.0, 0.0
        while not self._over.wait(pause):
            try:
                self.round()
                if time.monotonic() - cleaned > CLEAN_SECONDS:
                    cleaned = time.monotonic()
                    self._clean()
                pause = LOOK_SECONDS
            except Exception:
                # It goes on: what was not done is done in the next round.
                _log.exception("events could not be published or told")
                pause = PAUSE_SECONDS

    def round(self) -> None:
        """One look: new events, the bell, kept searches, webhooks."""
        publish(self._parts.transaction)
        with self._parts.transaction(None) as session:
            latest = event_functions.latest(session)
        self._bell.ring(latest)
        self._look()
        told = tell_webhooks(self._parts.transaction, self._parts.secret)
        if told.delivered or told.failed:
            _log.info("webhooks: %d messages taken, %d not", told.delivered, told.failed)

    def _look(self) -> None:
        try:
            found = look_at_due(self._parts.transaction, self._parts.county_files)
        except ProgrammingError:
            # The market's views are made with the first run, and anew by who asks for them next.
            self._parts.make_views()
            return
        if found:
            _log.info("kept searches: %d new homes and price cuts", found)

    def _clean(self) -> None:
        with self._parts.transaction(None) as session:
            event_functions.forget_old(session)
