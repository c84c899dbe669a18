"""Models kept warm in a process, a county and month each; a new one takes the place of the old in one step.

Which one is promoted is asked with each request, as the tenant: who does not see a county gets none of it,
warm or not. While a newly promoted model is read, requests are answered by the one before.
"""

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

from sqlalchemy.orm import Session

from realestate_assets.operations.predict.county_model import CountyModel, Promoted, load, promoted_of
from resources.errors import RealEstateError
from resources.lake.files import Store

log = logging.getLogger(__name__)
# Models held at a time: King County's, with its sales, takes some 150 MB.
KEPT = 8
SessionMaker = Callable[[], contextlib.AbstractContextManager[Session]]
Key = tuple[str, str]


class NoModelError(LookupError):
    """No promoted model for the county and month, as far as the tenant sees."""


class WarmModels:
    """The models of one process; safe for any number of threads.

    Args:
        lake: holds the models' files.
        kept: models held at a time.
        find: says which model is promoted.
        read: reads it.
    """

    def __init__(
        self,
        lake: Store,
        kept: int = KEPT,
        find: Callable[[Session, str, str | None], Promoted | None] = promoted_of,
        read: Callable[[Session, Store, Promoted], CountyModel] = load,
    ) -> None:
        self._lake, self._kept, self._find, self._read = lake, kept, find, read
        self._lock = threading.Lock()
        self._ready: OrderedDict[Key, CountyModel] = OrderedDict()
        self._loading: dict[Key, threading.Lock] = {}

    def get(
        self, session: Session, county: str, month: str | None, reopen: SessionMaker | None = None
    ) -> CountyModel:
        """The promoted model of a county's month; read first where it is not warm.

        Args:
            session: of the tenant that asks.
            county: county slug.
            month: the month; the newest without one.
            reopen: opens another session of the same tenant, to read a newer model beside the requests;
                without it the request itself reads it.

        Raises:
            NoModelError: the tenant does not see the county, or no model values the month.
            RealEstateError: the model's file is gone.
        """
        promoted = self._find(session, county, month)
        if promoted is None or promoted.used_id is None:
            raise NoModelError(f"No model values {county}{f' in {month}' if month else ''}.")
        key = promoted.county, promoted.month
        with self._lock:
            found = self._ready.get(key)
            if found is not None:
                self._ready.move_to_end(key)
            own = self._loading.setdefault(key, threading.Lock())
        if found is not None and found.promoted == promoted:
            return found
        if found is not None and reopen is not None:
            self._renew(key, own, promoted, reopen)
            return found
        with own:
            with self._lock:
                found = self._ready.get(key)
            # Another request may have read it meanwhile.
            if found is None or found.promoted != promoted:
                found = self._put(key, self._read(session, self._lake, promoted))
        return found

    def _renew(self, key: Key, own: threading.Lock, promoted: Promoted, reopen: SessionMaker) -> None:
        if not own.acquire(blocking=False):
            return

        def read() -> None:
            try:
                with reopen() as session:
                    self._put(key, self._read(session, self._lake, promoted))
            except RealEstateError as error:
                log.warning("The new model of %s %s is not used yet: %s", *key, error)
            finally:
                own.release()

        threading.Thread(target=read, name=f"model {key[0]}", daemon=True).start()

    def _put(self, key: Key, model: CountyModel) -> CountyModel:
        with self._lock:
            self._ready[key] = model
            self._ready.move_to_end(key)
            while len(self._ready) > self._kept:
                self._ready.popitem(last=False)
        return model
