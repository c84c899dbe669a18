"""Text of foreign errors, made fit to be logged, kept and sent."""

import os
import re
from collections.abc import Sequence

PASSWORD_IN_URL = re.compile(r"(\w[\w+.-]*://[^\s:/@]*:)[^\s@/]+@")
SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|_DSN$|_HEADERS$|^ALERT_.*URLS?$)", re.IGNORECASE)


def scrub(text: str, secrets: Sequence[str] | None = None) -> str:
    """The text without passwords of addresses and without the values of secret environment variables.

    Args:
        text: what is to be shown.
        secrets: as `secrets_now` gave them, where many texts are scrubbed at once.
    """
    if "://" in text:
        text = PASSWORD_IN_URL.sub(r"\1***@", text)
    for secret in secrets_now() if secrets is None else secrets:
        text = text.replace(secret, "***")
    return text


def secrets_now() -> list[str]:
    """Values of secret environment variables, the longest first."""
    values = {name: value for name, value in os.environ.items() if SECRET_NAME.search(name)}
    # Of several addresses in one variable each is a secret.
    parts = {part for name, value in values.items() if name.startswith("ALERT_") for part in value.split()}
    return sorted({value for value in {*values.values(), *parts} if len(value) >= 6}, key=len, reverse=True)
