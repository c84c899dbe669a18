"""Secrets that are handed out (refresh tokens, cookies, keys): random, with the row and tenant they are of.

The tenant in it is no secret; it lets the database be asked as that tenant, which shows its rows alone. Kept
is a hash: 256 random bits need no slow one.
"""

import base64
import binascii
import hashlib
import hmac
import os
import uuid
from dataclasses import dataclass, field

SECRET_BYTES = 32
_LENGTH = 16 + 16 + SECRET_BYTES


@dataclass(frozen=True)
class Opaque:
    """A secret with the ids of its tenant and row."""

    tenant_id: uuid.UUID
    row_id: uuid.UUID
    secret: bytes = field(repr=False)

    @property
    def hashed(self) -> bytes:
        """What is kept of it."""
        return hashlib.sha256(self.secret).digest()

    def text(self, prefix: str) -> str:
        """As it is handed out; the prefix says what it is, to people and to scanners of secrets."""
        raw = self.tenant_id.bytes + self.row_id.bytes + self.secret
        return prefix + base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def is_of(self, kept: bytes | None) -> bool:
        """Whether it is the secret that was kept."""
        return kept is not None and hmac.compare_digest(self.hashed, bytes(kept))


def new(tenant_id: uuid.UUID, row_id: uuid.UUID) -> Opaque:
    """A new secret for a row."""
    return Opaque(tenant_id, row_id, os.urandom(SECRET_BYTES))


def parse(text: str, prefix: str) -> Opaque | None:
    """The secret in a text; None where it can be none."""
    if not text.startswith(prefix) or len(text) > 2 * _LENGTH + len(prefix):
        return None
    rest = text.removeprefix(prefix)
    try:
        raw = base64.b64decode(rest + "=" * (-len(rest) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _LENGTH:
        return None
    return Opaque(uuid.UUID(bytes=raw[:16]), uuid.UUID(bytes=raw[16:32]), raw[32:])
