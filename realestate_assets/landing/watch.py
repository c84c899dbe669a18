"""One look at the landing area: list a piece of it, read what has settled, say what runs are to be asked for.

What is known is in the ledger; the cursor of the sensor holds only where to go on and which batch was asked
for last, so it stays small however many files there are. A look that is repeated asks for the same batches.
"""

import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from realestate_assets.landing.inspection import Inspector
from realestate_assets.landing.paths import (
    UNFINISHED_REASON,
    is_beside_landed,
    is_landed,
    is_unfinished,
)
from realestate_assets.landing.states import (
    INSPECTING,
    MAX_INSPECTIONS,
    NO_VERSION,
    QUARANTINED,
    REFUSED,
    WAITING,
    LandedFile,
    difference,
    ready_for_a_run,
    rejected,
)
from realestate_assets.landing.strays import strays_at_the_root, strays_of_a_county
from resources.lake.listing import Page, StoredFile, list_page, top_level
from resources.lake.local_files import LINK, link_on_the_way

UNFINISHED_LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """Bounds of one look: a tick has to end well within the 60 s that Dagster gives it.

    Args:
        settle: how long a version must have been seen before it is read.
        hold: how long read files wait for others of their county.
        listed: files listed.
        read: files read.
        read_seconds: time after which no further file is begun.
        large_bytes: larger files are read by a run of their own.
        batches: batches asked for.
    """

    settle: timedelta
    hold: timedelta = timedelta(seconds=120)
    listed: int = 20_000
    read: int = 300
    read_seconds: float = 6.0
    large_bytes: int = 32_000_000
    batches: int = 10


@dataclass(frozen=True)
class Cursor:
    """Where the next look goes on: after which path, and after which batch."""

    after: str = ""
    batch: int = 0

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """The cursor of a sensor; one that cannot be read begins anew, run keys keep runs from repeating."""
        try:
            return cls(**json.loads(text or "{}"))
        except (TypeError, ValueError):
            return cls()

    def text(self) -> str:
        """As the sensor keeps it."""
        return json.dumps(asdict(self))


@dataclass
class Scan:
    """What a look found: batches to make runs for, large files to inspect, unfit ones, counts for the log."""

    cursor: Cursor
    batches: dict[int, list[LandedFile]] = field(default_factory=dict)
    large: list[LandedFile] = field(default_factory=list)
    unfit: list[LandedFile] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def next_cursor(self) -> str:
        """The cursor as the sensor keeps it."""
        return self.cursor.text()


