"""Who is asked after whom: the order in which the chains of a county's field groups are walked."""

from collections import deque
from collections.abc import Container
from dataclasses import dataclass

from realestate_assets.domain.counties.enrichment_rules import Chains
from realestate_assets.domain.tables import ENRICHMENT_GROUPS

# Its coordinates are what the providers after it may look a property up by.
FIRST_GROUP = "location"


@dataclass(frozen=True)
class Ask:
    """One provider asked once, for the fields of some groups."""

    provider: str
    groups: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields of these groups."""
        return tuple(column.name for group in self.groups for column in ENRICHMENT_GROUPS[group])


def ask_order(chains: Chains, known: Container[str]) -> list[Ask]:
    """The asks that walk every chain in its order, each provider as few times as that allows.

    A provider several groups name is asked for all of them at once, where its turn has come in each: two
    chains that name two providers in opposite orders cost one of them a second ask. The location group is
    walked to its end first.

    Args:
        chains: group of fields -> provider names.
        known: the providers there are; others (switched off) are passed over.
    """
    left = {g: deque(name for name in chains.get(g, ()) if name in known) for g in ENRICHMENT_GROUPS}
    asks = []
    while left[FIRST_GROUP]:
        asks.append(_take(left, left[FIRST_GROUP][0]))
    while heads := list(dict.fromkeys(queue[0] for queue in left.values() if queue)):
        asks.append(_take(left, min(heads, key=lambda name: _waiting(left, name))))
    return asks


def _take(left: dict[str, deque[str]], name: str) -> Ask:
    groups = [group for group, queue in left.items() if queue and queue[0] == name]
    for group in groups:
        left[group].popleft()
    return Ask(name, tuple(groups))


def _waiting(left: dict[str, deque[str]], name: str) -> int:
    """Groups in whose chain others come before this provider."""
    return sum(name in list(queue)[1:] for queue in left.values())
