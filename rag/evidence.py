"""Question + hits -> ranked evidence sentences, with a calibrated probability.

Every sentence of the retrieved passages is described by how much of the question it covers (by
words and by meaning), by what the question asks and it lacks, by the kind of answer expected, and
by how it stands against its neighbours and rivals. Boosted trees, trained by ``train/evidence.py``
and kept under ``embedded/evidence/``, turn that into a score; a logistic calibration over the best
scores gives the probability that the chosen evidence answers the question at all.

The meaning of words comes from the embedded encoder's pieces, whatever encoder the index uses, so
the calibration holds for any index.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import questions
from rag.encoder import embedded_encoder, unit
from rag.errors import EvidenceError
from rag.lexical import query_groups
from rag.passages import clauses
from rag.text import fold, language, sentence_spans, tokens
from rag.types import Evidence, Hit

WEIGHTS = Path(__file__).parent / "embedded" / "evidence"
Floats = NDArray[np.float64]

_TYPES = ("money", "contact", "date", "number", "document", "person", "organisation", "place")
"""Answer types whose absence from a sentence says something."""

FEATURES = (
    "cover", "cover_bigrams", "cover_around", "cover_passage", "cover_local",
    "missing", "missing_passage", "longest_run",
    "cosine", "cosine_passage", "soft_cover", "soft_cover_passage", "soft_weakest",
    "cover_rank", "soft_rank", "cosine_margin",
    "type_held", "type_lacked", "type_hard_lacked", "wants_meaning", "wants_manner", "wants_reason",
    "wants_yesno", "hit_score", "hit_rank", "length", "question_length", "place", "is_heading",
    "translated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _View:
    """A stretch of text as the features see it."""

    terms: frozenset[str]
    folded: str
    pieces: NDArray[np.int64]  # (pieces,), ids of the embedded encoder
    vector: NDArray[np.float32]  # (dim,), unit or zero


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved passage, half-open offsets within the passage's text."""

    hit: Hit
    rank: int
    start: int
    end: int
    before: tuple[int, int]
    after: tuple[int, int]

    @property
    def text(self) -> str:
        """The sentence."""
        return self.hit.passage.text[self.start : self.end]


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of the hits, each with the spans of its neighbours (empty at the edges)."""
    out: list[Candidate] = []
    for rank, hit in enumerate(hits):
        spans = sentence_spans(hit.passage.text)
        for i, (start, end) in enumerate(spans):
            before = spans[i - 1] if i else (start, start)
            after = spans[i + 1] if i + 1 < len(spans) else (end, end)
            out.append(Candidate(hit, rank, start, end, before, after))
    return out


@lru_cache(maxsize=16384)
def _view(text: str) -> _View:
    encoder = embedded_encoder()
    pieces = encoder.pieces(text)
    return _View(
        terms=frozenset(tokens(text)),
        folded=fold(text),
        pieces=pieces,
        vector=unit(encoder.rows(pieces).sum(axis=0, keepdims=True))[0],
    )


@cache
def _background() -> dict[str, float]:
    """Inverse document frequency of unigrams and bigrams in a background collection."""
    return dict(json.loads((WEIGHTS / "idf.json").read_text(encoding="utf-8")))


def idf(term: str) -> float:
    """Background inverse document frequency; a term never seen gets the largest value."""
    table = _background()
    return table.get(term, table[""])


def _covered(groups: Sequence[tuple[float, dict[str, float]]], terms: frozenset[str]) -> Floats:
    """For each asked term the share, in [0, 1], of it (or its translations) that is there."""
    return np.array(
        [
            float(term in terms)
            if len(options) == 1
            else min(1.0, sum(p for t, p in options.items() if t in terms))
            for term, options in groups
        ]
    )


def features(question: str, found: Sequence[Candidate]) -> Floats:
    """What the scorer sees of each candidate, shape (candidates, len(FEATURES)).

    Coverage figures are shares of the question's terms, weighted by inverse document frequency, in
    [0, 1]; for a question in another language a term counts through its translations.
    """
    content, lang = questions.content(question), language(question)
    groups = query_groups(content, lang)
    asked = _view(content)
    whole = _view(question)
    types = questions.answer_types(question)
    sentences = [_view(c.text) for c in found]
    hits = {c.rank: c.hit for c in found}
    passages = {r: _view(h.passage.searched) for r, h in hits.items()}

    weights = np.array([idf(term) for term, _ in groups])
    weights /= max(weights.sum(), 1e-9)
    pairs = np.array([len(term) > 1 for term, _ in groups])
    pair_weights = weights * pairs / max((weights * pairs).sum(), 1e-9)
    held = np.array([_covered(groups, s.terms) for s in sentences]).reshape(len(found), -1)
    spread = held.mean(axis=0)
    local = weights * np.log1p(1 / np.maximum(spread, 0.5 / len(found)))
    local /= max(local.sum(), 1e-9)
    in_passage = {r: _covered(groups, p.terms) for r, p in passages.items()}
    soft, weakest = _soft_covers(asked, sentences)
    soft_passage = dict(zip(passages, _soft_covers(asked, list(passages.values()))[0], strict=True))
    cosines = np.stack([s.vector for s in sentences]) @ whole.vector
    kinds = [t for t in _TYPES if t in types]
    rows = []
    for i, c in enumerate(found):
        around = held[i]
        for a, b in (c.before, c.after):
            if a < b:
                beside = _covered(groups, _view(c.hit.passage.text[a:b]).terms)
                around = np.maximum(around, beside)
        lacked = [t for t in kinds if not questions.holds_type(c.text, t)]
        rows.append(
            (
                held[i] @ weights,
                held[i] @ pair_weights,
                around @ weights,
                in_passage[c.rank] @ weights,
                held[i] @ local,
                max((1 - held[i]) * weights * pairs, default=0.0),
                max((1 - in_passage[c.rank]) * weights * pairs, default=0.0),
                _longest_run(content, sentences[i].folded),
                cosines[i],
                float(passages[c.rank].vector @ whole.vector),
                soft[i],
                soft_passage[c.rank],
                weakest[i],
                0.0,
                0.0,
                cosines[i] - cosines.max(),
                float(bool(kinds) and not lacked),
                float(bool(lacked)),
                float(any(t in _HARD_TYPES for t in lacked)),
                "meaning" in types,
                "manner" in types,
                "reason" in types,
                "yesno" in types,
                c.hit.score,
                1 / (1 + c.rank),
                np.log(c.end - c.start),
                np.log1p(len(content)),
                c.start / max(len(c.hit.passage.text), 1),
                not c.text.rstrip().endswith(tuple("。！？；.!?;…”")),
                float(not lang.startswith("zh")),
            )
        )
    out = np.array(rows, np.float64)
    for to, of in (("cover_rank", "cover_local"), ("soft_rank", "soft_cover")):
        column = out[:, FEATURES.index(of)]
        out[:, FEATURES.index(to)] = column - column.max()
    return out


_HARD_TYPES = ("money", "contact", "number", "document", "date")


def _soft_covers(asked: _View, there: Sequence[_View]) -> tuple[Floats, Floats]:
    """How well the pieces asked about are met by the nearest pieces of each text.

    Returns:
        For each text the mean of the best cosines, weighted by the encoder's piece weights, and
        the smallest among the weightier pieces; 0 where there are no pieces.
    """
    mean, weakest = np.zeros(len(there)), np.zeros(len(there))
    filled = [i for i, view in enumerate(there) if len(view.pieces)]
    if not filled or not len(asked.pieces):
        return mean, weakest
    encoder = embedded_encoder()
    rows = encoder.rows(asked.pieces)
    lengths = np.linalg.norm(rows, axis=1)
    weights = lengths / max(float(lengths.sum()), 1e-9)
    # Each distinct piece is compared once: rivals share most of their pieces.
    every = np.concatenate([there[i].pieces for i in filled])
    distinct, place = np.unique(every, return_inverse=True)
    cosines = (unit(rows) @ unit(encoder.rows(distinct)).T)[:, place]
    starts = np.cumsum([0] + [len(there[i].pieces) for i in filled[:-1]])
    best = np.maximum.reduceat(cosines, starts, axis=1)
    mean[filled] = weights @ best
    weakest[filled] = best[weights >= weights.mean()].min(axis=0)
    return mean, weakest


def _longest_run(asked: str, there: str) -> float:
    """Longest stretch of the question that stands in the text, as a share of the question."""
    longest = 0
    for start in range(len(asked)):
        while start + longest < len(asked) and asked[start : start + longest + 1] in there:
            longest += 1
    return longest / max(len(asked), 1)


SUMMARY = ("best", "lead", "cover_passage", "soft_cover_passage", "missing_passage", "translated")
"""What the calibration sees of a question: the best score and its lead over the next one in
another passage or sentence, and what the best sentence's passage covers."""


