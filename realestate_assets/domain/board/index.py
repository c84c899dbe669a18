"""The index over all deal boards: which there are, by county and month, and what is on them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from realestate_assets.domain.board.context import lake_link, month_name
from realestate_assets.domain.core import formats
from realestate_assets.domain.counties.county import County
from resources.partition import Partition


def board_folder(partition: Partition) -> str:
    """Folder of a board below the lake."""
    return f"boards/{partition.hive_path}"


def outcomes_path(county_slug: str) -> str:
    """Page of what became of a county's offers, below the lake."""
    return f"boards/county={county_slug}/outcomes.html"


def partition_of(path: str) -> Partition | None:
    """The partition of a board's page; None for any other file below `boards`."""
    partition = Partition.of_path(path)
    return partition if partition and path == f"{board_folder(partition)}/index.html" else None


def build_index(
    boards: Iterable[Partition],
    deals: Sequence[Mapping],
    counties: Mapping[str, County],
    template_version: str,
) -> dict[str, Any]:
    """The index page: a county after the other, the newest month first.

    Args:
        boards: partition of every board that lies in the lake.
        deals: one row a county and month of what marts.deal_board holds: `offer_count`, `contract_count`,
            `gone_count`, `retrospective_count`; of the offers `good_count`, `best_score` (of homes without an
            open review) and `median_discount_pct`; `memo_count`, `simulated_count`.
        counties: configured counties by slug; a board of a county that is configured no more keeps its slug.
        template_version: hash of the templates.
    """
    summaries = {Partition.of(row): row for row in deals}
    listed: dict[str, list[dict]] = {}
    for partition in sorted(set(boards), key=lambda each: each.month, reverse=True):
        listed.setdefault(partition.county_slug, []).append(_line(partition, summaries.get(partition, {})))
    names = {slug: f"{counties[slug].name}, {counties[slug].state}" for slug in listed if slug in counties}
    return {
        "counties": [
            {
                "name": names.get(slug, slug),
                "outcomes": lake_link(outcomes_path(slug).removeprefix("boards/"), to_lake=""),
                "boards": listed[slug],
            }
            for slug in sorted(listed)
        ],
        "template_version": template_version,
    }


def _line(partition: Partition, row: Mapping) -> dict[str, Any]:
    return {
        "month": month_name(partition.month),
        "link": lake_link(f"{board_folder(partition)}/index.html".removeprefix("boards/"), to_lake=""),
        "offers": formats.count(row.get("offer_count", 0)),
        "contracts": formats.count(row.get("contract_count", 0)),
        "gone": formats.count(row.get("gone_count", 0)),
        "is_back_test": bool(row.get("retrospective_count", 0)) and not row.get("offer_count", 0),
        "good": formats.count(row.get("good_count", 0)),
        "memos": formats.count(row.get("memo_count", 0)),
        "best": formats.score(row.get("best_score")) or "–",
        "discount": formats.percent(row.get("median_discount_pct")) or "–",
        "is_simulated": bool(row.get("simulated_count", 0)),
    }
