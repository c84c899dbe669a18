"""Files in a local folder or an S3 bucket behind one interface; a write is seen whole or not at all.

S3 needs no key here: credentials come from the AWS chain (environment, profile, instance role).
"""

import contextlib
import os
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TypeVar
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs as pafs
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from resources.disk import disk_error, takes_no_more
from resources.errors import PermanentError, RealEstateError, TransientError
from resources.home import make_folder
from resources.lake import local_files
from resources.lake.s3_clients import Addressing, arrow_filesystem, boto_client, is_untrusted, untrusted
from resources.partition import Partition
from resources.setting_kinds import store_fault
from resources.whole_file import replace_file

# Beyond what the client library tries by itself: a gateway that restarts is back within some ten seconds.
STORE_ATTEMPTS, STORE_SECONDS, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 4, 60, 0.5, 8
# Spelled AccessDenied by servers and ACCESS_DENIED by the client library.
LINK_HOURS, LONGEST_LINK_SECONDS = 24.0, 7 * 86_400
KEYS = "Check the AWS credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE or the role)."
DENIED = ("ACCESSDENIED", "FORBIDDEN", "INVALIDACCESSKEYID", "SIGNATUREDOESNOTMATCH", "EXPIREDTOKEN")
NO_BUCKET, CLOCK_OFF = "NOSUCHBUCKET", "REQUESTTIMETOOSKEWED"


Result = TypeVar("Result")


