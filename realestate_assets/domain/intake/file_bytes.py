"""What a file is made of before it has columns: whose it is, what its bytes are, how they unpack to text.

Everything refused here is refused as a whole, as a permanent error that names the file, and the file is left
where it was. What is wrong with a single row is kept with the row.
"""

import gzip
import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO, overload

from realestate_assets.domain.counties.sources import TableFiles
from resources.errors import PermanentError

# Below this many unpacked bytes a high ratio is a short, repetitive file and no bomb.
SMALL_BYTES = 1_000_000
CHUNK_BYTES = 1 << 20
# What `zipfile` raises for an archive that is cut off, packed by a method that it does not know, encrypted (a
# plain RuntimeError), or damaged inside; each becomes an error that names the file and says what was found.
BAD_ZIP = (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError)
HEAD_BYTES = 1 << 20

# First bytes -> what the file is, what to do about it.
MAGIC = (
    (
        b"PK\x03\x04",
        "a zip archive or an Excel workbook",
        "Let its name end in .zip, or set `format: excel`.",
    ),
    (b"\x1f\x8b", "gzip-compressed", "Give it a name that ends in .gz."),
    (b"PAR1", "a Parquet file", "Set `format: parquet` for this source, or land it under another source."),
    (b"%PDF", "a PDF document", "Land the table itself."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Set `format: excel` for its source."),
    (b"\xff\xfe", "UTF-16 text", "Save it as UTF-8."),
    (b"\xfe\xff", "UTF-16 text", "Save it as UTF-8."),
)


@dataclass(frozen=True)
class Place:
    """Which file is read: of which county and source, and its name below that source's folder."""

    county_slug: str
    source: str
    file: str

    def error(self, message: str, remedy: str, field: str | None = None) -> PermanentError:
        """A permanent error about this file."""
        return PermanentError(
            f"file {self.file} {message}",
            county=self.county_slug,
            source=self.source,
            field=field,
            remedy=remedy,
        )


def check_size(size: int, source: TableFiles, place: Place) -> None:
    """Refuse an empty or oversized file before a byte is read."""
    if size == 0:
        raise place.error("is empty (0 bytes).", "Land the complete file again.")
    if size > source.max_bytes:
        raise place.error(
            f"has {size:,} bytes, more than max_bytes {source.max_bytes:,}.",
            "Split the file or raise max_bytes of the source.",
            "max_bytes",
        )


def check_ratio(unpacked: int, packed: int, source: TableFiles, place: Place) -> None:
    """Refuse a file that unpacks to more than the source allows."""
    if unpacked > source.max_bytes:
        raise place.error(
            f"unpacks to more than max_bytes {source.max_bytes:,}.",
            "Split the file or raise max_bytes of the source.",
            "max_bytes",
        )
    if unpacked > SMALL_BYTES and unpacked > packed * source.max_compression_ratio:
        raise place.error(
            f"unpacks to more than {source.max_compression_ratio:g} times its size, like a zip bomb.",
            "Check where it came from; raise max_compression_ratio of the source if it is sound.",
            "max_compression_ratio",
        )


def unpack_gzip(data: bytes, source: TableFiles, place: Place) -> bytes:
    """Decompress chunk by chunk, so that a bomb is met by the limits and not by the memory."""
    if data[:2] != b"\x1f\x8b":
        raise place.error("is named .gz but is not gzip-compressed.", "Name it for what it is.")
    out, total, rest = io.BytesIO(), 0, data
    try:
        while rest:  # one pass a member: several may follow each other
            member = zlib.decompressobj(wbits=31)
            while not member.eof:
                piece = member.decompress(rest, CHUNK_BYTES)
                rest = member.unconsumed_tail
                total += len(piece)
                check_ratio(total, len(data), source, place)
                out.write(piece)
                if not piece and not rest and not member.eof:
                    raise place.error("is cut off: the gzip stream does not end.", "Land it again.")
            rest = member.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise place.error(f"is damaged: {error}.", "Land the complete file again.") from error
    return out.getvalue()


def unpack_zip(data: bytes, source: TableFiles, place: Place) -> dict[str, bytes]:
    """Every member of an archive by its name, read chunk by chunk and held to the limits."""
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_ratio(sum(info.file_size for info in archive.infolist()), len(data), source, place)
            for info in archive.infolist():
                members |= {} if info.is_dir() else {info.filename: archive.read(info)}
    except BAD_ZIP as error:
        raise place.error(f"is no sound zip archive: {error}.", "Land the complete file again.") from error
    return members


def unpack_member(data: bytes, source: TableFiles, place: Place) -> bytes:
    """The bytes of the one table in an archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            name = member_of(archive, source, place)
            # What the archive declares is all that is read of a member: more of it is an error.
            check_ratio(archive.getinfo(name).file_size, len(data), source, place)
            return archive.read(name)
    except BAD_ZIP as error:
        raise place.error(f"is no sound zip archive: {error}.", "Land the complete file again.") from error


def member_of(archive: zipfile.ZipFile, source: TableFiles, place: Place) -> str:
    """Name of the member that holds the table: the one the source names, or the only one there is.

    Raises:
        PermanentError: there is none, or several.
    """
    hidden = ("__MACOSX/", ".")
    names = [i.filename for i in archive.infolist() if not i.is_dir() and not i.filename.startswith(hidden)]
    wanted = getattr(source, "table", None)
    found = [name for name in names if wanted in (None, name, name.rpartition("/")[2])]
    if len(found) != 1:
        raise place.error(
            f"holds {', '.join(names[:20]) or 'nothing'}: which of them is the table?",
            "Name the member in `table` of the source.", "table",
        )  # fmt: skip
    return found[0]


def is_zip(place: Place) -> bool:
    """Whether a file's name says that it is an archive."""
    return place.file.lower().endswith(".zip")


def whole_text(data: bytes, source: TableFiles, place: Place) -> bytes:
    """The text of a file, unpacked where its name ends in .gz or .zip, without a byte-order mark."""
    if _is_gzip(place):
        data = unpack_gzip(data, source, place)
    elif is_zip(place):
        data = unpack_member(data, source, place)
    return check_text(_as_utf8(data, source, place), source, place)


def head_text(stream: BinaryIO, source: TableFiles, place: Place) -> bytes:
    """The first text of a file, up to the end of a line where there is one."""
    try:
        if _is_gzip(place):
            head = gzip.GzipFile(fileobj=stream).read(HEAD_BYTES)
        elif is_zip(place):
            with zipfile.ZipFile(stream) as archive, archive.open(member_of(archive, source, place)) as file:
                head = file.read(HEAD_BYTES)
        else:
            head = stream.read(HEAD_BYTES)
    except (gzip.BadGzipFile, *BAD_ZIP) as error:
        raise place.error(f"is no sound archive: {error}.", "Land the complete file again.") from error
    head = _as_utf8(head, source, place)
    cut = head.rfind(b"\n") + 1
    return check_text(head[:cut] if len(head) >= HEAD_BYTES and cut else head, source, place)


def _as_utf8(data: bytes, source: TableFiles, place: Place) -> bytes:
    """The text in UTF-8; bytes that are no letter of the source's encoding stay as they are, to be found.

    Raises:
        PermanentError: not even the frame of the encoding is kept, as where UTF-16 is cut in half.
    """
    if source.encoding is None or not is_text(data):
        return data
    try:
        text = data.decode(source.encoding, "surrogateescape")
        return text.removeprefix("\ufeff").encode("utf-8", "surrogateescape")
    except UnicodeError as error:
        raise place.error(
            f"is not text in {source.encoding}: {error.reason if hasattr(error, 'reason') else error}.",
            "Correct `encoding` of the source.", "encoding",
        ) from error  # fmt: skip


def is_text(data: bytes) -> bool:
    """False for bytes that begin as a file of another kind does; UTF-16 is text."""
    return not any(data.startswith(magic) for magic, what, _ in MAGIC if "text" not in what)


def check_text(data: bytes, source: TableFiles, place: Place) -> bytes:
    """Refuse bytes that are no text table; gives the bytes without the byte-order mark."""
    for magic, what, remedy in MAGIC:
        if data.startswith(magic):
            raise place.error(f"is {what}, not {source.format}.", remedy)
    data = data.removeprefix(b"\xef\xbb\xbf")
    head = data[:65_536].lstrip().lower()
    if not head:
        raise place.error("is empty (only blanks).", "Land the complete file again.")
    if head.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<!--")):
        raise place.error(
            f"is an HTML or XML page, not {source.format}.",
            "The download probably met an error or log-in page: open it, then fetch the data again.",
        )
    # A stray NUL is one broken row; many of them, early, are a binary or UTF-16 file.
    if head.count(b"\0") > len(head) // 16:
        raise place.error(f"holds binary data, not {source.format}.", "Land it as UTF-8 text.")
    return data


def shown(record: bytes) -> str:
    """Bytes as text a database takes; those that are no text are shown by their hexadecimal number."""
    return record.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


@overload
def sound_text(value: str | bytes) -> tuple[str, bool]: ...
@overload
def sound_text(value: str | bytes | None) -> tuple[str | None, bool]: ...
def sound_text(value: str | bytes | None) -> tuple[str | None, bool]:
    """A value as text a database takes, and whether it is as it was received."""
    if value is None:
        return None, True
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    text = shown(raw)
    return text, text.encode() == raw


def _is_gzip(place: Place) -> bool:
    return place.file.lower().endswith(".gz")
