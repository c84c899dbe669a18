"""All warehouse rows one memo is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class MemoRecord:
    """The rows of one property; a mapping may lack what the tables hold as null.

    Attributes:
        score: row of scores.
        features: row of features.
        property: row of properties.
        enrichment: row of enrichments.
        facts: rows of enrichment_facts.
        comparables: rows of comparables.
        market: sales by month of its county and ZIP: `month`, `zip` (ALL for the county), `sale_count`,
            `median_price_per_sqft_usd`. Months from the memo's own on are left out when it is made.
        contributions: what moves the value away from the county's median, one row a cause: `feature` (a
            column of features or several of one kind, or `base` for the median it starts from, or `other` for
            the rest), `feature_value` (text or None) and `contribution_usd`. All add up to P50.
    """

    score: Mapping
    features: Mapping
    property: Mapping
    enrichment: Mapping
    facts: Sequence[Mapping]
    comparables: Sequence[Mapping]
    market: Sequence[Mapping] = ()
    contributions: Sequence[Mapping] = ()
