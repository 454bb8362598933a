"""A small reader: how well a sentence answers a question, word by word.

Every piece of the embedded encoder's vocabulary has a row of its own here, learned from questions
and the sentences that answer them. A piece is seen with its two neighbours; each piece of a
question is held against the piece of the sentence that fits it best, and what is met is weighed by
how much such a piece matters: in one way to say which sentence answers, in another to say whether
it does. That is the late interaction of ColBERT (Khattab and Zaharia, 2020) over static rows, so
that numpy is enough. Trained by ``train/reader.py``.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from rag.encoder import embedded_encoder, unit
from rag.errors import EvidenceError
from rag.matching import Parts, Texts, summed

WEIGHTS = Path(__file__).parent / "embedded" / "reader" / "reader.npz"
FORMAT = 2
LONGEST = 48
"""Pieces of a question that are read."""

_KEPT = 512
"""Texts whose pieces in context are kept, some 80 kB each."""

_LONG = 1024
"""A text of more pieces is not kept."""

_KEPT_PIECES = 8192
"""Parts of more pieces are not kept together, some 2 kB a piece."""

Rows = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Head:
    """A way of weighing what is met.

    Attributes:
        asks: How much a piece of a question matters, shape (pieces,).
        steep, half: The fit of two pieces counts as a logistic of their cosine, of this slope and
            one half at this cosine.
        met, met_long, about, length: What the share that is met weighs, what it weighs more for the
            logarithm of the question's length, and what the cosine of the wholes and the logarithm
            of the sentence's length weigh.
        least: What a sentence has to reach.
    """

    asks: Rows
    steep: float
    half: float
    met: float
    met_long: float
    about: float
    length: float
    least: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of some texts.

    Attributes:
        best: How well each answers beside the others, log-odds of shape (texts,).
        sure: Whether it answers at all, likewise.
        met: How far each piece of the question is met by each text, where it is to be said whether
            it answers; in [0, 1], shape (texts, pieces).
        matters: How much each of these pieces matters, shares of 1, shape (pieces,).
    """

    best: Floats
    sure: Floats
    met: Rows
    matters: Rows