@dataclass(frozen=True)
class LandingWatch:
    """Looks at the landing area.

    Args:
        inspector: decides about files.
        sources: names of the file sources by county.
        limits: bounds of a look.
        now: the clock.
        folders: names of all folders of a county, those too that runs fill; without them, those of `sources`.
        unusable: counties whose file cannot be used.
    """

    inspector: Inspector
    sources: Mapping[str, tuple[str, ...]]
    limits: Limits
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    folders: Mapping[str, Collection[str]] | None = None
    unusable: Collection[str] = ()

    def scan(self, cursor: Cursor) -> Scan:
        """One look."""
        started, now, ledger = time.monotonic(), self.now(), self.inspector.ledger
        listed, unusable, after = self._listed(cursor.after)
        known = ledger.of_paths({file.path for file in listed})
        seen = difference(listed, known, now, self.limits.settle)
        # Oldest first: no file waits for ever behind newer ones.
        settled = sorted(seen.settled, key=lambda file: (file.seen_at, file.path))
        small = [file for file in settled if file.size_bytes <= self.limits.large_bytes]
        large, given_up = self._large([f for f in settled if f.size_bytes > self.limits.large_bytes], now)
        ledger.write([*seen.changed, *_new(small, known), *large, *given_up])
        in_time = lambda: time.monotonic() - started < self.limits.read_seconds  # noqa: E731
        decided = self.inspector.decide(small[: self.limits.read], now, in_time)
        ledger.number(ready_for_a_run(self._open(listed, now), now, self.limits.hold))
        batches = self._batches(cursor.batch)
        unfit = [file for file in [*decided, *given_up] if file.state in (QUARANTINED, REFUSED)]
        unfit += self._unusable(unusable, now)
        return Scan(
            Cursor(after, max(batches, default=cursor.batch)),
            batches,
            large,
            unfit,
            {
                "listed": len(listed),
                "new or changed": len(seen.changed),
                "read": len(decided),
                "unfit": len(unfit),
            },
        )

    def _listed(self, after: str) -> tuple[list[StoredFile], dict[str, str], str]:
        """Files from where the last look stopped, county by county, and where to go on; "" at the end.

        Beside them, what is no file that may be read, by path with the reason.
        """
        found: list[StoredFile] = []
        landing = self.inspector.landing
        unusable: dict[str, str] = {}
        if not after:
            unusable = strays_at_the_root(*top_level(landing), self._folders, self.unusable)
        for county_slug in sorted(self.sources, key=lambda slug: f"{slug}/"):
            at = after if after.startswith(f"{county_slug}/") else ""
            if not self.sources[county_slug] or (after and not at and f"{county_slug}/" < after):
                continue
            if not landing.is_s3 and link_on_the_way(landing.root, county_slug):
                unusable[county_slug] = LINK
                continue
            page = list_page(landing, county_slug, at, self.limits.listed - len(found))
            found += [file for file in page.files if is_landed(file.path, self.sources)]
            unusable |= {p: why for p, why in page.unusable.items() if is_beside_landed(p, self.sources)}
            unusable |= self._not_read(page)
            if page.next_after is not None:
                return found, unusable, page.next_after
            if len(found) >= self.limits.listed:
                # Behind all of this county: a zero follows the slash.
                return found, unusable, f"{county_slug}0"
        return found, unusable, ""

    @property
    def _folders(self) -> Mapping[str, Collection[str]]:
        return self.sources if self.folders is None else self.folders

    def _not_read(self, page: Page) -> dict[str, str]:
        """Files of no source, and uploads not finished for an hour, by path with the reason."""
        old = self.now() - UNFINISHED_LASTS
        given_up = {
            file.path: f"{UNFINISHED_REASON}; nothing was added to it for an hour"
            for file in page.files
            if is_unfinished(file.path) and file.modified_at < old
            if is_beside_landed(file.path, self.sources)
        }
        return {
            **strays_of_a_county([*(file.path for file in page.files), *page.unusable], self._folders),
            **given_up,
        }

    def _unusable(self, unusable: Mapping[str, str], now: datetime) -> list[LandedFile]:
        """What is no file that may be read, in the ledger with its reason; each is told once."""
        told = self.inspector.ledger.of_paths(unusable.keys())
        new = [
            rejected(LandedFile(path, NO_VERSION, 0, REFUSED, now), REFUSED, f"It {reason}.", now)
            for path, reason in unusable.items()
            if path not in told or (told[path].version, told[path].reason) != (NO_VERSION, f"It {reason}.")
        ]
        self.inspector.ledger.write(new)
        return new

    def _large(self, files: list[LandedFile], now: datetime) -> tuple[list[LandedFile], list[LandedFile]]:
        """Large files with their next attempt, and those that have had all of them."""
        begun = [
            replace(file, state=INSPECTING, seen_at=now, attempts=file.attempts + 1)
            for file in files
            if file.attempts < MAX_INSPECTIONS
        ]
        reason = f"no run could read it in {MAX_INSPECTIONS} attempts."
        return begun, [
            rejected(file, REFUSED, reason, now) for file in files if file.attempts >= MAX_INSPECTIONS
        ]

    def _open(self, listed: list[StoredFile], now: datetime) -> list[LandedFile]:
        """Files that wait for a run or for being read; those taken away before they were read are dropped."""
        there, old = {file.path for file in listed}, now - timedelta(hours=1)
        ledger = self.inspector.ledger
        files = ledger.unasked()
        unseen = [f.path for f in files if f.state == WAITING and f.seen_at < old and f.path not in there]
        lost = {path for path in unseen if not self.inspector.lies_there(path)}
        ledger.forget(lost)
        return [file for file in files if file.path not in lost]

    def _batches(self, after: int) -> dict[int, list[LandedFile]]:
        files = self.inspector.ledger.after_batch(after)
        grouped = [
            (number, list(group)) for number, group in groupby(files, key=lambda file: file.batch or 0)
        ]
        return dict(grouped[: self.limits.batches])


def _new(small: list[LandedFile], known: Mapping[str, LandedFile]) -> list[LandedFile]:
    """Settled files without a row of this version: where files appear whole they settle at once."""
    return [f for f in small if (before := known.get(f.path)) is None or before.version != f.version]
