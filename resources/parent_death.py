"""What Linux does to a child whose parent ends; elsewhere nothing."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Loaded before any child is forked, which may do little.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def signal_when_parent_ends(wanted: signal.Signals) -> bool:
    """Have this process sent a signal when the thread that started it ends; False where that cannot be had.

    The parent may have ended before this was asked for: who must know compares `os.getppid()`.
    """
    return _LIBC is not None and _LIBC.prctl(_PR_SET_PDEATHSIG, wanted) == 0
