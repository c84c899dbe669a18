"""dbt as a child that does not outlive its parent: `python -m realestate_assets.dbt.child build …`.

A run that is killed gives its lock up at once; a dbt that went on would write beside the next run's.
"""

import os
import signal
import threading
import time

from resources.imports import collection_paused
from resources.parent_death import signal_when_parent_ends

# Set to the parent's pid by whoever starts it.
PARENT_VARIABLE = "REALESTATE_DBT_PARENT"
LOOK_SECONDS = 0.5


def end_with_parent(parent: int) -> None:
    """End this process when its parent ends, however that ends.

    Linux sends the signal; elsewhere a thread looks twice a second. Linux does so when the thread ends that
    started the child: whoever starts dbt also waits for it.
    """
    if signal_when_parent_ends(signal.SIGKILL):
        # It may have ended before it was asked for.
        if os.getppid() != parent:
            os._exit(1)
        return

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


def main() -> None:
    """Run dbt with the arguments of this process."""
    if parent := os.environ.get(PARENT_VARIABLE):
        end_with_parent(int(parent))
    # Heavy, and not before: a second in which the parent may end.
    with collection_paused():
        from dbt.cli.main import cli

    cli(prog_name="dbt")


if __name__ == "__main__":
    main()
