"""Question + hits -> ranked evidence sentences, with a calibrated probability.

Each word of a question is matched with each sentence of the retrieved passages: by itself, by a
synonym or translation, by a piece of nearly the same meaning, or by some of its characters. From
these matches, the kind of answer expected and the passage, a linear scorer ranks the sentences; a
second logistic model over the best one gives the probability that it answers the question at all.
Both are trained by ``train/evidence.py`` and kept in ``embedded/evidence/``.

The meaning of words comes from the embedded encoder's pieces, whatever encoder the index uses, so
the calibration holds for any index.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import questions, synonyms, translate
from rag.encoder import embedded_encoder, unit
from rag.errors import EvidenceError
from rag.passages import clauses
from rag.text import HAN, fold, language, sentence_spans, tokens
from rag.types import Evidence, Hit

WEIGHTS = Path(__file__).parent / "embedded" / "evidence"
Floats = NDArray[np.float64]

FEATURES = ("soft_bm25", "around", "hit_score", "type_lacked", "hard_type_lacked", "missing")
"""What the scorer sees of a candidate; see ``features``. Figures that made the scorer better over
an encyclopaedia and worse over notices (cosines, lengths, places) were left out."""

SUMMARY = ("best", "missing", "hard_type_lacked")
"""What the calibration sees of a question: the score of the best candidate and two of its
features."""

_SOFT_TYPES = ("person", "organisation", "manner", "reason")
"""Answer types whose absence from a sentence says something; that of the others says much."""

# How much a word counts as met by something other than itself; chosen on dev questions.
_BY_SYNONYM = 0.9
_BY_MEANING = 0.9
_BY_CHARACTERS = 0.25
_NEARLY = 0.3  # cosine above which two pieces begin to mean the same
_SINGLE = 0.4  # weight of a single character beside a word
_K, _B = 1.0, 0.5  # BM25's saturation and length normalisation over sentences

LONG = 120
"""Characters; a longer sentence is cut down to the clauses that answer."""

KEPT = 60
"""Characters that cutting down a long sentence leaves at least, if it can."""

MOST = 3
"""Pieces of evidence given at most."""

SHARE, SHARE_SEVERAL = 0.45, 0.3
"""A further sentence is given where its probability is at least this share of the best one's; the
second number where the question asks for several things."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the question: what can stand for it, and how much it matters."""

    text: str
    others: tuple[tuple[str, float], ...]
    weight: float
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _View:
    """A stretch of text as the features see it."""

    folded: str
    pieces: NDArray[np.int64]  # (pieces,), ids of the embedded encoder


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved passage, half-open offsets within the passage's text."""

    hit: Hit
    rank: int
    start: int
    end: int

    @property
    def text(self) -> str:
        """The sentence."""
        return self.hit.passage.text[self.start : self.end]


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of the hits, in order of the hits and of the text."""
    return [
        Candidate(hit, rank, start, end)
        for rank, hit in enumerate(hits)
        for start, end in _sentences(hit.passage.text)
    ]


@lru_cache(maxsize=4096)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(sentence_spans(text))


@lru_cache(maxsize=16384)
def _view(text: str) -> _View:
    return _View(fold(text), embedded_encoder().pieces(text))


@cache
def _background() -> dict[str, float]:
    return dict(json.loads((WEIGHTS / "idf.json").read_text(encoding="utf-8")))


def idf(word: str) -> float:
    """Background inverse document frequency of a folded word; the largest value if unknown."""
    table = _background()
    if word in table:
        return table[word]
    terms = [t for t in tokens(word) if len(t) > 1] or [word]
    return max(table.get(t, table[""]) for t in terms)


def asked_words(question: str) -> list[_Word]:
    """The content words of a question, by the encoder's pieces; foreign ones with translations."""
    lang = language(question)[:2]
    content = questions.content(question)
    encoder = embedded_encoder()
    out: list[_Word] = []
    if lang == "zh":
        names = encoder.piece_texts(content)
    else:
        names = [*translate.words(content), *(t for t in tokens(content) if t.isdigit())]
    for text in dict.fromkeys(fold(name) for name in names):
        if not tokens(text):
            continue
        if lang == "zh":
            others = synonyms.embedded().alike(text)
        else:
            table = translate.embedded()
            others = table.word(text, lang) or table.word(text)
        out.append(
            _Word(
                text=text,
                others=tuple((other, _BY_SYNONYM * min(1.0, 1.2 * p)) for other, p in others),
                weight=idf(text) * (_SINGLE if lang == "zh" and len(text) == 1 else 1.0),
                vector=unit(encoder.rows(encoder.pieces(text)).sum(axis=0, keepdims=True))[0],
            )
        )
    return out


