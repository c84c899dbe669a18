"""Becomes the process of one service: a container in small, made of what the kernel gives to whoever is root.

    python enter.py SPECIFICATION.json

It is started in namespaces of its own (mounts, and the network that all services of a test share). The root
is this machine's, under an overlay, so that nothing is written to it; over it lie the service's files,
volumes and secrets; then it is closed as compose.yaml says (read-only, another user, no privilege) and the
command takes its place. The standard library alone.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def mount(*words: str) -> None:
    """Mount, or end."""
    subprocess.run(["mount", *words], check=True)


def below(root: Path, target: str) -> Path:
    """Where a path of the service lies: a link such as /var/run is followed within the root."""
    return root / os.path.realpath(target).lstrip("/")


def place(root: Path, source: str, target: str, read_only: bool) -> None:
    """Bind a file or folder to its place below the root."""
    where = below(root, target)
    where.parent.mkdir(parents=True, exist_ok=True)
    if Path(source).is_dir():
        where.mkdir(exist_ok=True)
    elif not where.exists():
        where.touch()
    mount("--bind", source, str(where))
    if read_only:
        mount("-o", "remount,bind,ro", str(where))


def open_path(root: Path, path: str) -> None:
    """Let others go through the folders above a path; in the overlay alone."""
    for folder in reversed(Path(path).parents):
        inside = root / str(folder).lstrip("/")
        if inside.is_dir() and not inside.stat().st_mode & 0o001:
            inside.chmod(inside.stat().st_mode | 0o055)


def build(specification: dict[str, Any]) -> Path:
    """The root of the service."""
    work = Path(specification["work"])
    mount("-t", "tmpfs", "tmpfs", str(work))
    for name in ("upper", "work", "root"):
        (work / name).mkdir()
    root = work / "root"
    layers = f"lowerdir=/,upperdir={work}/upper,workdir={work}/work"
    mount("-t", "overlay", "overlay", "-o", layers, str(root))
    for folder in ("dev", "proc", "sys"):
        mount("--rbind", f"/{folder}", str(root / folder))
    for target, options in specification["tmpfs"].items():
        below(root, target).mkdir(parents=True, exist_ok=True)
        mount("-t", "tmpfs", "-o", options or "mode=1777", "tmpfs", str(below(root, target)))
    for path in specification["programs"]:
        open_path(root, path)
        place(root, path, path, True)
    for source, target, read_only in specification["files"]:
        place(root, source, target, read_only)
    if specification["read_only"]:
        mount("-o", "remount,ro", str(root))
    return root


def main() -> None:
    """Build the root, close it, and become the command."""
    specification = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    command, user = specification["command"], specification["user"]
    root = build(specification)
    os.chroot(root)
    os.chdir(specification["folder"])
    kept = "".join(f",+{name.lower()}" for name in specification["capabilities"])
    closed = ["setpriv", f"--bounding-set=-all{kept}", "--inh-caps=-all", "--no-new-privs"]
    closed += [f"--reuid={user[0]}", f"--regid={user[1]}", "--clear-groups"]
    os.execvpe(closed[0], [*closed, "--", *command], specification["environment"])


if __name__ == "__main__":
    main()
