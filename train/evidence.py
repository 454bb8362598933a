"""Train the evidence scorer and its calibration; writes ``rag/embedded/evidence/``.

    python train/evidence.py [--out FOLDER]

Two kinds of questions teach it. Those we wrote in everyday words over documents cut from statutes
(``questions/``) and over model notices (``notices/``), each asked of its whole document. And those
over an encyclopaedia (cmrc_trial, drcd_dev, ``reading/``), each asked of five passages: its own
with four BM25 near-misses. A question that the passages answer is asked again of near-misses alone
(``absent``) and with the answering sentences taken out (``removed``). Questions that trained the
encoder are left out: its vectors would look better on them than on any others; so would the reader
that ships, which learned from all, and another speaks for it here (``reader.HALF``).

Boosted trees learn which sentence answers; others, fitted on what the first say of documents they
did not see, give the probability that one of the sentences given does. The threshold for refusing
is set on the dev halves of ``eval/questions.jsonl`` and ``eval/paraphrased.jsonl``, ``WORTH`` and
``SHARES`` were chosen with an eye on them; the test halves have no part in anything.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import resources
from reader import HALF
from resources import rows
from threadpoolctl import threadpool_limits

from rag import build_index, evidence, questions
from rag.lexical import Lexicon, query_terms
from rag.matching import BY_CHARACTERS, Texts, matches
from rag.reader import Reader
from rag.store import READ, Index
from rag.structure import structure_question
from rag.text import sentence_spans, tokens
from rag.types import Passage

ROOT = Path(__file__).resolve().parent.parent
SEED = 20210430
NEAR = 4
FOLDS = 5
FALSE_REFUSALS = 0.05
"""Share of the answerable questions of the dev halves that may be refused, at most."""
DEV = ("questions", "paraphrased")
"""Question sets over the notice that ships; their dev halves are for choosing."""
SHARES = {"statutes": 0.2, "notices": 0.5, "reading": 0.3}
"""How much the questions of a source weigh in training, all together."""
GENERAL_LENGTH = 100
"""Words of a document that jieba's counts, which know no documents, are put down to."""
SMOOTH, LEAST_MET = 10.0, 0.2
"""Average askings that are added to a word's own, against chance; how little a word may count."""
SHORT = 12
"""Articles; a document of fewer is asked among others."""


@dataclass(frozen=True)
class Case:
    """A question over some passages, as the scorer meets it.

    Attributes:
        x: Features, shape (candidates, features).
        y: Whether each candidate holds the answer, shape (candidates,).
        group: What it shares with other cases; folds never share one.
        kind: ``present``, ``absent`` (a question close to the topics), ``removed`` (the sentences
            that answer are) or ``elsewhere`` (asked of another document).
        source: ``statutes``, ``notices``, ``reading``, or a question set of ``DEV``.
        several: Whether the question asks for several things.
    """

    x: np.ndarray
    y: np.ndarray
    group: str
    kind: str
    source: str
    several: bool


def case(
    question: str, passages: Sequence[Passage] | Index, gold: set[tuple[str, str]], **facts: Any
) -> Case | None:
    """What the scorer sees of a question asked of passages; None where nothing is found.

    Args:
        question: Standalone.
        passages: What is asked, or an index of it.
        gold: (id of a passage, words that answer) pairs.
        facts: The case's own: group, kind, source.
    """
    index = passages if isinstance(passages, Index) else Index.build(passages)
    found = evidence.candidates(index.retrieve(question, k=READ))
    if not found:
        return None
    answers = [
        any(c.hit.passage.id == place and resources.answers(c.text, words) for place, words in gold)
        for c in found
    ]
    half = None if facts["source"] in DEV else half_reader()
    x = evidence.features(question, found, half).astype(np.float32)  # there are many
    return Case(x, np.array(answers), several=questions.asks_for_several(question), **facts)


@cache
def half_reader() -> Reader:
    """The reader that saw none of the questions which train the scorer."""
    if not HALF.is_file():
        raise SystemExit(f"There is no {HALF}: run python train/reader.py first.")
    return Reader.load(HALF)


