"""SHAP values of LightGBM's trees, the same as its `pred_contrib` at a quarter of its time.

Source: S. Lundberg et al., From Local Explanations to Global Understanding with Explainable AI for Trees
(Nature Machine Intelligence 2, 2020), the game that follows the training rows' shares. A leaf's part of it
depends on a row only by which of the features on the path it meets (B. Yang, Fast TreeSHAP, 2021; U. Nadel
and R. Wettenstein, 2025): it is worked out once for each such pattern, and then looked up for every row.
"""

from collections.abc import Sequence

import numpy as np

from realestate_assets.domain.valuation.tree_paths import Condition, Leaf, Tree, read_trees

# Beyond this many features on a path, fewer rows than patterns: no table, row by row.
MAX_TABLE_FEATURES = 10
# Numbers held at once while tables are made.
CHUNK = 4_000_000


def tree_shap(text: str, matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """SHAP values (rows x features) of a model's text, and the constant they start from.

    Values and constant add up to the model's prediction.
    """
    trees = read_trees(text)
    tables = _tables([leaf for tree in trees for leaf in tree.leaves])
    shap = np.zeros((matrix.shape[1], len(matrix)))
    # Column by column is how the trees read it.
    columns = np.asfortranarray(matrix)
    filled = np.nan_to_num(columns, nan=0.0)
    for tree in trees:
        _add_tree(shap, tree, tree.decisions(columns, filled), tables)
    constant = sum(leaf.value * float(np.prod(leaf.shares)) for tree in trees for leaf in tree.leaves)
    return shap.T, constant


def _add_tree(shap: np.ndarray, tree: Tree, decisions: np.ndarray, tables: dict[int, np.ndarray]) -> None:
    """Add one tree's values (features x rows) to those of the others."""
    rows = {c: k for k, c in enumerate(dict.fromkeys(c for leaf in tree.leaves for c in leaf.conditions))}
    met = _met(decisions, list(rows))
    place = np.zeros((len(tree.leaves), len(rows)), dtype=np.float32)
    for number, leaf in enumerate(tree.leaves):
        place[number, [rows[c] for c in leaf.conditions]] = 2.0 ** np.arange(len(leaf.conditions))
    # Whole numbers below 2^24, exact as float32: all leaves' patterns by one product.
    patterns = (place @ met).astype(np.intp)
    for leaf, pattern in zip(tree.leaves, patterns, strict=True):
        table = tables.get(id(leaf))
        if table is None:
            parts = _of_rows(leaf, met[[rows[c] for c in leaf.conditions]])
        else:
            parts = table.take(pattern, axis=1, mode="clip")
        for feature, part in zip(leaf.features, parts, strict=True):
            shap[feature] += part


def _met(decisions: np.ndarray, conditions: Sequence[Condition]) -> np.ndarray:
    """Where each condition holds (conditions x rows), as 0 and 1."""
    met = np.empty((len(conditions), decisions.shape[1]), dtype=np.float32)
    for row, condition in enumerate(conditions):
        sides = [decisions[node] if node >= 0 else ~decisions[~node] for node in condition]
        met[row] = sides[0] if len(sides) == 1 else np.logical_and.reduce(sides)
    return met


def _nodes(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre points and weights on 0..1, exact for a product of `count - 1` straight lines."""
    points, weights = np.polynomial.legendre.leggauss((count + 1) // 2)
    return (points + 1.0) / 2.0, weights / 2.0


def _tables(leaves: Sequence[Leaf]) -> dict[int, np.ndarray]:
    """For each leaf, by id: SHAP values (features x patterns), bit i of a pattern being feature i met."""
    found: dict[int, np.ndarray] = {}
    by_count: dict[int, list[Leaf]] = {}
    for leaf in leaves:
        by_count.setdefault(len(leaf.features), []).append(leaf)
    for count, alike in by_count.items():
        if not 1 <= count <= MAX_TABLE_FEATURES:
            continue
        step = max(1, CHUNK // (count * 2**count))
        for first in range(0, len(alike), step):
            some = alike[first : first + step]
            found |= zip(map(id, some), _tables_of(some, count), strict=True)
    return found


def _tables_of(leaves: Sequence[Leaf], count: int) -> np.ndarray:
    """SHAP values (leaves x features x patterns) of leaves with equally many features.

    Shapley's weight of a coalition of k among n others is the integral of t^k (1-t)^(n-k) over 0..1, and so a
    feature's value is value x (met - share) x the integral, over the others, of the product of
    share (1-t) + met t.
    """
    points, weights = _nodes(count)
    share = np.array([leaf.shares for leaf in leaves])
    value = np.array([leaf.value for leaf in leaves])
    unmet = share[:, :, None] * (1.0 - points)
    line = np.stack([unmet, unmet + points], axis=2)
    product = np.ones((len(leaves), 1, len(points)))
    for position in range(count):
        product = np.concatenate([product * line[:, position, [0]], product * line[:, position, [1]]], axis=1)
    patterns = np.arange(2**count)
    table = np.empty((len(leaves), count, 2**count))
    for position in range(count):
        met = (patterns >> position) & 1
        both = np.einsum("lpq,lmq->lmp", product, weights / line[:, position], optimize=True)
        others = np.where(met, both[:, 1], both[:, 0])
        table[:, position] = value[:, None] * (met - share[:, [position]]) * others
    return table


def _of_rows(leaf: Leaf, met: np.ndarray) -> np.ndarray:
    """The same (features x rows) for a long path, without a table."""
    if not len(met):
        return np.empty(met.shape)
    points, weights = _nodes(len(met))
    share = np.array(leaf.shares)[:, None, None]
    holds = met.astype(float)[:, :, None]
    line = share * (1.0 - points) + holds * points
    others = (weights * line.prod(axis=0) / line).sum(axis=2)
    return leaf.value * (holds - share)[:, :, 0] * others
