"""Neighbours of homes without coordinates: the most alike sales of the same place, never the home's own."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from realestate_assets.domain.core.places import places_of

LOGS = ("living_area_sqft", "lot_area_sqft")


def has_coordinates(sales: pd.DataFrame) -> bool:
    """True where any of the sales says where it lies: then nearness is judged by distance alone."""
    return bool((sales["latitude"].notna() & sales["longitude"].notna()).any())


def neighbours_in_place(
    subjects: pd.DataFrame,
    sales: pd.DataFrame,
    ages: tuple[np.ndarray, np.ndarray],
    scales: Mapping[str, float],
    count: int,
) -> np.ndarray:
    """The `count` sales of each subject's place that are most alike, its own left out.

    Alike is a small distance over the attributes, each divided by its scale, areas as logarithms; what is
    unknown stands at the sales' median. Places are worked on one by one, homes of a place together.

    Args:
        subjects: rows with property_id, zip and place where known, and the attributes.
        sales: rows of the same kind, in an order that does not depend on the caller's.
        ages: months ago of each subject and sale, by the scale `months_ago`; zeros for subjects of today.
        scales: attribute -> the difference that counts as one; with `months_ago`.
        count: how many to find.

    Returns:
        Row numbers of `sales`, the most alike first; -1 where there is none.
    """
    # Heavy to import: not at each start.
    from scipy.spatial import cKDTree

    index = np.full((len(subjects), count), -1)
    if not len(sales) or not len(subjects):
        return index
    place, queried = (places_of(frame).to_numpy(object) for frame in (sales, subjects))
    points, queries = _points(subjects, sales, ages, scales)
    codes = pd.Index(sales["property_id"].unique())
    sale_code, own_code = (codes.get_indexer(frame["property_id"]) for frame in (sales, subjects))
    of_sale = pd.Series(np.arange(len(sales))).groupby(place).indices
    for name, rows in pd.Series(np.arange(len(subjects))).groupby(queried).indices.items():
        if (there := of_sale.get(name)) is None:
            continue
        # Asked for as many more as a property has sales at most: all its own may be among them.
        spare = int(np.unique(sale_code[there], return_counts=True)[1].max())
        wanted = min(count + spare, len(there))
        _, found = cKDTree(points[there]).query(queries[rows], k=[*range(1, wanted + 1)])
        found = there[found]
        usable = sale_code[found] != own_code[rows][:, None]
        order = np.argsort(~usable, axis=1, kind="stable")[:, :count]
        chosen = np.take_along_axis(np.where(usable, found, -1), order, axis=1)
        index[rows[:, None], np.arange(chosen.shape[1])] = chosen
    return index


def _points(
    subjects: pd.DataFrame,
    sales: pd.DataFrame,
    ages: tuple[np.ndarray, np.ndarray],
    scales: Mapping[str, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Sales and subjects as points of the scaled attributes."""
    columns: tuple[list, list] = ([ages[1] / scales["months_ago"]], [ages[0] / scales["months_ago"]])
    for name, scale in scales.items():
        if name == "months_ago":
            continue
        own = [_numbers(frame, name) for frame in (sales, subjects)]
        known = own[0][np.isfinite(own[0])]
        middle = float(np.median(known)) if len(known) else 0.0
        for values, column in zip(own, columns, strict=True):
            column.append(np.where(np.isfinite(values), values, middle) / scale)
    return np.column_stack(columns[0]), np.column_stack(columns[1])


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    values = frame[name].to_numpy(dtype=float, na_value=np.nan)
    return np.log(np.where(values > 0, values, np.nan)) if name in LOGS else values
