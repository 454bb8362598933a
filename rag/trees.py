"""Boosted regression trees, read from plain arrays and evaluated with numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Trees:
    """A sum of binary trees.

    Nodes of all trees lie end to end. At an inner node a row goes left where its figure is at most
    the threshold; a leaf leads to itself, so that every row can take as many steps as the deepest
    tree has.

    Attributes:
        feature: Column that a node looks at, shape (nodes,).
        threshold: What it is compared with, shape (nodes,).
        next: Node to go on at where the figure is larger; then where it is not, shape (2 nodes,).
        value: What a leaf adds, 0 for inner nodes, shape (nodes,).
        roots: First node of each tree, shape (trees,).
        depth: Steps from a root to the furthest leaf.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    next: NDArray[np.int64]
    value: NDArray[np.float64]
    roots: NDArray[np.int64]
    depth: int

    @classmethod
    def of(cls, arrays: Mapping[str, Any], columns: int) -> Trees:
        """Trees from lists of numbers.

        Args:
            arrays: The attributes by name, ``right`` and ``left`` for ``next``.
            columns: How many figures a row has.

        Raises:
            ValueError, KeyError, TypeError: The arrays are no trees over so many figures.
        """
        feature, left, right, roots = (
            np.array(arrays[name], np.int64) for name in ("feature", "left", "right", "roots")
        )
        threshold, value = (np.array(arrays[name], np.float64) for name in ("threshold", "value"))
        nodes = len(feature)
        if not len(roots) or any(a.shape != (nodes,) for a in (left, right, threshold, value)):
            raise ValueError("the trees are cut off")
        links = np.concatenate([left, right, roots])
        if links.min() < 0 or links.max() >= nodes:
            raise ValueError("a tree leads nowhere")
        if feature.min() < 0 or feature.max() >= columns:
            raise ValueError("a tree looks at a figure that there is not")
        both = np.concatenate([right, left])
        return cls(feature, threshold, both, value, roots, int(arrays["depth"]))

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of the leaves that each row reaches, shape (rows,), for ``x`` of (rows, columns)."""
        # Every node is asked at once, which costs less than looking up figures step by step.
        goes_left = (x.take(self.feature, axis=1) <= self.threshold).ravel()
        nodes = len(self.feature)
        row = nodes * np.arange(len(x))[:, None]
        at = np.broadcast_to(self.roots, (len(x), len(self.roots)))
        for _ in range(self.depth):
            at = self.next.take(at + nodes * goes_left.take(at + row))
        total: NDArray[np.float64] = self.value.take(at).sum(axis=1)
        return total
