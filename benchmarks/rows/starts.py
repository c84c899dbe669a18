"""What starts cost: CPU seconds of processes of their own, user and system."""

import os
import subprocess  # nosec B404 - starts the product itself
import sys
import tempfile
from pathlib import Path

from benchmarks.row import Row, Turns, in_turns

DAGSTER = [sys.executable, "-c", "import dagster"]
LOCATION = [sys.executable, "-c", "import realestate_assets.definitions"]
COMMANDS = ("--help", "rejects list", "review list", "alerts list")
AT_MOST, SECONDS = 4.0, 1.0
SCALE = "`import dagster`, to know the machine by"
NOTE = "seconds of CPU, a warm-up each"


def cpu_seconds(command: list[str], home: str) -> float:
    """Of the process and of all that it started and waited for.

    Raises:
        RuntimeError: it failed; says how.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # nosec B603
            command, stdout=subprocess.DEVNULL, stderr=said, env={**os.environ, "REALESTATE_HOME": home}
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {said.read().decode(errors='replace')[-300:]}")
    return used.ru_utime + used.ru_stime


class _Spent:
    """A clock of CPU seconds spent by the processes started so far."""

    def __init__(self, home: str) -> None:
        self.home, self.seconds = home, 0.0

    def start(self, command: list[str]) -> None:
        self.seconds += cpu_seconds(command, self.home)

    def turns(self, product: list[str], turns: int) -> Turns:
        """Of a command against `import dagster`."""
        return in_turns(
            lambda: self.start(product), lambda: self.start(DAGSTER), turns, clock=lambda: self.seconds
        )


def measure(turns: int) -> list[Row]:
    """The code location, and commands that need no graph, in a warehouse of their own that is running."""
    from realestate_assets.settings import get_settings
    from resources.warehouse import embedded

    rows = []
    with tempfile.TemporaryDirectory(prefix="realestate-starts-") as home:
        os.environ["REALESTATE_HOME"] = home
        root = get_settings().postgres_root
        # Held here, the server is none of what a command starts.
        embedded.server_uri(root, "realestate")
        try:
            spent = _Spent(home)
            realestate = str(Path(sys.executable).with_name("realestate"))
            spent.start([realestate, "migrate"])
            found = spent.turns(LOCATION, turns).seconds
            rows.append(
                Row(
                    "starts",
                    "the code location",
                    "`import dagster`",
                    asked=AT_MOST,
                    way="at most",
                    note=NOTE,
                    **found,
                )
            )
            for command in COMMANDS:
                found = spent.turns([realestate, *command.split()], turns).seconds
                row = Row(
                    f"starts, {command.strip('-')}",
                    "the help" if command == "--help" else f"`realestate {command}`",
                    SCALE,
                    asked=SECONDS,
                    way="seconds",
                    note=NOTE,
                    **found,
                )
                rows.append(row)
        finally:
            embedded.leave(root)
    return rows
