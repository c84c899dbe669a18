"""The strip of a deal board that says how far its data can be trusted, from marts.data_quality."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from realestate_assets.domain.core import formats

UNITS = re.compile(r"_(usd|sqft|code)$")


def field_name(name: str) -> str:
    """A column's name for people: `zip_median_rent_usd` -> ZIP median rent."""
    words = UNITS.sub("", name).replace("_", " ")
    return re.sub(r"^zip\b", "ZIP", words)


def quality_strip(rows: Sequence[Mapping]) -> dict[str, Any] | None:
    """Where the received rows went, why some were refused, and how full the key fields are.

    None where the partition has no metrics: nothing was received for it.
    """
    if not rows:
        return None
    totals = {row["metric"]: row["metric_value"] for row in rows if row["detail"] == "all"}
    reasons = sorted(
        ((row["metric_value"], row["detail"]) for row in rows if row["metric"] == "rejected_for"),
        key=lambda pair: (-pair[0], pair[1]),
    )
    filled = sorted((row["detail"], row["metric_value"]) for row in rows if row["metric"] == "filled_pct")
    return {
        "counts": [
            (name.capitalize(), formats.count(totals[name]))
            for name in ("received", "accepted", "duplicates", "rejected")
            if name in totals
        ],
        "adds_up": all(row["is_passed"] for row in rows if row["metric"] == "adds_up"),
        "reasons": [(code, formats.count(rows_of)) for rows_of, code in reasons],
        "fields": [
            # Cut, not rounded: 99.96 % is not all of them.
            {"name": field_name(field), "filled": int(value * 10) / 10, "text": f"{int(value)}%"}
            for field, value in filled
        ],
    }
