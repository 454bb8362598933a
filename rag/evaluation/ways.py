"""Ways of searching one index, for comparison: the product's, BM25 alone, vectors alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import numpy as np

from rag.lexical import query_terms
from rag.store import Index
from rag.types import Hit


class LexicalIndex(Index):
    """The same index searched by BM25 alone (with translations and synonyms, as in the product)."""

    def search(self, question: str, k: int = 10) -> list[Hit]:
        """The k passages with the highest BM25 scores, in shares of the best one's."""
        scores = self.lexicon.scores(query_terms(question))
        best = np.argsort(-scores, kind="stable")[:k]
        top = max(float(scores.max()), 1e-9)
        return [Hit(self.passages[i], float(scores[i]) / top) for i in best if scores[i] > 0]


class DenseIndex(Index):
    """The same index searched by the cosine of vectors alone."""

    def search(self, question: str, k: int = 10) -> list[Hit]:
        """The k nearest passages, with their cosines."""
        vector = self.encoder.encode_queries([question])
        near, rows = self.vectors.search(vector, min(k, len(self.passages)))
        found = zip(rows[0].tolist(), near[0].tolist(), strict=True)
        return [Hit(self.passages[row], max(0.0, score)) for row, score in found if row >= 0]


def _as(kind: type[Index]) -> Callable[[Index], Index]:
    return lambda index: kind(**{f.name: getattr(index, f.name) for f in fields(index)})


WAYS: dict[str, Callable[[Index], Index]] = {
    "BM25": _as(LexicalIndex),
    "dense": _as(DenseIndex),
    "hybrid": lambda index: index,
}
"""Name -> the index, searched in that way."""
