"""Mail of the tests: what waits in the outbox is sent here, and links are taken out of it."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from realestate_assets.operations.mail.letters import Letter
from realestate_assets.operations.mail.outbox import send_due
from realestate_assets.service.parts import Parts


@dataclass
class Mailbox:
    """A channel that keeps what it is given, by recipient."""

    parts: Parts
    taken: list[tuple[str, Letter]] = field(default_factory=list)

    def send(self, mail_id, recipient, letter):
        self.taken.append((recipient, letter))

    def to(self, address: str) -> list[Letter]:
        """What came for an address since it was asked last."""
        while send_due(self.parts.transaction, self.parts.sealer, self).did_something:
            pass
        found = [letter for recipient, letter in self.taken if recipient == address]
        self.taken = [each for each in self.taken if each[0] != address]
        return found

    def link_to(self, address: str) -> str:
        """The token of the one link that came for an address."""
        (letter,) = self.to(address)
        return token_in(letter)


def token_in(letter: Letter) -> str:
    """The token of the link in a letter, the same in both of its parts."""
    (text,), html = (
        re.findall(r"token=(\S+)", letter.text),
        re.findall(r'href="[^"]*token=([^"]+)"', letter.html),
    )
    assert set(html) == {text}
    return unquote(text)
