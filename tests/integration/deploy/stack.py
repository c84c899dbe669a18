"""Services of compose.yaml as processes of this machine, by their own commands, users, files and checks.

All share one network of their own, in which the name of each service is this machine: so the commands, the
addresses and the ports are those of the file. Of images there is nothing: programs are the machine's.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resources.home import PROJECT_ROOT
from tests.integration.deploy.compose_file import DEPLOY, Service, image_environment, services

BIN = Path(sys.executable).parent
ENTER = Path(__file__).with_name("enter.py")
HEALTHY_SECONDS = 180.0
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
# Who an image runs as, where the file does not say: by the image's own documents.
IMAGE_USERS = {"prometheus": "65534:65534", "alertmanager": "65534:65534"}
OURS = "10001:10001"


def why_not() -> str:
    """Why no service can be started so on this machine; empty where it can."""
    if os.geteuid() != 0:
        return "only root may make the namespaces that stand for containers"
    if missing := [
        name for name in ("unshare", "nsenter", "setpriv", "mount", "ip") if not shutil.which(name)
    ]:
        return f"{', '.join(missing)} is not installed (Debian: util-linux, iproute2)"
    done = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "this kernel lets nobody make namespaces here"


@dataclass
class Stack:
    """What of the file is running.

    Args:
        folder: for roots, volumes and logs.
        secrets: folder of the secrets, as deploy/make-secrets.sh makes it.
        adapt: by service, what is changed of its specification before it is started.
        absent: services that are not waited for, such as those whose program cannot be had.
    """

    folder: Path
    secrets: Path
    adapt: Mapping[str, Callable[[dict], None]]
    absent: Iterable[str]
    running: dict[str, subprocess.Popen] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the network."""
        self.hosts = self.folder / "hosts"
        names = ["localhost", *services()]
        self.hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in names), encoding="utf-8")
        # Of users the images know their own; the number counts, but some programs ask for its name.
        self.users = self.folder / "passwd"
        numbers = {self._user(service)[0] for service in services().values()}
        lines = [f"user{number}:x:{number}:{number}::/tmp:/bin/sh\n" for number in sorted(numbers - {"0"})]
        self.users.write_text("root:x:0:0::/tmp:/bin/sh\n" + "".join(lines), encoding="utf-8")
        self._network = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], start_new_session=True)
        time.sleep(0.2)
        subprocess.run([*self.inside(), "ip", "link", "set", "lo", "up"], check=True)

    def inside(self) -> list[str]:
        """Words before a command that shall run in the network of the services."""
        return ["nsenter", "--target", str(self._network.pid), "--net", "--"]

    def up(self, name: str) -> None:
        """Start a service and all that it waits for, and wait until it is well."""
        if name in self.running or name in self.done:
            return
        service = services()[name]
        for needed in service.waits_for:
            if needed not in self.absent:
                self.up(needed)
        process = self._start(service)
        if service.is_one_shot:
            code = process.wait(HEALTHY_SECONDS)
            assert code == 0, f"{name} ended with {code}:\n{self.log(name)}"
            self.done.add(name)
            return
        self.running[name] = process
        self._wait(service, process)

    def log(self, name: str) -> str:
        """The end of what a service said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def look(self, name: str) -> subprocess.CompletedProcess:
        """The service's health check, run where the service runs."""
        service, pid = services()[name], str(self.running[name].pid)
        words = self._closed(service, service.health)
        within = ["nsenter", "--target", pid, "--net", "--mount", "--root", "--wd"]
        return subprocess.run(
            [*within, *words],
            env=self._environment(service),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def execute(self, name: str, *words: str) -> subprocess.CompletedProcess:
        """Another command where a service runs, with its files and variables."""
        process = self.running[name]
        environment = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))["environment"]
        within = ["nsenter", "--target", str(process.pid), "--net", "--mount", "--root", "--wd"]
        return subprocess.run(
            [*within, *self._closed(services()[name], list(words))],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=HEALTHY_SECONDS,
        )

    def stop(self, name: str) -> int:
        """End a service as its engine does, by SIGTERM; its exit code."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise

    def close(self) -> None:
        """End all of it."""
        for name in reversed(list(self.running)):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop(name)
        self._network.kill()
        self._network.wait(10)

    def _wait(self, service: Service, process: subprocess.Popen) -> None:
        deadline = time.monotonic() + HEALTHY_SECONDS
        while True:
            assert process.poll() is None, (
                f"{service.name} ended with {process.returncode}:\n{self.log(service.name)}"
            )
            seen = self.look(service.name)
            if seen.returncode == 0:
                return
            assert time.monotonic() < deadline, (
                f"{service.name}: {seen.stdout}{seen.stderr}\n{self.log(service.name)}"
            )
            time.sleep(1)

    def _start(self, service: Service) -> subprocess.Popen:
        specification = self._specification(service)
        self.adapt.get(service.name, lambda _: None)(specification)
        path = self.folder / f"{service.name}.json"
        path.write_text(json.dumps(specification), encoding="utf-8")
        command = [*self.inside(), "unshare", "--mount", sys.executable, str(ENTER), str(path)]
        with (self.folder / f"{service.name}.log").open("wb") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def _specification(self, service: Service) -> dict:
        work = self.folder / "roots" / service.name
        work.mkdir(parents=True, exist_ok=True)
        user = self._user(service)
        files = [[str(self.hosts), "/etc/hosts", True], [str(self.users), "/etc/passwd", True]]
        files += [
            [str(DEPLOY / "image" / name), f"/usr/local/bin/{name}", True]
            for name in ("healthy", "make-bucket")
        ]
        files.append([str(BIN.parent), "/opt/realestate", True])
        files += [[str(self.secrets / name), target, True] for target, name in service.secrets.items()]
        for source, target, read_only in service.volumes:
            path = DEPLOY / source if source.startswith(".") else self._volume(source, user)
            files.append([str(path), target, read_only])
        if service.is_ours and not any(target == "/data" for _, target, _ in service.volumes):
            # The image's own volume (deploy/Dockerfile).
            files.append([str(self._volume(f"{service.name}-data", user)), "/data", False])
        tmpfs = dict(each.partition(":")[::2] for each in service.entry.get("tmpfs", []))
        return {
            "work": str(work),
            "command": service.command,
            "environment": self._environment(service),
            "user": user,
            "folder": "/data" if service.is_ours else "/",
            "files": files,
            "tmpfs": tmpfs,
            "programs": [sys.base_prefix, str(PROJECT_ROOT)],
            "read_only": service.entry["read_only"],
            "capabilities": service.entry.get("cap_add", []),
        }

    def _volume(self, name: str, user: list[str]) -> Path:
        folder = self.folder / "volumes" / name
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, int(user[0]), int(user[1]))
        return folder

    @staticmethod
    def _user(service: Service) -> list[str]:
        default = OURS if service.is_ours else IMAGE_USERS.get(service.name, "0:0")
        return service.entry.get("user", default).split(":")

    def _closed(self, service: Service, words: list[str]) -> list[str]:
        user = self._user(service)
        return ["setpriv", f"--reuid={user[0]}", f"--regid={user[1]}", "--clear-groups", "--", *words]

    def _environment(self, service: Service) -> dict[str, str]:
        ours = image_environment() if service.is_ours else {}
        path = f"/opt/realestate/bin:{PATH}" if service.is_ours else PATH
        return {**ours, "PATH": path, "LC_ALL": "C.UTF-8", **service.environment}
