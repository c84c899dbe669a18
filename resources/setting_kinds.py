"""Kinds of settings that are text: each says what it expects; what is wrong is told by the variable's name.

No value is ever repeated: many hold passwords. What needs a service to be told (an unknown model, a bucket
that is not there) is told where it is first used.
"""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings

from resources.errors import PermanentError
from resources.home import load_environment

POSTGRES_FORM = "postgresql://user:password@host:5432/database"
BROKER_FORM = "redis://:password@host:6379/0 or amqp://user:password@host:5672//"
REDIS_FORM = "redis://:password@host:6379/0 or rediss://…"
BROKER_SCHEMES = ("redis", "rediss", "amqp", "amqps", "pyamqp")
SMTP_FORM = "smtp://user:password@host:587 or smtps://user:password@host:465"
STORE_FORM = "a local folder, file:///folder or s3://bucket/prefix"
# Pydantic's own words before a sentence of ours.
PREFIX = "Value error, "

Kind = TypeVar("Kind", bound=BaseSettings)


def read(kind: type[Kind]) -> Kind:
    """The settings of this process, from its environment and `.env`.

    Raises:
        PermanentError: values are none that can be; it names each variable and does not repeat the value.
    """
    load_environment()
    try:
        return kind()
    except ValidationError as error:
        faults = {
            str(fault["loc"][0]).upper(): fault["msg"].removeprefix(PREFIX)
            for fault in error.errors(include_input=False, include_url=False)
        }
    # Outside of `except`: pydantic's text repeats the input.
    (name, said), *more = faults.items()
    others = "".join(f" {other}: {what}." for other, what in more)
    raise PermanentError(f"{said}.{others}", field=name, remedy=f"Mend or unset {' and '.join(faults)}.")


def is_postgres_url(url: str) -> bool:
    """True for an address as libpq takes it, with or without a SQLAlchemy driver in its scheme."""
    scheme, separator, rest = url.strip().partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgres", "postgresql") or re.search(r"\s", rest):
        return False
    try:
        _ = urlsplit(f"postgresql://{rest}").port
    except ValueError:
        return False
    return True


def is_broker_url(url: str) -> bool:
    """True for an address of Redis or RabbitMQ."""
    return _has(url.strip(), BROKER_SCHEMES)


def is_safe_way(url: str) -> bool:
    """True for an address that is spoken to by TLS, or is on this machine."""
    return _has(url, ("https",)) or (_has(url, ("http",)) and _is_here(urlsplit(url).hostname or ""))


def store_fault(url: str) -> str | None:
    """What is wrong with the address of a store of files; None where it can be one."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme == "file":
        return None if (rest if separator else scheme) else f"it is empty; expected {STORE_FORM}"
    if scheme != "s3":
        return f"files cannot be kept under {scheme}://; expected {STORE_FORM}"
    parts = urlsplit(url)
    if "@" in parts.netloc:
        return "the S3 address holds credentials; leave them out: they come from the AWS chain"
    if not parts.netloc or parts.query:
        return f"the S3 address has no bucket or has options; expected {STORE_FORM}"
    return None


def _has(url: str, schemes: tuple[str, ...]) -> bool:
    """True for an address with one of the schemes, a host, and a port that is a number where there is one."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and not re.search(r"\s", url)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _no_folder(path: Path) -> bool:
    return path.exists() and not path.is_dir()


def _http(value: str) -> str:
    if not _has(value, ("http", "https")):
        raise ValueError("expected an address that begins with http:// or https://, such as http://host:8080")
    return value


def _issuer(value: str) -> str:
    # Compared sign by sign with what the provider says; a query or fragment none has.
    if not is_safe_way(value) or re.search(r"[?#@]", value):
        raise ValueError(
            "expected the issuer as the provider writes it, such as https://login.example.com/realm"
        )
    return value


def _postgres(value: SecretStr) -> SecretStr:
    if not is_postgres_url(value.get_secret_value()):
        raise ValueError(
            f"expected {POSTGRES_FORM}, special characters of the password percent-encoded and no blanks"
        )
    return value


def _broker(value: SecretStr) -> SecretStr:
    if not is_broker_url(value.get_secret_value()):
        raise ValueError(f"expected {BROKER_FORM}, special characters of the password percent-encoded")
    return value


