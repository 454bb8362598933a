"""BM25 over folded character unigrams and bigrams (and whole words outside Chinese).

bm25s computes the term-by-passage scores when an index is built; at question time a score is a
weighted sum of stored columns, so that neither bm25s nor scipy is loaded to answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import synonyms, translate
from rag.questions import content
from rag.text import fold, language, tokens

FILES = ("bm25.data.npy", "bm25.indices.npy", "bm25.indptr.npy", "bm25.vocabulary.json")

K1, B = 1.2, 0.5
"""BM25's saturation and length normalisation."""

SYNONYM_WEIGHT = 0.3
"""What a synonym adds to a BM25 query, beside 1 for the word itself."""

LEAST_LIKE = 0.25
"""Share of a synonym's likeness from which on a term of it is looked for; more find no more."""


@lru_cache(maxsize=8)
def query_terms(question: str) -> Mapping[str, float]:
    """Weights of the terms that a question scores in BM25; kept, search and evidence ask both.

    Only its content counts: ``什么时候`` and ``which`` are not looked for in a passage.
    A question in another language scores its Chinese translations by their probabilities
    (probabilistic structured queries, Darwish & Oard 2003), and its own words too; a Chinese one
    scores its synonyms, at less than its own words.
    """
    lang = language(question)
    words = content(question)
    weights = translate.expand(words, lang=lang)
    for term in tokens(words):
        weights[term] = weights.get(term, 0.0) + 1.0
    if lang.startswith("zh"):
        for term, likeness in _like_terms(words).items():
            weights[term] = weights.get(term, 0.0) + SYNONYM_WEIGHT * likeness
    return MappingProxyType(weights)


def _like_terms(question: str) -> dict[str, float]:
    """Terms of the synonyms of a Chinese question's words; a word's likeness is shared by them."""
    table = synonyms.embedded()
    out: dict[str, float] = {}
    folded = fold(question)
    for start, end in table.words(folded):
        for other, likeness in table.alike(folded[start:end]):
            pairs = _pairs(other)
            if pairs and likeness / len(pairs) >= LEAST_LIKE:
                for pair in pairs:
                    out[pair] = max(out.get(pair, 0.0), likeness / len(pairs))
    return out


@lru_cache(maxsize=1 << 16)
def _pairs(word: str) -> tuple[str, ...]:
    return tuple(t for t in tokens(word) if len(t) > 1)


@dataclass(frozen=True)
class Lexicon:
    """Precomputed BM25 scores, one sparse column a term.

    Attributes:
        data: float32, shape (nnz,): score of a term in a passage.
        indices: int32, shape (nnz,): row of the passage.
        indptr: int64, shape (terms + 1,): where each term's column starts.
        vocabulary: Term -> column.
        size: Number of passages.
    """

    data: NDArray[np.float32]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]
    vocabulary: Mapping[str, int]
    size: int

    @classmethod
    def build(cls, texts: Sequence[str]) -> Lexicon:
        """BM25 scores of every term in every text (Lucene's formula).

        Args:
            texts: What is searched, one string a passage; a text without tokens scores 0.
        """
        vocabulary: dict[str, int] = {}
        ids = [[vocabulary.setdefault(t, len(vocabulary)) for t in tokens(x)] for x in texts]
        if not vocabulary:
            none = np.zeros(0, np.float32), np.zeros(0, np.int32), np.zeros(1, np.int64)
            return cls(*none, vocabulary={}, size=len(texts))
        import bm25s

        bm25 = bm25s.BM25(k1=K1, b=B)
        bm25.index((ids, vocabulary), create_empty_token=False, show_progress=False)
        return cls(
            data=np.asarray(bm25.scores["data"], np.float32),
            indices=np.asarray(bm25.scores["indices"], np.int32),
            indptr=np.asarray(bm25.scores["indptr"], np.int64),
            vocabulary=vocabulary,
            size=len(texts),
        )

    def scores(self, terms: Mapping[str, float]) -> NDArray[np.float32]:
        """Weighted sum of the terms' BM25 scores, shape (size,); unknown terms add nothing."""
        out = np.zeros(self.size, np.float32)
        for term, weight in terms.items():
            if (column := self.vocabulary.get(term)) is not None:
                span = slice(self.indptr[column], self.indptr[column + 1])
                np.add.at(out, self.indices[span], weight * self.data[span])
        return out

    def save(self, folder: Path) -> None:
        """Write the arrays and the vocabulary (in column order) into an existing folder."""
        arrays: list[NDArray[Any]] = [self.data, self.indices, self.indptr]
        for name, array in zip(FILES[:3], arrays, strict=True):
            np.save(folder / name, array, allow_pickle=False)
        terms = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        (folder / FILES[3]).write_text(json.dumps(terms, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, size: int) -> Lexicon:
        """Read what ``save`` wrote; arrays are memory-mapped.

        Raises:
            ValueError: The arrays do not belong together.
        """
        arrays: list[Any] = [
            np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))
            for name in FILES[:3]
        ]
        terms = json.loads((folder / FILES[3]).read_text(encoding="utf-8"))
        data, indices, indptr = arrays
        if len(indptr) != len(terms) + 1 or indptr[-1] != len(data) or len(data) != len(indices):
            raise ValueError("the arrays of the BM25 index do not belong together")
        return cls(data, indices, indptr, {t: i for i, t in enumerate(terms)}, size)
