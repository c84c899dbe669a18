"""What this system has to bring: named before anything starts, and installed where that may be.

Plain Python with nothing but the standard library: it runs before the environment exists.

    tools/system_check.py                    names what is missing; exit code 1 if anything is
    tools/system_check.py --install          installs it first, by the system's own package manager
    tools/system_check.py --install --tests  also what some tests want; without it those are skipped

Installed by itself is what needs no password: as root, by sudo without one, by brew. Where a person sits at
the terminal it is asked first. SYSTEM_PACKAGES=no installs nothing, SYSTEM_PACKAGES=yes asks nobody.
"""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

# WeasyPrint draws the memos with Pango; HarfBuzz-Subset makes embedding a font about twice as fast and
# the memo files small.
LIBRARIES = {
    "Pango": ("pango-1.0", "libpango-1.0.so.0"),
    "PangoFT2": ("pangoft2-1.0", "libpangoft2-1.0.so.0"),
    "HarfBuzz-Subset": ("harfbuzz-subset", "libharfbuzz-subset.so.0"),
    # LightGBM's threads.
    "OpenMP": ("omp", "libomp.dylib") if sys.platform == "darwin" else ("gomp", "libgomp.so.1"),
}
VENV = "Python's venv"
CHROMIUM = "Chromium"
GIT = "git"
# Playwright's driver, which steers the browser, is a Node.js that wants it.
ATOMIC = "libatomic"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
VARIABLE = "SYSTEM_PACKAGES"


@dataclass(frozen=True)
class Manager:
    """A package manager: how it installs, and what it calls the things. An unnamed thing it does not have."""

    install: tuple[str, ...]
    packages: Mapping[str, str]
    refresh: tuple[str, ...] = ()
    as_root: bool = True


# Tried: apt on Debian 12 and 13. The others are written by their documentation (docs/installing.md).
MANAGERS = {
    "apt-get": Manager(
        ("apt-get", "install", "-y", "--no-install-recommends"),
        {
            "Pango": "libpango-1.0-0",
            "PangoFT2": "libpangoft2-1.0-0",
            "HarfBuzz-Subset": "libharfbuzz-subset0",
            "OpenMP": "libgomp1",
            VENV: "python3-venv",
            CHROMIUM: "chromium",
            GIT: "git",
            ATOMIC: "libatomic1",
        },
        refresh=("apt-get", "update", "-qq"),
    ),
    "dnf": Manager(
        ("dnf", "install", "-y"),
        dict.fromkeys(("Pango", "PangoFT2"), "pango")
        | {
            "HarfBuzz-Subset": "harfbuzz",
            "OpenMP": "libgomp",
            CHROMIUM: "chromium",
            GIT: "git",
            ATOMIC: "libatomic",
        },
    ),
    "apk": Manager(
        ("apk", "add"),
        dict.fromkeys(("Pango", "PangoFT2"), "pango")
        | {
            "HarfBuzz-Subset": "harfbuzz-subset",
            "OpenMP": "libgomp",
            CHROMIUM: "chromium",
            GIT: "git",
            ATOMIC: "libatomic",
        },
    ),
    "brew": Manager(
        ("brew", "install"),
        dict.fromkeys(("Pango", "PangoFT2"), "pango")
        | {"HarfBuzz-Subset": "harfbuzz", "OpenMP": "libomp", GIT: "git"},
        as_root=False,
    ),
}


@dataclass(frozen=True)
class System:
    """What decides whether something may be installed here."""

    manager: Manager | None
    is_root: bool
    has_sudo: bool
    sudo_needs_no_password: bool
    has_person: bool
    wish: str

    def prefix(self) -> tuple[str, ...] | None:
        """What goes before a command of the manager; None where it may not be run."""
        if self.manager is None:
            return None
        if self.is_root or not self.manager.as_root:
            return ()
        # With a person at the terminal sudo asks for the password itself.
        return ("sudo",) if self.sudo_needs_no_password or (self.has_sudo and self.has_person) else None


