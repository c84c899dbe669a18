"""What the enrichment step shows of each partition: fields filled, reasons, calls and cost."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.enrichment_rules import FIELD_NAMES
from resources.http.session import Totals
from resources.partition import Partition


@dataclass
class RequestCounts:
    """Properties each provider was asked about, by county, provider and month."""

    properties: dict[tuple[str, str], Counter] = field(default_factory=dict)

    def note(self, county_slug: str, provider: str, months: Mapping[str, int]) -> None:
        """Add what a provider is asked about; a second ask of the same run adds to the first."""
        self.properties.setdefault((county_slug, provider), Counter()).update(months)

    def shares(self, county_slug: str, provider: str) -> dict[str, float]:
        """Part of each month in what the provider was asked about."""
        months = self.properties.get((county_slug, provider), Counter())
        return {month: count / months.total() for month, count in months.items()}


def filled_shares(enrichments: pa.Table) -> dict[Partition, float]:
    """Share of the enriched fields that have a value, by partition."""
    grouped = enrichments.group_by(["county", "month"]).aggregate([("filled_count", "mean")])
    return {Partition.of(row): row["filled_count_mean"] / len(FIELD_NAMES) for row in grouped.to_pylist()}


def field_shares(enrichments: pa.Table) -> dict[Partition, dict[str, float]]:
    """Share of the properties that have each field, by partition; fields in the order of the spec."""
    counted = [(name, "count") for name in FIELD_NAMES]
    grouped = enrichments.group_by(["county", "month"]).aggregate([*counted, ([], "count_all")])
    return {
        Partition.of(row): {n: row[f"{n}_count"] / row["count_all"] for n in FIELD_NAMES}
        for row in grouped.to_pylist()
    }


def fact_counts(facts: pa.Table) -> dict[Partition, dict[str, float]]:
    """Facts by reason code (`reason_USED` for the used ones), those of later vintage, cost; by partition."""
    counts: dict[Partition, dict[str, float]] = {}
    grouped = facts.group_by(["county", "month", "reason_code"]).aggregate([([], "count_all")])
    for row in sorted(grouped.to_pylist(), key=lambda row: row["reason_code"] or "USED"):
        found = counts.setdefault(Partition.of(row), {})
        found[f"reason_{row['reason_code'] or 'USED'}"] = row["count_all"]
    later = facts.set_column(
        facts.column_names.index("is_later_vintage"),
        "is_later_vintage",
        pc.cast(facts["is_later_vintage"], pa.int64()),
    )
    sums = later.group_by(["county", "month"]).aggregate([("is_later_vintage", "sum"), ("cost_usd", "sum")])
    for row in sums.to_pylist():
        found = counts.setdefault(Partition.of(row), {})
        found |= {"later_vintage": row["is_later_vintage_sum"], "cost_usd": round(row["cost_usd_sum"], 6)}
    return counts


def call_counts(
    asked: RequestCounts, totals: Mapping[tuple[str, str], Totals]
) -> dict[Partition, dict[str, dict[str, float]]]:
    """Calls sent, answers from the cache and failures of each provider, by partition.

    A call serves properties of several months: its part of a month is the month's part of the properties.
    """
    counts: dict[Partition, dict[str, dict[str, float]]] = {}
    for (county, provider), done in totals.items():
        for month, share in asked.shares(county, provider).items():
            counts.setdefault(Partition(county, month), {})[provider] = {
                "calls": round(done.calls * share, 3),
                "cached": round(done.cached * share, 3),
                "failed": round(done.failed * share, 3),
                "cost_usd": round(done.cost_usd * share, 6),
            }
    return counts
