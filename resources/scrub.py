"""Text of foreign errors, made fit to be logged, kept and sent."""

import os
import re

PASSWORD_IN_URL = re.compile(r"(\w[\w+.-]*://[^\s:/@]*:)[^\s@/]+@")
SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|_DSN$|_HEADERS$|^ALERT_.*URLS?$)", re.IGNORECASE)


def scrub(text: str) -> str:
    """The text without passwords of addresses and without the values of secret environment variables."""
    text = PASSWORD_IN_URL.sub(r"\1***@", text)
    values = {name: value for name, value in os.environ.items() if SECRET_NAME.search(name)}
    # Of several addresses in one variable each is a secret.
    parts = {part for name, value in values.items() if name.startswith("ALERT_") for part in value.split()}
    secrets = {value for value in {*values.values(), *parts} if len(value) >= 6}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
