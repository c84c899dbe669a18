"""A backfill of whole counties over workers: counties side by side, the months of each in order.

It has three waves. The first makes what the models learn from, for all counties; the second the models of
value; the third what follows. A county with too few sales learns from those of all (`pooled`), and one with
too few offers from the offers of all and what their models of value say: which is the same whichever county
was done first only if all are there. Within a wave a county's next months begin when those before them are
done; a county that fails stops there, the others go on.

All that is known of it stands in Dagster's run storage, by tags: the same command goes on where it was.
"""

import hashlib
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import dagster as dg
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.errors import DagsterRunAlreadyExists
from dagster._core.origin import DEFAULT_DAGSTER_ENTRY_POINT, JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.run_coordinator import SubmitRunContext
from dagster._core.storage.tags import WILL_RETRY_TAG

from realestate_assets.domain.calendar.ranges import Range, range_tags
from realestate_assets.operations.dagster_home import BACKFILL_COUNTY_TAG
from realestate_assets.operations.run_origin import job_origin
from resources.home import PROJECT_ROOT
from resources.partition import Partition

JOB = "pipeline"
ID_TAG, ROUND_TAG, PIECE_TAG = "realestate/backfill", "realestate/backfill_round", "realestate/backfill_piece"
NAMESPACE = uuid.UUID("5a0c9e5e-3f0b-5c86-9a52-0c8a3a7f6d11")
POLL_SECONDS = 5.0
# Each wave with what begins the next one: an asset that may learn from all counties, once what that is made
# from is there for all of them.
NEXT_BEGINS_WITH = {"intake": "valuation_models", "values": "offer_models"}
WAVES = (*NEXT_BEGINS_WITH, "scores")