class Store(BaseModel):
    """A folder of files, addressed by relative paths with forward slashes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    root_url: str = Field(description="Local folder, file:///folder or s3://bucket/prefix.")
    s3_endpoint_url: str = Field(default="", description="Endpoint of an S3-compatible server; empty: AWS.")
    s3_addressing: Addressing = Field(
        default="", description="Bucket in the path or in the host name; empty: path but for AWS."
    )

    _filesystem: pafs.FileSystem | None = PrivateAttr(default=None)

    @property
    def is_s3(self) -> bool:
        """True where the files lie in a bucket."""
        return self.root_url.startswith("s3://")

    @property
    def root(self) -> str:
        """Root as the file system takes it: an absolute folder, or bucket/prefix."""
        if fault := store_fault(self.root_url):
            raise PermanentError(f"The address of a file store cannot be used: {fault}.")
        if self.is_s3:
            parts = urlsplit(self.root_url)
            return f"{parts.netloc}/{parts.path.strip('/')}".rstrip("/")
        return Path(self.root_url.removeprefix("file://")).expanduser().absolute().as_posix()

    @property
    def filesystem(self) -> pafs.FileSystem:
        """The pyarrow file system; for S3 the bucket is looked for once.

        Raises:
            PermanentError: the bucket does not exist.
        """
        if self._filesystem is None:
            filesystem = (
                arrow_filesystem(self.s3_endpoint_url, self.s3_addressing)
                if self.is_s3
                else pafs.LocalFileSystem()
            )
            if self.is_s3:
                self._check_bucket(filesystem)
            self._filesystem = filesystem
        return self._filesystem

    def path(self, relative: str = "") -> str:
        """Path on the file system.

        Raises:
            PermanentError: `relative` is absolute, leaves the root, or leads through a link: what lies behind
                one may be anybody's. The root itself may be a link.
        """
        if not relative:
            return self.root
        path = f"{self.root.rstrip('/')}/{_checked(relative)}"
        if not self.is_s3 and (link := self._link_on_the_way(relative)):
            raise PermanentError(
                f"{link} is a link, and links are not followed.",
                remedy="Put the file or folder itself there, or set the address of the store to its place.",
            )
        return path

    def _link_on_the_way(self, relative: str) -> Path | None:
        try:
            return local_files.link_on_the_way(self.root, relative)
        except OSError as error:
            # A name that is longer than the file system's.
            raise PermanentError(f"{relative[:80]!r} cannot be a path: {error.strerror}.") from error

    def _readable(self, relative: str) -> str:
        """Path of what is opened: a pipe would be waited for until somebody writes into it."""
        path = self.path(_required(relative))
        if not self.is_s3 and Path(path).exists() and not Path(path).is_file():
            raise PermanentError(f"{path} is no regular file.", remedy="Put the file itself there.")
        return path

    def uri(self, relative: str = "") -> str:
        """Address for people and other tools: s3://… or an absolute path, as DuckDB and Spark take it."""
        return f"s3://{self.path(relative)}" if self.is_s3 else self.path(relative)

    def link(self, relative: str, hours: float = LINK_HOURS) -> str:
        """Address by which anybody who has it reads a file of a bucket until it runs out; else its path.

        Keys that are lent (a role) end it earlier than `hours`, with themselves.

        Raises:
            PermanentError: there is no such file, no key, or the time is not between a second and a week.
        """
        self._file_info(relative)
        if not self.is_s3:
            return self.path(relative)
        seconds = round(hours * 3600)
        if not 1 <= seconds <= LONGEST_LINK_SECONDS:
            raise PermanentError("A link holds for a second to a week.", field="--hours")
        from botocore.exceptions import NoCredentialsError

        bucket, _, key = self.path(relative).partition("/")
        client = boto_client(self.s3_endpoint_url, self.s3_addressing)
        try:
            signed = client.generate_presigned_url(
                "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=seconds
            )
        except NoCredentialsError as error:
            raise PermanentError("There are no AWS credentials to sign a link with.", remedy=KEYS) from error
        return str(signed)

    def write_bytes(self, relative: str, data: bytes) -> None:
        """Write or replace a file: readers see the old bytes or the new ones, also after a kill."""
        path = self.path(_required(relative))

        def write() -> None:
            with self.errors(relative, needed=len(data)):
                if self.is_s3:
                    # The object appears when the upload is completed, so a single write is atomic.
                    with self.filesystem.open_output_stream(path) as stream:
                        stream.write(data)
                else:
                    make_folder(Path(path).parent)
                    replace_file(Path(path), data)

        self.tried_again(write)

    def read_bytes(self, relative: str) -> bytes:
        """Bytes of a file."""

        def read() -> bytes:
            with (
                self.errors(relative),
                self.filesystem.open_input_stream(self._readable(relative)) as stream,
            ):
                return stream.readall()

        return self.tried_again(read)

    def open_input(self, relative: str) -> pa.NativeFile:
        """A file opened for reading, seekable; close it."""

        def opened() -> pa.NativeFile:
            with self.errors(relative):
                return self.filesystem.open_input_file(self._readable(relative))

        return self.tried_again(opened)

    def exists(self, relative: str) -> bool:
        """True where a file of that name exists."""
        return self._info(relative).type == pafs.FileType.File

    def size(self, relative: str) -> int:
        """Bytes of a file."""
        return self._file_info(relative).size

    def modified(self, relative: str) -> datetime:
        """When a file was last written, UTC."""
        return self._file_info(relative).mtime.astimezone(UTC)

    def modified_ns(self, relative: str) -> int:
        """When a file was last written, in nanoseconds since 1970."""
        return self._file_info(relative).mtime_ns

    def set_modified(self, relative: str, modified_ns: int) -> None:
        """Say when a local file was last written, in nanoseconds since 1970; a bucket keeps its own time."""
        if not self.is_s3:
            with self.errors(relative):
                os.utime(self._readable(relative), ns=(modified_ns, modified_ns))

    def list_files(self, relative_folder: str = "", recursive: bool = True) -> list[str]:
        """Relative paths of the regular files below a folder, sorted; none where it is absent.

        Left out are names that begin with a dot (temp files and what desktops drop), links, and names that
        no path may hold; `list_page` says which.
        """
        folder = self.path(relative_folder)
        with self.errors(relative_folder):
            if self.is_s3:
                selector = pafs.FileSelector(folder, allow_not_found=True, recursive=recursive)
                start = len(self.root.rstrip("/")) + 1
                found = self.filesystem.get_file_info(selector)
                names = [info.path[start:] for info in found if info.type == pafs.FileType.File]
            else:
                walked = local_files.walk(self.root, relative_folder, recursive=recursive)
                names = [file.path for file in walked if not file.fault]
        return sorted(name for name in names if not is_hidden(name) and name_fault(name) is None)

    def delete(self, relative: str) -> None:
        """Delete a file; one that is not there is no error."""
        if self.exists(relative):
            with self.errors(relative):
                self.filesystem.delete_file(self.path(relative))

    def move(self, relative: str, target: str) -> None:
        """Move a regular file within the store, over one that is there; in a bucket: copy, then delete."""
        path, goal = self._readable(relative), self.path(_required(target))
        with self.errors(relative):
            if not self.is_s3:
                self.filesystem.create_dir(goal.rpartition("/")[0])
            self.filesystem.move(path, goal)

    def _info(self, relative: str) -> pafs.FileInfo:

        def look() -> pafs.FileInfo:
            with self.errors(relative):
                return self.filesystem.get_file_info(self.path(_required(relative)))

        return self.tried_again(look)

    def _file_info(self, relative: str) -> pafs.FileInfo:
        info = self._info(relative)
        if info.type != pafs.FileType.File:
            raise PermanentError(f"{self.uri(relative)} does not exist.")
        return info

    def _check_bucket(self, filesystem: pafs.FileSystem) -> None:
        bucket = self.root.split("/")[0]
        with self.errors(""):
            try:
                found = filesystem.get_file_info(bucket).type != pafs.FileType.NotFound
            except OSError as error:
                # Looking at the bucket itself may be forbidden where its objects are not.
                if not _is_denied(str(error)):
                    raise
                return
        if not found:
            where = self.s3_endpoint_url or "AWS"
            option = f" --endpoint-url {self.s3_endpoint_url}" if self.s3_endpoint_url else ""
            raise PermanentError(
                f"The bucket {bucket} does not exist at {where}.",
                field="LAKE_URL",
                remedy=f"Create it, for example with: aws s3 mb s3://{bucket}{option}",
            )

    def tried_again(self, work: Callable[[], Result]) -> Result:
        """What `work` gives; a TransientError of it is tried again with growing pauses, and the log says so.

        Raises:
            TransientError: the store did not answer in STORE_ATTEMPTS tries, or STORE_SECONDS.
        """
        return Retrying(
            stop=stop_after_attempt(STORE_ATTEMPTS) | stop_after_delay(STORE_SECONDS),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
            retry=retry_if_exception_type(TransientError),
            before_sleep=_tell_of_the_pause,
            reraise=True,
        )(work)

    @contextlib.contextmanager
    def errors(self, relative: str, needed: int | None = None) -> Iterator[None]:
        """Errors of the file system, which do not say what to do, as ours; `needed` bytes were to be written.

        Raises:
            PermanentError: the file is not there, may not be touched, or the disk is full.
            TransientError: the bucket does not answer.
        """
        try:
            yield
        except FileNotFoundError as error:
            raise PermanentError(f"{self.uri(relative)} does not exist.") from error
        except OSError as error:
            raise self._translated(error, relative, needed) from error

    def _translated(self, error: OSError, relative: str, needed: int | None) -> RealEstateError:
        if not self.is_s3 and takes_no_more(error):
            return disk_error(error, Path(self.uri(relative)).parent, needed)
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        message = f"{self.uri(relative)}: {text}"
        if not self.is_s3:
            return PermanentError(message, remedy="Check the folder's permissions and the space on the disk.")
        if _is_denied(text):
            return PermanentError(message, remedy=KEYS)
        if is_untrusted(str(error)):
            return untrusted(self.s3_endpoint_url or "AWS")
        if CLOCK_OFF in text.upper().replace("_", ""):
            return PermanentError(
                message, remedy="Set the clock of this machine: S3 refuses one that is 15 min off."
            )
        if NO_BUCKET in text.upper().replace("_", ""):
            return PermanentError(message, remedy="Create the bucket, or correct LAKE_URL.")
        return TransientError(message)