def _matches(asked: Sequence[_Word], views: Sequence[_View]) -> Floats:
    """How far each asked word is met by each text, in [0, 1], shape (words, texts)."""
    best = _BY_MEANING * _nearness(asked, views)
    for i, word in enumerate(asked):
        han = len(word.text) > 1 and "\u3400" <= word.text[0] <= "\u9fff"
        for j, view in enumerate(views):
            if word.text in view.folded:
                best[i, j] = 1.0
                continue
            for other, share in word.others:
                if share > best[i, j] and other in view.folded:
                    best[i, j] = share
            if han:
                shared = sum(ch in view.folded for ch in word.text) / len(word.text)
                best[i, j] = max(best[i, j], _BY_CHARACTERS * shared)
    return best


def _nearness(asked: Sequence[_Word], views: Sequence[_View]) -> Floats:
    """Cosine of each word with the nearest piece of each text, scaled from ``_NEARLY`` to 1."""
    out = np.zeros((len(asked), len(views)))
    filled = [i for i, view in enumerate(views) if len(view.pieces)]
    if not filled or not asked:
        return out
    # Each distinct piece is compared once: rivals share most of their pieces.
    every = np.concatenate([views[i].pieces for i in filled])
    distinct, place = np.unique(every, return_inverse=True)
    cosines = np.stack([w.vector for w in asked]) @ unit(embedded_encoder().rows(distinct)).T
    starts = np.cumsum([0] + [len(views[i].pieces) for i in filled[:-1]])
    out[:, filled] = np.maximum.reduceat(cosines[:, place], starts, axis=1)
    return np.clip((out - _NEARLY) / (1 - _NEARLY), 0, 1)


def features(question: str, found: Sequence[Candidate]) -> Floats:
    """What the scorer sees of each candidate, shape (candidates, len(FEATURES)).

    ``soft_bm25``: BM25's saturation and length normalisation over how far each word is met, a word
    weighing as much as it is rare in general and among the candidates, in shares of the whole.
    ``around``: share of the question's weight met by the sentence or its neighbours. ``hit_score``:
    the passage's. ``type_lacked``, ``hard_type_lacked``: 1 where an expected kind of answer is not
    there. ``missing``: the largest share of a word that is not met.
    """
    asked = asked_words(question)
    types = questions.answer_types(question)
    met = _matches(asked, [_view(c.text) for c in found])
    weight = np.array([w.weight for w in asked])
    weight = weight / max(weight.sum(), 1e-9)
    local = weight * np.maximum(np.log((len(found) + 1) / (met.sum(axis=1) + 0.5)), 0.05)
    local = local / max(local.sum(), 1e-9)
    lengths = np.array([c.end - c.start for c in found], np.float64)
    fill = met * (_K + 1) / (met + _K * (1 - _B + _B * lengths / lengths.mean()))
    out = np.zeros((len(found), len(FEATURES)))
    out[:, 0] = local @ fill
    for i, c in enumerate(found):
        beside = [j for j in (i - 1, i, i + 1) if 0 <= j < len(found) and found[j].rank == c.rank]
        lacked = [kind for kind in types if not questions.holds_type(c.text, kind)]
        out[i, 1:] = (
            weight @ met[:, beside].max(axis=1),
            c.hit.score,
            bool(lacked),
            any(kind not in _SOFT_TYPES for kind in lacked),
            max(weight * (1 - met[:, i]), default=0.0),
        )
    return out


def summary(scores: Floats, x: Floats) -> Floats:
    """What the calibration sees, shape (len(SUMMARY),)."""
    best = int(np.argmax(scores))
    return np.array([scores[best], *(x[best, FEATURES.index(name)] for name in SUMMARY[1:])])


@dataclass(frozen=True)
class Scorer:
    """The trained scorer and its calibration.

    Attributes:
        rank: Weight of each feature, shape (len(FEATURES),).
        rank_bias: Added to their sum: log-odds that a candidate answers.
        trust: Weight of each figure of the summary, shape (len(SUMMARY),).
        trust_bias: Added to their sum: log-odds that the best candidate answers.
        refuse_below: The calibrated threshold.
    """

    rank: Floats
    rank_bias: float
    trust: Floats
    trust_bias: float
    refuse_below: float


