"""What the catalog of the UI shows of an asset: who reads it, what needs care, its description laid out."""

import re

GRAIN = "**Grain:**"

# Who reads an asset: the operator unless said here. A tag finds them in the catalog: `tag:reader=investor`.
READERS = {
    "marts": "analyst",
    "features": "analyst",
    "ratio_studies": "analyst",
    "model_cards": "analyst",
    "dbt_docs": "analyst",
    "memos": "investor",
    "boards": "investor",
}
# Assets that hold names or mailing addresses of owners, for whoever decides on access and retention.
PERSONAL_DATA = frozenset(
    {
        "raw_listings",
        "properties",
        "property_rejects",
        "enrichments",
        "enrichment_facts",
        "stg_raw__properties",
        "memos",
    }
)


def laid_out(description: str) -> str:
    """A description for catalog and page: the grain as a plain first line, then key, source and caveat.

    The catalog shows the first words of a description as they stand, Markdown and all.
    """
    if not description.startswith(GRAIN):
        return description
    grain, *rest = re.split(r"\s+(?=\*\*(?:Key|Source|Caveat):\*\*)", description.removeprefix(GRAIN).strip())
    return f"{grain[0].upper()}{grain[1:]}\n\n" + "\n".join(f"- {part}" for part in rest)


def catalog_tags(name: str, group: str) -> dict[str, str]:
    """The tags of an asset: its reader, and whether it holds personal data."""
    tags = {"reader": READERS.get(name) or READERS.get(group, "operator")}
    return tags | ({"personal_data": "owners"} if name in PERSONAL_DATA else {})
