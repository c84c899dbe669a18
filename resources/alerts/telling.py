"""Telling what is left to be told: by one process at a time, each message marked before it is sent.

A process that is killed between the mark and the note that it was sent leaves the mark: whoever tells next
says that it may have been told before, for nobody can know. Nothing else is told twice, and nothing is lost.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from resources.alerts.alert import Heard, Kept
from resources.alerts.channels import Channels
from resources.alerts.file_ledger import FileLedger
from resources.alerts.ledger import AlertLedger
from resources.alerts.messages import (
    KINDS,
    Reminders,
    as_text,
    heard_after,
    in_messages,
    left_to_tell,
    worst,
)
from resources.alerts.routing import Routing
from resources.errors import LockHeldError

Ledger: TypeAlias = AlertLedger | FileLedger


@dataclass
class Told:
    """What came of it: keys that were told of, by kind of message; addresses that took none, by name."""

    keys: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Teller:
    """Tells what the ledger says is left to be told.

    Args:
        ledger: what lasts and what was told.
        routing: what goes where.
        channels: the addresses.
        reminders: when and how often what lasts is told again.
        now: the clock.
    """

    ledger: Ledger
    routing: Routing
    channels: Channels
    reminders: Reminders
    now: Callable[[], datetime]

    def tell(self) -> Told:
        """Send what is left to be told; where another process is at it, it does so."""
        told = Told()
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(self.ledger.telling())
            except LockHeldError:
                return told
            self._tell_all(told)
        return told

    def _tell_all(self, told: Told) -> None:
        kept = self.ledger.unsettled()
        heard = {each.alert.key: dict(each.told) for each in kept}
        for address in self.channels.addresses:
            for kind in KINDS:
                mine = [each for each in kept if self._lacks(each, address, heard) == kind]
                if mine and not self._send(address, kind, mine, heard, told):
                    # It will not take the next one either; all of it is told the next time.
                    told.refused.append(address)
                    break
        now = self.now()
        self.ledger.settle(
            [
                each
                for each in kept
                if not each.lasts
                and all(
                    left_to_tell(_now_told(each, heard), address, now, self.reminders) is None
                    for address in self._addresses(each)
                )
            ]
        )

    def _addresses(self, kept: Kept) -> list[str]:
        return self.channels.of(self.routing.channels_of(kept.alert))

    def _lacks(self, kept: Kept, address: str, heard: dict[str, dict[str, Heard]]) -> str | None:
        if address not in self._addresses(kept):
            return None
        return left_to_tell(_now_told(kept, heard), address, self.now(), self.reminders)

    def _send(
        self,
        address: str,
        kind: str,
        kept: Sequence[Kept],
        heard: dict[str, dict[str, Heard]],
        told: Told,
    ) -> bool:
        for title, body, places in in_messages([as_text(each, kind, address) for each in kept]):
            some = [kept[place] for place in places]
            keys = [each.alert.key for each in some]
            self.ledger.under_way(keys, address)
            severity = worst([each.alert.severity for each in some])
            if not self.channels.send(address, kind, severity, title, body):
                self.ledger.under_way(keys, "")
                return False
            now = self.now()
            for each in some:
                heard[each.alert.key][address] = heard_after(each, address, kind, now)
            self.ledger.told({key: heard[key] for key in keys}, now)
            told.keys[kind] |= set(keys)
        return True


def _now_told(kept: Kept, heard: dict[str, dict[str, Heard]]) -> Kept:
    return replace(kept, told=heard[kept.alert.key])
