"""What a county says about its providers: in which order they are asked, and when they are believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from realestate_assets.domain.tables import ENRICHMENT_FIELDS, ENRICHMENT_GROUPS

FIELD_NAMES = tuple(column.name for column in ENRICHMENT_FIELDS)

# Group of fields -> provider names in the order they are asked.
Chains = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Rules:
    """What a county says about whom to believe.

    Args:
        chains: group of fields -> provider names in the order they are believed.
        enough_confidence: group -> confidence from which a value settles its field; a group that is not
            named settles for any.
        later_vintage: providers whose facts may describe a time after the month, because they barely move.
    """

    chains: Chains
    enough_confidence: Mapping[str, float] = field(default_factory=dict)
    later_vintage: frozenset[str] = frozenset()

    def enough_by_field(self) -> np.ndarray:
        """Confidence that settles each of FIELD_NAMES."""
        return np.array(
            [
                self.enough_confidence.get(group, 0.0)
                for group, columns in ENRICHMENT_GROUPS.items()
                for _ in columns
            ]
        )
