from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rag.trees import Trees

# Two trees. The first: figure 0 at most 1.5 -> 10; else figure 1 at most 0 -> 20, else 30.
# The second is a single leaf that adds 0.5.
ARRAYS: dict[str, Any] = {
    "feature": [0, 0, 1, 0, 0, 0],
    "threshold": [1.5, 0, 0, 0, 0, 0],
    "left": [1, 1, 3, 3, 4, 5],
    "right": [2, 1, 4, 3, 4, 5],
    "value": [0, 10, 0, 20, 30, 0.5],
    "roots": [0, 5],
    "depth": 2,
}


def test_each_row_reaches_its_leaf() -> None:
    rows = np.array([[1.0, 9.0], [1.5, 9.0], [1.6, 0.0], [2.0, 0.1]])
    assert Trees.of(ARRAYS, 2).predict(rows).tolist() == [10.5, 10.5, 20.5, 30.5]
    assert Trees.of(ARRAYS, 2).predict(np.zeros((0, 2))).tolist() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": [0, 10]}, "cut off"),
        ({"roots": []}, "cut off"),
        ({"left": [1, 1, 3, 3, 4, 6]}, "leads nowhere"),
        ({"right": [-1, 1, 4, 3, 4, 5]}, "leads nowhere"),
        ({"feature": [0, 0, 2, 0, 0, 0]}, "a figure that there is not"),
    ],
)
def test_what_is_no_tree(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Trees.of(ARRAYS | change, 2)
