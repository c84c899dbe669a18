"""Deciding about settled files: read, admitted, found to be a duplicate, or put into quarantine."""

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from realestate_assets.landing.ledger import LandingLedger
from realestate_assets.landing.states import (
    ADMITTED,
    QUARANTINED,
    REFUSED,
    LandedFile,
    admitted,
    mark_duplicates,
    rejected,
)
from resources.errors import PermanentError, TransientError
from resources.lake.files import Store

QUARANTINE = "_quarantine"


class Found(Protocol):
    """What is read of a file."""

    @property
    def months(self) -> tuple[str, ...]:
        """Months whose rows it makes."""

    @property
    def sent(self) -> int:
        """Its rows."""

    @property
    def sha256(self) -> str:
        """Hash of its bytes."""


# Reads a file (its path below the landing root) as a run would.
Read = Callable[[str], Found]


@dataclass(frozen=True)
class Inspector:
    """Decides about files, and keeps the decisions in the ledger.

    Args:
        landing: the landing area.
        ledger: where decisions are kept.
        read: reads a file as a run would.
    """

    landing: Store
    ledger: LandingLedger
    read: Read

    def decide(
        self, files: Sequence[LandedFile], now: datetime, keep_on: Callable[[], bool] = lambda: True
    ) -> list[LandedFile]:
        """Read files one after the other while `keep_on` says so; the decisions, which are in the ledger too.

        A file that is gone is forgotten, one that the store cannot give now is looked at again later.
        """
        read: list[LandedFile] = []
        others: list[LandedFile] = []
        for file in files:
            if not keep_on():
                break
            row = self._inspect(file, now)
            if row is not None:
                (read if row.state == ADMITTED else others).append(row)
        originals = self._originals(read) if read else {}
        read.sort(key=lambda file: file.path)
        earlier = {file.path: file.months for file in files}
        decided = [*mark_duplicates(read, originals, earlier, self._written(read, originals)), *others]
        self.ledger.write(decided)
        return decided

    def _originals(self, read: Sequence[LandedFile]) -> dict[tuple[str, str, str], str]:
        """Files admitted earlier that have the bytes of one of these and still lie there."""
        own = {file.path for file in read}
        earlier = self.ledger.admitted_with({file.sha256 or "" for file in read})
        return {
            (file.county_slug, file.source, file.sha256 or ""): file.path
            for file in reversed(earlier)
            if file.path not in own and self.lies_there(file.path)
        }

    def _written(
        self, read: Sequence[LandedFile], originals: Mapping[tuple[str, str, str], str]
    ) -> dict[str, datetime]:
        """When files whose bytes others have too were written; one that is gone meanwhile is left out."""
        keys = [(file.county_slug, file.source, file.sha256 or "") for file in read]
        count, found = Counter(keys), {}
        for file, key in zip(read, keys, strict=True):
            if count[key] > 1 or key in originals:
                with contextlib.suppress(PermanentError, TransientError):
                    found[file.path] = self.landing.modified(file.path)
        return found

    def _inspect(self, file: LandedFile, now: datetime) -> LandedFile | None:
        try:
            found = self.read(file.path)
        except TransientError:
            return None
        except PermanentError as error:
            return self._unfit(file, str(error), now)
        except Exception as error:
            # A file that breaks the reader would otherwise end every tick after it.
            return self._unfit(file, f"it could not be read: {type(error).__name__}: {error}", now)
        return admitted(file, found.months, found.sent, found.sha256, now)

    def _unfit(self, file: LandedFile, reason: str, now: datetime) -> LandedFile | None:
        if not self.lies_there(file.path):
            self.ledger.forget([file.path])
            return None
        try:
            self.quarantine(file, reason, now)
        except (PermanentError, TransientError) as error:
            return rejected(file, REFUSED, f"{reason} It lies where it was: {error}", now)
        return rejected(file, QUARANTINED, reason, now)

    def lies_there(self, path: str) -> bool:
        """Whether a file lies there; a link in its place is none, and the next listing says what it is."""
        try:
            return self.landing.exists(path)
        except PermanentError:
            return False

    def quarantine(self, file: LandedFile, reason: str, now: datetime) -> str:
        """Move a file out of the way of the runs, with the reason beside it; where it lies now."""
        target = f"{QUARANTINE}/{file.path}"
        if self.landing.exists(target):
            target = f"{target}.{now:%Y%m%dT%H%M%S%f}"
        record = {
            "path": file.path,
            "reason": reason,
            "quarantined_at": now.isoformat(),
            "version": file.version,
        }
        self.landing.write_bytes(f"{target}.reason.json", json.dumps(record, indent=2).encode())
        self.landing.move(file.path, target)
        return target
