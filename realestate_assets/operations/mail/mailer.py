"""Writes to people of the platform: a letter of a template, into the outbox of the caller's transaction."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from realestate_assets.app.sealing import Sealer
from realestate_assets.operations.accounts.plans import MESSAGES
from realestate_assets.operations.accounts.quotas import count
from realestate_assets.operations.mail.letters import write
from realestate_assets.operations.mail.outbox import queue


@dataclass(frozen=True)
class Mailer:
    """Writes letters with links to the service.

    Args:
        sealer: encrypts what waits in the outbox.
        base_url: where people open the service.
    """

    sealer: Sealer
    base_url: str

    def url(self, path: str, **query: str) -> str:
        """The address of a page."""
        asked = f"?{urlencode(query)}" if query else ""
        return f"{self.base_url.rstrip('/')}{path}{asked}"

    def post(
        self,
        session: Session,
        person_id: uuid.UUID,
        recipient: str,
        template: str,
        subject: str,
        context: dict[str, Any],
        *,
        unsubscribe_url: str | None = None,
        is_taken: bool = False,
    ) -> uuid.UUID:
        """Put a letter on its way; its kind is its template's name.

        It counts as a message of the plan, and is sent even where the plan holds no more: nobody is shut out
        of their account.

        Args:
            session: of the tenant.
            person_id: who is written to.
            recipient: their address.
            template: of the letter.
            subject: of the letter.
            context: what the template is filled with.
            unsubscribe_url: ends such letters by one click.
            is_taken: whether the caller has taken it from the plan, and would not have written otherwise.

        Raises:
            PermanentError: the person has no key.
        """
        given = {**context, "home_url": self.url("/")}
        letter = write(template, subject, given, unsubscribe_url)
        if not is_taken:
            count(session, MESSAGES)
        return queue(session, self.sealer, person_id, recipient, template, letter)
