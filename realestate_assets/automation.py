"""Declarative automation: what follows the scores by itself, whoever made them.

Schedules say when scores are made; that search, memos, marts and boards are made again after them needs no
time. Nothing follows records or features that way: they change each hour, and would drag the graph along.
"""

import dagster as dg

from realestate_assets.domain.core.run_tags import AUTOMATIC_TAG

Condition = dg.AutomationCondition
LEADER = "scores"
# Groups whose assets follow; dbt_docs describes the marts, not their rows, and has its own schedule.
FOLLOWING_GROUPS = frozenset({"search", "documents", "marts"})
FOLLOWING_ASSETS = frozenset({"value_contributions", "ratio_studies", "equity_studies"})
NOT_FOLLOWING = frozenset({"dbt_docs"})
FOLLOWERS = (
    dg.AssetSelection.groups(*FOLLOWING_GROUPS) | dg.AssetSelection.assets(*FOLLOWING_ASSETS)
) - dg.AssetSelection.assets(*NOT_FOLLOWING)


def scores_were_made() -> dg.AutomationCondition:
    """Scores of the partition were made by a run that does not make this asset too."""
    made = Condition.newly_updated() & ~Condition.executed_with_root_target()
    return Condition.asset_matches(LEADER, made).with_label("scores were made without this")


def scores_failed() -> dg.AutomationCondition:
    """A blocking check of the newest scores failed."""
    failed = Condition.any_checks_match(Condition.check_failed(), blocking_only=True)
    return Condition.asset_matches(LEADER, failed).with_label("scores failed a blocking check")


def follows_scores() -> dg.AutomationCondition:
    """Made again once the scores of a partition were, unless a blocking check of theirs failed.

    Any month is followed, not only the newest one (`eager` knows that one alone): a landed file may be of
    years ago. Whatever made the asset after the scores, a run of the whole graph for one, ends the wish. So
    does a failed check: checks know no partition, and a later run's that passes would say nothing of the
    partition that failed. Scores mended are scores made, and wished for anew.
    """
    ends = Condition.newly_requested() | Condition.newly_updated() | scores_failed()
    busy = Condition.in_progress() | Condition.asset_matches(LEADER, Condition.in_progress())
    return (scores_were_made().since(ends) & ~busy).with_label("follows scores")


def condition_of(asset: str, group: str) -> dg.AutomationCondition | None:
    """The condition of an asset; None where it is made by schedules and sensors alone."""
    follows = (group in FOLLOWING_GROUPS or asset in FOLLOWING_ASSETS) and asset not in NOT_FOLLOWING
    return follows_scores() if follows else None


automation_sensor = dg.AutomationConditionSensorDefinition(
    "what_follows_scores",
    target=FOLLOWERS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    # Several partitions become one backfill, and that one run a county group; else it were a run each.
    emit_backfills=True,
    run_tags={AUTOMATIC_TAG: "true"},
    description="Makes search, memos, marts and boards of a county-month after its scores. Running: it asks "
    "for nothing unless scores were made.",
)
