"""Scores that a person should look into, and the clearing of what was found to be sound."""

import json
from collections.abc import Sequence
from pathlib import Path

from realestate_assets.domain.scoring.clearances import Clearance, add_clearance
from realestate_assets.domain.tables import PROPERTIES, SCORES
from resources.errors import PermanentError
from resources.warehouse.warehouse import Warehouse

LOCK_SECONDS = 30
REVIEWS_SQL = """
select s.county, s.month, s.property_id, s.bird_dog_score, s.score_class, s.needs_review, s.review_reasons,
    coalesce(nullif(concat_ws(' ', p.street, p.unit), ''), 'Parcel ' || p.apn) as property
from raw.scores as s
left join raw.properties as p using (county, month, property_id)
where s.review_reasons <> '[]' and s.bird_dog_score >= $3::double precision
    and (jsonb_array_length($1::jsonb) = 0 or s.county in (select jsonb_array_elements_text($1::jsonb)))
    and (jsonb_array_length($2::jsonb) = 0 or s.month in (select jsonb_array_elements_text($2::jsonb)))
order by s.bird_dog_score desc, s.county, s.month, s.property_id
"""
REASONS_SQL = """
select county, month, review_reasons from raw.scores where property_id = $1 order by county, month
"""


def reviews(
    warehouse: Warehouse, counties: Sequence[str], months: Sequence[str], min_score: float
) -> list[dict]:
    """Scores with reasons for a review, open or cleared, the best first; `review_reasons` is a list.

    Args:
        warehouse: holds the scores.
        counties: slugs; empty for all.
        months: months as YYYY-MM; empty for all.
        min_score: scores below it are praised in no case.
    """
    warehouse.ensure_tables([SCORES, PROPERTIES])
    bound = (json.dumps(list(counties)), json.dumps(list(months)), min_score)
    rows = warehouse.read(REVIEWS_SQL, bound).to_pylist()
    return [row | {"review_reasons": json.loads(row["review_reasons"])} for row in rows]


def clear(warehouse: Warehouse, path: Path, clearance: Clearance) -> list[dict]:
    """Write down that a reason is cleared; the county and month of each score that holds it.

    Raises:
        PermanentError: no score of the property holds the reason, or the file is not valid.
    """
    warehouse.ensure_tables([SCORES])
    rows = warehouse.read(REASONS_SQL, (clearance.property_id,)).to_pylist()
    codes = [{reason["code"] for reason in json.loads(row["review_reasons"])} for row in rows]
    held = [row for row, found in zip(rows, codes, strict=True) if clearance.reason in found]
    if not held:
        known = sorted(set().union(*codes)) if codes else []
        raise PermanentError(
            f"No score of {clearance.property_id} holds {clearance.reason}.",
            field="--reason" if rows else "PROPERTY_ID",
            remedy=f"It holds {', '.join(known)}."
            if known
            else "`realestate review list` names what there is.",
        )
    # Read, added to and written: of two at once one would be lost.
    with warehouse.lock("reviews", timeout_seconds=LOCK_SECONDS):
        add_clearance(path, clearance)
    return [{"county": row["county"], "month": row["month"]} for row in held]
