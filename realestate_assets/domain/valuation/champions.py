"""Which earlier model is a month's champion, from the decisions recorded so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from realestate_assets.domain.core.months import add_months


@dataclass(frozen=True)
class ModelRef:
    """A model by its id and the month it was trained for."""

    model_id: str
    month: str


def champion_of(
    decisions: Iterable[Mapping[str, Any]],
    month: str,
    candidate_id: str | None,
    is_simulated: bool,
    max_age_months: int,
) -> ModelRef | None:
    """The model in use that a candidate has to hold against.

    That of the same month, where another candidate of that month was promoted before; else the one used in
    the latest earlier month. Asked again for the same candidate the answer is the same, so that a run
    repeated decides nothing anew.

    Args:
        decisions: rows of model_promotions of one county.
        month: the month to be valued.
        candidate_id: its candidate; None where there is none.
        is_simulated: whether its properties are generated; models of the other kind are no champions.
        max_age_months: oldest month of a champion, counted back from `month`.
    """
    oldest = add_months(month, -max_age_months)
    rows = [d for d in decisions if d["is_simulated"] == is_simulated and d["month"] <= month]
    for row in (r for r in rows if r["month"] == month):
        role = "champion" if row["candidate_id"] == candidate_id else "used"
        rival = _ref(row, role)
        if rival and rival.month == month and rival.model_id != candidate_id:
            return rival
    earlier = sorted((r for r in rows if r["month"] < month), key=lambda r: str(r["month"]), reverse=True)
    # The latest decision counts, which may have kept an older model.
    return next((ref for r in earlier if (ref := _ref(r, "used")) and oldest <= ref.month < month), None)


def _ref(row: Mapping[str, Any], role: str) -> ModelRef | None:
    model_id, month = row.get(f"{role}_id"), row.get(f"{role}_month")
    return (
        ModelRef(str(model_id), str(month)) if isinstance(model_id, str) and isinstance(month, str) else None
    )
