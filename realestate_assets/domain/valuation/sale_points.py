"""The nearest sales of a home, never its own: made ready once, asked for home after home."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from realestate_assets.domain.core.geo import nearest_points, on_sphere, tree_of

if TYPE_CHECKING:
    from scipy.spatial import cKDTree


@dataclass(frozen=True)
class SalePoints:
    """Sales on the sphere, with whose they are; `spare` is how many a property has at most."""

    tree: "cKDTree"
    owners: pd.Index
    owner: np.ndarray
    spare: int

    @classmethod
    def of(cls, sales: pd.DataFrame) -> "SalePoints":
        """Make sales ready.

        Args:
            sales: rows with property_id, latitude and longitude, both known, in an order that does not depend
                on the caller's.
        """
        # Of Python's own texts: an index of Arrow's is made into one anew with each question.
        owners = pd.Index(sales["property_id"].unique(), dtype=object)
        owner = owners.get_indexer(sales["property_id"].astype(object))
        spare = int(np.bincount(owner, minlength=1).max())
        return cls(tree_of(_points(sales)), owners, owner, spare)

    def nearest(self, subjects: pd.DataFrame, count: int, max_miles: float) -> tuple[np.ndarray, np.ndarray]:
        """The nearest `count` sales of each subject, its own sales left out.

        Args:
            subjects: rows with property_id, latitude and longitude, both known.
            count: how many to find.
            max_miles: none lies farther.

        Returns:
            Distances (inf where there is none) and row numbers of the sales (-1 there), nearest first.
        """
        own = self.owners.get_indexer(subjects["property_id"].astype(object))
        # A subject is asked for as many more as a property has sales at most: all its own may be among them.
        distance, index = nearest_points(self.tree, _points(subjects), count + self.spare, max_miles)
        usable = (index >= 0) & (self.owner[index] != own[:, None])
        # A stable sort on "unusable" moves the usable ones to the front and keeps them by distance.
        order = np.argsort(~usable, axis=1, kind="stable")[:, :count]
        usable = np.take_along_axis(usable, order, axis=1)
        distance = np.where(usable, np.take_along_axis(distance, order, axis=1), np.inf)
        return distance, np.where(usable, np.take_along_axis(index, order, axis=1), -1)


def _points(frame: pd.DataFrame) -> np.ndarray:
    latitude, longitude = (
        frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("latitude", "longitude")
    )
    return on_sphere(latitude, longitude)
