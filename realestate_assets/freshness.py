"""Freshness policies: on what people read, each with its window and the reason for it.

Dagster judges an asset by its newest partition of any county; whether each county delivers is judged by
`checks.freshness`. Assets that nobody reads have no policy: their readers' windows say enough.
"""

from datetime import timedelta

import dagster as dg

# Made each night at a quarter past three: a day, and two hours for the run. Two missed nights are a failure,
# one may be a holiday of a server.
NIGHTLY = dg.FreshnessPolicy.time_window(warn_window=timedelta(hours=26), fail_window=timedelta(hours=50))
# A new model changes a value by less than its interval: a missed week is worth a look, a month is not.
WEEKLY = dg.FreshnessPolicy.time_window(warn_window=timedelta(days=8), fail_window=timedelta(days=29))

POLICIES: dict[str, dg.FreshnessPolicy] = {
    # What investors open.
    "boards": NIGHTLY,
    "memos": NIGHTLY,
    # What analysts query.
    "deal_board": NIGHTLY,
    "market_trends": NIGHTLY,
    "score_history": NIGHTLY,
    "data_quality": NIGHTLY,
    "pipeline_throughput": NIGHTLY,
    "dbt_docs": NIGHTLY,
    # What a search asks.
    "embeddings": NIGHTLY,
    # What each memo's value rests on, read as cards.
    "model_cards": WEEKLY,
}