def _tell_of_the_pause(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0.0
    again = f"{state.attempt_number} of {STORE_ATTEMPTS - 1}"
    # A step's log takes it in; only here is Dagster needed.
    from dagster import get_dagster_logger

    get_dagster_logger().warning(f"{error} Tried again in {wait:.1f} s ({again}).")


def _is_denied(text: str) -> bool:
    plain = text.upper().replace("_", "")
    return any(word in plain for word in DENIED)


def partition_file(asset: str, partition: Partition) -> str:
    """Path of a partition below the lake."""
    return f"{asset}/{partition.hive_path}/data.parquet"


def is_hidden(relative: str) -> bool:
    """True where a part of the path begins with a dot."""
    return any(part.startswith(".") for part in relative.split("/"))


def name_fault(relative: str) -> str | None:
    """Why a path cannot be one inside a store; None where it can."""
    if any(part in ("", ".", "..") for part in relative.split("/")):
        return "is not a relative path inside the store"
    if any(unicodedata.category(letter) == "Cs" for letter in relative):
        return "is not a relative path inside the store: its name is not UTF-8 text; rename it"
    if "\\" in relative or any(unicodedata.category(letter) == "Cc" for letter in relative):
        return "is not a relative path inside the store: it holds a backslash or what cannot be printed"
    return None


def _checked(relative: str) -> str:
    if fault := name_fault(relative):
        raise PermanentError(f"{relative!r} {fault}.")
    return PurePosixPath(relative).as_posix()


def _required(relative: str) -> str:
    if not relative:
        raise PermanentError("A file name is needed, none was given.")
    return relative
