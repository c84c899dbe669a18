"""Which sales become comparables: those of the same classes first, and the little adjusted ones."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from realestate_assets.domain.comparables.classes import MATCHED, steps
from realestate_assets.domain.comparables.matching import candidate_pairs, pairs_in_place
from realestate_assets.domain.scoring.reviews import LARGE_GROSS_PCT
from realestate_assets.domain.valuation.in_place import has_coordinates
from realestate_assets.domain.valuation.params import ComparableParams

# An appraisal form has three comparables at least; the review asks for as many.
ENOUGH = 3
Measured = Callable[[pd.DataFrame], pd.DataFrame]


def choose(
    subjects: pd.DataFrame,
    sales: pd.DataFrame,
    ages: np.ndarray,
    measured: Measured,
    params: ComparableParams,
) -> pd.DataFrame:
    """Pairs of subject and sale by position, ranked, up to `params.count` a subject.

    Step by step (`classes.steps`) less is asked of the classes, and only for subjects that have fewer than
    ENOUGH sales close to them (LARGE_GROSS_PCT at most); at last all of the largest circle is looked at: a
    like home further off says more than a different one next door. Sales beyond it fill up to ENOUGH.

    Args:
        subjects: with the classes; of one property type.
        sales: they may be compared to.
        ages: of the sales, months.
        measured: adds similarity, lines and adj_gross_pct to pairs.
        params: count, candidates, circles.
    """
    columns = [f"class_{name}" for name in MATCHED]
    own, theirs = subjects[columns].to_numpy(int), sales[columns].to_numpy(int)
    pairs = pd.DataFrame()
    open_rows = np.arange(len(subjects))
    # No circle is ever full: all of the largest is looked at.
    wide = params.model_copy(update={"candidates": params.far_candidates, "enough_in_radius": len(sales) + 1})
    for step, reach in [*((step, params) for step in steps()), ((), wide)]:
        kept = [MATCHED.index(name) for name in step]
        made = _step(subjects, sales, ages, open_rows, (own[:, kept], theirs[:, kept]), reach)
        if len(made):
            pairs = pd.concat([pairs, measured(made)], ignore_index=True)
            pairs = pairs.drop_duplicates(["subject", "sale"], ignore_index=True)
        if len(pairs):
            close = pairs.loc[pairs["adj_gross_pct"] <= LARGE_GROSS_PCT, "subject"]
            count = np.bincount(close, minlength=len(subjects))
            open_rows = open_rows[count[open_rows] < ENOUGH]
        if not len(open_rows):
            break
    if pairs.empty:
        return measured(_empty()).assign(mismatches=None, comp_rank=1)
    return _ranked(pairs, own, theirs, params)


def _empty() -> pd.DataFrame:
    return pd.DataFrame({"subject": np.empty(0, int), "sale": np.empty(0, int), "distance_mi": np.empty(0)})


def _step(
    subjects: pd.DataFrame,
    sales: pd.DataFrame,
    ages: np.ndarray,
    rows: np.ndarray,
    classes: tuple[np.ndarray, np.ndarray],
    params: ComparableParams,
) -> pd.DataFrame:
    """Candidates of the subjects in `rows` among the sales of the same classes."""
    by_distance = has_coordinates(sales)
    parts = [_empty()]
    for group in np.unique(classes[0][rows], axis=0):
        homes = rows[(classes[0][rows] == group).all(axis=1)]
        alike = np.flatnonzero((classes[1] == group).all(axis=1))
        if not len(alike):
            continue
        some = subjects.iloc[homes], sales.iloc[alike].reset_index(drop=True)
        found = candidate_pairs(*some, params) if by_distance else pairs_in_place(*some, ages[alike], params)
        row, place = np.nonzero(found.found)
        part = {"subject": homes[row], "sale": alike[found.sale[row, place]]}
        parts.append(pd.DataFrame({**part, "distance_mi": found.distance[row, place]}))
    return pd.concat(parts, ignore_index=True)


def _ranked(
    pairs: pd.DataFrame, own: np.ndarray, theirs: np.ndarray, params: ComparableParams
) -> pd.DataFrame:
    """Close sales before others, each in the order of similarity; then ranks by similarity."""
    far = (pairs["adj_gross_pct"] > LARGE_GROSS_PCT).to_numpy()
    unlike = own[pairs["subject"]] != theirs[pairs["sale"]]
    # Equal on more counts first, and what is given up last counts most.
    rank = unlike @ (2 ** np.arange(len(MATCHED))[::-1])
    # Of those too far, the least adjusted; of equally alike, the nearer, then the smaller property_id.
    keyed = pairs.assign(
        far=far,
        rank=np.where(far, pairs["adj_gross_pct"], rank),
        unlike=-pairs["similarity"],
        mismatches=_named(unlike),
    ).sort_values(["subject", "far", "rank", "unlike", "distance_mi", "sale"], ignore_index=True)
    place = keyed.groupby("subject").cumcount()
    keyed = keyed[(place < params.count) & (~keyed["far"] | (place < ENOUGH))]
    keyed = keyed.sort_values(["subject", "unlike", "distance_mi", "sale"], ignore_index=True)
    keyed["comp_rank"] = keyed.groupby("subject").cumcount() + 1
    return keyed.drop(columns=["far", "rank", "unlike"])


def _named(unlike: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """The classes in which a pair differs as text; None where in none."""
    texts = np.full(len(unlike), "", dtype=object)
    for position, name in enumerate(MATCHED):
        texts = np.where(unlike[:, position], np.where(texts == "", name, texts + ", " + name), texts)
    return pd.array([str(text) or None for text in texts], dtype="string")
