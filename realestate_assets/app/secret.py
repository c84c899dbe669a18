"""The one secret of the service, from which every key is derived: tokens, cursors, hashes, personal columns.

All copies of the service share it. Who loses it loses the names and addresses of all accounts: they are
encrypted under it. Who changes it signs everybody out.
"""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from resources.errors import PermanentError
from resources.whole_file import replace_file

FILE = "service-secret"
MIN_CHARACTERS = 32
KEY_BYTES = 32


@dataclass(frozen=True)
class ServiceSecret:
    """The secret; it shows itself to nobody."""

    value: bytes = field(repr=False)

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose; from one key nothing follows about another."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"realestate:{purpose}".encode()).derive(self.value)


def service_secret(given: str | None, home: Path) -> ServiceSecret:
    """The secret that is set, or the one in a file of the data folder, made at the first start.

    Args:
        given: SERVICE_SECRET.
        home: folder of all local data.

    Raises:
        PermanentError: it is too short to be one, or the file cannot be read.
    """
    if given:
        return ServiceSecret(_fit(given, "SERVICE_SECRET"))
    path = home / FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        _make(path)
    try:
        return ServiceSecret(_fit(path.read_text(encoding="ascii").strip(), str(path)))
    except (OSError, UnicodeDecodeError) as error:
        raise PermanentError(
            f"The service's secret in {path} cannot be read: {error}.",
            remedy="Give the file back to whoever runs the service, or set SERVICE_SECRET.",
        ) from error


def _make(path: Path) -> None:
    # By a link, which fails where another process was faster: two secrets would be one too many.
    new = path.with_name(f".{FILE}-{secrets.token_hex(8)}")
    replace_file(new, secrets.token_urlsafe(48).encode(), mode=0o600)
    try:
        path.hardlink_to(new)
    except FileExistsError:
        pass
    finally:
        new.unlink(missing_ok=True)


def _fit(text: str, where: str) -> bytes:
    if len(text) < MIN_CHARACTERS:
        raise PermanentError(
            f"{where} holds fewer than {MIN_CHARACTERS} characters.",
            field="SERVICE_SECRET",
            remedy="Make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
        )
    return text.encode()
