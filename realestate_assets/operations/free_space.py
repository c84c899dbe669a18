"""Whether a run has room: looked at before it starts, by what it reads and by what the last run wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from resources.disk import free_bytes, size
from resources.errors import PermanentError

# Tags of a run that succeeded: by how much less was free after it, and for how many partitions.
WRITTEN_TAG, PARTITIONS_TAG = "realestate/written_bytes", "realestate/partitions"
# What a byte of a landed file comes to, until a run has noted what it wrote: a row stands again in raw
# listings, properties, features, scores, search and marts, each with indexes, and once in Postgres' log.
BYTES_PER_INPUT_BYTE = 20
# Runs among which one that noted it is looked for: runs of the UI note nothing.
LOOKED_THROUGH = 30


@dataclass(frozen=True)
class Estimate:
    """What a run is thought to write.

    Args:
        bytes: in all.
        why: what that is taken from, for people.
    """

    bytes: float
    why: str


def estimate(
    instance: dg.DagsterInstance, job_name: str, partitions: int, input_file: Path | None
) -> Estimate:
    """What a run of so many partitions is thought to write: the larger of what either source says.

    Args:
        instance: where the last run noted what it wrote.
        job_name: the job.
        partitions: how many are made.
        input_file: what is landed for the run.
    """
    found = [Estimate(0, "nothing is known of it")]
    if input_file is not None:
        found.append(of_input(input_file))
    wanted = dg.RunsFilter(job_name=job_name, statuses=[dg.DagsterRunStatus.SUCCESS])
    for run in instance.get_runs(wanted, limit=LOOKED_THROUGH):
        written, of = (run.tags.get(tag, "") for tag in (WRITTEN_TAG, PARTITIONS_TAG))
        if written.isdigit() and of.isdigit() and int(of):
            each = int(written) / int(of)
            found.append(Estimate(each * partitions, f"{size(each)} a partition by the last run"))
            break
    return max(found, key=lambda each: each.bytes)


def of_input(input_file: Path) -> Estimate:
    """What a file that is landed comes to."""
    # One that is not there is refused by whoever lands it.
    received = input_file.stat().st_size if input_file.is_file() else 0
    return Estimate(received * BYTES_PER_INPUT_BYTE, f"{size(received)} of input")


def check_room(folder: Path, needed: Estimate, kept_free_gb: float) -> None:
    """Refuse to start where the run would leave less than the floor.

    Args:
        folder: of the local data.
        needed: what the run is thought to write.
        kept_free_gb: the floor, MIN_FREE_GB.

    Raises:
        PermanentError: there is no room; nothing was begun.
    """
    free = free_bytes(folder)
    if free - needed.bytes >= kept_free_gb * 1e9:
        return
    raise PermanentError(
        f"{folder} has {size(free)} free; this run is thought to write {size(needed.bytes)} ({needed.why}), "
        f"and {size(kept_free_gb * 1e9)} stay free (MIN_FREE_GB). Nothing was begun.",
        remedy="Free space there, set REALESTATE_HOME elsewhere, run fewer months or lower MIN_FREE_GB.",
    )


def note_written(
    instance: dg.DagsterInstance, run_ids: Sequence[str], partitions: int, folder: Path, free_before: int
) -> None:
    """Note with the last of the runs what they wrote, for the estimate of the next one."""
    written = max(free_before - free_bytes(folder), 0)
    tags = {WRITTEN_TAG: str(written), PARTITIONS_TAG: str(partitions)}
    instance.add_run_tags(run_ids[-1], tags)
