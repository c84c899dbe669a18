"""Secrets that lie in files: `NAME_FILE=/run/secrets/name` in the place of `NAME=…`.

Container engines hand secrets over as files, which neither `inspect` nor a list of processes shows. The file
is read once, when a process starts; what is in it goes on as the variable NAME, and NAME_FILE is taken away,
so that a child that inherits the environment is not told twice.
"""

from collections.abc import Mapping
from pathlib import Path

from resources.errors import PermanentError

SUFFIX = "_FILE"
# Where container engines put secrets. There every NAME_FILE counts, such as the key of one's own provider.
FOLDER = "/run/secrets/"
# Elsewhere these alone: other programs have variables that end so too, and mean the file itself.
NAMES = frozenset(
    {
        "ALERT_URLS",
        "ANALYST_PASSWORD",
        "ATTOM_API_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "CENSUS_API_KEY",
        "DAGSTER_CELERY_BACKEND",
        "DAGSTER_CELERY_BROKER",
        "DAGSTER_PG_URL",
        "DATABASE_URL",
        "MAIL_SMTP_URL",
        "OPENLINEAGE_API_KEY",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "QDRANT_API_KEY",
        "REDIS_URL",
        "REGRID_TOKEN",
        "SENTRY_DSN",
        "SERVICE_DATABASE_URL",
        "SERVICE_SECRET",
        "SOCRATA_APP_TOKEN",
    }
)
# Read by AWS' own client, again whenever the token is renewed.
FOREIGN = frozenset({"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"})
# An address or a key; what is longer is some other file.
MAX_BYTES = 65_536

Variables = Mapping[str, str | None]


def named_files(variables: Variables) -> dict[str, str]:
    """Names of the secrets given as files, with their paths; an empty NAME_FILE counts as not set."""
    found = {}
    for variable, path in variables.items():
        name = variable.removesuffix(SUFFIX)
        if not path or name in ("", variable) or variable in FOREIGN:
            continue
        if name in NAMES or path.startswith(FOLDER):
            found[name] = path
    return found


def secret_of(name: str, variables: Variables) -> str:
    """What a variable holds, by itself or as a file; empty where it is not set.

    Raises:
        PermanentError: it is given both ways, or the file is none that can be read.
    """
    value, path = variables.get(name) or "", named_files(variables).get(name)
    if not path:
        return value
    if value:
        raise PermanentError(
            f"{name} and {name}{SUFFIX} are both set.",
            field=name,
            remedy=f"Unset one of them; {name}{SUFFIX} names {path}.",
        )
    return read_secret(name, path)


def read_secret(name: str, path: str) -> str:
    """The secret in a file, without the blanks and ends of lines around it.

    Raises:
        PermanentError: there is no such file, it cannot be read, is empty or holds no text; the message names
            the variable and the path, and nothing that the file holds.
    """
    try:
        with Path(path).open("rb") as file:
            read = file.read(MAX_BYTES + 1)
        value = read.decode().strip()
    except OSError as error:
        raise _unfit(name, path, error.strerror or "it cannot be read") from None
    except UnicodeDecodeError:
        raise _unfit(name, path, "it holds no text") from None
    if not value:
        raise _unfit(name, path, "it is empty")
    if len(read) > MAX_BYTES or "\0" in value:
        raise _unfit(name, path, f"it holds no secret: a NUL, or more than {MAX_BYTES:,} bytes")
    return value


def _unfit(name: str, path: str, why: str) -> PermanentError:
    return PermanentError(
        f"{name}{SUFFIX} names {path}: {why}.",
        field=f"{name}{SUFFIX}",
        remedy=f"Put the secret into that file, or unset {name}{SUFFIX}.",
    )
