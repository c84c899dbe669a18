"""Columns that a county's sources add to the model: read from JSON, categories coded as at training."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.extra_features import PREFIX

JSON_COLUMN = "extra_features"
# A category is learned from this many sales at least, and a feature has this many at most: the commonest.
LEAST_SALES = 5
MOST_CATEGORIES = 200


@dataclass(frozen=True)
class ExtraColumn:
    """A column of the model's matrix: a number, or the code of one of the `categories` known at training."""

    name: str
    categories: tuple[str, ...] | None = None

    @property
    def is_category(self) -> bool:
        """True where it holds codes."""
        return self.categories is not None

    def coded(self, values: pd.Series) -> np.ndarray:
        """As float64; missing, and a category unknown at training, as NaN."""
        if self.categories is None:
            return pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        codes = pd.Index(self.categories, dtype=object).get_indexer(values.astype(object))
        return np.where(codes >= 0, codes, np.nan)

    def to_dict(self) -> dict[str, Any]:
        """As stored with the model."""
        return {"name": self.name, "categories": None if self.categories is None else list(self.categories)}

    @classmethod
    def from_dict(cls, stored: dict) -> "ExtraColumn":
        """From what `to_dict` gave."""
        categories = stored["categories"]
        return cls(stored["name"], None if categories is None else tuple(categories))


def decoded(texts: pd.Series) -> pd.DataFrame:
    """The JSON objects of a column as columns of their own, named with the prefix, in the order of names.

    All rows are parsed at once. A row without an object has nothing in any of them.
    """
    written = texts.astype(object)
    rows = json.loads("[" + ",".join(written.where(written.notna(), "{}")) + "]") if len(texts) else []
    frame = pd.DataFrame(rows, index=texts.index)
    return frame[sorted(frame.columns)].add_prefix(PREFIX)


def with_extras(frame: pd.DataFrame, extra: Sequence[ExtraColumn]) -> pd.DataFrame:
    """The frame with the extra columns as read; those it has already stay, what no row says is missing."""
    lacking = [column.name for column in extra if column.name not in frame]
    if not lacking:
        return frame
    found = decoded(frame[JSON_COLUMN]) if JSON_COLUMN in frame else pd.DataFrame(index=frame.index)
    return pd.concat([frame, found.reindex(columns=lacking)], axis=1)


def extras_of(sales: pd.DataFrame) -> tuple[ExtraColumn, ...]:
    """The extra columns of training sales; one that is the same in all of them tells nothing and is left out.

    The same for the rows in any order.
    """
    if JSON_COLUMN not in sales or sales[JSON_COLUMN].isna().all():
        return ()
    found = decoded(sales[JSON_COLUMN])
    columns = [_column(name, values.dropna()) for name, values in found.items()]
    return tuple(column for column in columns if column is not None)


def _column(name: str, known: pd.Series) -> ExtraColumn | None:
    if known.nunique() < 1:
        return None
    if not known.map(type).eq(str).any():
        return ExtraColumn(name) if known.nunique() > 1 else None
    counts = known.astype(str).value_counts()
    counts = counts[counts >= LEAST_SALES].reset_index().set_axis(["category", "sales"], axis=1)
    most = counts.sort_values(["sales", "category"], ascending=[False, True]).head(MOST_CATEGORIES)
    return ExtraColumn(name, tuple(sorted(most["category"]))) if len(most) > 1 else None


def extra_terms(frame: pd.DataFrame, extra: Iterable[ExtraColumn]) -> dict[str, np.ndarray]:
    """Terms of the linear hedonic: a number as it is, an indicator for each category, `name=category`."""
    columns = tuple(extra)
    own = with_extras(frame, columns)
    terms = {}
    for column in columns:
        values = column.coded(own[column.name])
        if column.categories is None:
            terms[column.name] = values
        else:
            terms |= {
                f"{column.name}={category}": (values == code).astype(float)
                for code, category in enumerate(column.categories)
            }
    return terms
