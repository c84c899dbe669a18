"""Name the system libraries that are missing before anything is installed or started.

Plain Python with nothing but the standard library: it runs before the environment exists.
"""

import ctypes.util
import platform
import sys
from pathlib import Path

# WeasyPrint draws the memos with Pango; HarfBuzz-Subset makes embedding a font about twice as fast and
# the memo files small.
LIBRARIES = {
    "Pango": ("pango-1.0", "libpango-1.0.so.0"),
    "PangoFT2": ("pangoft2-1.0", "libpangoft2-1.0.so.0"),
    "HarfBuzz-Subset": ("harfbuzz-subset", "libharfbuzz-subset.so.0"),
}


def install_command() -> str:
    """The command that installs the libraries on this system."""
    if platform.system() == "Darwin":
        return "brew install pango harfbuzz"
    if Path("/etc/alpine-release").exists():
        return "apk add pango harfbuzz-subset"
    if Path("/etc/redhat-release").exists():
        return "dnf install pango harfbuzz"
    return "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def missing_libraries() -> list[str]:
    """Names of the libraries that cannot be loaded here."""
    missing = []
    for name, (short_name, file_name) in LIBRARIES.items():
        try:
            ctypes.CDLL(ctypes.util.find_library(short_name) or file_name)
        except OSError:
            missing.append(name)
    return missing


def main() -> int:
    """Print what is missing and how to install it; 1 if anything is."""
    missing = missing_libraries()
    if not missing:
        return 0
    sys.stderr.write(
        f"Missing system libraries: {', '.join(missing)}. The memos cannot be rendered without them.\n"
        f"Install them and run make again:\n\n    {install_command()}\n\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
