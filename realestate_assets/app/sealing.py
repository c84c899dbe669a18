"""Personal columns: encrypted with a key of the person's own, found again by a keyed hash.

AES-256-GCM; what is encrypted is bound to the person and the column, so that nothing can be moved to another
row. A person's key is itself encrypted under the service's secret. Destroyed, what it encrypted is noise, in
backups too.
"""

import hashlib
import hmac
import os
import unicodedata
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from realestate_assets.app.secret import KEY_BYTES, ServiceSecret
from resources.errors import PermanentError

NONCE_BYTES = 12
KEY_COLUMN = "person_keys.key"


def normal_address(address: str) -> str:
    """An address of mail as it is compared: without blanks around it, in one form, in small letters."""
    return unicodedata.normalize("NFC", address.strip()).casefold()


class Sealer:
    """Encrypts and decrypts personal columns.

    Args:
        secret: of the service.
    """

    def __init__(self, secret: ServiceSecret) -> None:
        self._over_keys = secret.key("person-keys")
        self._lookup = secret.key("email-lookup")
        self._identities = secret.key("identity-lookup")

    def email_hash(self, address: str) -> bytes:
        """What an account is found by; without the secret nobody can try addresses."""
        return hmac.digest(self._lookup, normal_address(address).encode(), hashlib.sha256)

    def identity_hash(self, issuer: str, subject: str) -> bytes:
        """What a person at a provider of sign-in is found by."""
        return hmac.digest(self._identities, f"{issuer}\0{subject}".encode(), hashlib.sha256)

    def new_key(self, person_id: uuid.UUID) -> bytes:
        """A new key of a person, encrypted as it is kept."""
        return _seal(self._over_keys, os.urandom(KEY_BYTES), person_id, KEY_COLUMN)

    def seal(self, key_sealed: bytes, person_id: uuid.UUID, column: str, text: str) -> bytes:
        """A text of a column, encrypted."""
        return _seal(self._open_key(key_sealed, person_id), text.encode(), person_id, column)

    def unseal(self, key_sealed: bytes, person_id: uuid.UUID, column: str, sealed: bytes) -> str:
        """The text again.

        Raises:
            PermanentError: it was encrypted under another secret, or belongs to another row.
        """
        return _open(self._open_key(key_sealed, person_id), sealed, person_id, column).decode()

    def _open_key(self, key_sealed: bytes, person_id: uuid.UUID) -> bytes:
        return _open(self._over_keys, key_sealed, person_id, KEY_COLUMN)


def _bound(person_id: uuid.UUID, column: str) -> bytes:
    return person_id.bytes + column.encode()


def _seal(key: bytes, plain: bytes, person_id: uuid.UUID, column: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound(person_id, column))


def _open(key: bytes, sealed: bytes, person_id: uuid.UUID, column: str) -> bytes:
    nonce, rest = bytes(sealed[:NONCE_BYTES]), bytes(sealed[NONCE_BYTES:])
    try:
        return AESGCM(key).decrypt(nonce, rest, _bound(person_id, column))
    except InvalidTag:
        pass
    raise PermanentError(
        "A personal column cannot be decrypted.",
        remedy="Set SERVICE_SECRET to the secret under which the accounts were made.",
    )
