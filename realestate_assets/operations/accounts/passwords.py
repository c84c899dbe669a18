"""Passwords: Argon2id, and the same time for an account that is not there."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from resources.errors import PermanentError

MIN_CHARACTERS, MAX_CHARACTERS = 12, 128
# RFC 9106, second recommendation: 64 MiB, three passes, four lanes.
_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


def hash_of(password: str) -> str:
    """A password as it is kept.

    Raises:
        PermanentError: it is too short, or longer than anyone types.
    """
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise PermanentError(
            f"A password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters.",
            field="password",
            remedy="Three or four words with blanks between them are a good one.",
        )
    return _hasher.hash(password)


# Of no password at all: somebody who tries addresses sees no difference in time.
_NOBODYS = _hasher.hash("nobody has this password")


def is_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed; None costs as much and is never right."""
    try:
        return _hasher.verify(kept or _NOBODYS, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)
