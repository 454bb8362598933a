"""A small reader: how well a sentence answers a question, word by word.

Every piece of the embedded encoder's vocabulary has a row of its own here, learned from questions
and the sentences that answer them. A piece is seen with its two neighbours; each piece of a
question is held against the piece of the sentence that fits it best, and what is met is weighed by
how much such a piece matters. That is the late interaction of ColBERT (Khattab and Zaharia, 2020)
over static rows, so that numpy is enough. Trained by ``train/reader.py``.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.encoder import embedded_encoder, unit
from rag.errors import EvidenceError
from rag.matching import Texts

WEIGHTS = Path(__file__).parent / "embedded" / "reader" / "reader.npz"
FORMAT = 1
LONGEST = 48
"""Pieces of a question that are read."""

_KEPT = 512
"""Texts whose pieces in context are kept, some 40 kB each."""

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Reader:
    """The learned rows.

    Attributes:
        rows: One for each of the encoder's pieces, shape (pieces, dim).
        asks: How much a piece of a question matters, shape (pieces,).
        counts: How much a piece counts in what a text is about, shape (pieces,).
        beside: What the piece before and the piece after add, elementwise, shape (2, dim).
        steep, half: The fit of two pieces counts as a logistic of their cosine, of this slope and
            one half at this cosine.
        met, met_long, about, length: What the share that is met weighs, what it weighs more for the
            logarithm of the question's length, and what the cosine of the wholes and the logarithm
            of the sentence's length weigh.
    """

    rows: Rows
    asks: Rows
    counts: Rows
    beside: Rows
    steep: float
    half: float
    met: float
    met_long: float
    about: float
    length: float
    _kept: dict[bytes, tuple[Rows, Rows]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Reader:
        """Read the rows.

        Raises:
            EvidenceError: The file is missing, damaged, of another version, or belongs to another
                encoder.
        """
        again = "install youju again, or make it with `python train/reader.py`"
        try:
            with np.load(path, allow_pickle=False) as file:
                held = {name: file[name] for name in file.files}
            version, encoder = int(held["format"][0]), str(held["encoder"][0])
            rows = held["rows"].astype(np.float32) * held["scale"].astype(np.float32)[:, None]
            asks, counts = np.exp(held["weights"].astype(np.float32)).T
            figures = [float(x) for x in held["figures"]]
            made = cls(rows, asks, counts, held["beside"].astype(np.float32), *figures)
        except (OSError, ValueError, KeyError, IndexError, TypeError, zipfile.BadZipFile) as error:
            raise EvidenceError(f"The reader {path} cannot be read ({error}); {again}.") from error
        if version != FORMAT or encoder != embedded_encoder().fingerprint:
            raise EvidenceError(f"The reader {path} belongs to another version; {again}.")
        return made

    def scores(self, question: str, texts: Texts) -> NDArray[np.float64]:
        """How well each text answers, shape (texts,): log-odds of the best beside the others.

        A text without pieces gets the least of all.
        """
        return self.scores_of_wholes(question, texts, np.arange(len(texts) + 1))[1]

    def scores_of_wholes(
        self, question: str, parts: Texts, wholes: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How well texts answer that are cut in parts, and each part where it stands.

        Args:
            question: In any language.
            parts: End to end.
            wholes: The first part of each text, and the number of parts; shape (texts + 1,).

        Returns:
            Scores of the texts and of the parts, as ``scores`` gives them.
        """
        asked = embedded_encoder().pieces([question.replace("\n", " ")])[0][:LONGEST]
        if not len(parts.pieces) or not len(asked):
            return np.zeros(len(wholes) - 1), np.zeros(len(parts))
        ends = parts.piece_starts
        views = [
            self._view(parts.pieces[ends[a] : ends[b]], ends[a : b + 1] - ends[a])
            for a, b in pairwise(wholes.tolist())
        ]
        fits = self._in_context(self.rows[asked]) @ np.concatenate([seen for seen, _ in views]).T
        sums = np.concatenate([about for _, about in views])
        filled = np.diff(ends) > 0
        best = np.full((len(asked), len(parts)), -1.0, np.float32)
        best[:, filled] = np.maximum.reduceat(fits, ends[:-1][filled], axis=1)
        of_parts = self._scores(asked, best, np.diff(ends), sums)
        best = np.maximum.reduceat(best, wholes[:-1], axis=1)
        sums = np.add.reduceat(sums, wholes[:-1], axis=0)
        return self._scores(asked, best, np.diff(ends[wholes]), sums), of_parts

    def _scores(
        self, asked: NDArray[np.int64], best: Rows, lengths: NDArray[np.int64], sums: Rows
    ) -> NDArray[np.float64]:
        """Scores of texts, from how well the best of their pieces fits each that is asked."""
        filled = lengths > 0
        weight = self.asks[asked]
        met = weight @ (1 / (1 + np.exp(-self.steep * (best[:, filled] - self.half))))
        about = unit(sums[filled]) @ unit((self.counts[asked] @ self.rows[asked])[None])[0]
        score = met / weight.sum() * (self.met + self.met_long * np.log(len(asked)))
        score += self.about * about + self.length * np.log(lengths[filled])
        out = np.full(len(lengths), score.min(), np.float64)
        out[filled] = score
        return out

    def _view(self, pieces: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[Rows, Rows]:
        """A text's pieces in context, and for each of its parts the sum of what its pieces count.

        Kept, since a notice is asked again and again.
        """
        key = pieces.tobytes() + ends.tobytes()
        view = self._kept.get(key)
        if view is None:
            rows = self.rows[pieces]
            sums = np.zeros((len(ends) - 1, rows.shape[1]), np.float32)
            filled = np.diff(ends) > 0
            if len(pieces):
                counted = rows * self.counts[pieces, None]
                sums[filled] = np.add.reduceat(counted, ends[:-1][filled], axis=0)
            view = self._in_context(rows), sums
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = view
        return view

    def _in_context(self, rows: Rows) -> Rows:
        """Rows of a text's pieces with what their neighbours add, of length one."""
        out = rows.copy()
        out[1:] += rows[:-1] * self.beside[0]
        out[:-1] += rows[1:] * self.beside[1]
        return unit(out)


@cache
def embedded() -> Reader:
    """The reader that ships, read once."""
    return Reader.load()