def tree_scores(trees: dict[str, NDArray[np.generic]], x: Floats) -> Floats:
    """Sum of the leaves each row falls into, shape (rows,); log-odds that it answers.

    Args:
        trees: ``feature``, ``threshold``, ``left``, ``right``, ``value``, each (trees, nodes); a
            leaf points to itself, so that walking on stays there. ``base``: shape (1,).
        x: Rows of features.
    """
    number = np.arange(len(trees["feature"]))[None, :]
    node = np.zeros((len(x), number.shape[1]), np.int64)
    rows = np.arange(len(x))[:, None]
    while True:
        goes_left = x[rows, trees["feature"][number, node]] <= trees["threshold"][number, node]
        following = np.where(goes_left, trees["left"][number, node], trees["right"][number, node])
        if np.array_equal(following, node):
            break
        node = following
    return np.asarray(trees["base"][0] + trees["value"][number, node].sum(axis=1), np.float64)


def summary(scores: Floats, x: Floats) -> Floats:
    """What the calibration sees, shape (len(SUMMARY),)."""
    order = np.argsort(-scores, kind="stable")
    best = order[0]
    second = scores[order[1]] if len(order) > 1 else scores[best] - 5.0
    kept = [x[best, FEATURES.index(name)] for name in SUMMARY[2:]]
    return np.array([scores[best], scores[best] - second, *kept])


