"""Question + hits -> ranked evidence sentences, with a calibrated probability.

Each word of a question is matched with each sentence of the retrieved passages (``matching``). From
these matches, the kind of answer expected and what a sentence holds of it, and the passage around,
boosted trees rank the sentences; a second, smaller set of trees over the best of them gives the
probability that it answers the question at all. Both are trained by ``train/evidence.py`` and kept
in ``embedded/evidence/``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import lexical, questions, reader
from rag.encoder import unit
from rag.errors import EvidenceError
from rag.matching import Matches, Parts, Texts, Word, asked_words, matches
from rag.notices import FORM
from rag.passages import clause_spans
from rag.reader import Reader, Reading
from rag.text import HAN, fold, language, sentence_spans, tokens
from rag.trees import Trees
from rag.types import Evidence, Hit

WEIGHTS = Path(__file__).parent / "embedded" / "evidence"
Floats = NDArray[np.float64]

_SOFT_TYPES = ("person", "organisation", "reason", "manner", "list")
"""Answer types whose absence from a sentence says something; that of the others says much."""

FEATURES = (
    "soft_bm25", "met", "same", "alike", "near", "shared", "around", "passage_met", "heading_met",
    "missing", "missing_mean", "heaviest", "second", "nowhere", "nowhere_heaviest",
    "nowhere_by_name", "candidates", "cosine", "cosine_content", "cosine_passage",
    "hit_score", "rank", "bm25", "longest_run", "length", "place", "sentences", "words", "asked",
    "chinese", "hard_type_lacked", "type_lacked", "types_held", "types",
    *(f"asks_{kind}" for kind in questions.ANSWER_TYPES),
    "soft_bm25_share", "met_share", "cosine_share", "bm25_share",
    "soft_bm25_above", "met_above", "cosine_above", "bm25_above",
    "reader", "reader_behind", "reader_above", "reader_around", "reader_heading",
    "reader_clause", "cosine_clause", "sure", "sure_clause", "is_heading",
    "unread", "unread_second", "read_least", "read_somewhere", "unread_nowhere",
    *(f"{word}_{way}" for word in ("asked_for", "asked_about")
      for way in ("met", "named", "read", "somewhere")),
    "first_met", "first_named", "last_met", "last_named", "words_unmet", "words_unnamed",
)  # fmt: skip
"""What the scorer sees of a candidate; see ``features``."""

_COMPARED = ("soft_bm25", "met", "cosine", "bm25")

_OF_QUESTION = (
    "nowhere", "nowhere_heaviest", "nowhere_by_name", "candidates", "words", "asked", "chinese",
    "types", *(name for name in FEATURES if name.startswith("asks_")),
    "read_somewhere", "unread_nowhere", "asked_for_somewhere", "asked_about_somewhere",
)  # fmt: skip
_OF_EACH = tuple(name for name in FEATURES if name not in _OF_QUESTION)
_EACH = np.array([FEATURES.index(name) for name in _OF_EACH])

SUMMARY = (
    "best", "lead", "above", "spread", *FEATURES,
    *(f"{name}_of_best" for name in _OF_EACH), *(f"{name}_most" for name in _OF_EACH),
)  # fmt: skip
"""What the calibration sees of a question; see ``summary``."""

_BEST = 4
"""Candidates whose mean it sees."""

_K, _B = 1.0, 0.5  # BM25's saturation and length normalisation over sentences

LONG = 120
"""Characters; a longer sentence is cut down to the clauses that answer."""

CUT = 100
"""Characters that a long sentence is cut down to at most, if its clauses are shorter."""

KEPT = 40
"""Characters that cost as much as fewer do: a clause alone is hard to understand."""

A_CHARACTER = 0.002
"""How much a clause's probability to answer must be worth, for each of its characters, to be given
too. Chosen, as ``CUT`` and ``_BY_READER``, on 266 questions over model notices."""

MOST = 4
"""Pieces of evidence given at most."""

WORTH_GIVING, WORTH_SEVERAL = 1.1e-3, 3.3e-4
"""How likely a sentence must be to answer, for each of its characters (``LEAST_LENGTH`` to ``CUT``
of them), to be given beside the likeliest; the second number where the question asks for several
things. So much is found with the fewest characters where all that is given is worth the same."""

LEAST_LENGTH = 20
"""Characters that any sentence costs."""

SPAN = 16.0
"""Logarithms of odds over which a sentence's score for the order of hits falls from 1 to 0."""


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
    """The sentences of the hits, in order of the hits and of the text.

    Elements of a notice's form are left out: who asks for them is answered from the structure.
    """
    return [
        Candidate(hit, rank, start, end)
        for rank, hit in enumerate(hits)
        if hit.passage.section not in FORM
        for start, end in _sentences(hit.passage.text)
    ]


