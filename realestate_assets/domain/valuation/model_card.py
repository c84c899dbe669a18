"""What stands on a model's card: where it comes from, how good it is by group, what it cannot do."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation import plots
from realestate_assets.domain.valuation.extra_columns import with_extras
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.ratio_groups import ACROSS_PRICES, grouped_studies, study_row

SHUFFLED_HOMES = 80
MOST_IMPORTANT = 15
# Room for the names of features beside their bars, inches.
LABELS = 2.2
SEED = 3
GROUP_TITLES = {
    "value_decile": "Value decile",
    "price_decile": "Price decile",
    "zip": "ZIP",
    "property_type": "Property type",
}
LIMITS = (
    "A value is what homes alike have sold for, not an appraisal: nobody has seen the inside of this one.",
    "Low prices are valued too high and high ones too low in the median: part of a price is chance, and a "
    "model cannot follow chance. See the ratio by price decile.",
    "Figures are out of fold: they know the price level of the month of sale. Values of a month to come "
    "rest on a time index carried forward by one step and are a little less sure.",
    "Homes unlike any that sold, and homes of which little is recorded, have wide intervals; read the "
    "interval before the value.",
    "Only recorded sales judged valid are learned from. Where prices are not disclosed there is nothing to "
    "learn.",
)


def feature_importance(model: ValueModel, homes: pd.DataFrame) -> pd.Series:
    """Mean absolute change of the value, %, when one feature is shuffled among some homes; highest first.

    Works on any model that predicts; all shuffles are predicted at once.
    """
    homes = with_extras(homes, model.features.extra)
    sample = homes.sort_values(["county", "month", "property_id"])
    sample = sample.sample(min(SHUFFLED_HOMES, len(sample)), random_state=SEED).reset_index(drop=True)
    order = np.random.default_rng(SEED).permutation(len(sample))
    names = [name for name in model.features.names if sample[name].nunique(dropna=False) > 1]
    frames = [sample, *(sample.assign(**{n: sample[n].to_numpy()[order]}) for n in names)]
    value = model.predict(pd.concat(frames, ignore_index=True))["market_value_p50_usd"].to_numpy(float)
    logs = np.log(value).reshape(len(frames), len(sample))
    moved = 100 * np.abs(np.expm1(logs[1:] - logs[0])).mean(axis=1)
    return pd.Series(moved, index=names).sort_values(ascending=False, kind="stable").head(MOST_IMPORTANT)


def card_context(
    decision: Mapping[str, Any], model: ValueModel, sales: pd.DataFrame, county_name: str
) -> dict[str, Any]:
    """Everything the template shows.

    Args:
        decision: row of model_promotions with its reasons as a list.
        model: the promoted model.
        sales: its judged sales: prices, out-of-fold values and features, zip and property_type.
        county_name: for the heading.
    """
    table = grouped_studies(sales)
    index = model.index
    panels = [partial(draw, sales=sales) for draw in (plots.values_against_prices, plots.ratios_by_decile)]
    second = [partial(plots.coverage_by_decile, sales=sales)]
    if index.months:
        second.append(
            partial(
                plots.time_index,
                months=index.months,
                log_levels=index.log_levels,
                forward_step=index.forward_step,
            )
        )
    important = feature_importance(model, sales)
    return {
        "decision": decision,
        "county": county_name,
        "model": {
            "id": model.model_id,
            "kind": model.kind,
            "sales_used": model.sales_used,
            "train_from": model.train_from,
            "train_to": model.train_to,
            "fingerprint": model.data_fingerprint,
            "features": model.features.names,
            "forward_step_pct": 100 * float(np.expm1(index.forward_step)),
            "folds": model.settings.get("training", {}).get("folds"),
        },
        "whole": study_row(sales),
        "groups": {title: _rows(table, name) for name, title in GROUP_TITLES.items()},
        "across": ACROSS_PRICES,
        "pictures": [plots.picture(panels), plots.picture(second)],
        "importance": plots.picture(
            [partial(plots.importance, shares=important)], width=8.4, height=3.8, left=LABELS
        ),
        "limits": LIMITS,
    }


def _rows(table: pd.DataFrame, grouping: str) -> list[dict[str, Any]]:
    """A grouping's rows, a missing figure as None; ZIPs by their sales, the others by name."""
    rows = table[table["grouping"] == grouping]
    if grouping == "zip":
        rows = rows.sort_values(["n", "group_value"], ascending=[False, True])
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in rows.to_dict("records")]
