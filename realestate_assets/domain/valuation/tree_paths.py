"""LightGBM's trees as the paths that lead to their leaves: what TreeSHAP is computed from.

Read from the model's text, because the library gives no other way to the decisions a row would have met in
the branches it did not take. The text format is that of LightGBM 4 (`GBDT::SaveModelToString`).
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

# Bits of decision_type.
CATEGORICAL, DEFAULT_LEFT = 1, 2
MISSING_AS_NAN = 2
# Nodes of one feature on a path: node k where it must go left, ~k where it must go right.
Condition = tuple[int, ...]


@dataclass(frozen=True)
class Leaf:
    """A leaf and what must hold on the way to it, feature by feature.

    `shares` is the share of the training rows that went on to the leaf at the nodes of a condition.
    """

    value: float
    features: tuple[int, ...]
    conditions: tuple[Condition, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Tree:
    """One tree, its nodes numbered as LightGBM does: a child below 0 is the leaf of that complement."""

    split_feature: np.ndarray
    threshold: np.ndarray
    decision_type: np.ndarray
    children: np.ndarray
    node_count: np.ndarray
    leaf_value: np.ndarray
    leaf_count: np.ndarray
    categories: tuple[np.ndarray, ...]

    def decisions(self, matrix: np.ndarray, filled: np.ndarray) -> np.ndarray:
        """Whether each row of the matrix would go left at each node, as nodes x rows.

        Args:
            matrix: rows x features, missing as NaN.
            filled: the same with 0 for NaN, which is how a feature never missing in training is read.
        """
        found = np.empty((len(self.split_feature), len(matrix)), dtype=bool)
        for node, feature in enumerate(self.split_feature.tolist()):
            kind, threshold = int(self.decision_type[node]), self.threshold[node]
            values = matrix[:, feature]
            if kind & CATEGORICAL:
                found[node] = _is_member(values, self.categories[int(threshold)])
            elif kind >> 2 != MISSING_AS_NAN:
                found[node] = filled[:, feature] <= threshold
            else:
                # A comparison with NaN is false.
                found[node] = ~(values > threshold) if kind & DEFAULT_LEFT else values <= threshold
        return found

    @cached_property
    def leaves(self) -> list[Leaf]:
        """All leaves; a tree without a split has one, that no feature leads to."""
        if not len(self.split_feature):
            return [Leaf(float(self.leaf_value[0]), (), (), ())]
        left, right = self.children.tolist()
        features, nodes, ends = (
            each.tolist() for each in (self.split_feature, self.node_count, self.leaf_count)
        )
        values = self.leaf_value.tolist()
        found: list[Leaf] = []
        open_paths: list[tuple[int, dict[int, tuple[Condition, float]]]] = [(0, {})]
        while open_paths:
            node, path = open_paths.pop()
            condition, share = path.get(features[node], ((), 1.0))
            for child, step in ((left[node], node), (right[node], ~node)):
                count = nodes[child] if child >= 0 else ends[~child]
                longer = {**path, features[node]: ((*condition, step), share * count / nodes[node])}
                if child >= 0:
                    open_paths.append((child, longer))
                else:
                    conditions, shares = zip(*longer.values(), strict=True)
                    found.append(Leaf(values[~child], tuple(longer), conditions, shares))
        return found


def _is_member(values: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Whether a category goes left; those missing or beyond the set are in none, and go right."""
    inside = (values >= 0) & (values < len(members))
    return inside & members[np.where(inside, values, 0).astype(np.intp)]


def read_trees(text: str) -> list[Tree]:
    """The trees of a model's text."""
    return [_read_tree(block) for block in text.split("\nTree=")[1:]]


def _read_tree(block: str) -> Tree:
    fields = dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line)

    def numbers(name: str, kind: type = int) -> np.ndarray:
        return np.array(fields.get(name, "").split(), dtype=kind)

    bounds, words = numbers("cat_boundaries"), numbers("cat_threshold", np.uint32)
    sets = (words[first:last] for first, last in pairwise(bounds))
    bits = (np.unpackbits(each.view(np.uint8), bitorder="little") for each in sets)
    return Tree(
        split_feature=numbers("split_feature"),
        threshold=numbers("threshold", float),
        decision_type=numbers("decision_type"),
        children=np.stack([numbers("left_child"), numbers("right_child")]),
        node_count=numbers("internal_count"),
        leaf_value=numbers("leaf_value", float),
        leaf_count=numbers("leaf_count"),
        categories=tuple(each.astype(bool) for each in bits),
    )