@lru_cache(maxsize=4096)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(sentence_spans(text))


@cache
def _background() -> dict[str, float]:
    return dict(json.loads((WEIGHTS / "idf.json").read_text(encoding="utf-8")))


@cache
def _met() -> dict[str, float]:
    return dict(json.loads((WEIGHTS / "met.json").read_text(encoding="utf-8")))


def words_of(question: str) -> list[Word]:
    """The content words of a question, with weights.

    A word weighs as much as it is rare in general, times how often answers meet it, beside words
    on average: what only tells the asker's story is seldom met.
    """
    met = _met()
    words = rare_words(question)
    return [replace(w, weight=w.weight * met[w.text]) if w.text in met else w for w in words]


def rare_words(text: str) -> list[Word]:
    """The content words of a text, weighted by how rare they are in general alone."""
    table = _background()
    return asked_words(text, table, table[""])


def features(question: str, found: Sequence[Candidate], reads: Reader | None = None) -> Floats:
    """What the scorer sees of each candidate, shape (candidates, len(FEATURES)).

    ``reads`` is the embedded reader if left out.

    - ``met``, ``same``, ``alike``, ``near``, ``shared``: share of the question's weight that the
      sentence meets, in every way and in each (see ``matching.Matches``); ``around`` by it or its
      neighbours, ``passage_met`` by its passage, ``heading_met`` by the headings it stands under.
    - ``missing``, ``missing_mean``: the largest share of a word that is not met; what of a word is
      not met on average. ``heaviest``, ``second``: the weights met most.
    - ``nowhere``: share of the question's weight that no candidate meets, ``nowhere_heaviest`` that
      of the heaviest such word, ``nowhere_by_name`` the share that none meets by the word itself or
      one that stands for it. ``candidates``: how many there are (logarithm).
    - ``soft_bm25``: BM25's saturation and length normalisation over how far each word is met, a
      word weighing as much as it is rare in general and among the candidates. ``bm25``: over the
      search terms, by how rare they are among the candidates.
    - ``cosine``, ``cosine_content``, ``cosine_passage``: of the question (its content alone) with
      the sentence and with its passage.
    - ``hit_score``, ``rank``: the passage's. ``longest_run``: characters that question and
      sentence have in common in one piece. ``length`` (logarithm), ``place``, ``sentences``: of
      the sentence, within its passage, of the passage. ``words``, ``asked``, ``chinese``: content
      words and characters of the question, and whether it is Chinese.
    - ``asks_*``: kinds of answer that the question asks for, ``types`` how many; ``types_held`` how
      many the sentence holds; ``type_lacked``, ``hard_type_lacked``: whether one is not there.
    - ``reader``: what the reader says of the sentence, log-odds; ``reader_behind`` how far behind
      the best candidate's. ``reader_around``: the better of what it says of the neighbours in the
      passage (its own where there are none), ``reader_heading``: of the passage's heading.
      ``reader_clause``, ``cosine_clause``: of the sentence's best clause. ``sure``,
      ``sure_clause``: log-odds, by the reader, that the sentence answers at all, or a clause.
      ``is_heading``: whether the sentence is the heading it stands under.
    - ``unread``, ``unread_second``: the largest shares of a piece of the question that the reader
      does not find met; ``read_least``: how far the least met of those is that matter more than
      most. ``read_somewhere``: what share some candidate meets, ``unread_nowhere``: the largest
      share of a piece that none does.
    - ``asked_for_*``, ``asked_about_*``: of the word after a question word (which *occupations*)
      and of that before one (*名额*怎么分配): how far it is met, by name, by the reader, and by any
      candidate; ``_NO_WORD`` where there is none. ``first_*``, ``last_*``: likewise of the first
      and last word. ``words_unmet``, ``words_unnamed``: how many are hardly met.
    - ``*_share``, ``*_above``: a figure beside the best candidate's, and its distance from the mean
      in standard deviations.
    """
    # In order of the text: what is computed of some sentences is kept, however hits are ordered.
    hits = {c.rank: c.hit.passage for c in found}
    place = {rank: (p.notice_id, p.start, p.id) for rank, p in hits.items()}
    order = sorted(range(len(found)), key=lambda i: place[found[i].rank])
    n, found = len(found), [found[i] for i in order]
    column = dict.fromkeys(FEATURES, np.zeros(n))
    asked = words_of(question)
    texts = [c.text for c in found]
    first, own = _passages_of(found)
    material = _material(tuple(texts), tuple(found[i].hit.passage.heading for i in first))
    ways, sentences = matches(asked, material.every), material.sentences
    met = ways.columns(slice(n))
    best, named = met.best(), np.maximum(met.same, met.alike)
    weight = _shares([w.weight for w in asked])
    lengths = np.array([c.end - c.start for c in found], np.float64)
    relative = 1 - _B + _B * lengths / lengths.mean()
    local = weight * np.maximum(np.log((n + 1) / (best.sum(axis=1) + 0.5)), 0.05)
    column["soft_bm25"] = _shares(local) @ (best * (_K + 1) / (best + _K * relative))
    column["met"] = weight @ best
    for name in ("same", "alike", "near", "shared"):
        column[name] = weight @ getattr(met, name)
    lacking = weight[:, None] * (1 - best)
    column["missing"] = lacking.max(axis=0, initial=0)
    column["missing_mean"] = (1 - best).mean(axis=0) if asked else np.ones(n)
    nowhere = weight * (1 - best.max(axis=1, initial=0))
    unnamed = weight * (1 - named.max(axis=1, initial=0))
    column["nowhere"] = np.full(n, nowhere.sum())
    column["nowhere_heaviest"] = np.full(n, nowhere.max(initial=0))
    column["nowhere_by_name"] = np.full(n, unnamed.sum())
    column["candidates"] = np.full(n, math.log(n))
    ordered = np.sort(np.vstack([np.zeros((2, n)), weight[:, None] * best]), axis=0)
    column["second"], column["heaviest"] = ordered[-2], ordered[-1]
    column["bm25"] = _bm25(lexical.query_terms(question), sentences, relative)
    both = Texts.of([question, questions.content(question)]).vectors
    column["cosine"], column["cosine_content"] = both @ sentences.vectors.T
    said, of_parts = (reads or reader.embedded()).read(question, material.parts)
    column |= _of_reader(said, of_parts, both[0], material, own)
    column |= _left_open(question, asked, best, named, said)
    column["reader_behind"] = column["reader"] - column["reader"].max()
    column |= _of_passages(weight, best, ways.columns(slice(n, None)), found, first, own)
    passages = unit(np.add.reduceat(sentences.sums, first, axis=0))
    column["cosine_passage"] = (passages @ both[0])[own]
    column |= _of_question(question, asked, sentences, texts)
    column["length"] = np.log(lengths)
    for name in _COMPARED:
        value = column[name]
        column[f"{name}_share"] = value / max(value.max(), 1e-9)
    for name in (*_COMPARED, "reader"):
        value = column[name]
        column[f"{name}_above"] = (value - value.mean()) / max(value.std(), 1e-9)
    out = np.empty((n, len(FEATURES)))
    for at, name in enumerate(FEATURES):
        out[order, at] = column[name]
    return out