class State(StrEnum):
    """Of a piece."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Piece:
    """What one run makes: a wave of some months of a county."""

    wave: str
    months: Range

    @property
    def county_slug(self) -> str:
        """Its county."""
        return self.months[0].county_slug

    @property
    def key(self) -> str:
        """Its name among the pieces of the backfill."""
        return f"{self.wave}:{self.months[0].key}:{self.months[1].month}"


@dataclass
class Progress:
    """Where each piece is, by its key, with its last run and how many it has had."""

    states: dict[str, State] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)

    def count(self, state: State) -> int:
        """Pieces in a state."""
        return sum(each is state for each in self.states.values())


def plan(counties: Sequence[str], months: Sequence[str], width: int) -> list[Piece]:
    """The pieces, in the order in which those of a county are made.

    Args:
        counties: slugs.
        months: YYYY-MM without a gap, oldest first.
        width: most months of one run.
    """
    stretches = [months[at : at + width] for at in range(0, len(months), width)]
    return [
        Piece(wave, (Partition(county_slug, stretch[0]), Partition(county_slug, stretch[-1])))
        for wave in WAVES
        for county_slug in counties
        for stretch in stretches
    ]


def identity(pieces: Sequence[Piece]) -> str:
    """The same for the same pieces: how a command finds what it began."""
    return hashlib.sha256("|".join(piece.key for piece in pieces).encode()).hexdigest()[:16]


def assets_of_waves(defs: dg.Definitions) -> dict[str, frozenset[dg.AssetKey]]:
    """The assets of the job that each wave makes."""
    graph = defs.resolve_asset_graph()
    chosen = set(defs.resolve_job_def(JOB).asset_layer.executable_asset_keys)
    found: dict[str, frozenset[dg.AssetKey]] = {}
    for wave, begins in NEXT_BEGINS_WITH.items():
        before = dg.AssetSelection.assets(begins).upstream(include_self=False).resolve(graph) & chosen
        # What is made in one step is made together.
        together = {key for each in before for key in graph.get(each).execution_set_entity_keys}
        found[wave] = frozenset(before | {key for key in together if isinstance(key, dg.AssetKey)})
        chosen -= found[wave]
    return {**found, WAVES[-1]: frozenset(chosen)}


class Backfill:
    """Submits pieces to Dagster's queue and follows them."""

    def __init__(
        self, instance: dg.DagsterInstance, defs: dg.Definitions, pieces: Sequence[Piece], again: bool = False
    ) -> None:
        self._instance, self._pieces = instance, list(pieces)
        self._job = defs.resolve_job_def(JOB)
        self._assets = assets_of_waves(defs)
        self.id = identity(pieces)
        rounds = [int(run.tags[ROUND_TAG]) for run in self._runs() if run.tags.get(ROUND_TAG, "").isdigit()]
        self._round = max(rounds, default=0) + (1 if again or not rounds else 0)
        # Of earlier rounds and earlier commands: a piece that failed then is tried once more.
        self._tried_before = {run.run_id for run in self._runs() if run.is_finished}

    def advance(self) -> Progress:
        """Submit what can be begun; where all pieces are now."""
        seen = self._progress()
        for piece in self._ready(seen):
            seen.runs[piece.key] = self._submit(piece, seen.tries.get(piece.key, 0))
            seen.states[piece.key] = State.RUNNING
        return seen

    def follow(
        self, tell: Callable[[Progress], None], wait: Callable[[float], object] = time.sleep
    ) -> Progress:
        """Until every piece is done, or none can be begun any more."""
        while True:
            seen = self.advance()
            tell(seen)
            if not seen.count(State.RUNNING):
                return seen
            wait(POLL_SECONDS)

    def _runs(self) -> Sequence[dg.DagsterRun]:
        return self._instance.get_runs(dg.RunsFilter(tags={ID_TAG: self.id}))

    def _progress(self) -> Progress:
        seen = Progress({piece.key: State.WAITING for piece in self._pieces})
        # Newest first: of the runs of a piece the last one counts.
        for run in self._runs():
            key = run.tags.get(PIECE_TAG, "")
            if run.tags.get(ROUND_TAG) != str(self._round) or key not in seen.states:
                continue
            seen.tries[key] = seen.tries.get(key, 0) + 1
            if key in seen.runs:
                continue
            seen.runs[key] = run.run_id
            seen.states[key] = self._state(run)
        return seen

    def _state(self, run: dg.DagsterRun) -> State:
        if run.status is dg.DagsterRunStatus.SUCCESS:
            return State.DONE
        if not run.is_finished or run.tags.get(WILL_RETRY_TAG) == "true":
            return State.RUNNING
        return State.WAITING if run.run_id in self._tried_before else State.FAILED

    def _ready(self, seen: Progress) -> Iterator[Piece]:
        for wave in WAVES:
            mine = [piece for piece in self._pieces if piece.wave == wave]
            held: set[str] = set()
            for piece in mine:
                if piece.county_slug in held or seen.states[piece.key] is State.DONE:
                    continue
                held.add(piece.county_slug)
                if seen.states[piece.key] is State.WAITING:
                    yield piece
            if any(seen.states[piece.key] is not State.DONE for piece in mine):
                return

    def _submit(self, piece: Piece, tries: int) -> str:
        # The same for the same try: of two commands at once one finds the run of the other.
        run_id = str(uuid.uuid5(NAMESPACE, f"{self.id}/{self._round}/{piece.key}/{tries}"))
        tags = {
            **self._job.run_tags,
            **range_tags(piece.months),
            ID_TAG: self.id,
            ROUND_TAG: str(self._round),
            PIECE_TAG: piece.key,
            BACKFILL_COUNTY_TAG: piece.county_slug,
        }
        try:
            run = self._instance.create_run_for_job(
                job_def=self._job,
                run_id=run_id,
                tags=tags,
                # A worker has lines of its own.
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                asset_selection=self._assets[piece.wave],
                remote_job_origin=job_origin(JOB),
                job_code_origin=_code_origin(),
            )
        except DagsterRunAlreadyExists:
            return run_id
        # The queue asks for no workspace: whoever empties it has its own.
        nobodys: Any = None
        self._instance.run_coordinator.submit_run(SubmitRunContext(run, workspace=nobodys))
        return run_id


def _code_origin() -> JobPythonOrigin:
    """Where a worker finds the job: the module, in whatever installation the worker is of."""
    pointer = ModuleCodePointer("realestate_assets.definitions", "defs", str(PROJECT_ROOT))
    # On Kubernetes the image of this pod is that of the run's.
    image = os.environ.get("DAGSTER_CURRENT_IMAGE")
    repository = RepositoryPythonOrigin(sys.executable, pointer, image, DEFAULT_DAGSTER_ENTRY_POINT)
    return JobPythonOrigin(JOB, repository)


def failures(seen: Progress) -> Mapping[str, str]:
    """The run of each piece that failed."""
    return {key: seen.runs[key] for key, state in seen.states.items() if state is State.FAILED}
