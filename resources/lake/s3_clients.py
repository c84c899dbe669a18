"""The two clients of S3: pyarrow's for files, boto3's for listings and links. Both read the same variables.

Credentials come from the AWS chain, the region from AWS_REGION, one's own certificate authority from
AWS_CA_BUNDLE. Encryption at rest is the bucket's own setting: pyarrow cannot ask for it write by write.
"""

import os
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pyarrow import fs as pafs

from resources.errors import PermanentError

Addressing = Literal["", "path", "virtual"]
S3_ATTEMPTS = 5
CA_VARIABLE = "AWS_CA_BUNDLE"
CONNECT_SECONDS, READ_SECONDS = 10, 30
# What curl and OpenSSL say of a certificate that nobody whom we trust has signed.
UNTRUSTED = ("CURLCODE: 60", "SSL PEER CERTIFICATE", "CERTIFICATE_VERIFY_FAILED", "CERTIFICATE VERIFY FAILED")


def region() -> str:
    """The region of S3; servers other than AWS' own take any."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def ca_file() -> str | None:
    """The file of the certificate authorities that are trusted in the place of the system's.

    Raises:
        PermanentError: AWS_CA_BUNDLE names no file.
    """
    path = os.environ.get(CA_VARIABLE)
    if path and not Path(path).is_file():
        raise PermanentError(
            f"there is no file {path}.",
            field=CA_VARIABLE,
            remedy=f"It is a file of certificates (PEM); mend or unset {CA_VARIABLE}.",
        )
    return path or None


def is_untrusted(text: str) -> bool:
    """True where the server's certificate was not accepted."""
    return any(words in text.upper() for words in UNTRUSTED)


def untrusted(where: str) -> PermanentError:
    """The server's certificate is signed by nobody whom we trust, or for another name."""
    return PermanentError(
        f"The certificate of {where} is not trusted: unknown authority, other host name, or out of date.",
        field=CA_VARIABLE,
        remedy=f"Set {CA_VARIABLE} to the certificate (PEM) of the authority that signed it.",
    )


def arrow_filesystem(endpoint_url: str, addressing: Addressing = "") -> pafs.FileSystem:
    """Pyarrow's file system of a server; an empty address is AWS.

    Raises:
        PermanentError: the address has another scheme than http or https.
    """
    options: dict[str, Any] = {
        "region": region(),
        # Small files go up in one request, without opening a multipart upload.
        "allow_delayed_open": True,
        "retry_strategy": pafs.AwsStandardS3RetryStrategy(max_attempts=S3_ATTEMPTS),
        "connect_timeout": CONNECT_SECONDS,
        "request_timeout": 60,
        "force_virtual_addressing": addressing == "virtual",
        "tls_ca_file_path": ca_file(),
    }
    if endpoint_url:
        scheme, separator, host = endpoint_url.partition("://")
        if separator and scheme not in ("http", "https"):
            raise PermanentError("S3_ENDPOINT_URL must begin with http:// or https://.")
        options |= {
            "endpoint_override": (host if separator else endpoint_url).rstrip("/"),
            "scheme": scheme if separator else "https",
        }
    elif addressing == "path":
        # The library names the bucket in the path wherever an address is given.
        options["endpoint_override"] = f"s3.{region()}.amazonaws.com"
    return pafs.S3FileSystem(**options)


def boto_client(endpoint_url: str, addressing: Addressing = "") -> Any:
    """boto3's client of a server; an empty address is AWS."""
    # Heavy to import: not at each start.
    import boto3
    from botocore.config import Config

    ca_file()
    scheme = "" if not endpoint_url or urlsplit(endpoint_url).scheme in ("http", "https") else "https://"
    # Servers other than AWS are reached by one host name for all buckets, unless said otherwise.
    style = addressing or ("path" if endpoint_url else "auto")
    return boto3.client(
        "s3",
        endpoint_url=f"{scheme}{endpoint_url}" if endpoint_url else None,
        region_name=region(),
        config=Config(
            retries={"max_attempts": S3_ATTEMPTS, "mode": "standard"},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            # Links too: where the client chose, it would sign them by an old way that AWS gave up.
            signature_version="s3v4",
            s3={"addressing_style": style},
        ),
    )
