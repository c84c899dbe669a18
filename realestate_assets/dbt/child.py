"""dbt as a child that does not outlive its parent: `python -m realestate_assets.dbt.child build …`.

A run that is killed gives its lock up at once; a dbt that went on would write beside the next run's.
"""

import os
import signal
import sys
import threading
import time

from realestate_assets.dbt.ready import SOCKET_VARIABLE, hand_over, run
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
    """Run dbt with the arguments of this process: by one that stands ready, else by itself."""
    if parent := os.environ.get(PARENT_VARIABLE):
        end_with_parent(int(parent))
    code = None
    if path := os.environ.pop(SOCKET_VARIABLE, ""):
        code = hand_over(path, sys.argv[1:])
    # Heavy, and not before: a second in which the parent may end.
    code = run(sys.argv[1:]) if code is None else code
    if code < 0:
        # As the call ended, so does this.
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    main()
