"""UUIDs made of hashes, a whole column at a time: what `uuid.uuid5` gives, without an object a row."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

import numpy as np
import pyarrow as pa

DIGEST_BYTES, TEXT_LENGTH = 16, 36
# Where the digits of a UUID stand in its text; between them are hyphens.
_PLACES = np.array([at for at in range(TEXT_LENGTH) if at not in (8, 13, 18, 23)])


def uuid5_texts(namespace: UUID, names: Iterable[str]) -> pa.Array:
    """The text of `uuid5(namespace, name)` for each name."""
    before, sha1, digests = namespace.bytes, hashlib.sha1, bytearray()
    for name in names:
        # uuid5 is defined by SHA-1 and hides nothing.
        digests += sha1(before + name.encode(), usedforsecurity=False).digest()[:DIGEST_BYTES]
    return uuid_texts(bytes(digests), 5)


def uuid_texts(digests: bytes, version: int) -> pa.Array:
    """UUIDs of a version as text, of sixteen bytes of a hash each.

    Args:
        digests: the first sixteen bytes of each hash, one after the other.
        version: 1 to 8, which takes the place of four bits; the variant of RFC 9562 takes that of two.
    """
    octets = np.frombuffer(digests, dtype=np.uint8).reshape(-1, DIGEST_BYTES).copy()
    octets[:, 6] = (octets[:, 6] & 0x0F) | (version << 4)
    octets[:, 8] = (octets[:, 8] & 0x3F) | 0x80
    letters = np.full((len(octets), TEXT_LENGTH), ord("-"), dtype=np.uint8)
    digits = np.frombuffer(octets.tobytes().hex().encode(), dtype=np.uint8)
    letters[:, _PLACES] = digits.reshape(-1, len(_PLACES))
    ends = np.arange(len(octets) + 1, dtype=np.int64) * TEXT_LENGTH
    text = pa.LargeStringArray.from_buffers(len(octets), pa.py_buffer(ends), pa.py_buffer(letters))
    return text.cast(pa.string())
