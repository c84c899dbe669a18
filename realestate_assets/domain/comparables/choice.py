"""Which sales become comparables: those of the same classes first, and the little adjusted ones."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from realestate_assets.domain.comparables.classes import MATCHED, steps
from realestate_assets.domain.comparables.matching import Columns
from realestate_assets.domain.comparables.sales_of_type import SalesOfType, classes_of
from realestate_assets.domain.scoring.reviews import LARGE_GROSS_PCT
from realestate_assets.domain.valuation.params import ComparableParams

# An appraisal form has three comparables at least; the review asks for as many.
ENOUGH = 3
Measured = Callable[[Columns], Columns]


def choose(
    subjects: pd.DataFrame, sales: SalesOfType, measured: Measured, params: ComparableParams
) -> Columns:
    """Pairs of subject and sale by position, ranked, up to `params.count` a subject.

    Step by step (`classes.steps`) less is asked of the classes, and only for subjects that have fewer than
    ENOUGH sales close to them (LARGE_GROSS_PCT at most); at last all of the largest circle is looked at: a
    like home further off says more than a different one next door. Sales beyond it fill up to ENOUGH.

    Args:
        subjects: with the classes; of one property type.
        sales: they may be compared to.
        measured: adds similarity, lines and adj_gross_pct to pairs.
        params: count, candidates, circles.
    """
    own = classes_of(subjects)
    pairs: Columns = {}
    open_rows = np.arange(len(subjects))
    # No circle is ever full: all of the largest is looked at.
    every = {"candidates": params.far_candidates, "enough_in_radius": len(sales.sales) + 1}
    for step, reach in [*((step, params) for step in steps()), ((), params.model_copy(update=every))]:
        kept = tuple(MATCHED.index(name) for name in step)
        made = _step(subjects, sales, open_rows, own, kept, reach)
        if len(made["sale"]):
            pairs = _joined(pairs, measured(made), len(sales.sales))
            close = pairs["subject"][pairs["adj_gross_pct"] <= LARGE_GROSS_PCT]
            count = np.bincount(close, minlength=len(subjects))
            open_rows = open_rows[count[open_rows] < ENOUGH]
        if not len(open_rows):
            break
    if not pairs:
        empty = np.empty(0, dtype=object)
        return {**measured(_together([])), "mismatches": empty, "comp_rank": np.empty(0, dtype=int)}
    return _ranked(pairs, own, sales.classes, params)


def _together(parts: Sequence[Columns]) -> Columns:
    if not parts:
        none = np.empty(0, dtype=int)
        return {"subject": none, "sale": none, "distance_mi": np.empty(0)}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _joined(pairs: Columns, more: Columns, sale_count: int) -> Columns:
    """Both, each pair once."""
    every = _together([pairs, more]) if pairs else more
    first = np.unique(every["subject"] * sale_count + every["sale"], return_index=True)[1]
    return _taken(every, np.sort(first))


def _taken(pairs: Columns, rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[rows] for name, values in pairs.items()}


def _step(
    subjects: pd.DataFrame,
    sales: SalesOfType,
    rows: np.ndarray,
    own: np.ndarray,
    kept: tuple[int, ...],
    params: ComparableParams,
) -> Columns:
    """Candidates of the subjects in `rows` among the sales of the same classes."""
    parts = []
    classes = own[rows][:, kept]
    for group in np.unique(classes, axis=0):
        homes = rows[(classes == group).all(axis=1)]
        some = sales.pairs(subjects.iloc[homes], kept, group, params)
        if some is None:
            continue
        alike, found = some
        row, place = np.nonzero(found.found)
        part = {"subject": homes[row], "sale": alike[found.sale[row, place]]}
        parts.append({**part, "distance_mi": found.distance[row, place]})
    return _together(parts)


def _ranked(pairs: Columns, own: np.ndarray, theirs: np.ndarray, params: ComparableParams) -> Columns:
    """Close sales before others, each in the order of similarity; then ranks by similarity."""
    far = pairs["adj_gross_pct"] > LARGE_GROSS_PCT
    unlike = own[pairs["subject"]] != theirs[pairs["sale"]]
    # Equal on more counts first, and what is given up last counts most.
    rank = unlike @ (2 ** np.arange(len(MATCHED))[::-1])
    # Of those too far, the least adjusted; of equally alike, the nearer, then the smaller property_id.
    keyed = {**pairs, "far": far, "rank": np.where(far, pairs["adj_gross_pct"], rank)}
    keyed = _taken(keyed, _order(keyed, "rank", "far"))
    place = _places(keyed["subject"])
    kept = np.flatnonzero((place < params.count) & (~keyed["far"] | (place < ENOUGH)))
    chosen = _taken({name: keyed[name] for name in pairs}, kept)
    chosen = _taken(chosen, _order(chosen))
    differ = own[chosen["subject"]] != theirs[chosen["sale"]]
    return {**chosen, "mismatches": _named(differ), "comp_rank": _places(chosen["subject"]) + 1}


def _order(pairs: Columns, *before: str) -> np.ndarray:
    """Subject by subject, by similarity or by what goes before it, the last named first."""
    named = tuple(pairs[name] for name in before)
    return np.lexsort((pairs["sale"], pairs["distance_mi"], -pairs["similarity"], *named, pairs["subject"]))


def _places(subjects: np.ndarray) -> np.ndarray:
    """Place of each pair among those of its subject, which stand together."""
    return np.arange(len(subjects)) - np.searchsorted(subjects, subjects)


def _named(unlike: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """The classes in which a pair differs as text; None where in none."""
    texts = np.full(len(unlike), "", dtype=object)
    for position, name in enumerate(MATCHED):
        texts = np.where(unlike[:, position], np.where(texts == "", name, texts + ", " + name), texts)
    return pd.array([str(text) or None for text in texts], dtype="string")