def _shares(weights: Sequence[float] | Floats) -> Floats:
    total = np.asarray(weights, np.float64)
    shares: Floats = total / max(float(total.sum()), 1e-9)
    return shares


def _bm25(terms: Mapping[str, float], sentences: Texts, relative: Floats) -> Floats:
    """Weighted idf of the terms each sentence holds, by its relative length."""
    n = len(sentences)
    held = [sentences.holding(term) for term in terms]
    count = np.array([len(rows) for rows in held], np.int64)
    weight = np.array([*terms.values()]) * np.log(1 + (n - count + 0.5) / (count + 0.5))
    rows = np.fromiter(chain.from_iterable(held), np.int64)
    scaled: Floats = np.bincount(rows, np.repeat(weight, count), n) / relative
    return scaled


def _passages_of(found: Sequence[Candidate]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first candidate of each passage, and the passage of each candidate."""
    begins = np.diff([-1, *(c.rank for c in found)]) != 0
    return np.flatnonzero(begins), np.cumsum(begins) - 1


@dataclass(frozen=True)
class _Material:
    """Sentences and the headings over them, matched and read together.

    Attributes:
        sentences, every: The sentences alone, and after them the headings, one for each passage.
        parts: The clauses of each sentence, and each heading.
    """

    sentences: Texts
    every: Texts
    parts: Parts


@lru_cache(maxsize=4)
def _material(sentences: tuple[str, ...], headings: tuple[str, ...]) -> _Material:
    every = Texts.of((*sentences, *headings))
    cut = [*map(_clauses, sentences), *(((0, len(heading)),) for heading in headings)]
    return _Material(every.first(len(sentences)), every, every.cut(cut))


def _beside(values: Floats, own: NDArray[np.int64]) -> Floats:
    """In the last axis, the larger value of a sentence's neighbours in its passage, or -inf."""
    out = np.full(values.shape, -np.inf)
    together = np.flatnonzero(own[1:] == own[:-1])
    out[..., together + 1] = values[..., together]
    out[..., together] = np.maximum(out[..., together], values[..., together + 1])
    return out


def _of_passages(
    weight: Floats,
    best: Floats,
    headings: Matches,
    found: Sequence[Candidate],
    first: NDArray[np.int64],
    own: NDArray[np.int64],
) -> dict[str, Floats]:
    """The features that a sentence has from the passage it stands in; see ``_passages_of``."""
    count = np.diff([*first, len(found)])
    whole = np.maximum.reduceat(best, first, axis=1) if len(best) else np.zeros((0, len(first)))
    exact = np.maximum(headings.same, np.ceil(headings.alike))
    return {
        "around": weight @ np.maximum(best, _beside(best, own)),
        "passage_met": (weight @ whole)[own],
        "heading_met": (weight @ exact)[own],
        "hit_score": np.array([c.hit.score for c in found]),
        "rank": np.array([float(c.rank) for c in found]),
        "place": (np.arange(len(found)) - first[own]).astype(float),
        "sentences": count[own].astype(float),
        "is_heading": np.array([float(_is_heading(c)) for c in found]),
    }


def _is_heading(candidate: Candidate) -> bool:
    heading = candidate.hit.passage.own_heading
    return bool(heading) and candidate.text.rstrip("。 ").endswith(heading)


def _of_reader(
    said: Reading,
    of_parts: Reading,
    vector: NDArray[np.float32],
    material: _Material,
    own: NDArray[np.int64],
) -> dict[str, Floats]:
    """What the reader says of each sentence, its clauses, its neighbours and its heading.

    ``own`` is the passage of each sentence.
    """
    n, parts = len(material.sentences), material.parts
    first, count = parts.wholes[:n], parts.wholes[n]
    best = said.best[:n]
    around = _beside(best, own)
    return {
        "reader": best,
        "sure": said.sure[:n],
        "reader_clause": np.maximum.reduceat(of_parts.best[:count], first),
        "sure_clause": np.maximum.reduceat(of_parts.sure[:count], first),
        "cosine_clause": np.maximum.reduceat(parts.vectors[:count] @ vector, first),
        "reader_around": np.where(np.isfinite(around), around, best),
        "reader_heading": said.best[n:][own],
    }


_NO_WORD = -1.0
"""How far a word is met that the question does not have."""


def _left_open(
    question: str, asked: Sequence[Word], best: Floats, named: Floats, said: Reading
) -> dict[str, Floats]:
    """What of the question each sentence leaves open: by the reader, piece by piece, and by words.

    ``best`` and ``named``: how far each word is met by each sentence, in whichever way and by name.
    """
    n = best.shape[1]
    read = said.met[:n].astype(np.float64)
    lacking = np.sort(np.hstack([np.zeros((n, 2)), said.matters * (1 - read)]), axis=1)
    heavy = said.matters * len(said.matters) >= 1
    nowhere = said.matters * (1 - read.max(axis=0, initial=0))
    out = {
        "unread": lacking[:, -1],
        "unread_second": lacking[:, -2],
        "read_least": read[:, heavy].min(axis=1, initial=1),
        "read_somewhere": np.full(n, 1 - nowhere.sum()),
        "unread_nowhere": np.full(n, nowhere.max(initial=0)),
        "words_unmet": (best < _HARDLY).sum(axis=0).astype(float),
        "words_unnamed": (named < _HARDLY).sum(axis=0).astype(float),
    }
    none = np.full(n, _NO_WORD)
    for name, i in (("first", 0), ("last", -1)):
        out[f"{name}_met"] = best[i] if asked else none
        out[f"{name}_named"] = named[i] if asked else none
    view = Texts.of([question])
    for name, word in zip(("asked_for", "asked_about"), _focus(view.folded, asked), strict=True):
        figures = dict.fromkeys(("met", "named", "read", "somewhere"), none)
        if word is not None:
            figures |= {"met": best[word], "named": named[word]}
            figures["somewhere"] = np.full(n, best[word].max())
            start = view.folded.find(asked[word].text)
            pieces = view.offsets[: len(said.matters)]
            own = (start <= pieces) & (pieces < start + len(asked[word].text))
            if own.any():
                figures["read"] = read[:, own].mean(axis=1)
        out |= {f"{name}_{way}": value for way, value in figures.items()}
    return out


_HARDLY = 0.3
"""A word that is met no further is not."""

_BETWEEN = {True: 2, False: 12}
"""Characters that may stand between a question word and its noun, in Chinese or not."""


def _focus(question: str, asked: Sequence[Word]) -> tuple[int | None, int | None]:
    """The word that says what is asked for, and the one that says of what something is asked."""
    end, start = questions.asked_for(question)
    between = _BETWEEN[language(question).startswith("zh")]
    places = [(question.find(word.text), i) for i, word in enumerate(asked)]
    after = [(at - end, i) for at, i in places if 0 <= at - end <= between]
    ends = [(start - at - len(asked[i].text), -i) for at, i in places if at >= 0]
    before = [(gap, i) for gap, i in ends if 0 <= gap <= between]
    return (
        min(after)[1] if end >= 0 and after else None,
        -min(before)[1] if start >= 0 and before else None,
    )


@lru_cache(maxsize=16384)
def _clauses(sentence: str) -> tuple[tuple[int, int], ...]:
    return tuple(clause_spans(sentence))


def _of_question(
    question: str, asked: Sequence[Word], sentences: Texts, texts: Sequence[str]
) -> dict[str, Floats]:
    """The features of the question's kind and form, and of what sentences hold of it."""
    n = len(texts)
    kinds = sorted(questions.answer_types(question))
    holds = np.array([[questions.holds_type(t, k) for k in kinds] for t in texts], bool)
    holds = holds.reshape(n, len(kinds))
    hard = np.array([kind not in _SOFT_TYPES for kind in kinds], bool)
    chinese = language(question).startswith("zh")
    run = "".join(fold(questions.content(question)).split()) if chinese else ""
    out = {
        "longest_run": _longest_runs(run, sentences),
        "words": np.full(n, float(len(asked))),
        "asked": np.full(n, float(len(question))),
        "chinese": np.full(n, float(chinese)),
        "types": np.full(n, float(len(kinds))),
        "types_held": holds.sum(axis=1).astype(float),
        "type_lacked": (~holds).any(axis=1).astype(float),
        "hard_type_lacked": (~holds & hard).any(axis=1).astype(float),
    }
    return out | {f"asks_{kind}": np.ones(n) for kind in kinds}


def _longest_runs(run: str, sentences: Texts) -> Floats:
    """Length of the longest part of ``run`` in each sentence."""
    longest = [0] * len(sentences)
    for start in range(len(run)):
        for end in range(start + 1, len(run) + 1):
            rows = sentences.holding(run[start:end])
            if not rows:
                break
            for row in rows:
                longest[row] = max(longest[row], end - start)
    return np.array(longest, np.float64)


def summary(scores: Floats, x: Floats) -> Floats:
    """What the calibration sees, shape (len(SUMMARY),).

    The best candidate's score, its lead over the next, its height over the mean, the logarithm of
    how many are as good, and its features; of the features that differ between candidates, the
    means over the best few and the largest of any.
    """
    order = np.argsort(-scores, kind="stable")
    best = order[0]
    following = scores[order[1]] if len(scores) > 1 else scores[best] - 3
    return np.concatenate(
        [
            [scores[best], scores[best] - following, scores[best] - scores.mean()],
            [np.log(np.exp(scores - scores[best]).sum())],
            x[best],
            x[order[:_BEST]][:, _EACH].mean(axis=0),
            x[:, _EACH].max(axis=0),
        ]
    )


@dataclass(frozen=True)
class Scorer:
    """The trained scorer and its calibration.

    Attributes:
        rank: Trees over the features of a candidate: logarithm of its odds beside the others'.
        trust: Trees over the summary: log-odds that what is given answers.
        refuse_below: The calibrated threshold.
    """

    rank: Trees
    trust: Trees
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
        if names != (FEATURES, SUMMARY):
            raise EvidenceError(
                f"The evidence scorer in {WEIGHTS} belongs to another version; {again}."
            )
        rank, trust = (
            Trees.of(model[n], len(c)) for n, c in zip(("rank", "trust"), names, strict=True)
        )
        _background(), _met()
        return Scorer(rank, trust, float(model["refuse_below"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvidenceError(
            f"The evidence scorer in {WEIGHTS} cannot be read ({error}); {again}."
        ) from error


@dataclass(frozen=True, slots=True)
class Finding:
    """What the hits say to a question.

    Attributes:
        evidence: Ranked, best first; ``score`` is each one's own probability.
        confidence: Probability that the best of it answers the question; 0 without hits.
        hits: Those that were read, in the order of how well their sentences answer.
    """

    evidence: tuple[Evidence, ...]
    confidence: float
    hits: tuple[Hit, ...]


SAME_PLACE = 2.5
"""Log-odds that a follow-up is answered where the answer before it stood, beside another place:
more than nine in ten are that lean on what was said. Chosen on conversations over model notices."""


def find(
    question: str,
    hits: Sequence[Hit],
    scorer: Scorer | None = None,
    typed: str = "",
    place: tuple[str, str] | None = None,
) -> Finding:
    """The evidence for a question among its hits.

    Args:
        question: Standalone.
        hits: Best first, as ``Index.retrieve`` gives them.
        scorer: The embedded one if left out.
        typed: The question as it was typed after others, if that was another. Both are read, and
            what is said of them is averaged: what a follow-up takes from the conversation says
            what it is about, and its own words what is asked.
        place: Notice and section that the answer before stood in, for a follow-up that takes
            nothing else from the conversation.
    """
    found = candidates(hits)
    if not found:
        return Finding((), 0.0, tuple(hits))
    scorer = scorer or embedded_scorer()
    here = [(c.hit.passage.notice_id, c.hit.passage.section) == place for c in found]
    likelier = SAME_PLACE * np.array(here, np.float64)
    scores, trust = np.zeros(len(found)), 0.0
    asked = dict.fromkeys((question, typed or question))
    for text in asked:
        x = features(text, found)
        said = scorer.rank.predict(x) + likelier
        scores += said / len(asked)
        trust += float(scorer.trust.predict(summary(said, x)[None])[0]) / len(asked)
    confidence = _sigmoid(trust)
    share = confidence * likelihoods(scores)
    lengths = np.array([c.end - c.start for c in found], np.float64)
    chosen = choose(scores, lengths, questions.asks_for_several(question))
    return Finding(
        tuple(_evidence(question, found[i], share[i]) for i in chosen),
        confidence,
        _in_order(hits, found, scores),
    )


MENTIONS = 3
"""Sections that a word is found in, at most."""


def mentions(words: str, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
    """The first sentence of each section that holds some words as they are, script aside.

    Who asks where something is spoken of is answered by that, however little is said of it.
    """
    whole = fold(words).strip()
    parts = re.split(r"(?<=\w\w)[、，,和与及跟](?=\w\w)", whole)
    for sought in ([whole], parts):
        found: dict[tuple[str, str], Evidence] = {}
        for c in candidates(hits) if len(whole) > 1 else ():
            place = c.hit.passage.notice_id, c.hit.passage.section
            if place not in found and all(part in fold(c.text) for part in sought):
                found[place] = _evidence(words, c, 1.0)
        if found:
            break
    return tuple(found.values())[:MENTIONS]


def read(question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits in the order of how well their sentences answer a question.

    A hit's new score is the mean of its old one and of its best sentence's, which is 1 for the
    best of all and falls with the logarithm of the odds, to 0 where they are ``SPAN`` less.

    Args:
        question: Standalone.
        hits: Best first, as ``Index.retrieve`` gives them.
    """
    found = candidates(hits)
    if not found:
        return tuple(hits)
    return _in_order(hits, found, embedded_scorer().rank.predict(features(question, found)))


def _in_order(hits: Sequence[Hit], found: Sequence[Candidate], scores: Floats) -> tuple[Hit, ...]:
    best: dict[int, float] = {}
    for candidate, score in zip(found, (scores - scores.max()).tolist(), strict=True):
        best[candidate.rank] = max(best.get(candidate.rank, score), score)
    top = max(1e-9, *(hit.score for hit in hits))
    new = []
    for rank, hit in enumerate(hits):
        # Of an element of the form no sentence is read: its own score says how it compares.
        read = max(0.0, 1 + best[rank] / SPAN) if rank in best else hit.score / top
        new.append(replace(hit, score=round((hit.score + read) / 2, 6)))
    return tuple(sorted(new, key=lambda hit: -hit.score))


def likelihoods(scores: Floats) -> Floats:
    """Probability of each candidate to be the one that answers, if any does: its share of odds."""
    odds = np.exp(scores - scores.max())
    share: Floats = odds / odds.sum()
    return share


def choose(scores: Floats, lengths: Floats, several: bool) -> list[int]:
    """The candidates to give, best first: the likeliest, and others that are worth their length.

    Args:
        scores: Log-odds of each to be the one that answers, shape (candidates,).
        lengths: Characters of each, shape (candidates,).
        several: Whether several things are asked for.
    """
    share = likelihoods(scores)
    first, *others = np.argsort(-scores, kind="stable")[:MOST].tolist()
    least = (WORTH_SEVERAL if several else WORTH_GIVING) * np.clip(lengths, LEAST_LENGTH, CUT)
    return [first, *(i for i in others if share[i] >= least[i])]


def _evidence(question: str, candidate: Candidate, probability: float) -> Evidence:
    passage = candidate.hit.passage
    start, end = _answering_clauses(question, candidate)
    quote = passage.text[start - passage.start : end - passage.start]
    return Evidence(passage, start, end, quote, round(float(probability), 4))


_BY_READER = 0.3  # what the reader's log-odds count beside a clause's share of the best one's


def _answering_clauses(question: str, candidate: Candidate) -> tuple[int, int]:
    """The whole sentence, or the run of clauses of a long one that answers best.

    By what the reader says of a clause, and by the share of the question's weight that it meets.
    """
    start = candidate.hit.passage.start + candidate.start
    text = candidate.text
    if len(text) <= LONG:
        return start, start + len(text)
    spans = _clauses(text)
    _, said = reader.embedded().read(question, Texts.of([text]).cut([spans]))
    worth = _BY_READER * said.best
    if asked := words_of(question):
        texts = Texts.of(text[a:b] for a, b in spans)
        met = np.array([w.weight for w in asked]) @ matches(asked, texts).best()
        worth += met / max(float(met.max()), 1e-9)
    first, last = _run(spans, likelihoods(worth))
    return start + spans[first][0], start + spans[last][1]


def _run(spans: Sequence[tuple[int, int]], share: Floats) -> tuple[int, int]:
    """The first and last of the clauses around the likeliest that are worth their length."""
    before, likeliest = np.cumsum([0.0, *share]), int(share.argmax())
    best, run = -math.inf, (likeliest, likeliest)
    for first in range(likeliest, -1, -1):
        for last in range(likeliest, len(spans)):
            length = spans[last][1] - spans[first][0]
            if last > first and length > CUT:
                break
            worth = before[last + 1] - before[first] - A_CHARACTER * max(length, KEPT)
            if worth > best:
                best, run = worth, (first, last)
    return run


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -30, 30))))


_TRANSLATES = 0.06
"""Least probability of a translation by which a statement may be meant."""


def support(statement: str, quote: str) -> float:
    """How much of what a statement says is met by a quote, in [0, 1].

    The share of its words' weight that the quote meets, by the word itself, a synonym, a near
    meaning, or any translation that is not far-fetched. Order and syntax do not count: it tells
    whether a statement is about what the quote says, not whether it is true.

    Args:
        statement: In any language, with words in Chinese among them or not.
        quote: Words of a notice.
    """
    kana = re.search(r"[\u3040-\u30ff]", statement)
    parts = [statement] if kana else ["".join(re.findall(rf"[{HAN}]+", statement))]
    parts += [] if kana else [re.sub(rf"[{HAN}]+", " ", statement)]
    asked: list[Word] = []
    for part in filter(tokens, parts):
        words = rare_words(part)
        if language(part)[:2] != "zh":
            words = [
                replace(w, others=tuple((other, 1.0) for other, p in w.others if p >= _TRANSLATES))
                for w in words
            ]
        asked += words
    if not asked:
        return 0.0
    weight = np.array([word.weight for word in asked])
    return float(weight @ matches(asked, Texts.of([quote])).best()[:, 0] / weight.sum())
