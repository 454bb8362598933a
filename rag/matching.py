"""How far the words of a question are met by pieces of text.

A word is met by itself, by a word that stands for it (an official one for an everyday one, a
translation), by a piece of nearly the same meaning, or by some of its characters; each way is a
figure of its own. The meaning of words comes from the embedded encoder's pieces, whatever encoder
an index uses, so that what is learned over these figures holds for any index.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag import questions, synonyms, translate
from rag.encoder import embedded_encoder, unit
from rag.text import fold, language, tokens

Floats = NDArray[np.float64]

_KEPT_TERMS = 4096
"""Terms of which each ``Texts`` keeps where they stand: many questions share them."""

_SINGLE = 0.4  # weight of a single character beside a word
_BY_TRANSLATION = 1.08  # a translation of this share or more counts as 1


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of a question.

    Attributes:
        text: Folded.
        others: What can stand for it, with how well, in (0, 1], best first.
        weight: How much it matters, 0 or more.
        vector: Its direction, shape (dim,), zero where unknown.
    """

    text: str
    others: tuple[tuple[str, float], ...]
    weight: float
    vector: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of the encoder's vocabulary that texts, or parts of texts, consist of.

    Attributes:
        pieces: Their ids, end to end.
        piece_starts: Where each text's pieces start, and the end; shape (texts + 1,).
        sums: Of each text's pieces' rows in the embedded encoder, shape (texts, dim).
    """

    pieces: NDArray[np.int64]
    piece_starts: NDArray[np.int64]
    sums: NDArray[np.float32]

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The texts' vectors by the embedded encoder, shape (texts, dim)."""
        return unit(self.sums)

    @cached_property
    def distinct(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Directions of the distinct pieces, and which of them each piece is."""
        some, place = np.unique(self.pieces, return_inverse=True)
        return unit(embedded_encoder().rows(some)), place

    def __len__(self) -> int:
        """How many texts."""
        return len(self.piece_starts) - 1


@dataclass(frozen=True, eq=False)
class Parts(Pieces):
    """Parts of texts, end to end.

    Attributes:
        wholes: The first part of each text, and the number of parts; shape (texts + 1,).
    """

    wholes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Texts(Pieces):
    """Pieces of text, ready to be searched together.

    Attributes:
        offsets: Where each of the pieces starts in ``folded``.
        folded: All of them, folded, one after the other with a line end between.
        starts: Where each starts in ``folded``.
    """

    offsets: NDArray[np.int64]
    folded: str
    starts: tuple[int, ...]
    _held: dict[str, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """Texts by content."""
        views = _views(texts)
        starts, at = [], 0
        for view in views:
            starts.append(at)
            at += len(view.folded) + 1
        none = np.zeros(0, np.int64)
        return cls(
            pieces=np.concatenate([none, *(view.pieces for view in views)]),
            piece_starts=np.cumsum([0, *(len(view.pieces) for view in views)]),
            sums=np.array([v.sum for v in views]).reshape(len(views), embedded_encoder().dim),
            offsets=np.concatenate(
                [none, *(v.offsets + at for v, at in zip(views, starts, strict=True))]
            ),
            folded="\n".join(view.folded for view in views),
            starts=tuple(starts),
        )

    def first(self, count: int) -> Texts:
        """The first so many of them."""
        last = self.piece_starts[count]
        end = self.starts[count] - 1 if count < len(self) else len(self.folded)
        return Texts(
            self.pieces[:last],
            self.piece_starts[: count + 1],
            self.sums[:count],
            self.offsets[:last],
            self.folded[:end],
            self.starts[:count],
        )

    def cut(self, spans: Sequence[Sequence[tuple[int, int]]]) -> Parts:
        """The parts of each text, without reading them again.

        Args:
            spans: Of each text's parts, one at least, which partition it between pieces.
        """
        ends = [at + b for at, some in zip(self.starts, spans, strict=True) for _, b in some]
        piece_starts = np.concatenate([[0], self.offsets.searchsorted(ends)])
        sums = summed(embedded_encoder().rows(self.pieces), piece_starts)
        return Parts(self.pieces, piece_starts, sums, np.cumsum([0, *map(len, spans)]))

    def holding(self, term: str) -> tuple[int, ...]:
        """The texts that hold a folded term, each once, in order."""
        rows = self._held.get(term)
        if rows is None:
            if len(self._held) >= _KEPT_TERMS:
                self._held.clear()
            rows = self._held[term] = tuple(self._find(term))
        return rows

    def _find(self, term: str) -> Iterator[int]:
        at = self.folded.find(term)
        while at >= 0:
            row = bisect_right(self.starts, at) - 1
            yield row
            if row + 1 == len(self.starts):
                return
            at = self.folded.find(term, self.starts[row + 1])


@dataclass(frozen=True, slots=True)
class _View:
    """A text folded, its pieces, where they start, and the sum of their rows."""

    folded: str
    pieces: NDArray[np.int64]
    offsets: NDArray[np.int64]
    sum: NDArray[np.float32]

    @classmethod
    def of(cls, flat: str, pieces: NDArray[np.int64], offsets: NDArray[np.int64]) -> _View:
        return cls(fold(flat), pieces, offsets, embedded_encoder().rows(pieces).sum(axis=0))


_KEPT = 16384
_kept: dict[str, _View] = {}
"""Views of texts seen before, since a notice is asked again and again."""


def _views(texts: Iterable[str]) -> list[_View]:
    texts = list(texts)
    # Asked for once: another thread may clear what is kept.
    known = {text: view for text in texts if (view := _kept.get(text)) is not None}
    new = [text for text in dict.fromkeys(texts) if text not in known]
    flat = [text.replace("\n", " ") for text in new]
    made = map(_View.of, flat, *embedded_encoder().placed(flat))
    known |= dict(zip(new, made, strict=True))
    if len(_kept) > _KEPT:
        _kept.clear()
    _kept.update(known)
    return [known[text] for text in texts]


def summed(rows: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Sums of runs of rows, shape (runs, dim); zero for an empty run.

    Args:
        rows: Shape (rows, dim).
        starts: Where each run starts, and the end of the last; shape (runs + 1,).
    """
    sums = np.zeros((len(starts) - 1, rows.shape[1]), np.float32)
    for out, (start, end) in zip(sums, pairwise(starts.tolist()), strict=True):
        np.add.reduce(rows[start:end], axis=0, out=out)  # several times faster than reduceat
    return sums


def asked_words(question: str, weights: Mapping[str, float], unknown: float) -> list[Word]:
    """The content words of a question, each once, in order.

    Args:
        question: In any language.
        weights: How much folded terms matter.
        unknown: The same of a term that is not among them.
    """
    lang = language(question)[:2]
    content = questions.content(question)
    names: Iterable[str]
    if lang == "zh":
        names = _chinese_words(fold(content))
    else:
        names = [*translate.words(content), *(t for t in tokens(content) if t.isdigit())]
    texts = [text for text in dict.fromkeys(map(fold, names)) if tokens(text)]
    out = []
    for text, vector in zip(texts, Texts.of(texts).vectors, strict=True):
        weight = _weight(text, weights, unknown)
        if lang == "zh":
            others = tuple(synonyms.embedded().alike(text))
            weight *= _SINGLE if len(text) == 1 else 1.0
        else:
            table = translate.embedded()
            found = table.word(text, lang) or table.word(text)
            others = tuple((other, min(1.0, _BY_TRANSLATION * p)) for other, p in found)
        out.append(Word(text, others, weight, vector))
    return out


def _chinese_words(folded: str) -> Iterator[str]:
    """Words that something is known to stand for, and the encoder's pieces between them."""
    encoder = embedded_encoder()
    at = 0
    for start, end in (*synonyms.embedded().words(folded), (len(folded), len(folded))):
        yield from encoder.piece_texts(folded[at:start])
        yield folded[start:end]
        at = end


def _weight(word: str, weights: Mapping[str, float], unknown: float) -> float:
    if word in weights:
        return weights[word]
    return max(weights.get(t, unknown) for t in [t for t in tokens(word) if len(t) > 1] or [word])


@dataclass(frozen=True, slots=True)
class Matches:
    """How far each word is met by each text; all of shape (words, texts), in [0, 1].

    Attributes:
        same: 1 where the word itself stands there.
        alike: How well the best word that stands for it does.
        near: Cosine with the piece there that is nearest in meaning.
        shared: Share of a Chinese word's characters that stand there.
    """

    same: Floats
    alike: Floats
    near: Floats
    shared: Floats

    def columns(self, some: slice) -> Matches:
        """Those of some texts."""
        ways = (self.same, self.alike, self.near, self.shared)
        return Matches(*(way[:, some] for way in ways))

    def best(self) -> Floats:
        """Met in whichever way is best, shape (words, texts).

        A cosine counts from ``_NEARLY`` on, a share of characters for little.
        """
        near = np.clip((self.near - _NEARLY) / (1 - _NEARLY), 0, 1)
        ways = (self.same, self.alike, _BY_MEANING * near, BY_CHARACTERS * self.shared)
        best: Floats = np.maximum.reduce(ways)
        return best


# Chosen on questions over statutes that trained neither encoder nor scorer.
_BY_MEANING = 0.9
BY_CHARACTERS = 0.25
_NEARLY = 0.3  # cosine above which two pieces begin to mean the same


def matches(asked: Sequence[Word], texts: Texts) -> Matches:
    """How far each word is met by each text."""
    shape = len(asked), len(texts)
    same, alike, shared = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for i, word in enumerate(asked):
        for row in texts.holding(word.text):
            same[i, row] = 1.0
        for other, share in word.others:
            for row in texts.holding(other):
                alike[i, row] = max(alike[i, row], share)
        if len(word.text) > 1 and "\u3400" <= word.text[0] <= "\u9fff":
            for character in word.text:
                for row in texts.holding(character):
                    shared[i, row] += 1 / len(word.text)
    return Matches(same, alike, _nearness(asked, texts), shared)


def _nearness(asked: Sequence[Word], texts: Texts) -> Floats:
    """Cosine of each word with the nearest piece of each text, at least 0."""
    out = np.zeros((len(asked), len(texts)))
    filled = np.flatnonzero(np.diff(texts.piece_starts))
    if not len(filled) or not asked:
        return out
    # Each distinct piece is compared once: texts share most of their pieces.
    directions, place = texts.distinct
    cosines = np.stack([w.vector for w in asked]) @ directions.T
    out[:, filled] = np.maximum.reduceat(cosines[:, place], texts.piece_starts[filled], axis=1)
    return np.clip(out, 0, 1)
