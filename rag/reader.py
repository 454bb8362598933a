"""A small reader: how well a sentence answers a question, word by word.

Every piece of the embedded encoder's vocabulary has a row of its own here, learned from questions
and the sentences that answer them. A piece is seen with its two neighbours; each piece of a
question is held against the piece of the sentence that fits it best, and what is met is weighed by
how much such a piece matters. That is the late interaction of ColBERT (Khattab and Zaharia, 2020)
over static rows, so that numpy is enough. Trained by ``train/reader.py``.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cache
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
        out = np.zeros(len(texts))
        filled = np.flatnonzero(np.diff(texts.piece_starts))
        asked = embedded_encoder().pieces([question.replace("\n", " ")])[0][:LONGEST]
        if not len(filled) or not len(asked):
            return out
        starts = texts.piece_starts[filled]
        rows = self.rows[texts.pieces]
        seen = self._in_context(rows, starts)
        fits = self._in_context(self.rows[asked], np.zeros(1, np.int64)) @ seen.T
        best = np.maximum.reduceat(fits, starts, axis=1)
        weight = self.asks[asked]
        met = weight @ (1 / (1 + np.exp(-self.steep * (best - self.half)))) / weight.sum()
        wholes = np.add.reduceat(rows * self.counts[texts.pieces, None], starts, axis=0)
        whole = (self.counts[asked] @ self.rows[asked])[None]
        about = (unit(whole) @ unit(wholes).T)[0]
        lengths = np.diff(texts.piece_starts)[filled]
        score = met * (self.met + self.met_long * np.log(len(asked)))
        score += self.about * about + self.length * np.log(lengths)
        out[:] = score.min()
        out[filled] = score
        return out

    def _in_context(self, rows: Rows, starts: NDArray[np.int64]) -> Rows:
        """Rows of pieces with what their neighbours in the same text add, of length one."""
        out = rows.copy()
        before, after = rows[:-1] * self.beside[0], rows[1:] * self.beside[1]
        inner = starts[1:] - 1
        before[inner] = 0  # the last piece of a text is no neighbour of the next text's first
        after[inner] = 0
        out[1:] += before
        out[:-1] += after
        return unit(out)


@cache
def embedded() -> Reader:
    """The reader that ships, read once."""
    return Reader.load()
