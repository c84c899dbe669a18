"""What is written: a text and an HTML part from templates/web/mail, and headers beside them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from resources.documents.templating import render, render_plain
from resources.home import PROJECT_ROOT

TEMPLATES = PROJECT_ROOT / "templates"
MAX_SUBJECT = 150


@dataclass(frozen=True)
class Letter:
    """A mail without its recipient."""

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)

    def packed(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def unpacked(cls, text: str) -> "Letter":
        """As it was."""
        return cls(**json.loads(text))


def one_line(text: str) -> str:
    """Words of a person in one line: what stands in a header can begin no other one."""
    shown = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return shown if len(shown) <= MAX_SUBJECT else shown[: MAX_SUBJECT - 1] + "…"


def write(
    template: str, subject: str, context: Mapping[str, Any], unsubscribe_url: str | None = None
) -> Letter:
    """A letter from the two templates of a name.

    Args:
        template: name below templates/web/mail, without its ending.
        subject: of the mail.
        context: the templates' own names.
        unsubscribe_url: where a mail programme unsubscribes by one POST (RFC 8058), of what comes repeatedly.
    """
    given = {**context, "subject": one_line(subject), "unsubscribe_url": unsubscribe_url}
    headers = {}
    if unsubscribe_url is not None:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return Letter(
        subject=given["subject"],
        text=render_plain(TEMPLATES, f"web/mail/{template}.txt.j2", given),
        html=render(TEMPLATES, f"web/mail/{template}.html.j2", given),
        headers=headers,
    )
