"""Runs that something goes wrong under."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.integration.command_line import start

# Enough rows for scores, memos and a board; few enough for a run of half a minute.
ONE_MONTH = ["run", "--county", "clark-nv", "--months", "2024-01:2024-01", "--json"]
# Its part that writes both lake and database, in seconds and without dbt.
INTAKE = [*ONE_MONTH, "--select", "+properties"]
FEW_ROWS = {"SAMPLE_ROWS_PER_MONTH": "60", "MEMO_LIMIT_PER_PARTITION": "2"}


@dataclass
class Trial:
    """What became of a command under a fault.

    Args:
        exit_code: of the command.
        out: its standard output.
        said: its lines on standard error, each with the seconds since it began.
        faulted: seconds after its begin when the fault began.
        ended: seconds after its begin when it ended.
    """

    exit_code: int
    out: str
    said: list[tuple[float, str]] = field(default_factory=list)
    faulted: float = 0.0
    ended: float = 0.0

    def begun(self, stage: str) -> float:
        """Seconds after its begin when it began a stage."""
        return next(seconds for seconds, line in self.said if line.split()[:1] == [stage])

    @property
    def text(self) -> str:
        """All it said."""
        return "".join(line for _, line in self.said) + self.out


def run_under(
    arguments: list[str],
    env: dict[str, str],
    stage: str = "",
    fault: Callable[[], None] = lambda: None,
    seconds: float = 0.0,
    mend: Callable[[], None] = lambda: None,
    timeout: float = 1500,
) -> Trial:
    """Run a command; when it begins `stage`, let `fault` happen, and `seconds` later `mend` it."""
    begun = time.monotonic()
    process = start(arguments, env)
    out: list[str] = []
    # Both pipes are read to their ends: a full one would stop the command.
    reader = threading.Thread(target=lambda: out.append(process.stdout.read()), daemon=True)
    reader.start()
    timer = threading.Timer(seconds, mend)
    killer = threading.Timer(timeout, process.kill)
    killer.start()
    trial = Trial(-1, "")
    try:
        for line in process.stderr:
            now = time.monotonic() - begun
            trial.said.append((now, line))
            if stage and not trial.faulted and line.split()[:1] == [stage]:
                fault()
                trial.faulted = now
                timer.start()
        trial.exit_code = process.wait(60)
    finally:
        killer.cancel()
        timer.cancel()
    reader.join(60)
    trial.ended = time.monotonic() - begun
    trial.out = "".join(out)
    assert trial.faulted or not stage, f"it never began {stage}:\n{trial.text}"
    return trial


def figures(name: str, stage: str, trial: Trial, calm: Trial, changed: dict) -> str:
    """A line of the fault table."""
    green = trial.ended - trial.faulted
    usual = calm.ended - calm.begun(stage)
    telling = re.compile(r"again in|is away|is lost|WARN|ERROR|Error")
    told = [line.strip() for _, line in trial.said if telling.search(line)]
    first = "; ".join(told)[:1500]
    return (
        f"\n{name} in {stage}: exit {trial.exit_code}; {green:.0f} s after it (undisturbed {usual:.0f} s); "
        f"{len(changed)} differences; said {len(told)}: {first}"
    )
