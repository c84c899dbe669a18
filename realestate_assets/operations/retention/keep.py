"""Looks at all kinds that retention.yaml names, and removes what is older than its days."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import dagster as dg

from realestate_assets.operations.retention import dagster_rows, old_files, ops_rows
from realestate_assets.operations.retention.removal import Removal
from realestate_assets.operations.retention.rules import RetentionRules
from resources.lake.files import Store
from resources.warehouse.warehouse import Warehouse

Kind = Callable[[datetime, bool], Removal]


@dataclass(frozen=True)
class Kept:
    """A kind, its days (None: all is kept), and what was older."""

    kind: str
    keep_days: int | None
    found: Removal


@dataclass(frozen=True)
class Retention:
    """What the platform keeps, and for how long.

    Args:
        rules: days by kind.
        instance: Dagster's storage.
        warehouse: where schema `ops` is.
        lake, landing, reference: the stores of files.
    """

    rules: RetentionRules
    instance: dg.DagsterInstance
    warehouse: Warehouse
    lake: Store
    landing: Store
    reference: Store

    def carry_out(self, now: datetime, apply: bool) -> Iterator[Kept]:
        """Each kind with what is older than its days, which `apply` removes.

        Run again it finds what is left: each kind is a statement, or goes file by file.
        """
        for name, kind in self._kinds().items():
            days = getattr(self.rules, name)
            found = kind(now - timedelta(days=days), apply) if days is not None else Removal()
            yield Kept(name, days, found)

    def _kinds(self) -> dict[str, Kind]:
        rows = {
            name: partial(ops_rows.old_rows, self.warehouse, kind) for name, kind in ops_rows.KINDS.items()
        }
        return {
            # Runs first: results of checks go with them.
            "runs": partial(dagster_rows.old_runs, self.instance),
            "check_executions": partial(dagster_rows.old_check_executions, self.instance),
            "backfills": partial(dagster_rows.old_backfills, self.instance),
            **rows,
            "models": partial(old_files.unused_models, self.lake, self.warehouse),
            "quarantine": partial(old_files.quarantined, self.landing),
            "leftovers": partial(old_files.leftovers, (self.lake, self.landing, self.reference)),
        }