@dataclass(frozen=True, eq=False)
class Reader:
    """The learned rows.

    Attributes:
        rows: One for each of the encoder's pieces, as bytes, shape (pieces, dim).
        scale: What each row is to be multiplied by, shape (pieces,).
        counts: How much a piece counts in what a text is about, shape (pieces,).
        beside: What the piece before and the piece after add, elementwise, shape (2, dim).
        which, whether: How to say which text answers best, and whether one does.
    """

    rows: NDArray[np.int8]
    scale: Rows
    counts: Rows
    beside: Rows
    which: Head
    whether: Head
    _kept: dict[tuple[bytes, bytes], tuple[Rows, Rows]] = field(
        default_factory=dict, init=False, repr=False
    )
    _seen: WeakKeyDictionary[Parts, tuple[Rows, Rows, Rows]] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
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
            rows, scale, beside = held["rows"], held["scale"], held["beside"].astype(np.float32)
            if rows.shape != (len(scale), beside.shape[1]) or len(held["weights"]) != len(scale):
                raise ValueError("its arrays do not belong together")
            *asks, counts = np.exp(held["weights"].astype(np.float32)).T
            heads = (Head(a, *map(float, f)) for a, f in zip(asks, held["figures"], strict=True))
            made = cls(rows, scale.astype(np.float32), counts, beside, *heads)
        except (
            OSError,
            EOFError,
            ValueError,
            KeyError,
            IndexError,
            TypeError,
            zipfile.BadZipFile,
        ) as error:
            raise EvidenceError(f"The reader {path} cannot be read ({error}); {again}.") from error
        if version != FORMAT or encoder != embedded_encoder().fingerprint:
            raise EvidenceError(f"The reader {path} belongs to another version; {again}.")
        return made

    def read(self, question: str, parts: Parts) -> tuple[Reading, Reading]:
        """How well texts answer that are cut in parts, and each part where it stands.

        A text without pieces has as little as the least of those read with it. Where nothing has
        pieces, the question or all texts, nothing is said: 0, which is even odds, and no piece is
        met.

        Args:
            question: In any language.
            parts: Of the texts.

        Returns:
            What is said of the texts, and of the parts.
        """
        asked = Texts.of([question]).pieces[:LONGEST]
        wholes, ends = parts.wholes, parts.piece_starts
        if not len(parts.pieces) or not len(asked):
            return _nothing(len(wholes) - 1, len(asked)), _nothing(len(parts), len(asked))
        seen, parts_about, wholes_about = self._seen_of(parts)
        rows = self._rows(asked)
        about = unit((self.counts[asked] @ rows)[None])[0]
        fits = seen @ self._in_context(rows).T
        filled = np.diff(ends) > 0
        best = np.full((len(parts), len(asked)), -1.0, np.float32)
        best[filled] = np.maximum.reduceat(fits, ends[:-1][filled], axis=0)
        of_parts = self._weighed(asked, best, np.diff(ends), parts_about @ about)
        best = np.maximum.reduceat(best, wholes[:-1], axis=0)
        return self._weighed(asked, best, np.diff(ends[wholes]), wholes_about @ about), of_parts

    def _weighed(
        self, asked: NDArray[np.int64], best: Rows, lengths: NDArray[np.int64], alike: Rows
    ) -> Reading:
        """What is said of texts, from how well the best of their pieces fits each that is asked.

        ``alike`` is the cosine of each text with the question, as wholes.
        """
        filled = lengths > 0
        said: list[Floats] = []
        for head in (self.which, self.whether):
            weight = head.asks[asked] / head.asks[asked].sum()
            fit = 1 / (1 + np.exp(-head.steep * (best[filled] - head.half)))
            with np.errstate(invalid="ignore"):  # BLAS reads lanes beside: a flag, and no value
                met = fit @ weight
            score = met * (head.met + head.met_long * np.log(len(asked)))
            score += head.about * alike[filled] + head.length * np.log(lengths[filled]) - head.least
            out = np.full(len(lengths), score.min(), np.float64)
            out[filled] = score
            said.append(out)
        every = np.zeros((len(lengths), len(asked)), np.float32)
        every[filled] = fit  # by the last, which says whether one answers
        return Reading(said[0], said[1], every, weight)

    def _seen_of(self, parts: Parts) -> tuple[Rows, Rows, Rows]:
        """Pieces in context of their text, and what each part and each text is about.

        Kept as long as the parts are: a notice is asked again and again.
        """
        if (seen := self._seen.get(parts)) is not None:
            return seen
        ends = parts.piece_starts
        views = [
            self._view(parts.pieces[ends[a] : ends[b]], ends[a : b + 1] - ends[a])
            for a, b in pairwise(parts.wholes.tolist())
        ]
        rows, sums = (np.concatenate(some) for some in zip(*views, strict=True))
        seen = rows, unit(sums), unit(summed(sums, parts.wholes))
        if len(parts.pieces) <= _KEPT_PIECES:
            self._seen[parts] = seen
        return seen

    def _view(self, pieces: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[Rows, Rows]:
        """A text's pieces in context, and for each part the sum of what its pieces count.

        Kept, since another question finds the text among others.
        """
        key = pieces.tobytes(), ends.tobytes()
        view = self._kept.get(key)
        if view is None:
            rows = self._rows(pieces)
            view = self._in_context(rows), summed(rows * self.counts[pieces, None], ends)
            if len(pieces) > _LONG:
                return view
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = view
        return view

    def _rows(self, pieces: NDArray[np.int64]) -> Rows:
        """The learned rows of pieces, shape (len(pieces), dim)."""
        rows: Rows = self.rows[pieces] * self.scale[pieces, None]
        return rows

    def _in_context(self, rows: Rows) -> Rows:
        """Rows of a text's pieces with what their neighbours add, of length one."""
        out = rows.copy()
        out[1:] += rows[:-1] * self.beside[0]
        out[:-1] += rows[1:] * self.beside[1]
        return unit(out)


def _nothing(texts: int, pieces: int) -> Reading:
    even = np.zeros(texts)
    met = np.zeros((texts, pieces), np.float32)
    return Reading(even, even, met, np.full(pieces, 1 / max(pieces, 1), np.float32))


@cache
def embedded() -> Reader:
    """The reader that ships, read once."""
    return Reader.load()
