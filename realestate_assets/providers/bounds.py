"""How much of a reference file is read: one that is larger, or unpacks to more, would fill a run's memory."""

import pyarrow as pa

from resources.errors import PermanentError
from resources.lake.files import Store

# As much as a landed file may have (`max_bytes` of a source); a nation's table of ZIPs has a hundredth.
LARGEST_BYTES = 2_000_000_000
_PIECE = 16_000_000


def check_size(store: Store, file: str, source: str) -> None:
    """Refuse a file by its size.

    Raises:
        PermanentError: it is too large.
    """
    if store.size(file) > LARGEST_BYTES:
        raise _too_large(file, source)


def read_bounded(stream: pa.NativeFile, file: str, source: str) -> bytes:
    """All bytes of a stream, which may unpack them; read piece by piece.

    Raises:
        PermanentError: they are more than a file may have.
    """
    pieces, total = [], 0
    while piece := stream.read(_PIECE):
        total += len(piece)
        if total > LARGEST_BYTES:
            raise _too_large(file, source)
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(file: str, source: str) -> PermanentError:
    return PermanentError(
        f"{file} holds more than {LARGEST_BYTES:,} bytes, unpacked.", source=source, field="file",
        remedy="Keep the county's own rows of it.",
    )  # fmt: skip
