"""Ways of searching one index, for comparison: the product's, and each of its halves alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Protocol

import numpy as np

from rag.lexical import query_terms
from rag.store import Index
from rag.text import sentence_spans
from rag.types import Hit


class Searcher(Protocol):
    """What can be searched."""

    def search(self, question: str, k: int = 10) -> list[Hit]:
        """The k best passages, best first."""
        ...


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


class SentenceSearcher:
    """Vectors alone, by the mean of two cosines: the passage's and its best sentence's."""

    def __init__(self, index: Index) -> None:
        """Encode every sentence of the index."""
        self.index = index
        texts = [p.searched for p in index.passages]
        spans = [sentence_spans(text) or [(0, len(text))] for text in texts]
        cut = [text[a:b] for text, parts in zip(texts, spans, strict=True) for a, b in parts]
        self.starts = np.cumsum([0, *map(len, spans[:-1])])
        self.sentences = index.encoder.encode_passages(cut)
        self.passages = index.encoder.encode_passages(texts)

    def search(self, question: str, k: int = 10) -> list[Hit]:
        """The k passages with the highest mean cosine."""
        vector = self.index.encoder.encode_queries([question])[0]
        best = np.maximum.reduceat(self.sentences @ vector, self.starts)
        both = (best + self.passages @ vector) / 2
        order = np.argsort(-both, kind="stable")[:k]
        return [Hit(self.index.passages[i], float(both[i])) for i in order]


def _as(kind: type[Index]) -> Callable[[Index], Index]:
    return lambda index: kind(**{f.name: getattr(index, f.name) for f in fields(index) if f.init})


WAYS: dict[str, Callable[[Index], Index]] = {
    "BM25": _as(LexicalIndex),
    "dense": _as(DenseIndex),
    "hybrid": lambda index: index,
}
"""Name -> the index, searched in that way."""