@cache
def embedded_scorer() -> Scorer:
    """The scorer that ships.

    Raises:
        EvidenceError: Its files are missing, damaged or of another version.
    """
    again = "install youju again, or make it with `python train/evidence.py`"
    try:
        model = json.loads((WEIGHTS / "model.json").read_text(encoding="utf-8"))
        names = tuple(model["features"]), tuple(model["summary"])
        scorer = Scorer(
            np.array(model["rank"], np.float64),
            float(model["rank_bias"]),
            np.array(model["trust"], np.float64),
            float(model["trust_bias"]),
            float(model["refuse_below"]),
        )
        _background()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvidenceError(
            f"The evidence scorer in {WEIGHTS} cannot be read ({error}); {again}."
        ) from error
    shapes = scorer.rank.shape, scorer.trust.shape
    if names != (FEATURES, SUMMARY) or shapes != ((len(FEATURES),), (len(SUMMARY),)):
        raise EvidenceError(
            f"The evidence scorer in {WEIGHTS} belongs to another version; {again}."
        )
    return scorer


@dataclass(frozen=True, slots=True)
class Finding:
    """What the hits say to a question.

    Attributes:
        evidence: Ranked, best first; ``score`` is each one's own probability.
        confidence: Probability that the best of it answers the question; 0 without hits.
    """

    evidence: tuple[Evidence, ...]
    confidence: float


def find(question: str, hits: Sequence[Hit], scorer: Scorer | None = None) -> Finding:
    """The evidence for a question among its hits.

    Args:
        question: Standalone.
        hits: Best first, as ``Index.search`` gives them.
        scorer: The embedded one if left out.
    """
    found = candidates(hits)
    if not found:
        return Finding((), 0.0)
    scorer = scorer or embedded_scorer()
    x = features(question, found)
    scores = x @ scorer.rank + scorer.rank_bias
    confidence = _sigmoid(float(summary(scores, x) @ scorer.trust) + scorer.trust_bias)
    order = np.argsort(-scores, kind="stable")
    share = SHARE_SEVERAL if questions.asks_for_several(question) else SHARE
    enough = share * _sigmoid(scores[order[0]])
    chosen = [int(i) for i in order[:MOST] if _sigmoid(scores[i]) >= enough]
    return Finding(tuple(_evidence(question, found[i], scores[i]) for i in chosen), confidence)


def _evidence(question: str, candidate: Candidate, score: float) -> Evidence:
    passage = candidate.hit.passage
    start, end = _answering_clauses(question, candidate)
    quote = passage.text[start - passage.start : end - passage.start]
    return Evidence(passage, start, end, quote, round(_sigmoid(score), 4))


def _answering_clauses(question: str, candidate: Candidate) -> tuple[int, int]:
    """The whole sentence, or the run of clauses of a long one that covers the question best."""
    passage = candidate.hit.passage
    start, end = passage.start + candidate.start, passage.start + candidate.end
    asked = asked_words(question)
    if end - start <= LONG or not asked:
        return start, end
    spans = clauses(passage, start, end)
    views = [_view(passage.text[a - passage.start : b - passage.start]) for a, b in spans]
    worth = np.array([w.weight for w in asked]) @ _matches(asked, views)
    first = last = int(worth.argmax())
    while spans[last][1] - spans[first][0] < KEPT and last - first + 1 < len(spans):
        before = worth[first - 1] if first else -1.0
        after = worth[last + 1] if last + 1 < len(spans) else -1.0
        first, last = (first - 1, last) if before > after else (first, last + 1)
    return spans[first][0], spans[last][1]


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -30, 30))))


def support(statement: str, quote: str) -> float:
    """How much of what a statement says is met by a quote, in [0, 1].

    The share of its words' weight that the quote meets, by the word itself, a synonym, a near
    meaning, or any translation at all. Order and syntax do not count: it tells whether a statement
    is about what the quote says, not whether it is true.

    Args:
        statement: In any language, with words in Chinese among them or not.
        quote: Words of a notice.
    """
    kana = re.search(r"[\u3040-\u30ff]", statement)
    parts = [statement] if kana else ["".join(re.findall(rf"[{HAN}]+", statement))]
    parts += [] if kana else [re.sub(rf"[{HAN}]+", " ", statement)]
    asked: list[_Word] = []
    for part in filter(tokens, parts):
        words = asked_words(part)
        if language(part)[:2] != "zh":
            words = [replace(w, others=tuple((other, 1.0) for other, _ in w.others)) for w in words]
        asked += words
    if not asked:
        return 0.0
    weight = np.array([word.weight for word in asked])
    return float(weight @ _matches(asked, [_view(quote)])[:, 0] / weight.sum())