def without(passage: Passage, words: Sequence[str]) -> Passage:
    """The passage without the sentences that hold some words."""
    spans = sentence_spans(passage.text)
    kept = [passage.text[a:b] for a, b in spans]
    kept = [s for s in kept if not any(resources.answers(s, w) for w in words)]
    return replace(passage, text="".join(kept), end=-1)


@cache
def asked_documents() -> list[tuple[resources.Document, list[Passage], Index]]:
    """The documents we wrote questions over, with the passages that each is asked among."""
    documents = resources.documents("evidence")
    # A short document is asked among two others, as a notice of several topics.
    short = [d for d in documents if len(d.passages) < SHORT]
    third = len(short) // 3
    beside = {
        d.name: [p for k in (1, 2) for p in short[n - k * third].passages]
        for n, d in enumerate(short)
    }
    cut = [[*d.passages, *beside.get(d.name, [])] for d in documents]
    return [(d, some, Index.build(some)) for d, some in zip(documents, cut, strict=True)]


def written(n: int) -> list[Case | None]:
    """A document's questions over it, without the answers, and over another."""
    every = asked_documents()
    document, cut, whole = every[n]
    other = every[(n + len(every) // 2) % len(every)][2]
    facts = {"group": document.name, "source": document.source}
    out = []
    for k, q in enumerate(document.questions):
        gold = {(p.id, words) for p, words in q.gold}
        kind = "present" if q.answerable else "absent"
        out.append(case(q.question, whole, gold, kind=kind, **facts))
        if q.answerable:
            by_id = {p.id: [w for other, w in gold if other == p.id] for p, _ in q.gold}
            left = [without(p, by_id[p.id]) if p.id in by_id else p for p in cut]
            left = [p for p in left if p.text.strip()]
            out.append(case(q.question, left, set(), kind="removed", **facts))
            if k % 2:
                out.append(case(q.question, other, set(), kind="elsewhere", **facts))
    return out


@cache
def encyclopaedia() -> tuple[list[resources.Read], list[str], Lexicon]:
    """Questions over passages, all passages, and how to find those that share their words."""
    both = {trains: resources.reading(trains) for trains in ("encoder", "evidence")}
    texts = list(dict.fromkeys(r.passage for some in both.values() for r in some))
    return both["evidence"], texts, Lexicon.build(texts)


def reading(n: int) -> list[Case | None]:
    """The cases of one question of reading comprehension, each over five passages."""
    read, texts, lexicon = encyclopaedia()
    r = read[n]
    best = np.argsort(-lexicon.scores(query_terms(r.question)), kind="stable")[: NEAR + 2]
    near = [Passage(id=str(i), text=texts[i]) for i in best if texts[i] != r.passage]
    # As many passages where the answer is absent, so that their number tells nothing.
    absent, near = near[: NEAR + 1], near[:NEAR]
    own = Passage(id="own", text=r.passage)
    facts = {"group": r.passage, "source": "reading"}
    if not r.words:
        return [case(r.question, [own, *near], set(), kind="absent", **facts)]
    sentences = [own.text[a:b] for a, b in sentence_spans(own.text)]
    gold = {(own.id, s) for s in sentences if any(w in s for w in r.words)}
    left = without(own, [s for _, s in gold])
    return [
        case(r.question, [own, *near], gold, kind="present", **facts),
        case(r.question, absent, set(), kind="absent", **facts),
        case(r.question, [left, *near] if left.text else near, set(), kind="removed", **facts),
    ]


def dev_half(name: str) -> list[dict[str, Any]]:
    """The dev half of a question set."""
    lines = (ROOT / f"eval/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["half"] == "dev"]


def notice(name: str) -> Iterator[Case | None]:
    """The dev half of a question set over the notices it asks about, as the chatbot meets it.

    Questions that are answered from the structure, are no questions, or follow on others (those are
    read twice) are left out.
    """
    index = build_index(sorted((ROOT / "index/notices").glob("*.txt")))
    for row in dev_half(name):
        question = row["question"]
        if questions.is_instruction(question) or row.get("history"):
            continue
        if structure_question(question, tuple(index.notices.values())) is not None:
            continue
        quotes = [quote for needed in row.get("quotes", []) for quote in needed]
        gold = {(p.id, quote) for p in index.passages for quote in quotes}
        kind = "present" if row["answerable"] else "absent"
        yield case(question, index, gold, group=row["id"], kind=kind, source=name)


def gather() -> list[Case]:
    """All cases."""
    seen = [c for name in DEV for c in notice(name) if c is not None]
    half_reader()
    jobs = ((written, len(asked_documents())), (reading, len(encyclopaedia()[0])))
    # Forked, so that what is read above is there already.
    forked = multiprocessing.get_context("fork")
    with forked.Pool(initializer=threadpool_limits, initargs=(1,)) as workers:
        for job, number in jobs:
            began = time.time()
            new = [c for some in workers.imap(job, range(number), 4) for c in some if c is not None]
            seen += new
            print(f"{job.__name__}: {len(new)} cases in {time.time() - began:.0f} s", flush=True)
    return seen


def background() -> dict[str, float]:
    """Inverse document frequencies of characters and of the commoner bigrams and words."""
    import jieba

    jieba.setLogLevel("ERROR")
    jieba.initialize()
    counts: Counter[str] = Counter()
    total = 0
    texts = [
        *(r["text"] for r in rows("laws_prc")),
        *{r["passage"] for name in resources.ENCYCLOPAEDIA for r in rows(name)},
        *(f"{r['zh_hans']} {r['en']}" for r in rows("tw_law_lines")),
    ]
    for text in texts:
        total += 1
        counts.update(set(tokens(text[:2000])))
    kept = {t: n for t, n in counts.items() if n >= (3 if len(t) == 1 else 150)}
    table = {t: math.log(total / n) for t, n in kept.items()}
    # Everyday words are rare in statutes: where they are common in general they count as common.
    general = sum(jieba.dt.FREQ.values()) / GENERAL_LENGTH
    for word, n in jieba.dt.FREQ.items():
        if 2 <= len(word) <= 4 and n >= 300:
            table[word] = min(table.get(word, math.inf), max(0.0, math.log(general / n)))
    return {
        "": round(math.log(total / 50), 2),
        **{t: round(v, 2) for t, v in sorted(table.items())},
    }


def met() -> dict[str, float]:
    """How often answers meet a word that is asked, beside words on average.

    Over the questions that train the encoder, not those that train the scorer. A meeting counts as
    far as it is by the word itself, one that stands for it, or some of its characters.
    """
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for q in (q for document in resources.documents("encoder") for q in document.questions):
        words = evidence.rare_words(q.question)
        if words and q.gold:
            ways = matches(words, Texts.of(["".join(quote for _, quote in q.gold)]))
            by_name = np.maximum.reduce([ways.same, ways.alike, BY_CHARACTERS * ways.shared])
            for word, share in zip(words, by_name[:, 0].tolist(), strict=True):
                asked[word.text] += 1
                answered[word.text] += share
    mean = sum(answered.values()) / sum(asked.values())
    return {
        w: round(max(LEAST_MET, (answered[w] + SMOOTH * mean) / (n + SMOOTH) / mean), 2)
        for w, n in sorted(asked.items())
        if n > 1
    }


RANK = {"n_estimators": 200, "learning_rate": 0.07, "num_leaves": 20, "max_depth": 8}
TRUST = {
    "n_estimators": 600, "learning_rate": 0.04, "num_leaves": 63, "colsample_bytree": 0.4,
}  # fmt: skip
COMMON = {
    "min_child_samples": 40, "reg_lambda": 5, "subsample": 0.8, "subsample_freq": 1,
    "colsample_bytree": 0.6, "random_state": SEED, "n_jobs": 2, "deterministic": True,
    "force_row_wise": True, "verbosity": -1,
}  # fmt: skip
WORTH = {"present": 1.0, "absent": 1.5, "removed": 0.1, "elsewhere": 0.4}
"""How much a case counts in the second trees, by kind."""
FOR = (
    "best above met same alike cosine cosine_content soft_bm25 met_most cosine_most around "
    "passage_met types_held longest_run reader reader_most sure sure_most "
    "read_least read_least_of_best read_least_most read_somewhere"
).split()
AGAINST = (
    "missing missing_mean hard_type_lacked type_lacked nowhere nowhere_heaviest nowhere_by_name "
    "unread unread_of_best unread_second unread_nowhere words_unmet words_unmet_of_best "
    "words_unnamed words_unnamed_of_best"
).split()
"""Figures that can only speak for an answer, or only against one: what is learned over statutes
and an encyclopaedia carries further under such constraints."""


def shares(seen: Sequence[Case]) -> np.ndarray:
    """How much each case counts: those of a source together ``SHARES`` of all, mean one."""
    number = Counter(c.source for c in seen)
    share = np.array([SHARES[c.source] / number[c.source] for c in seen])
    return share / share.mean()


def fit_ranking(seen: Sequence[Case]) -> Any:
    """The scorer of candidates, from the questions that have an answer among them."""
    from lightgbm import LGBMRanker

    answered = [c for c in seen if c.y.any()]
    weight = np.concatenate(
        [np.full(len(c.y), w) for c, w in zip(answered, shares(answered), strict=True)]
    )
    x, y = np.vstack([c.x for c in answered]), np.concatenate([c.y for c in answered])
    model = LGBMRanker(objective="lambdarank", **RANK, **COMMON)
    return model.fit(x, y.astype(int), group=[len(c.y) for c in answered], sample_weight=weight)


def fit_trust(seen: Sequence[Case], x: np.ndarray) -> Any:
    """The scorer of questions: whether the passages answer at all."""
    from lightgbm import LGBMClassifier

    weight = shares(seen) * [WORTH[c.kind] for c in seen]
    y = np.array([c.kind == "present" for c in seen])
    ways = [(name in FOR) - (name in AGAINST) for name in evidence.SUMMARY]
    model = LGBMClassifier(monotone_constraints=ways, **(COMMON | TRUST))
    return model.fit(x, y, sample_weight=weight)


def odds(model: Any, x: np.ndarray) -> np.ndarray:
    """Scores of rows, before any calibration."""
    return np.asarray(model.predict(x, raw_score=True))


def sharpness(seen: Sequence[Case], scores: Sequence[np.ndarray]) -> float:
    """What scores are multiplied with, so that their odds' shares are probabilities.

    The factor under which the right candidates of answered questions are likeliest.
    """
    pairs = [(c.y, s) for c, s in zip(seen, scores, strict=True) if c.y.any()]

    def loss(factor: float) -> float:
        return -sum(
            np.log(np.exp(factor * (s[y] - s.max())).sum() / np.exp(factor * (s - s.max())).sum())
            for y, s in pairs
        )

    return float(min(np.arange(0.2, 4.05, 0.05), key=loss))


def folds(seen: Sequence[Case]) -> np.ndarray:
    """Fold of each case; cases of a group share one."""
    number = {g: i for i, g in enumerate(dict.fromkeys(c.group for c in seen))}
    return np.array([number[c.group] % FOLDS for c in seen])


def out_of_fold(seen: Sequence[Case]) -> list[np.ndarray]:
    """Scores of each case's candidates by a scorer that did not see its group."""
    fold_of = folds(seen)
    out: list[np.ndarray] = [np.zeros(0)] * len(seen)
    for k in range(FOLDS):
        model = fit_ranking([c for c, f in zip(seen, fold_of, strict=True) if f != k])
        for i in np.flatnonzero(fold_of == k):
            out[i] = odds(model, seen[i].x)
    return out


def chosen(c: Case, scores: np.ndarray) -> list[int]:
    """The sentences that would be given."""
    lengths = np.exp(c.x[:, evidence.FEATURES.index("length")])
    return evidence.choose(scores, lengths, c.several)


def given(c: Case, scores: np.ndarray) -> bool:
    """Whether one of the sentences that would be given holds the answer."""
    return bool(c.y[chosen(c, scores)].any())


def platt(log_odds: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Slope and intercept that make log-odds those of being right (Platt, 1999)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(log_odds[:, None], right)
    return float(model.coef_[0][0]), float(model.intercept_[0])


def probability(log_odds: np.ndarray) -> np.ndarray:
    """Log-odds as probabilities."""
    return 1 / (1 + np.exp(-log_odds))


def chosen_threshold(
    sure: Sequence[np.ndarray], answerable: Sequence[np.ndarray], asked: Sequence[int]
) -> float:
    """Where the share refused of the unanswerable questions leads that of the answerable by most.

    Over all sets together, of those thresholds that refuse at most ``FALSE_REFUSALS`` of the
    answerable questions; the middle between the two questions that such a threshold lies between,
    so that it hangs on neither.

    Args:
        sure: Confidences over each set, shape (questions,).
        answerable: Whether each question is, likewise.
        asked: How many answerable ones each set has, with those that are never refused.
    """
    every, said = np.concatenate(sure), np.concatenate(answerable)
    order = np.argsort(every, kind="stable")
    every, said = every[order], said[order]
    # By a threshold right above each question.
    refused, falsely = np.cumsum(~said) / (~said).sum(), np.cumsum(said) / sum(asked)
    best = int(np.where(falsely <= FALSE_REFUSALS, refused - falsely, -1.0)[:-1].argmax())
    return round(float(every[best] + every[best + 1]) / 2, 3)


def report(
    name: str, seen: Sequence[Case], scores: Sequence[np.ndarray], p: np.ndarray, threshold: float
) -> None:
    """Print the figures of one source."""
    from sklearn.metrics import roc_auc_score

    kind = np.array([c.kind for c in seen])
    right = np.array([given(c, s) for c, s in zip(seen, scores, strict=True)])
    first = np.array([bool(c.y[np.argmax(s)]) for c, s in zip(seen, scores, strict=True)])
    present = kind == "present"
    sentences = np.mean([len(chosen(c, s)) for c, s in zip(seen, scores, strict=True)])
    print(
        f"{name}: best sentence right {first[present].mean():.3f}, one of those given "
        f"{right[present].mean():.3f} ({sentences:.2f} given), falsely refused "
        f"{np.mean(p[present] < threshold):.3f}"
    )
    for other in ("absent", "removed", "elsewhere"):
        both = present | (kind == other)
        if np.any(kind == other):
            area = roc_auc_score(present[both], p[both])
            limits = [np.quantile(p[present], share) for share in (0.05, 0.06, 0.1)]
            cells = ", ".join(f"{np.mean(p[kind == other] < limit):.3f}" for limit in limits)
            print(
                f"  {other}: AUROC {area:.3f}, refused {np.mean(p[kind == other] < threshold):.3f}"
                f" (at 5, 6, 10 % false refusals {cells})"
            )
    asked = present | (kind == "absent")
    bins, total = np.minimum((p * 10).astype(int), 9), asked.sum()
    gaps = (asked & (bins == b) for b in range(10))
    gap = sum(abs(p[some].sum() - right[some].sum()) for some in gaps) / total
    print(f"  expected calibration error, present and absent {gap:.3f}")


def plain(model: Any, slope: float, intercept: float = 0.0) -> dict[str, Any]:
    """A model's trees as the lists that ``rag.trees`` reads, scaled and shifted."""
    out: dict[str, Any] = {
        n: [] for n in ("feature", "threshold", "left", "right", "value", "roots")
    }
    deepest = 0

    def add(node: dict[str, Any], depth: int) -> int:
        nonlocal deepest
        deepest = max(deepest, depth)
        at = len(out["feature"])
        leaf = "leaf_value" in node
        out["feature"].append(0 if leaf else node["split_feature"])
        out["threshold"].append(0.0 if leaf else float(f"{node['threshold']:.7g}"))
        out["value"].append(float(f"{slope * node['leaf_value']:.6g}") if leaf else 0.0)
        out["left"].append(at)
        out["right"].append(at)
        if not leaf:
            if node["decision_type"] != "<=":
                raise ValueError(f"a split of another kind: {node['decision_type']}")
            out["left"][at] = add(node["left_child"], depth + 1)
            out["right"][at] = add(node["right_child"], depth + 1)
        return at

    for tree in model.booster_.dump_model()["tree_info"]:
        out["roots"].append(add(tree["tree_structure"], 0))
    slope = 1.0
    out["roots"].append(add({"leaf_value": intercept}, 0))
    return out | {"depth": deepest}


def main() -> None:
    """Read, train, calibrate, report, write."""
    parser = argparse.ArgumentParser(description="Train the evidence scorer.")
    parser.add_argument("--out", type=Path, default=evidence.WEIGHTS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, make in (("idf", background), ("met", met)):
        table = json.dumps(make(), ensure_ascii=False, separators=(",", ":"))
        (options.out / f"{name}.json").write_text(table + "\n", encoding="utf-8")
    every = gather()
    seen = [c for c in every if c.source not in DEV]
    raw = out_of_fold(seen)
    sharp = sharpness(seen, raw)
    scores = [sharp * s for s in raw]
    x = np.stack([evidence.summary(s, c.x) for c, s in zip(seen, scores, strict=True)])
    right = np.array([given(c, s) for c, s in zip(seen, scores, strict=True)])
    fold_of = folds(seen)
    log_odds = np.zeros(len(seen))
    for k in range(FOLDS):
        rest = fold_of != k
        model = fit_trust([c for c, r in zip(seen, rest, strict=True) if r], x[rest])
        log_odds[~rest] = odds(model, x[~rest])
    # Answers taken out are there to learn from; users do not ask so many questions in vain.
    asked = np.array([c.kind != "removed" for c in seen])
    slope, intercept = platt(log_odds[asked], right[asked])
    p = probability(slope * log_odds + intercept)
    rank, trust = fit_ranking(seen), fit_trust(seen, x)
    ours: dict[str, tuple[list[Case], list[np.ndarray], np.ndarray]] = {}
    for name in DEV:
        some = [c for c in every if c.source == name]
        said = [sharp * odds(rank, c.x) for c in some]
        whole = np.stack([evidence.summary(s, c.x) for c, s in zip(some, said, strict=True)])
        ours[name] = some, said, probability(slope * odds(trust, whole) + intercept)
    # What is answered from the structure is never refused, but is counted.
    threshold = chosen_threshold(
        [ours[name][2] for name in DEV],
        [np.array([c.kind == "present" for c in ours[name][0]]) for name in DEV],
        [sum(row["answerable"] for row in dev_half(name)) for name in DEV],
    )
    print(f"sharpness {sharp:.2f}, slope {slope:.2f}, intercept {intercept:.2f}")
    print(f"threshold, at most {FALSE_REFUSALS:.0%} false refusals over the notice: {threshold}")
    for source in SHARES:
        rows_ = [i for i, c in enumerate(seen) if c.source == source]
        report(source, [seen[i] for i in rows_], [scores[i] for i in rows_], p[rows_], threshold)
    for name, (cases, said, sure) in ours.items():
        report(name, cases, said, sure, threshold)
    model = {
        "features": evidence.FEATURES,
        "summary": evidence.SUMMARY,
        "rank": plain(rank, sharp),
        "trust": plain(trust, slope, intercept),
        "refuse_below": threshold,
    }
    text = json.dumps(model, ensure_ascii=False, separators=(",", ":"))
    (options.out / "model.json").write_text(text + "\n", encoding="utf-8")
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
