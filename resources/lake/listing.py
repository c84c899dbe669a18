"""Listing a store page by page, with what tells one version of a file from the next.

A version is the ETag on S3, and size with modification time in a folder. pyarrow lists a prefix as a whole
and knows no ETag, so S3 is asked through boto3.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pyarrow import fs as pafs

from resources.errors import PermanentError, TransientError
from resources.lake.store import S3_ATTEMPTS, StoreResource

# What one request of S3 gives at most.
S3_PAGE = 1000


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
    """Some files of a folder in the order of their paths, and the path to go on after; None at its end."""

    files: tuple[StoredFile, ...]
    next_after: str | None


def list_page(store: StoreResource, folder: str, after: str, limit: int) -> Page:
    """Files below a folder whose path comes after `after`, about `limit` of them.

    Hidden files are left out, as `list_files` does.

    Raises:
        PermanentError: the store refuses.
        TransientError: it does not answer.
    """
    found, ended = (_s3_page if store.is_s3 else _local_page)(store, folder, after, limit)
    visible = (file for file in found if not any(part.startswith(".") for part in file.path.split("/")))
    return Page(tuple(visible), None if ended else found[-1].path)


def _local_page(store: StoreResource, folder: str, after: str, limit: int) -> tuple[list[StoredFile], bool]:
    selector = pafs.FileSelector(store.path(folder), allow_not_found=True, recursive=True)
    start = len(store.root.rstrip("/")) + 1
    files = [
        StoredFile(info.path[start:], info.size, f"{info.size}-{info.mtime_ns}", info.mtime.astimezone(UTC))
        for info in store.filesystem.get_file_info(selector)
        # A link to nothing is none, and a file may have gone since its folder was read.
        if info.type == pafs.FileType.File
    ]
    wanted = sorted((file for file in files if file.path > after), key=lambda file: file.path)
    return wanted[:limit], len(wanted) <= limit


def _s3_page(store: StoreResource, folder: str, after: str, limit: int) -> tuple[list[StoredFile], bool]:
    bucket, _, prefix = store.root.partition("/")
    base = f"{prefix}/" if prefix else ""
    request: dict[str, Any] = {"Bucket": bucket, "Prefix": f"{base}{folder}/", "MaxKeys": min(limit, S3_PAGE)}
    if after:
        request["StartAfter"] = f"{base}{after}"
    found: list[StoredFile] = []
    client = _client(store.s3_endpoint_url)
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
        raise TransientError(f"{store.uri(folder)} cannot be listed: {type(error).__name__}.") from error


def _of_object(found: dict[str, Any], start: int) -> StoredFile:
    return StoredFile(
        found["Key"][start:], found["Size"], found["ETag"].strip('"'), found["LastModified"].astimezone(UTC)
    )


def _client(endpoint_url: str) -> Any:
    scheme = "" if not endpoint_url or "://" in endpoint_url else "https://"
    return boto3.client(
        "s3",
        endpoint_url=f"{scheme}{endpoint_url}" if endpoint_url else None,
        region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        config=Config(
            retries={"max_attempts": S3_ATTEMPTS, "mode": "standard"},
            connect_timeout=10,
            read_timeout=30,
            # Servers other than AWS are reached by one host name for all buckets.
            s3={"addressing_style": "path" if endpoint_url else "auto"},
        ),
    )


def _refused(store: StoreResource, error: ClientError) -> PermanentError | TransientError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    message = f"{store.uri('')} cannot be listed: {code or status}."
    if status >= 500 or status == 429:
        return TransientError(message)
    return PermanentError(message, remedy="Check the bucket, and that the AWS credentials may list it.")
