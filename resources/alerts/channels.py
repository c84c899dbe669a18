"""The channels that take messages: Apprise addresses, each told by itself and named without a secret."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resources.alerts.alert import CRITICAL, INFO
from resources.alerts.messages import OVER
from resources.errors import PermanentError

if TYPE_CHECKING:
    import apprise

# Apprise writes addresses, which hold passwords and tokens, into its log where it cannot read one.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, repr=False)
class Channels:
    """Addresses by name: `default#1` is the first of ALERT_URLS. Not shown: they hold secrets."""

    addresses: Mapping[str, "apprise.Apprise"]

    def of(self, names: list[str]) -> list[str]:
        """The addresses of some channels, by their names."""
        return [each for each in self.addresses if each.partition("#")[0] in names]

    def send(self, address: str, kind: str, severity: str, title: str, body: str) -> bool:
        """Send a message to one address; False where it was not taken."""
        from apprise import NotifyType

        types = {CRITICAL: NotifyType.FAILURE, INFO: NotifyType.INFO}
        notify_type = NotifyType.SUCCESS if kind == OVER else types.get(severity, NotifyType.WARNING)
        return bool(self.addresses[address].notify(title=title, body=body, notify_type=notify_type))


def open_channels(urls: Mapping[str, str], variables: Mapping[str, str]) -> Channels:
    """The addresses of each channel.

    Args:
        urls: Apprise URLs by channel, separated by blanks.
        variables: the environment variable of each channel, for the error.

    Raises:
        PermanentError: an address cannot be read; names its place, for it holds secrets.
    """
    # Heavy to import: not at each start.
    import apprise

    addresses = {}
    for name, listed in urls.items():
        for number, url in enumerate(listed.split(), start=1):
            address = apprise.Apprise()
            if not address.add(url):
                raise PermanentError(
                    f"Entry {number} of {variables[name]} is not an address that Apprise knows.",
                    field=variables[name],
                    remedy="See https://github.com/caronc/apprise for the form of each channel.",
                )
            addresses[f"{name}#{number}"] = address
    return Channels(addresses)