def _smtp(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if not _has(url, ("smtp", "smtps")) or urlsplit(url).query not in ("", "tls=on", "tls=off"):
        raise ValueError(
            f"expected {SMTP_FORM}, special characters of the password percent-encoded; ?tls=off for a "
            "server without TLS"
        )
    return value


def _sender(value: str) -> str:
    # It goes into a header, and its address into the conversation with a server.
    if not re.fullmatch(
        r"([^<>\x00-\x1f\x7f]+ <[!-;=?A-~]+@[A-Za-z0-9.-]+>|[!-;=?A-~]+@[A-Za-z0-9.-]+)", value
    ):
        raise ValueError("expected who writes, such as Real Estate <realestate@example.com>")
    return value


def _redis(value: SecretStr) -> SecretStr:
    if not _has(value.get_secret_value().strip(), ("redis", "rediss")):
        raise ValueError(f"expected {REDIS_FORM}, special characters of the password percent-encoded")
    return value


def _store(value: str) -> str:
    if fault := store_fault(value):
        raise ValueError(fault)
    if not value.startswith("s3://") and _no_folder(Path(value.removeprefix("file://")).expanduser()):
        raise ValueError(f"what is there is no folder; expected {STORE_FORM}")
    return value


def _home(value: Path) -> Path:
    if _no_folder(value.expanduser()):
        raise ValueError("expected a folder, and what is there is none")
    return value


def _month(value: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise ValueError("expected a month as YYYY-MM, such as 2014-01")
    return value


def _key(value: SecretStr) -> SecretStr:
    # It goes into a header.
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise ValueError("expected a key: letters, digits and signs without blanks")
    return value


def _word(value: str) -> str:
    if not re.fullmatch(r"[^\s]+", value):
        raise ValueError("expected a name without blanks")
    return value


def _environment_name(value: str) -> str:
    # What Sentry takes.
    if not re.fullmatch(r"[^\s/]{1,64}", value) or value == "None":
        raise ValueError("expected a name of up to 64 characters without blanks and slashes")
    return value


def _hosts(value: str) -> str:
    names = [name.strip() for name in value.split(",") if name.strip()]
    if not all(re.fullmatch(r"[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]", name) for name in names):
        raise ValueError("expected names of hosts separated by commas, without scheme and port")
    return value


def _networks(value: str) -> str:
    named = [each.strip() for each in value.split(",") if each.strip()]
    try:
        return ",".join(str(ip_network(each)) for each in named)
    except ValueError:
        raise ValueError(
            "expected addresses or networks separated by commas, such as 10.0.0.7,172.16.0.0/12"
        ) from None


def _origins(value: str) -> str:
    origins = [origin.strip() for origin in value.split(",") if origin.strip()]
    if not all(
        _has(each, ("http", "https")) and not re.search(r"[/@?#*]", each.partition("://")[2])
        for each in origins
    ):
        raise ValueError(
            "expected origins separated by commas, such as https://app.example.com, without paths"
        )
    return ",".join(origins)


def _tiles(value: str) -> str:
    # Its origin stands in a header: nothing that could end the directive.
    is_address = re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/[^\s\"';,]*", value)
    if not is_address or not all(part in value for part in ("{z}", "{x}", "{y}")):
        raise ValueError("expected an address of tiles, such as https://tiles.example.com/{z}/{x}/{y}.png")
    return value


def _dsn(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if not (_has(url, ("http", "https")) and urlsplit(url).username and urlsplit(url).path.strip("/")):
        raise ValueError("expected a DSN of Sentry, https://key@host/project")
    return value


def _alerts(value: SecretStr) -> SecretStr:
    if not all(re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", each) for each in value.get_secret_value().split()):
        raise ValueError("expected addresses of Apprise separated by blanks, such as mailto://user:pass@host")
    return value


def _model(value: str) -> str:
    is_path = value.startswith((".", "/", "~"))
    if is_path and not Path(value).expanduser().is_dir():
        raise ValueError("expected a folder that is there, or the name of a model")
    if not is_path and not re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", value):
        raise ValueError("expected the name of a sentence-transformers model, such as BAAI/bge-small-en-v1.5")
    return value


HttpUrl = Annotated[str, AfterValidator(_http)]
IssuerUrl = Annotated[str, AfterValidator(_issuer)]
PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres)]
BrokerUrl = Annotated[SecretStr, AfterValidator(_broker)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp)]
Sender = Annotated[str, AfterValidator(_sender)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis)]
StoreUrl = Annotated[str, AfterValidator(_store)]
HomeFolder = Annotated[Path, AfterValidator(_home)]
Month = Annotated[str, AfterValidator(_month)]
Key = Annotated[SecretStr, AfterValidator(_key)]
Word = Annotated[str, AfterValidator(_word)]
EnvironmentName = Annotated[str, AfterValidator(_environment_name)]
Hosts = Annotated[str, AfterValidator(_hosts)]
Networks = Annotated[str, AfterValidator(_networks)]
Origins = Annotated[str, AfterValidator(_origins)]
TilesUrl = Annotated[str, AfterValidator(_tiles)]
SentryDsn = Annotated[SecretStr, AfterValidator(_dsn)]
AlertUrls = Annotated[SecretStr, AfterValidator(_alerts)]
ModelName = Annotated[str, AfterValidator(_model)]