def this_system() -> System:
    """The system this runs on."""
    found = next((name for name in MANAGERS if shutil.which(name)), None)
    sudo = shutil.which("sudo")
    free = (
        bool(sudo)
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    )
    return System(
        manager=MANAGERS[found] if found else None,
        is_root=os.geteuid() == 0,
        has_sudo=bool(sudo),
        sudo_needs_no_password=free,
        # A process may be started without any standard input.
        has_person=sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty(),
        wish=os.environ.get(VARIABLE, "").strip().lower(),
    )


def missing_libraries() -> list[str]:
    """Names of the libraries that cannot be loaded here."""
    return [name for name, library in LIBRARIES.items() if not _loads(*library)]


def _loads(short_name: str, file_name: str) -> bool:
    try:
        ctypes.CDLL(ctypes.util.find_library(short_name) or file_name)
    except OSError:
        return False
    return True


def missing_for_setup() -> list[str]:
    """What set-up cannot do without: the libraries, and what Debian has split off from Python."""
    return missing_libraries() + ([] if importlib.util.find_spec("ensurepip") else [VENV])


def missing_for_tests() -> list[str]:
    """What some tests want and skip without."""
    there = {
        CHROMIUM: any(map(shutil.which, BROWSERS)),
        GIT: shutil.which("git") is not None,
        ATOMIC: sys.platform != "linux" or _loads("atomic", "libatomic.so.1"),
    }
    return [name for name, is_there in there.items() if not is_there]


def packages(manager: Manager, missing: Iterable[str]) -> list[str]:
    """What the manager calls the missing things, each once."""
    return list(dict.fromkeys(manager.packages[name] for name in missing if name in manager.packages))


def install_command(missing: Iterable[str] = tuple(LIBRARIES)) -> str:
    """The command that installs the things on this system, to be shown."""
    system = this_system()
    manager = system.manager or MANAGERS["apt-get"]
    sudo = "" if system.is_root or not manager.as_root else "sudo "
    return sudo + " ".join([*manager.install, *packages(manager, missing)])


def install(
    missing: Sequence[str], system: System, ask: Callable[[str], str], run: Callable[[Sequence[str]], int]
) -> bool:
    """Install what is missing where that may be; whether it was tried.

    Args:
        missing: names of LIBRARIES and the others above.
        system: what decides.
        ask: puts a question to the person at the terminal.
        run: runs a command and gives its exit code.
    """
    prefix, manager = system.prefix(), system.manager
    if system.wish == "no" or prefix is None or manager is None:
        return False
    wanted = packages(manager, missing)
    if not wanted:
        return False
    command = [*prefix, *manager.install, *wanted]
    if system.has_person and system.wish != "yes":
        answer = ask(f"Missing: {', '.join(missing)}. Run `{' '.join(command)}`? [Y/n] ")
        if answer.strip().lower() not in ("", "y", "yes"):
            return False
    _say(f"Installing {', '.join(missing)}: {' '.join(command)} ({VARIABLE}=no forbids it)")
    # An old list of packages may do; where it does not, the next command says so.
    if manager.refresh:
        run([*prefix, *manager.refresh])
    run(command)
    return True


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()


def _run(command: Sequence[str]) -> int:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode != 0:
        _say(f"`{' '.join(command)}` failed:\n{done.stdout.decode(errors='replace').strip()}")
    return done.returncode


def main(arguments: Sequence[str]) -> int:
    """Install or name what is missing; 1 if something is that set-up cannot do without."""
    needed = missing_for_setup()
    wanted = missing_for_tests() if "--tests" in arguments else []
    # One after the other: where there is no browser to be had, the libraries are.
    groups = [group for group in (needed, wanted) if group and "--install" in arguments]
    tried = [install(group, this_system(), _ask, _run) for group in groups]
    if any(tried):
        # By a new process: a Python that has started does not see all that was installed since.
        rest = [argument for argument in arguments if argument != "--install"]
        return subprocess.run([sys.executable, __file__, *rest], check=False).returncode
    if wanted:
        _say(f"Missing: {', '.join(wanted)}; tests that want it are skipped. {install_command(wanted)}")
    if needed:
        _say(
            f"Missing: {', '.join(needed)}. Set-up and the memos need it.\n"
            f"Install it and run make again:\n\n    {install_command(needed)}\n"
        )
    return 1 if needed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
