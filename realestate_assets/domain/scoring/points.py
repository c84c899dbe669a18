"""What each part of a score adds to it, in points: what a later score's change is explained by."""

import json

import numpy as np

from realestate_assets.domain.scoring.components import DECIMALS, Scored
from realestate_assets.domain.scoring.config import ScoringConfig
from realestate_assets.domain.tables import SCORE_COMPONENTS

LOW_CONFIDENCE, BUY_BOX, LIMIT = "low_confidence", "outside_buy_box", "limit_of_0_to_100"


def score_points(scored: Scored, penalised: np.ndarray, config: ScoringConfig) -> list[str | None]:
    """JSON of part -> points for each row, None without a score; the points add up to the score.

    The components' points are 100 x weight x component; what low confidence, the buying filter and the bounds
    of the score take off stands beside them.
    """
    points = {
        name: 100 * config.components[name].weight * scored.components[name] for name in SCORE_COMPONENTS
    }
    points[LOW_CONFIDENCE] = -scored.confidence_points
    points[BUY_BOX] = np.where(penalised, -config.buy_box_penalty_points, 0.0)
    points[LIMIT] = scored.score - sum(points.values())
    rounded = np.round(np.column_stack(list(points.values())), DECIMALS) + 0.0
    names = list(points)
    return [
        # What is 0 here and 0 there explains nothing.
        json.dumps({name: value for name, value in zip(names, row, strict=True) if value}) if known else None
        for row, known in zip(rounded.tolist(), np.isfinite(scored.score).tolist(), strict=True)
    ]
