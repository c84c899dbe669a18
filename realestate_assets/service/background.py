"""What the service does beside answering: positions of events, looks at searches, webhooks told, mail sent.

Several processes do the same without harm: the database decides whose turn it is.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import ProgrammingError

from realestate_assets.app import event_functions
from realestate_assets.operations.events.delivery import publish, tell_webhooks
from realestate_assets.operations.kept.alerts import look_at_due
from realestate_assets.operations.kept.letters import AlertWriter
from realestate_assets.operations.mail.outbox import send_due
from realestate_assets.service.parts import Parts
from realestate_assets.service.problems import NOT_MADE

_log = logging.getLogger(__name__)

# Of the database, behind whatever pooler: LISTEN would want a connection of its own, which a pooler of
# transactions does not give.
LOOK_SECONDS = 1.0
# A look for events that were written long after they happened goes through those of a day.
WHOLE_LOOK_SECONDS = 30.0
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
    """Two threads: one follows what happens, the other tells those who may be slow to answer.

    Args:
        parts: of the service.
        bell: rung where the feed has grown.
    """

    def __init__(self, parts: Parts, bell: Bell) -> None:
        self._parts, self._bell = parts, bell
        self._over = threading.Event()
        self._cleaned, self._looked = -CLEAN_SECONDS, -WHOLE_LOOK_SECONDS
        self._threads = [
            threading.Thread(target=self._repeat, args=works, name=name, daemon=True)
            for name, works in (
                ("feed", (self.follow, self.clean)),
                ("telling", (self.look, self.tell, self.post)),
            )
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after what is under way."""
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _repeat(self, *works: Callable[[], None]) -> None:
        pause = 0.0
        while not self._over.wait(pause):
            pause = LOOK_SECONDS
            for work in works:
                try:
                    work()
                except Exception:
                    # The others have their turn; what was not done is done in the next round.
                    _log.exception("%s failed", work.__name__)
                    pause = PAUSE_SECONDS

    def follow(self) -> None:
        """Give new events their positions, and ring."""
        is_whole = time.monotonic() - self._looked >= WHOLE_LOOK_SECONDS
        publish(self._parts.transaction, is_recent_alone=not is_whole)
        if is_whole:
            self._looked = time.monotonic()
        with self._parts.transaction(None) as session:
            latest = event_functions.latest(session)
        self._bell.ring(latest)

    def look(self) -> None:
        """Look at the kept searches that are due."""
        try:
            write = AlertWriter(self._parts.mailer, self._parts.secret)
            found = look_at_due(self._parts.transaction, self._parts.county_files, write)
        except ProgrammingError as error:
            if getattr(error.orig, "pgcode", "") != NOT_MADE:
                raise
            # The market's views are made with the first run, and anew by who asks for them next.
            self._parts.make_views()
            return
        if found:
            _log.info("kept searches: %d new homes and price cuts", found)

    def tell(self) -> None:
        """Tell webhooks what is new."""
        told = tell_webhooks(self._parts.transaction, self._parts.secret)
        if told.delivered or told.failed:
            _log.info("webhooks: %d messages taken, %d not", told.delivered, told.failed)

    def post(self) -> None:
        """Send mail that is due."""
        posted = send_due(self._parts.transaction, self._parts.sealer, self._parts.mail)
        if posted.did_something:
            _log.info(
                "mail: %d sent, %d to be tried again, %d failed, %d uncertain",
                posted.sent, posted.delayed, posted.failed, posted.uncertain,
            )  # fmt: skip

    def clean(self) -> None:
        """Once an hour: remove what was kept for a while."""
        if time.monotonic() - self._cleaned < CLEAN_SECONDS:
            return
        with self._parts.transaction(None) as session:
            event_functions.forget_old(session)
        self._cleaned = time.monotonic()
