"""Listing a store page by page, with what tells one version of a file from the next.

A version is the ETag on S3, and size with modification time in a folder. pyarrow lists a prefix as a whole
and knows no ETag, so S3 is asked through boto3.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.errors import PermanentError, TransientError
from resources.lake.files import Store, is_hidden, name_fault
from resources.lake.local_files import walk
from resources.lake.s3_clients import boto_client, untrusted

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

# What one request of S3 gives at most.
S3_PAGE = 1000
# Files of a page where all are wanted.
PAGE_FILES = 10_000


@dataclass(frozen=True)
class StoredFile:
    """One file of a store.

    Args:
        path: relative to the root of the store.
        size_bytes: its size.
        version: changes whenever the content does.
        modified_at: when it was last written, UTC.
    """

    path: str
    size_bytes: int
    version: str
    modified_at: datetime


@dataclass(frozen=True)
class Page:
    """Some files of a folder in the order of their paths.

    Args:
        files: the files.
        next_after: the path to go on after; None at the end.
        unusable: path -> why it is not read: links, and names that no path may hold. They stay there.
        hidden: paths with a part that begins with a dot, which are none of `files`.
    """

    files: tuple[StoredFile, ...]
    next_after: str | None
    unusable: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()


def list_page(store: Store, folder: str, after: str, limit: int) -> Page:
    """Files below a folder whose path comes after `after`, about `limit` of them.

    Hidden files are left out, as `list_files` does; links and names that cannot be are told apart.

    Raises:
        PermanentError: the store refuses.
        TransientError: it does not answer.
    """
    links: dict[str, str] = {}
    if store.is_s3:
        found, ended = _s3_page(store, folder, after, limit)
        next_after = None if ended else found[-1].path
    else:
        found, next_after, links = _local_page(store, folder, after, limit)
    visible = [file for file in found if not is_hidden(file.path)]
    faults = {file.path: fault for file in visible if (fault := name_fault(file.path))}
    usable = tuple(file for file in visible if file.path not in faults)
    # What cannot be printed cannot be kept or shown either.
    unusable = {printable(path): fault for path, fault in {**links, **faults}.items()}
    hidden = tuple(printable(file.path) for file in found if is_hidden(file.path))
    return Page(usable, next_after, unusable, hidden)


def list_all(store: Store, folder: str) -> Page:
    """All files below a folder in the order of their paths, read page by page.

    Raises:
        PermanentError: the store refuses.
        TransientError: it does not answer.
    """
    files: list[StoredFile] = []
    unusable: dict[str, str] = {}
    hidden: list[str] = []
    after: str | None = ""
    while after is not None:
        page = list_page(store, folder, after, PAGE_FILES)
        files += page.files
        unusable |= page.unusable
        hidden += page.hidden
        after = page.next_after
    return Page(tuple(files), None, unusable, tuple(hidden))


def top_level(store: Store) -> tuple[list[str], list[str]]:
    """Names of the folders and of the files directly below the root of a store; empty folders are left out.

    Raises:
        PermanentError: the store refuses.
        TransientError: it does not answer.
    """
    if store.is_s3:
        return _s3_top(store)
    files = [printable(file.path) for file in walk(store.root, "", recursive=False)]
    below = Path(store.root)
    names = [entry.name for entry in os.scandir(below) if entry.is_dir()] if below.is_dir() else []
    return sorted(printable(name) for name in names if any(walk(store.root, name))), sorted(files)


def printable(name: str) -> str:
    """A file name for people: what cannot be printed or encoded is escaped."""
    return name if name.isprintable() else ascii(name)[1:-1]


def _local_page(
    store: Store, folder: str, after: str, limit: int
) -> tuple[list[StoredFile], str | None, dict[str, str]]:
    store.path(folder)  # refuses a folder that is a link or lies outside
    entries = sorted(
        (file for file in walk(store.root, folder) if file.path > after), key=lambda file: file.path
    )
    page = entries[:limit]
    links = {file.path: file.fault for file in page if file.fault and not is_hidden(file.path)}
    files = [StoredFile(f.path, f.size_bytes, f.version, f.modified_at) for f in page if not f.fault]
    return files, page[-1].path if len(entries) > limit else None, links


def _s3_page(store: Store, folder: str, after: str, limit: int) -> tuple[list[StoredFile], bool]:
    # Heavy to import: not at each start.
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, prefix = store.root.partition("/")
    base = f"{prefix}/" if prefix else ""
    request: dict[str, Any] = {"Bucket": bucket, "Prefix": f"{base}{folder}/", "MaxKeys": min(limit, S3_PAGE)}
    if after:
        request["StartAfter"] = f"{base}{after}"
    found: list[StoredFile] = []
    client = boto_client(store.s3_endpoint_url, store.s3_addressing)
    try:
        while True:
            answer = client.list_objects_v2(**request)
            # An object whose name ends in a slash is how consoles show an empty folder.
            found += [
                _of_object(each, len(base))
                for each in answer.get("Contents", [])
                if not each["Key"].endswith("/")
            ]
            if not answer.get("IsTruncated") or len(found) >= limit:
                return found, not answer.get("IsTruncated")
            request["ContinuationToken"] = answer["NextContinuationToken"]
    except ClientError as error:
        raise _refused(store, error) from error
    except BotoCoreError as error:
        raise _unanswered(store, folder, error) from error


def _s3_top(store: Store) -> tuple[list[str], list[str]]:
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, prefix = store.root.partition("/")
    base = f"{prefix}/" if prefix else ""
    pages = boto_client(store.s3_endpoint_url, store.s3_addressing).get_paginator("list_objects_v2")
    folders: list[str] = []
    files: list[str] = []
    try:
        for page in pages.paginate(Bucket=bucket, Prefix=base, Delimiter="/"):
            folders += [each["Prefix"][len(base) :].rstrip("/") for each in page.get("CommonPrefixes", [])]
            files += [each["Key"][len(base) :] for each in page.get("Contents", [])]
    except ClientError as error:
        raise _refused(store, error) from error
    except BotoCoreError as error:
        raise _unanswered(store, "", error) from error
    return sorted(folders), sorted(name for name in files if name)


def _of_object(found: dict[str, Any], start: int) -> StoredFile:
    return StoredFile(
        found["Key"][start:], found["Size"], found["ETag"].strip('"'), found["LastModified"].astimezone(UTC)
    )


def _unanswered(store: Store, folder: str, error: "BotoCoreError") -> PermanentError | TransientError:
    from botocore.exceptions import SSLError

    if isinstance(error, SSLError):
        return untrusted(store.s3_endpoint_url or "AWS")
    return TransientError(f"{store.uri(folder)} cannot be listed: {type(error).__name__}.")


def _refused(store: Store, error: "ClientError") -> PermanentError | TransientError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    message = f"{store.uri('')} cannot be listed: {code or status}."
    if status >= 500 or status == 429:
        return TransientError(message)
    return PermanentError(message, remedy="Check the bucket, and that the AWS credentials may list it.")