@dataclass(frozen=True)
class Scorer:
    """The trained scorer and its calibration."""

    trees: dict[str, NDArray[np.generic]]
    weights: Floats
    bias: float
    refuse_below: float


@cache
def embedded_scorer() -> Scorer:
    """The scorer that ships.

    Raises:
        EvidenceError: Its files are missing, damaged or of another version.
    """
    try:
        model = json.loads((WEIGHTS / "model.json").read_text(encoding="utf-8"))
        with np.load(WEIGHTS / "trees.npz", allow_pickle=False) as arrays:
            trees = dict(arrays)
    except (OSError, ValueError, KeyError) as error:
        raise EvidenceError(
            f"The evidence scorer in {WEIGHTS} cannot be read ({error}); install youju again."
        ) from error
    if tuple(model["features"]) != FEATURES or tuple(model["summary"]) != SUMMARY:
        raise EvidenceError(
            f"The evidence scorer in {WEIGHTS} belongs to another version; install youju again."
        )
    return Scorer(trees, np.array(model["weights"]), model["bias"], model["refuse_below"])


@dataclass(frozen=True, slots=True)
class Finding:
    """What the hits say to a question.

    Attributes:
        evidence: Ranked, best first; ``score`` is each one's own probability.
        confidence: Probability that the best of it answers the question; 0 without hits.
    """

    evidence: tuple[Evidence, ...]
    confidence: float


LONG = 120
"""Characters; a longer sentence is cut down to the clauses that answer."""

KEPT = 60
"""Characters that cutting down a long sentence leaves at least, if it can."""

MOST = 3
"""Pieces of evidence given at most."""


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
    scores = tree_scores(scorer.trees, x)
    confidence = _sigmoid(float(summary(scores, x) @ scorer.weights) + scorer.bias)
    order = np.argsort(-scores, kind="stable")
    chosen = [int(order[0])]
    share = SHARE_SEVERAL if questions.asks_for_several(question) else SHARE
    for i in order[1:]:
        if len(chosen) < MOST and _sigmoid(scores[i]) >= share * _sigmoid(scores[order[0]]):
            chosen.append(int(i))
    return Finding(tuple(_evidence(question, found[i], scores[i]) for i in chosen), confidence)


SHARE, SHARE_SEVERAL = 0.6, 0.3
"""A further sentence is given where its probability is at least this share of the best one's."""


def _evidence(question: str, candidate: Candidate, score: float) -> Evidence:
    passage = candidate.hit.passage
    start, end = _answering_clauses(question, candidate)
    return Evidence(
        passage=passage,
        start=start,
        end=end,
        quote=passage.text[start - passage.start : end - passage.start],
        score=round(_sigmoid(score), 4),
    )


def _answering_clauses(question: str, candidate: Candidate) -> tuple[int, int]:
    """The whole sentence, or the run of clauses of a long one that covers the question best."""
    passage = candidate.hit.passage
    start, end = passage.start + candidate.start, passage.start + candidate.end
    if end - start <= LONG:
        return start, end
    spans = clauses(passage, start, end)
    groups = query_groups(questions.content(question), language(question))
    weights = np.array([idf(term) for term, _ in groups])
    asked = _view(questions.content(question))
    views = [_view(passage.text[a - passage.start : b - passage.start]) for a, b in spans]
    worth = np.array([_covered(groups, v.terms) @ weights for v in views])
    worth = worth / max(weights.sum(), 1e-9) + _soft_covers(asked, views)[0]
    first = last = int(worth.argmax())
    while spans[last][1] - spans[first][0] < KEPT:
        before = worth[first - 1] if first else -1.0
        after = worth[last + 1] if last + 1 < len(spans) else -1.0
        if max(before, after) < 0:
            break
        first, last = (first - 1, last) if before > after else (first, last + 1)
    return spans[first][0], spans[last][1]


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -30, 30))))
