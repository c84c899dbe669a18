"""What to do about files in the landing area, told by what is listed and what is known of them.

A file is *waiting* until it has had one version for some seconds: half-written files change. Then it is
read once and *admitted* with the months of its rows, or is a *duplicate* of the same bytes, or *quarantined*
(moved away) with the reason; *refused* is one that could not be moved away, *inspecting* one that is too
large for a tick and read by a run.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from realestate_assets.landing.paths import place_of

WAITING, INSPECTING = "waiting", "inspecting"
ADMITTED, DUPLICATE, QUARANTINED, REFUSED = "admitted", "duplicate", "quarantined", "refused"
STATES = (WAITING, INSPECTING, ADMITTED, DUPLICATE, QUARANTINED, REFUSED)

# Of what is no file, and whose content nobody looks at.
NO_VERSION = "unusable"
# A run that inspects a large file has died when it says nothing for so long.
INSPECTION_LASTS = timedelta(hours=1)
MAX_INSPECTIONS = 3
EARLIEST = datetime.min.replace(tzinfo=UTC)


class Listed(Protocol):
    """A file as the landing area lists it."""

    @property
    def path(self) -> str:
        """`<county>/<source>/<file>` below the landing root."""

    @property
    def size_bytes(self) -> int:
        """Its size."""

    @property
    def version(self) -> str:
        """Changes whenever the content does."""

    @property
    def modified_at(self) -> datetime:
        """When it was last written, UTC."""


@dataclass(frozen=True)
class LandedFile:
    """What is known of a file of the landing area.

    Args:
        path: `<county>/<source>/<file>` below the landing root.
        version: of its content, as last seen.
        size_bytes: of that version.
        state: one of STATES.
        seen_at: when that version was seen first, or its inspection began.
        sha256: of the bytes that were read; None before.
        months: months of its rows, of the version last read.
        affected_months: months a run has to make again: those of the new version and the one before.
        row_count: rows read.
        reason: why it is not admitted; empty otherwise.
        attempts: inspections begun by runs of their own.
        batch: number of the batch it was asked for in; None before.
        decided_at: when it left `waiting`.
    """

    path: str
    version: str
    size_bytes: int
    state: str
    seen_at: datetime
    sha256: str | None = None
    months: tuple[str, ...] = ()
    affected_months: tuple[str, ...] = ()
    row_count: int | None = None
    reason: str = ""
    attempts: int = 0
    batch: int | None = None
    decided_at: datetime | None = None

    @property
    def county_slug(self) -> str:
        """Slug of its county."""
        return place_of(self.path).county_slug

    @property
    def source(self) -> str:
        """Name of its source."""
        return place_of(self.path).source


@dataclass(frozen=True)
class Difference:
    """How a listing differs from what is known: rows to write, and files whose version has settled."""

    changed: list[LandedFile] = field(default_factory=list)
    settled: list[LandedFile] = field(default_factory=list)


def difference(
    listed: Iterable[Listed], known: Mapping[str, LandedFile], now: datetime, settle: timedelta
) -> Difference:
    """Compare a listing with what is known.

    Args:
        listed: the files that lie there.
        known: what is known of them, by path.
        now: the moment of the listing.
        settle: how long a version must have been seen; nothing where files appear whole, as on S3.
    """
    found = Difference()
    for file in listed:
        before = known.get(file.path)
        if before is None or before.version != file.version or before.state == QUARANTINED:
            # A quarantined file was moved away: one that lies there again was put back by somebody.
            row = _first_seen(file, before, now)
            (found.changed if settle else found.settled).append(row)
        elif (before.state == WAITING and _age(before.seen_at, now) >= settle) or _is_given_up(before, now):
            found.settled.append(before)
    return found


def _first_seen(file: Listed, before: LandedFile | None, now: datetime) -> LandedFile:
    # The months it had stay known: its rows there go away when it has other rows.
    months = before.months if before else ()
    return LandedFile(file.path, file.version, file.size_bytes, WAITING, now, months=months)


def _is_given_up(file: LandedFile, now: datetime) -> bool:
    return file.state == INSPECTING and _age(file.seen_at, now) >= INSPECTION_LASTS


def _age(moment: datetime, now: datetime) -> timedelta:
    """How long ago; a moment of the future, noted before the clock was set back, is taken for as old as new.

    Without, a file that was seen before the clock went back by three hours would wait for three hours.
    """
    return abs(now - moment)


def admitted(file: LandedFile, months: Collection[str], rows: int, sha256: str, now: datetime) -> LandedFile:
    """The file as read: its months, and those it had before."""
    return replace(
        file,
        state=ADMITTED,
        months=tuple(sorted(months)),
        affected_months=tuple(sorted({*months, *file.months})),
        row_count=rows,
        sha256=sha256,
        reason="",
        decided_at=now,
        batch=None,
    )


def rejected(file: LandedFile, state: str, reason: str, now: datetime) -> LandedFile:
    """The file as not used, with the reason."""
    return replace(file, state=state, reason=reason, decided_at=now, batch=None, affected_months=())


def mark_duplicates(
    read: Sequence[LandedFile],
    originals: Mapping[tuple[str, str, str], str],
    earlier_months: Mapping[str, Collection[str]],
    written: Mapping[str, datetime] | None = None,
) -> list[LandedFile]:
    """Of files with the same bytes in one source one is admitted: that read before, else that written first.

    Args:
        read: files just admitted, in the order of their paths, which decides where all else is equal.
        originals: (county, source, sha256) -> path of the file admitted earlier.
        earlier_months: path -> months the file had before: made again, its rows there are gone.
        written: path -> when it was written, of files whose bytes several have.
    """
    first, written = dict(originals), written or {}
    marked = []
    for file in sorted(read, key=lambda file: written.get(file.path, EARLIEST)):
        original = first.setdefault((file.county_slug, file.source, file.sha256 or ""), file.path)
        if original != file.path:
            lost = tuple(sorted(earlier_months.get(file.path, ())))
            reason = f"the same bytes as {original}{_why(original, file.path, written)}"
            file = replace(file, state=DUPLICATE, reason=reason, months=(), affected_months=lost)
        marked.append(file)
    return marked


def _why(original: str, path: str, written: Mapping[str, datetime]) -> str:
    """By what the other one counts, where that is known."""
    if path not in written:
        return ""
    if original not in written:
        return ", which was read before it and counts"
    if written[original] < written[path]:
        return f", which was written first ({written[original]:%Y-%m-%d %H:%M:%S} UTC) and counts"
    return ", which was written at the same time and comes first by name: it counts"


def ready_for_a_run(files: Collection[LandedFile], now: datetime, hold: timedelta) -> list[LandedFile]:
    """Files to be asked for now: those of a county wait for each other a while, so that one run takes all.

    Args:
        files: those that are waiting, being inspected, or read and not asked for yet.
        now: the moment.
        hold: how long a file that has been read waits at most.
    """
    unread = {file.county_slug for file in files if file.state in (WAITING, INSPECTING)}
    read = [file for file in files if file.state in (ADMITTED, DUPLICATE) and file.affected_months]
    oldest: dict[str, datetime] = {}
    for file in read:
        decided = file.decided_at or now
        oldest[file.county_slug] = min(oldest.get(file.county_slug, decided), decided)
    return [
        file for file in read if file.county_slug not in unread or _age(oldest[file.county_slug], now) >= hold
    ]


def left_out(
    listed: Iterable[Listed], known: Mapping[str, LandedFile], now: datetime, settle: timedelta
) -> dict[str, str]:
    """Files that an automatic run does not read, with the reason.

    What is known to be unfit at this version, and what nobody has looked at and may still be written.
    A duplicate is read where its original is gone.
    """
    listed = list(listed)
    present = {f.sha256 for file in listed if (f := _known(file, known)) and f.state == ADMITTED}
    found = {}
    for file in listed:
        row = _known(file, known)
        if row is None:
            if now - file.modified_at < settle:
                found[file.path] = "it may still be written"
        elif row.state == DUPLICATE and row.sha256 in present:
            found[file.path] = row.reason
        elif row.state not in (ADMITTED, DUPLICATE):
            found[file.path] = row.reason or row.state
    return found


def _known(file: Listed, known: Mapping[str, LandedFile]) -> LandedFile | None:
    row = known.get(file.path)
    return row if row and row.version == file.version else None
