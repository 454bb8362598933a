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
        left: Node to go on at, shape (nodes,).
        right: The same where the figure is larger, shape (nodes,).
        value: What a leaf adds, 0 for inner nodes, shape (nodes,).
        roots: First node of each tree, shape (trees,).
        depth: Steps from a root to the furthest leaf.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: NDArray[np.float64]
    roots: NDArray[np.int64]
    depth: int

    @classmethod
    def of(cls, arrays: Mapping[str, Any], columns: int) -> Trees:
        """Trees from lists of numbers.

        Args:
            arrays: The attributes by name.
            columns: How many figures a row has.

        Raises:
            ValueError, KeyError, TypeError: The arrays are no trees over so many figures.
        """
        ints = {n: np.array(arrays[n], np.int64) for n in ("feature", "left", "right", "roots")}
        floats = {n: np.array(arrays[n], np.float64) for n in ("threshold", "value")}
        nodes = len(ints["feature"])
        parts = (*(ints[n] for n in ("left", "right")), *floats.values())
        if any(part.shape != (nodes,) for part in parts) or not len(ints["roots"]):
            raise ValueError("the trees are cut off")
        links = np.concatenate([ints["left"], ints["right"], ints["roots"]])
        if links.min() < 0 or links.max() >= nodes or not 0 <= int(ints["feature"].min()):
            raise ValueError("a tree leads nowhere")
        if ints["feature"].max() >= columns:
            raise ValueError("a tree looks at a figure that there is not")
        return cls(**ints, **floats, depth=int(arrays["depth"]))

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of the leaves that each row reaches, shape (rows,), for ``x`` of (rows, columns)."""
        at = np.broadcast_to(self.roots, (len(x), len(self.roots)))
        rows = np.arange(len(x))[:, None]
        for _ in range(self.depth):
            goes_left = x[rows, self.feature[at]] <= self.threshold[at]
            at = np.where(goes_left, self.left[at], self.right[at])
        total: NDArray[np.float64] = self.value[at].sum(axis=1)
        return total
